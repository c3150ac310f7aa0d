"""Access: suspended, activated, archived, restored, and entered by the reseller."""

from datetime import datetime

from accounts.models import Actor, User
from clients import rules
from clients.lifecycle.held import (
    Outcome,
    but_still,
    end_sessions,
    hold,
    lift_suspension,
    outcome,
)
from clients.models import Client, EventKind


def suspend(
    client: Client,
    *,
    reason: str,
    by: Actor | None,
    message: str = "",
    now: datetime | None = None,
) -> Outcome:
    """Suspender: no stamping, no log-in, open sessions end with the same commit.

    `reason` is for the reseller, `message` for the client. Raises ClientArchived,
    AlreadySuspended, ReasonMissing.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    with hold(client, now) as held:
        held.refuse_unless_allowed("suspend")
        held.client.suspended_at = held.now
        held.client.save(update_fields=["suspended_at"])
        end_sessions(held.client.user)
        held.record(EventKind.SUSPENDED, by=by, reason=reason, message=message)
        return outcome(held, f"{held.client} quedó suspendido: ya no puede timbrar.")


def activate(
    client: Client, *, by: Actor | None, now: datetime | None = None
) -> Outcome:
    """Activar: only lifts the suspension; the message names the status that results.

    Raises NotSuspended.
    """
    with hold(client, now) as held:
        held.refuse_unless_allowed("activate")
        lift_suspension(held, by)
        if still := but_still(held):
            message = f"{held.client} ya no está suspendido.{still}"
        else:
            message = f"{held.client} quedó activo."
        return outcome(held, message)


def archive(
    client: Client, *, by: Actor | None, now: datetime | None = None
) -> Outcome:
    """Archivar: out of the main list, no stamping, no log-in; facts and history stay.

    Raises StillActive, ClientArchived.
    """
    with hold(client, now) as held:
        held.refuse_unless_allowed("archive")
        held.client.archived_at = held.now
        held.client.save(update_fields=["archived_at"])
        end_sessions(held.client.user)
        held.record(EventKind.ARCHIVED, by=by)
        return outcome(held, f"{held.client} quedó archivado.")


def restore(
    client: Client, *, by: Actor | None, now: datetime | None = None
) -> Outcome:
    """Restaurar: back in the list with its previous facts. Raises NotArchived."""
    with hold(client, now) as held:
        held.refuse_unless_allowed("restore")
        held.client.archived_at = None
        held.client.save(update_fields=["archived_at"])
        held.record(EventKind.RESTORED, by=by)
        message = f"{held.client} está otra vez en la lista: {held.status.label}."
        return outcome(held, message)


def enter(
    client: Client, *, reason: str, by: User, now: datetime | None = None
) -> Outcome:
    """Entrar como cliente: leaves in the history who entered, as whom and why. The
    grant itself belongs to portal. Raises ClientArchived, ReasonMissing."""
    if not reason.strip():
        raise rules.ReasonMissing
    with hold(client, now) as held:
        held.refuse_unless_allowed("enter")
        held.record(
            EventKind.ENTERED, by=by, on_behalf_of=held.client.user, reason=reason
        )
        return outcome(held, f"Está dentro de la cuenta de {held.client}.")


def leave(client: Client, *, by: User, now: datetime | None = None) -> Outcome:
    """The end of a visit begun with `enter`."""
    with hold(client, now) as held:
        held.record(EventKind.LEFT, by=by, on_behalf_of=held.client.user)
        return outcome(held, f"Salió de la cuenta de {held.client}.")
