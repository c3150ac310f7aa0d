"""Suspender (domain.md): a reason, an optional message, and the end of all access."""

import pytest
from django.test import Client as Browser

from accounts.models import User
from clients import lifecycle, refusals
from clients.lifecycle import Outcome
from clients.models import Client, EventKind, suspension_of
from tests import factories
from tests.cast import MakeClient


def suspend(client: Client, **given: object) -> Outcome:
    given = {"reason": "No ha pagado", "by": None} | given
    return lifecycle.suspend(client, **given)


def test_a_suspension_is_one_event_with_reason_and_message(
    clara: Client, alicia: User
) -> None:
    outcome = suspend(clara, by=alicia, message="Llámenos, por favor.")
    after = factories.fresh(clara)
    event = clara.events.latest("seq")
    assert (event.seq, event.kind, event.by) == (3, EventKind.SUSPENDED, alicia)
    assert (event.reason, event.message) == ("No ha pagado", "Llámenos, por favor.")
    assert after.suspended_at == event.created_at
    assert suspension_of(after) == event
    assert outcome.message == (
        "ESCUELA KEMPER URGATE quedó suspendido: ya no puede timbrar."
    )


def test_folios_plan_and_term_stay(clara: Client) -> None:
    suspend(clara)
    after = factories.fresh(clara)
    assert (after.balance, after.expires_on) == (100, clara.expires_on)
    assert after.plan.name == "PYME"
    assert clara.entries.count() == 1


def test_stamping_is_refused_from_then_on(clara: Client) -> None:
    suspend(clara)
    with pytest.raises(refusals.ClientSuspended):
        lifecycle.consume(clara, reference="F-1")


def test_open_sessions_of_its_person_end_at_once(
    clara: Client, as_clara: Browser, as_alicia: Browser
) -> None:
    assert as_clara.get("/").headers.get("Location", "") != "/cuenta/login/?next=/"
    suspend(clara)
    assert factories.fresh(clara).user.session_epoch == 1
    answer = as_clara.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/cuenta/login/")
    assert as_alicia.get("/").status_code == 200


def test_suspending_twice_changes_nothing(clara: Client) -> None:
    suspend(clara)
    before = factories.fresh(clara)
    with pytest.raises(refusals.AlreadySuspended) as caught:
        suspend(clara, reason="Otra vez")
    assert caught.value.code == "already_suspended"
    assert str(caught.value) == "ESCUELA KEMPER URGATE ya está suspendido."
    after = factories.fresh(clara)
    assert after.suspended_at == before.suspended_at
    assert after.account.last_seq == before.account.last_seq
    assert after.user.session_epoch == 1


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_reason_is_required(clara: Client, reason: str) -> None:
    with pytest.raises(refusals.ReasonMissing) as caught:
        suspend(clara, reason=reason)
    assert caught.value.field == "reason"
    assert not factories.fresh(clara).is_suspended


@pytest.mark.parametrize("state", [{"expired": True}, {"exhausted": True}, {}])
def test_allowed_in_every_other_status(
    make_client: MakeClient, state: dict[str, bool]
) -> None:
    client = make_client(**state)
    assert suspend(client).changed
    assert factories.fresh(client).is_suspended


def test_refused_for_an_archived_client(make_client: MakeClient) -> None:
    client = make_client(expired=True, archived=True)
    with pytest.raises(refusals.ClientArchived):
        suspend(client)
    assert not factories.fresh(client).is_suspended


def test_the_suspension_in_force_is_the_newest_one(clara: Client) -> None:
    suspend(clara, reason="Primera")
    lifecycle.activate(clara, by=None)
    assert suspension_of(factories.fresh(clara)) is None
    suspend(clara, reason="Segunda")
    event = suspension_of(factories.fresh(clara))
    assert event is not None
    assert event.reason == "Segunda"
