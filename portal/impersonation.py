"""Visits to a client's account: how one starts, is checked on each request, and ends.

Law: quality.md, "Entering as a client". An earlier request proves nothing: `settle`
checks everything again. The session stores only the grant's primary key, and the
session key changes when a visit starts and ends.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.sessions import change_key
from clients import lifecycle
from clients.lifecycle import Outcome
from clients.models import Client
from portal.models import GRANT_LASTS, GRANT_MINUTES, Grant
from reseller_panel.refusals import Refused

SESSION_KEY = "grant"


class ActingRequest(HttpRequest):
    """A request after `settle`. `actor` is always the real person. During a visit
    `grant` is its grant and `user` a stand-in for the client's person. `lapsed` is the
    grant of a visit that this request has found to be over."""

    actor: User | AnonymousUser
    grant: Grant | None
    lapsed: Grant | None


class AlreadyInside(Refused):
    code = "already_inside"

    def __init__(self, client: Client) -> None:
        super().__init__(
            f"Usted ya está dentro de la cuenta de {client}. Salga de ella primero."
        )


class VisitIsOver(Refused):
    """The same dialog was sent again after its visit had ended."""

    code = "visit_is_over"

    def __init__(self) -> None:
        super().__init__("Esa visita ya terminó. Puede entrar de nuevo.")


# ── The check ─────────────────────────────────────────────────────────────────────


def why_over(grant: Grant, actor: User | AnonymousUser, now: datetime) -> str:
    """A sentence that says why this visit is over; empty while it is in force."""
    client = grant.client
    if now >= grant.expires_at:
        return (
            f"Pasaron los {GRANT_MINUTES} minutos y salió de la cuenta de {client}. "
            "Si aún lo necesita, puede entrar de nuevo."
        )
    if client.is_archived:
        return f"{client} fue archivado, así que su visita terminó."
    still_has_the_right = (
        grant.ended_at is None
        and actor.pk == grant.actor_id
        and actor.is_active
        and actor.reseller_id == client.reseller_id
    )
    return "" if still_has_the_right else f"Su visita a la cuenta de {client} terminó."


def settle(request: HttpRequest) -> ActingRequest:
    """Set `actor`, `grant` and `lapsed` of this request and, during a visit, `user`."""
    acting = cast(ActingRequest, request)
    acting.actor = request.user
    acting.grant = acting.lapsed = None
    pk = request.session.get(SESSION_KEY)
    grant = Grant.objects.with_facts().filter(pk=pk).first() if pk else None
    if grant is None:
        return acting
    if why_over(grant, acting.actor, timezone.now()):
        acting.lapsed = grant
    else:
        acting.grant = grant
        acting.user = stand_in(grant.client)
    return acting


def stand_in(client: Client) -> User:
    """Return who `request.user` is during a visit: nobody of the database.

    The person who really opens the account may be staff of anybody, or have accounts
    with other resellers. A visitor gets none of its rights and sees nothing of it: the
    name is the contact's, as the client's own reseller wrote it.
    """
    return User(email=client.contact_email, name=client.contact_name)


# ── Start and end ─────────────────────────────────────────────────────────────────


def start(request: HttpRequest, client: Client, *, reason: str, key: UUID) -> Grant:
    """Start a visit: record who enters, as whom and why, and change the session key.

    `key` is the dialog's: sent twice, it starts one visit. A visit that the same person
    has open in another browser ends. Raises ClientArchived, ReasonMissing,
    AlreadyInside, VisitIsOver.
    """
    acting = cast(ActingRequest, request)
    actor = cast(User, acting.actor)
    for other in Grant.objects.open_of(actor).exclude(public_id=key):
        _finish(other)
    with transaction.atomic():
        # One visit per person starts at a time. FOR UPDATE would also block inserts of
        # rows that refer to the person.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        grant = Grant.objects.filter(public_id=key).select_related("client").first()
        if grant is None:
            grant = _open(client, actor=actor, reason=reason, key=key)
        elif grant.client != client or why_over(grant, actor, timezone.now()):
            raise VisitIsOver
    _remember(request, grant)
    return grant


def _open(client: Client, *, actor: User, reason: str, key: UUID) -> Grant:
    if other := Grant.objects.open_of(actor).select_related("client").first():
        raise AlreadyInside(other.client)
    lifecycle.enter(client, reason=reason, by=actor)
    now = timezone.now()
    return Grant.objects.create(
        public_id=key,
        client=client,
        actor=actor,
        reason=reason,
        created_at=now,
        expires_at=now + GRANT_LASTS,
    )


def end(request: HttpRequest) -> Outcome | None:
    """End the visit; from here on the request is the real person's own. Returns None
    when the visit had already been ended elsewhere."""
    acting = cast(ActingRequest, request)
    grant = acting.grant or acting.lapsed
    acting.grant = acting.lapsed = None
    acting.user = acting.actor
    _remember(request, None)
    return _finish(grant) if grant else None


def _finish(grant: Grant) -> Outcome | None:
    """Record the end, once per visit. One that ran out ended at its expiry, not now."""
    moment = min(timezone.now(), grant.expires_at)
    with transaction.atomic():
        still_open = Grant.objects.filter(pk=grant.pk, ended_at=None)
        if not still_open.update(ended_at=moment):
            return None
        return lifecycle.leave(grant.client, by=grant.actor, now=moment)


def _remember(request: HttpRequest, grant: Grant | None) -> None:
    """Put the grant into the session, or remove it, and change the session key."""
    change_key(request)
    if grant:
        request.session[SESSION_KEY] = grant.pk
    else:
        request.session.pop(SESSION_KEY, None)
