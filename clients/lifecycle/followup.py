"""Follow-up: what a person answers to a suggestion, and notes and tasks of a client.

Law: domain.md, "Follow-up". The suggestion itself is derived (clients/suggestions.py);
these verbs only keep which one was answered, and on which facts (`basis`) it stood.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache

from accounts.models import User
from clients import rules
from clients.lifecycle.held import Held, Outcome, hold, outcome
from clients.models import Answer, Channel, Client, EventKind, FollowUp, Task
from clients.suggestions import Kind


def postpone(
    client: Client,
    *,
    kind: Kind,
    basis: str,
    until: date,
    by: User | None,
    now: datetime | None = None,
) -> Outcome:
    """Posponer: the suggestion comes back on the day `until`.

    Raises ClientArchived, DayNotAhead.
    """
    with hold(client, now) as held:
        held.refuse_unless_allowed("postpone")
        if until <= held.today:
            raise rules.DayNotAhead("until", "Elija un día a partir de mañana.")
        return _answer(
            held,
            FollowUp(how=Answer.POSTPONED, kind=kind, basis=basis, until=until, by=by),
            EventKind.POSTPONED,
            f"{held.client}: la sugerencia vuelve el {until:%d/%m/%Y}.",
            until=until.isoformat(),
        )


def dismiss(
    client: Client,
    *,
    kind: Kind,
    basis: str,
    reason: str,
    by: User | None,
    now: datetime | None = None,
) -> Outcome:
    """Descartar: the suggestion stays away until its facts change.

    Raises ClientArchived, ReasonMissing.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    with hold(client, now) as held:
        held.refuse_unless_allowed("dismiss")
        return _answer(
            held,
            FollowUp(
                how=Answer.DISMISSED, kind=kind, basis=basis, reason=reason, by=by
            ),
            EventKind.DISMISSED,
            f"{held.client}: sugerencia descartada. Vuelve sólo si algo cambia.",
        )


def contacted(
    client: Client,
    *,
    kind: Kind,
    basis: str,
    channel: Channel,
    by: User | None,
    now: datetime | None = None,
) -> Outcome:
    """Contactado: somebody wrote or spoke to the client about the suggestion, which
    stays away until its facts change. Raises ClientArchived."""
    with hold(client, now) as held:
        held.refuse_unless_allowed("contacted")
        return _answer(
            held,
            FollowUp(
                how=Answer.CONTACTED, kind=kind, basis=basis, channel=channel, by=by
            ),
            EventKind.CONTACTED,
            f"{held.client}: anotado como contactado por {channel.label}.",
            channel=channel.label,
        )


def _answer(
    held: Held, followup: FollowUp, kind: EventKind, message: str, **after: Any
) -> Outcome:
    """Keep the answer in the place of the former one. The same again is a repeat."""
    followup.client = held.client
    followup.at = held.now
    former = FollowUp.objects.filter(client=held.client).first()
    if former and former.says_the_same_as(followup):
        return _unchanged(held, message)
    followup.save()
    held.record(
        kind,
        by=followup.by,
        reason=followup.reason,
        after={"suggestion": Kind(followup.kind).label} | after,
    )
    return _done(held, message)


def resume(client: Client, *, by: User | None, now: datetime | None = None) -> Outcome:
    """Reanudar: takes the answer back, so that the suggestion is made again.

    Raises ClientArchived.
    """
    with hold(client, now) as held:
        held.refuse_unless_allowed("resume")
        message = f"{held.client} está otra vez en Seguimiento."
        former = FollowUp.objects.filter(client=held.client).first()
        if former is None:
            return _unchanged(held, message)
        former.delete()
        held.record(
            EventKind.RESUMED, by=by, after={"suggestion": Kind(former.kind).label}
        )
        return _done(held, message)


# ── Notes and tasks ───────────────────────────────────────────────────────────────


def add_note(
    client: Client, *, text: str, by: User | None, now: datetime | None = None
) -> Outcome:
    """A note is an event. The same words by the same person twice in a row are one
    note, sent twice. Raises ClientArchived, TextMissing."""
    if not text.strip():
        raise rules.TextMissing("Escriba la nota.")
    with hold(client, now) as held:
        held.refuse_unless_allowed("add_note")
        message = f"Nota guardada en el historial de {held.client}."
        last = held.client.events.filter(kind=EventKind.NOTE).order_by("-seq").first()
        if last and (last.reason, last.by) == (text, by):
            return _unchanged(held, message)
        held.record(EventKind.NOTE, by=by, reason=text)
        return outcome(held, message)


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
    form was opened: a form sent twice adds one.

    Raises ClientArchived, TextMissing, DayNotAhead.
    """
    if not text.strip():
        raise rules.TextMissing("Escriba qué hay que hacer.")
    with hold(client, now) as held:
        held.refuse_unless_allowed("add_task")
        message = f"Pendiente para el {due_on:%d/%m/%Y}: {text}"
        if held.client.tasks.filter(public_id=key).exists():
            return _unchanged(held, message)
        if due_on < held.today:
            raise rules.DayNotAhead("due_on", "Elija hoy o un día que venga.")
        Task.objects.create(
            public_id=key,
            client=held.client,
            text=text,
            due_on=due_on,
            created_at=held.now,
            created_by=by,
        )
        held.record(
            EventKind.TASK_ADDED,
            by=by,
            reason=text,
            after={"due_on": due_on.isoformat()},
        )
        return _done(held, message)


def finish_task(task: Task, *, by: User | None, now: datetime | None = None) -> Outcome:
    """Hecho. Done already: nothing changes. Raises ClientArchived."""
    with hold(task.client, now) as held:
        held.refuse_unless_allowed("finish_task")
        message = f"Hecho: {task}"
        if Task.objects.get(pk=task.pk).is_done:
            return _unchanged(held, message)
        Task.objects.filter(pk=task.pk).update(done_at=held.now, done_by=by)
        held.record(EventKind.TASK_DONE, by=by, reason=task.text)
        return _done(held, message)


def reopen_task(task: Task, *, by: User | None, now: datetime | None = None) -> Outcome:
    """The undo of finish_task, alike. Raises ClientArchived."""
    with hold(task.client, now) as held:
        held.refuse_unless_allowed("reopen_task")
        message = f"Otra vez pendiente: {task}"
        if not Task.objects.get(pk=task.pk).is_done:
            return _unchanged(held, message)
        Task.objects.filter(pk=task.pk).update(done_at=None, done_by=None)
        held.record(EventKind.TASK_REOPENED, by=by, reason=task.text)
        return _done(held, message)


def count_key(reseller_id: int) -> str:
    """Where the cache keeps how many clients wait in the tray of a reseller."""
    return f"tray-count:{reseller_id}"


def _done(held: Held, message: str) -> Outcome:
    """The count is thrown away with the same commit: the cache is in the database."""
    cache.delete(count_key(held.client.reseller_id))
    return outcome(held, message)


def _unchanged(held: Held, message: str) -> Outcome:
    return replace(outcome(held, message), changed=False)
