"""The verbs of memberships: who may open a client's account.

Law: domain.md, "The people". A reseller gives its client's account to an address; the
person of that address accepts or declines. What one reseller does ends access to its
own accounts only, so a session ends only if the person has nothing else open.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from accounts.models import Actor, ApiKey, User
from clients import refusals
from clients.lifecycle.locked import Outcome, lock_client, outcome, unchanged
from clients.models import Client, EventKind, Membership, membership_of

# Of one client; all of a reseller's are limited by settings ("welcome_mail").
WELCOMES_PER_HOUR = 3


def confirm_access(
    membership: Membership, *, by: User, now: datetime | None = None
) -> Outcome:
    """Aceptar: from now on the person opens the client's account.

    Raises ClientArchived, AccessEnded (also for anybody but its person, and while its
    address is not proven).
    """
    with lock_client(membership.client, now) as locked:
        locked.refuse_unless_allowed("confirm_access")
        current = _live(membership, by)
        if current.confirmed_at:
            return unchanged(locked, f"Ya tenía acceso a {locked.client}.")
        current.confirmed_at = locked.now
        current.save(update_fields=["confirmed_at"])
        locked.record(EventKind.ACCEPTED, by=by, after={"login_email": current.email})
        return outcome(locked, f"Aceptó el acceso a la cuenta de {locked.client}.")


def decline_access(
    membership: Membership, *, by: User, now: datetime | None = None
) -> Outcome:
    """No es mía: the person gives the account back; its reseller sees it.

    Raises AccessEnded.
    """
    with lock_client(membership.client, now) as locked:
        current = _live(membership, by)
        current.ended_at, current.ended_by = locked.now, by
        current.save(update_fields=["ended_at", "ended_by"])
        locked.record(EventKind.DECLINED, by=by, before={"login_email": current.email})
        return outcome(locked, f"Rechazó el acceso a la cuenta de {locked.client}.")


def confirm_first_access(user: User, *, now: datetime | None = None) -> None:
    """After the first proof of an address: the person accepts by it the one account
    that it was given, and so was made for. Of several, perhaps of resellers that it
    does not know, each is to be accepted. So is any by whoever is staff."""
    if user.is_of_staff:
        return
    live = list(Membership.objects.of(user)[:2])
    if len(live) == 1 and live[0].email == user.email:
        Membership.objects.live().filter(pk=live[0].pk, confirmed_at=None).update(
            confirmed_at=now or timezone.now()
        )


def welcome_again(
    client: Client, *, by: User | None, now: datetime | None = None
) -> Outcome:
    """Enviar bienvenida otra vez: for an access that is still pending. The e-mail is
    sent afterwards (clients/mail.py), to the person of Outcome.given.

    Raises ClientArchived, AccountClosed, NobodyToWelcome, WelcomedOften.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("welcome_again")
        access = membership_of(locked.client)
        if access is None or not access.is_pending:
            raise refusals.NobodyToWelcome(locked.client)
        lately = locked.client.events.filter(
            kind=EventKind.WELCOMED, created_at__gt=locked.now - timedelta(hours=1)
        )
        if lately.count() >= WELCOMES_PER_HOUR:
            raise refusals.WelcomedOften(locked.client)
        locked.record(EventKind.WELCOMED, by=by, after={"login_email": access.email})
        message = f"{locked.client} todavía no entra a su cuenta."
        return replace(outcome(locked, message), given=access)


def _live(membership: Membership, person: User) -> Membership:
    """The membership as it is under the lock. Raises AccessEnded."""
    current = Membership.objects.of(person).filter(pk=membership.pk).first()
    if current is None:
        raise refusals.AccessEnded
    return current


# ── For the other verbs ───────────────────────────────────────────────────────────


def person_of(email: str) -> User:
    """The person of an address; a new one if there is none.

    Anybody's address may be a client's, also that of staff: nothing that follows tells
    the reseller whose it is. Without a name: the contact's name is this reseller's own.
    """
    person, _ = User.objects.get_or_create(
        email=email.lower(), defaults={"password": make_password(None)}
    )
    return person


def give_access(
    client: Client, user: User, *, by: Actor | None, now: datetime
) -> Membership:
    """Give the account to `user`, who has to accept it."""
    return Membership.objects.create(
        client=client,
        user=user,
        email=user.email,
        created_at=now,
        created_by=None if isinstance(by, ApiKey) else by,
    )


def move_access(client: Client, *, by: Actor | None, now: datetime) -> Membership:
    """End who opens the account today, and give it to the contact e-mail."""
    end_sessions(client)
    client.memberships.live().update(ended_at=now)
    person = client.user = person_of(client.contact_email)
    client.save(update_fields=["user"])
    return give_access(client, person, by=by, now=now)


def end_sessions(client: Client) -> None:
    """End the sessions of the client's people who have no other account open.

    Of everybody else the session goes on in what is another reseller's, or staff's own:
    each request asks again what it may open (Membership.opens).
    """
    for membership in client.memberships.live().select_related("user"):
        user = membership.user
        others = Membership.objects.of(user).exclude(client=client).with_facts()
        if user.is_of_staff or any(other.opens for other in others):
            continue
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
