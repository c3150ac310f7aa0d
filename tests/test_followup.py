"""The verbs of follow-up: answers to a suggestion, notes and tasks."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from clients import lifecycle, refusals
from clients.lifecycle import Outcome
from clients.models import (
    Answer,
    Channel,
    Client,
    EventKind,
    FollowUp,
    SuggestionKind,
    Task,
)
from tests import factories
from tests.cast import MakeClient

SUGGESTION = {"kind": SuggestionKind.FOLIOS, "basis": "folios:100:few"}


def today(client: Client) -> date:
    return client.reseller.local_date(timezone.now())


def later(client: Client, days: int = 7) -> date:
    return today(client) + timedelta(days=days)


def postpone(client: Client, **given: object) -> Outcome:
    given = SUGGESTION | {"until": later(client), "by": None} | given
    return lifecycle.postpone(client, **given)  # type: ignore[arg-type]


def dismiss(client: Client, **given: object) -> Outcome:
    given = SUGGESTION | {"reason": "Cierra en enero", "by": None} | given
    return lifecycle.dismiss(client, **given)  # type: ignore[arg-type]


def contacted(client: Client, **given: object) -> Outcome:
    given = SUGGESTION | {"channel": Channel.WHATSAPP, "by": None} | given
    return lifecycle.contacted(client, **given)  # type: ignore[arg-type]


def resume(client: Client) -> Outcome:
    return lifecycle.resume(client, by=None)


def add_note(client: Client, text: str = "Prefiere WhatsApp") -> Outcome:
    return lifecycle.add_note(client, text=text, by=None)


def add_task(client: Client, **given: object) -> Outcome:
    given = {
        "text": "Llamar",
        "due_on": later(client),
        "key": uuid4(),
        "by": None,
    } | given
    return lifecycle.add_task(client, **given)  # type: ignore[arg-type]


def task_of(client: Client, **given: object) -> Task:
    key = uuid4()
    add_task(client, key=key, **given)
    return Task.objects.get(public_id=key)


def finish(client: Client) -> Outcome:
    return lifecycle.finish_task(task_of(client), by=None)


def reopen(client: Client) -> Outcome:
    task = task_of(client)
    lifecycle.finish_task(task, by=None)
    return lifecycle.reopen_task(task, by=None)


ANSWERS = (postpone, dismiss, contacted)
VERBS = (*ANSWERS, resume, add_note, add_task)


def last(client: Client) -> tuple[str, str, dict[str, object]]:
    event = client.events.latest("seq")
    return event.kind, event.reason, event.after


def test_a_postponed_suggestion_keeps_its_day_its_facts_and_who(
    clara: Client, alicia: User
) -> None:
    outcome = postpone(clara, by=alicia)
    followup = FollowUp.objects.get(client=clara)
    event = clara.events.latest("seq")
    assert (followup.how, followup.until) == (Answer.POSTPONED, later(clara))
    assert (followup.kind, followup.basis) == ("folios", "folios:100:few")
    assert (followup.by, followup.at) == (alicia, event.created_at)
    assert event.kind == EventKind.POSTPONED
    assert event.by == alicia
    assert outcome.message == (
        f"ESCUELA KEMPER URGATE: la sugerencia vuelve el {later(clara):%d/%m/%Y}."
    )


def test_a_dismissal_keeps_its_reason_and_a_contact_its_channel(clara: Client) -> None:
    dismiss(clara)
    assert last(clara)[:2] == (EventKind.DISMISSED, "Cierra en enero")
    contacted(clara)
    assert last(clara)[0] == EventKind.CONTACTED
    followup = FollowUp.objects.get(client=clara)
    assert (followup.how, followup.channel) == (Answer.CONTACTED, Channel.WHATSAPP)
    assert (followup.reason, followup.until) == ("", None)


def test_the_history_says_it_in_words(clara: Client) -> None:
    postpone(clara, until=date(2090, 3, 9))
    changes = {c.label: c.after for c in clara.events.latest("seq").changes}
    assert changes == {"sugerencia": "ofrecer folios", "hasta el": "09/03/2090"}
    task_of(clara, due_on=date(2090, 3, 9))
    changes = {c.label: c.after for c in clara.events.latest("seq").changes}
    assert changes == {"para el": "09/03/2090"}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_same_answer_twice_is_one(
    clara: Client, answer: Callable[[Client], Outcome]
) -> None:
    first = answer(clara)
    seq = last(clara), factories.fresh(clara).account.last_seq
    again = answer(clara)
    assert (first.changed, again.changed) == (True, False)
    assert (last(clara), factories.fresh(clara).account.last_seq) == seq
    assert again.message == first.message


@pytest.mark.parametrize("answer", ANSWERS)
def test_resuming_takes_any_answer_back(
    clara: Client, answer: Callable[[Client], Outcome]
) -> None:
    answer(clara)
    assert resume(clara).changed
    assert not FollowUp.objects.exists()
    assert last(clara)[0] == EventKind.RESUMED
    assert not resume(clara).changed


@pytest.mark.parametrize("days", [-1, 0])
def test_postponing_needs_a_day_ahead(clara: Client, days: int) -> None:
    with pytest.raises(refusals.DayNotAhead) as caught:
        postpone(clara, until=later(clara, days))
    assert caught.value.field == "until"
    assert str(caught.value) == "Elija un día a partir de mañana."
    assert postpone(clara, until=later(clara, 1)).changed


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_dismissal_needs_a_reason(clara: Client, reason: str) -> None:
    with pytest.raises(refusals.ReasonMissing):
        dismiss(clara, reason=reason)
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize("verb", [*VERBS, finish, reopen])
def test_refused_for_an_archived_client(
    make_client: MakeClient, verb: Callable[[Client], Outcome]
) -> None:
    client = make_client(expired=True, archived=True)
    with pytest.raises(refusals.ClientArchived):
        verb(client)


def test_a_note_is_an_event(clara: Client, alicia: User) -> None:
    lifecycle.add_note(clara, text="Prefiere WhatsApp", by=alicia)
    event = clara.events.latest("seq")
    assert (event.kind, event.reason) == (EventKind.NOTE, "Prefiere WhatsApp")
    assert event.by == alicia


def test_a_note_sent_twice_is_one_but_may_be_written_again_later(
    clara: Client, alicia: User
) -> None:
    assert add_note(clara).changed
    assert not add_note(clara).changed
    assert lifecycle.add_note(clara, text="Prefiere WhatsApp", by=alicia).changed
    assert add_note(clara, "Otra").changed
    assert add_note(clara).changed


@pytest.mark.parametrize("text", ["", " \n "])
def test_notes_and_tasks_say_something(clara: Client, text: str) -> None:
    with pytest.raises(refusals.TextMissing, match="Escriba la nota"):
        add_note(clara, text)
    with pytest.raises(refusals.TextMissing, match="Escriba qué hay que hacer"):
        add_task(clara, text=text)


def test_a_task_is_for_today_or_later(clara: Client) -> None:
    with pytest.raises(refusals.DayNotAhead, match="Elija hoy") as caught:
        add_task(clara, due_on=later(clara, -1))
    assert caught.value.field == "due_on"
    assert add_task(clara, due_on=today(clara)).changed


def test_a_task_form_sent_twice_adds_one(clara: Client) -> None:
    key = uuid4()
    assert add_task(clara, key=key).changed
    assert not add_task(clara, key=key).changed
    assert clara.tasks.count() == 1


def test_a_task_is_finished_and_reopened_by_somebody(
    clara: Client, alicia: User
) -> None:
    task = task_of(clara)
    assert lifecycle.finish_task(task, by=alicia).changed
    assert not lifecycle.finish_task(task, by=None).changed
    task.refresh_from_db()
    assert (task.is_done, task.done_by) == (True, alicia)
    assert last(clara)[:2] == (EventKind.TASK_DONE, "Llamar")
    assert lifecycle.reopen_task(task, by=alicia).changed
    assert not lifecycle.reopen_task(task, by=alicia).changed
    task.refresh_from_db()
    assert (task.is_done, task.done_by) == (False, None)
    assert last(clara)[:2] == (EventKind.TASK_REOPENED, "Llamar")


def test_due_is_what_is_for_today_or_late_and_not_done(clara: Client) -> None:
    now = timezone.now()
    old = task_of(clara, due_on=later(clara, -3), now=now - timedelta(days=5))
    new = task_of(clara, due_on=today(clara))
    task_of(clara, due_on=later(clara, 1))
    assert list(Task.objects.due(today(clara))) == [old, new]
    lifecycle.finish_task(old, by=None)
    assert list(Task.objects.due(today(clara))) == [new]


def test_tasks_are_visible_to_their_reseller_alone(
    clara: Client, alicia: User, beto: User
) -> None:
    task = task_of(clara)
    assert list(Task.objects.visible_to(alicia)) == [task]
    assert not Task.objects.visible_to(beto).exists()
    assert not Task.objects.visible_to(clara.user).exists()
