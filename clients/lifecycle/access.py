"""The verbs of access: suspend, activate, archive, restore, enter and leave.

`basis` is that of the preview that was shown, `undoing` the seq of the outcome that is
taken back; both may be left out.
"""

from datetime import datetime

from accounts.models import Actor, User
from accounts.text import clean_line, clean_paragraphs
from clients import refusals
from clients.lifecycle.locked import (
    Outcome,
    lift_suspension,
    lock_client,
    outcome,
    what_still_bars,
)
from clients.lifecycle.memberships import end_sessions
from clients.models import Client, EventKind


def suspend(
    client: Client,
    *,
    reason: str,
    by: Actor | None,
    message: str = "",
    basis: str | None = None,
    undoing: int | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Suspender: refuse stamps and log-in, and end open sessions with the same commit.

    `reason` is for the reseller, `message` for the client. Raises ClientArchived,
    AlreadySuspended, ReasonMissing, UnprintableText, PreviewChanged, TooLateToUndo.
    """
    if not reason.strip():
        raise refusals.ReasonMissing
    reason = clean_line(reason, field="reason")
    message = clean_paragraphs(message, field="message")
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("suspend")
        locked.refuse_if_stale(basis)
        locked.refuse_undo_if_late(undoing)
        locked.client.suspended_at = locked.now
        locked.client.save(update_fields=["suspended_at"])
        end_sessions(locked.client)
        locked.record(EventKind.SUSPENDED, by=by, reason=reason, message=message)
        return outcome(
            locked, f"{locked.client} quedó suspendido: ya no puede timbrar."
        )


def activate(
    client: Client,
    *,
    by: Actor | None,
    basis: str | None = None,
    undoing: int | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Activar: only lifts the suspension; the message names the status that results.

    Raises ClientArchived, NotSuspended, PreviewChanged, TooLateToUndo.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("activate")
        locked.refuse_if_stale(basis)
        locked.refuse_undo_if_late(undoing)
        lift_suspension(locked, by)
        if still := what_still_bars(locked):
            message = f"{locked.client} ya no está suspendido.{still}"
        else:
            message = f"{locked.client} quedó activo."
        return outcome(locked, message)


def archive(
    client: Client,
    *,
    by: Actor | None,
    basis: str | None = None,
    undoing: int | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Archivar: hide it from the main list and refuse stamps and log-in; facts stay.

    Raises StillActive, ClientArchived, PreviewChanged, TooLateToUndo.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("archive")
        locked.refuse_if_stale(basis)
        locked.refuse_undo_if_late(undoing)
        locked.client.archived_at = locked.now
        locked.client.save(update_fields=["archived_at"])
        end_sessions(locked.client)
        locked.record(EventKind.ARCHIVED, by=by)
        return outcome(locked, f"{locked.client} quedó archivado.")


def restore(
    client: Client,
    *,
    by: Actor | None,
    basis: str | None = None,
    undoing: int | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Restaurar: show it in the list again, with its facts.

    Raises NotArchived, PreviewChanged, TooLateToUndo.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("restore")
        locked.refuse_if_stale(basis)
        locked.refuse_undo_if_late(undoing)
        locked.client.archived_at = None
        locked.client.save(update_fields=["archived_at"])
        locked.record(EventKind.RESTORED, by=by)
        message = f"{locked.client} está otra vez en la lista: {locked.status.label}."
        return outcome(locked, message)


def enter(
    client: Client, *, reason: str, by: User, now: datetime | None = None
) -> Outcome:
    """Entrar como cliente: record who entered, as whom and why. The grant itself
    belongs to portal. Raises ClientArchived, ReasonMissing, UnprintableText."""
    if not reason.strip():
        raise refusals.ReasonMissing
    reason = clean_line(reason, field="reason")
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("enter")
        locked.record(
            EventKind.ENTERED, by=by, on_behalf_of=locked.client.user, reason=reason
        )
        return outcome(locked, f"Está dentro de la cuenta de {locked.client}.")


def leave(client: Client, *, by: User, now: datetime | None = None) -> Outcome:
    """Record the end of a visit that began with `enter`."""
    with lock_client(client, now) as locked:
        locked.record(EventKind.LEFT, by=by, on_behalf_of=locked.client.user)
        return outcome(locked, f"Salió de la cuenta de {locked.client}.")
