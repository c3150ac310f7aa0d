"""Which clients a person may open as their own account.

Law: domain.md, "The actions": a suspended or archived client does not log in. No other
fact closes an account: an expired or exhausted client still reads it.
"""

from django.db.models import QuerySet

from accounts.models import Role, User
from clients.models import Client


def clients_of(user: User) -> QuerySet[Client]:
    """All of a person's clients, the oldest first; none for staff of any kind."""
    return Client.objects.filter(user=user.pk).with_facts().order_by("created_at", "id")


def open_to(user: User) -> QuerySet[Client]:
    """The clients whose account this person can open: not suspended, not archived."""
    return clients_of(user).filter(suspended_at=None, archived_at=None)


def may_log_in(user: User) -> bool:
    """Whether there is anything that this person could open with a password."""
    return user.is_active and (
        user.role is not Role.CLIENT or clients_of(user).exists()
    )
