"""The verbs of follow-up: answers to a suggestion, notes and tasks of a client.

Law: domain.md, "Follow-up". The suggestion itself is derived
(forecast/suggestions.py); these verbs only store which one was answered, and the facts
(`basis`) that it was derived from.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.text import clean_line, clean_paragraphs
from clients import refusals
from clients.lifecycle.locked import Locked, Outcome, lock_client, outcome, unchanged
from clients.models import (
    Answer,
    Channel,
    Client,
    EventKind,
    FollowUp,
    SuggestionKind,
    Task,
)


def postpone(
    client: Client,
    *,
    kind: SuggestionKind,
    basis: str,
    until: date,
    by: User | None,
    now: datetime | None = None,
) -> Outcome:
    """Posponer: hide the suggestion until the day `until`.

    Raises ClientArchived, DayNotAhead.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("postpone")
        if until <= locked.today:
            raise refusals.DayNotAhead("until", "Elija un día a partir de mañana.")
        return _answer(
            locked,
            FollowUp(how=Answer.POSTPONED, kind=kind, basis=basis, until=until, by=by),
            EventKind.POSTPONED,
            f"{locked.client}: la sugerencia vuelve el {until:%d/%m/%Y}.",
            until=until.isoformat(),
        )


def dismiss(
    client: Client,
    *,
    kind: SuggestionKind,
    basis: str,
    reason: str,
    by: User | None,
    now: datetime | None = None,
) -> Outcome:
    """Descartar: hide the suggestion until its facts change.

    Raises ClientArchived, ReasonMissing, UnprintableText.
    """
    if not reason.strip():
        raise refusals.ReasonMissing
    reason = clean_line(reason, field="reason")
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("dismiss")
        return _answer(
            locked,
            FollowUp(
                how=Answer.DISMISSED, kind=kind, basis=basis, reason=reason, by=by
            ),
            EventKind.DISMISSED,
            f"{locked.client}: sugerencia descartada. Vuelve sólo si algo cambia.",
        )


def contacted(
    client: Client,
    *,
    kind: SuggestionKind,
    basis: str,
    channel: Channel,
    by: User | None,
    now: datetime | None = None,
) -> Outcome:
    """Contactado: somebody wrote or spoke to the client about the suggestion, which is
    hidden until its facts change. Raises ClientArchived."""
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("contacted")
        return _answer(
            locked,
            FollowUp(
                how=Answer.CONTACTED, kind=kind, basis=basis, channel=channel, by=by
            ),
            EventKind.CONTACTED,
            f"{locked.client}: anotado como contactado por {channel.label}.",
            channel=channel.label,
        )


def _answer(
    locked: Locked, followup: FollowUp, kind: EventKind, message: str, **after: Any
) -> Outcome:
    """Store the answer in place of the former one; an equal one changes nothing."""
    followup.client = locked.client
    followup.at = locked.now
    former = FollowUp.objects.filter(client=locked.client).first()
    if former and former.says_the_same_as(followup):
        return unchanged(locked, message)
    event = locked.record(
        kind,
        by=followup.by,
        reason=followup.reason,
        after={"suggestion": followup.get_kind_display()} | after,
    )
    followup.seq = event.seq
    followup.save()
    return outcome(locked, message)


def resume(
    client: Client,
    *,
    by: User | None,
    undoing: int | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Reanudar: delete the answer, so that the suggestion is shown again.

    `undoing` is the seq of the answer that was seen: another one, of a colleague, is
    left alone. Raises ClientArchived, AnsweredAgain.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("resume")
        message = f"{locked.client} está otra vez en Seguimiento."
        former = FollowUp.objects.filter(client=locked.client).first()
        if former is None:
            return unchanged(locked, message)
        if undoing not in (None, former.seq):
            raise refusals.AnsweredAgain(client)
        former.delete()
        locked.record(
            EventKind.RESUMED,
            by=by,
            after={"suggestion": SuggestionKind(former.kind).label},
        )
        return outcome(locked, message)


# ── Notes and tasks ───────────────────────────────────────────────────────────────


def add_note(
    client: Client, *, text: str, by: User | None, now: datetime | None = None
) -> Outcome:
    """Add a note, which is an event. The same text by the same person twice in a row
    is one note sent twice. Raises ClientArchived, TextMissing, UnprintableText."""
    if not text.strip():
        raise refusals.TextMissing("Escriba la nota.")
    text = clean_paragraphs(text, field="text")
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("add_note")
        message = f"Nota guardada en el historial de {locked.client}."
        last = locked.client.events.filter(kind=EventKind.NOTE).order_by("-seq").first()
        if last and (last.reason, last.by) == (text, by):
            return unchanged(locked, message)
        locked.record(EventKind.NOTE, by=by, reason=text)
        return outcome(locked, message)


def add_task(
    client: Client,
    *,
    text: str,
    due_on: date,
    key: UUID,
    by: User | None,
    now: datetime | None = None,
) -> Outcome:
    """Agregar pendiente, for today or later. `key` is its public id, made when the
    form was opened, so that a form sent twice adds one task.

    Raises ClientArchived, TextMissing, DayNotAhead, KeyUsed, UnprintableText.
    """
    if not text.strip():
        raise refusals.TextMissing("Escriba qué hay que hacer.")
    text = clean_line(text, field="text")
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("add_task")
        message = f"Pendiente para el {due_on:%d/%m/%Y}: {text}"
        if used := Task.objects.filter(public_id=key).first():
            if (used.client, used.text, used.due_on) != (client, text, due_on):
                raise refusals.KeyUsed(
                    "Con este formulario ya se agregó otro pendiente."
                )
            return unchanged(locked, message)
        if due_on < locked.today:
            raise refusals.DayNotAhead("due_on", "Elija hoy o un día que venga.")
        Task.objects.create(
            public_id=key,
            client=locked.client,
            text=text,
            due_on=due_on,
            created_at=locked.now,
            created_by=by,
        )
        locked.record(
            EventKind.TASK_ADDED,
            by=by,
            reason=text,
            after={"due_on": due_on.isoformat()},
        )
        return outcome(locked, message)


def finish_task(task: Task, *, by: User | None, now: datetime | None = None) -> Outcome:
    """Hecho: mark the task as done. Idempotent. Raises ClientArchived."""
    with lock_client(task.client, now) as locked:
        locked.refuse_unless_allowed("finish_task")
        message = f"Hecho: {task}"
        if Task.objects.get(pk=task.pk).is_done:
            return unchanged(locked, message)
        Task.objects.filter(pk=task.pk).update(done_at=locked.now, done_by=by)
        locked.record(EventKind.TASK_DONE, by=by, reason=task.text)
        return outcome(locked, message)


def reopen_task(
    task: Task,
    *,
    by: User | None,
    undoing: str | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Undo finish_task. Idempotent. `undoing` is the Task.done_mark that was seen: if
    somebody else has finished it since, it stays so. Raises ClientArchived,
    TooLateToUndo."""
    with lock_client(task.client, now) as locked:
        locked.refuse_unless_allowed("reopen_task")
        message = f"Otra vez pendiente: {task}"
        fresh = Task.objects.get(pk=task.pk)
        if not fresh.is_done:
            return unchanged(locked, message)
        if undoing not in (None, fresh.done_mark):
            raise refusals.TooLateToUndo(locked.client)
        Task.objects.filter(pk=task.pk).update(done_at=None, done_by=None)
        locked.record(EventKind.TASK_REOPENED, by=by, reason=task.text)
        return outcome(locked, message)
