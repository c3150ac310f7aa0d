"""Which accounts a person may open, and which it is shown.

Law: domain.md, "The people" and "The actions": a suspended or archived client does not
log in. No other fact closes an account: an expired or exhausted client still reads it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Reseller, User
from clients.models import Client, ClientEvent, EventKind, Membership


def memberships_of(user: User) -> QuerySet[Membership]:
    """What a person is shown, the oldest client first. An account that was archived
    before it was accepted is not."""
    return (
        Membership.objects.of(user)
        .exclude(Q(confirmed_at=None) & Q(client__archived_at__isnull=False))
        .with_facts()
        .order_by("client__created_at", "client_id")
    )


def may_log_in(user: User) -> bool:
    """Whether there is anything that this person could open with a password."""
    return user.is_active and (
        user.is_of_staff or Membership.objects.live().filter(user=user).exists()
    )


def reseller_of(user: User) -> Reseller | None:
    """In whose name the panel writes to a person: its reseller's, if it has exactly
    one. No name of one reseller is put before the client of another."""
    if user.is_of_staff:
        return None
    live = Membership.objects.live().filter(user=user)
    resellers = {one.client.reseller for one in live.select_related("client__reseller")}
    return resellers.pop() if len(resellers) == 1 else None


@dataclass(frozen=True)
class Choice:
    """An account as its person is shown it. `message`: what the reseller told the
    client when suspending it; the reason is the reseller's own and is not here."""

    membership: Membership
    message: str

    @property
    def client(self) -> Client:
        return self.membership.client

    @property
    def is_closed(self) -> bool:
        return not (self.membership.opens or self.membership.is_pending)


def choices_of(user: User) -> list[Choice]:
    memberships = list(memberships_of(user))
    messages = _messages_to(
        one.client for one in memberships if one.confirmed_at is not None
    )
    return [Choice(one, messages.get(one.client_id, "")) for one in memberships]


def _messages_to(clients: Iterable[Client]) -> dict[int, str]:
    """The messages of the suspensions in force, by client: of accepted accounts only,
    because anybody could write to anybody by giving it an account."""
    suspended = [client.pk for client in clients if client.is_suspended]
    events = (
        ClientEvent.objects.filter(client__in=suspended, kind=EventKind.SUSPENDED)
        .order_by("client_id", "-seq")
        .distinct("client_id")
    )
    return dict(events.values_list("client_id", "message")) if suspended else {}
