"""Activar (domain.md): lifts the suspension only; the message names the new status."""

import pytest

from accounts.models import User
from clients import lifecycle, refusals
from clients.models import Client, EventKind
from tests import factories
from tests.cast import MakeClient


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "Uno quedó activo."),
        ({"expired": True}, "Uno ya no está suspendido. Sigue expirado."),
        (
            {"exhausted": True},
            "Uno ya no está suspendido. Sigue con los folios agotados.",
        ),
    ],
)
def test_the_message_names_the_status_that_results(
    make_client: MakeClient, state: dict[str, bool], message: str
) -> None:
    client = make_client(legal_name="Uno", suspended=True, **state)
    outcome = lifecycle.activate(client, by=None)
    assert outcome.message == message
    assert not factories.fresh(client).is_suspended


def test_an_activation_is_one_event(clara: Client, alicia: User) -> None:
    lifecycle.suspend(clara, reason="No ha pagado", by=alicia)
    lifecycle.activate(clara, by=alicia)
    event = clara.events.latest("seq")
    assert (event.seq, event.kind, event.by) == (4, EventKind.ACTIVATED, alicia)
    assert factories.fresh(clara).account.last_seq == 4


def test_it_lifts_the_suspension_and_nothing_else(make_client: MakeClient) -> None:
    client = make_client(expired=True, exhausted=True, suspended=True)
    lifecycle.activate(client, by=None)
    after = factories.fresh(client)
    assert (after.balance, after.expires_on) == (0, client.expires_on)
    assert after.plan.name == "PYME"
    with pytest.raises(refusals.PackageExpired):
        lifecycle.consume(client, reference="F-1")


def test_the_client_stamps_again(clara: Client) -> None:
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    lifecycle.activate(clara, by=None)
    assert not lifecycle.consume(clara, reference="F-1").is_repeat


def test_refused_for_a_client_that_is_not_suspended(clara: Client) -> None:
    with pytest.raises(refusals.NotSuspended) as caught:
        lifecycle.activate(clara, by=None)
    assert caught.value.code == "not_suspended"
    assert str(caught.value) == "ESCUELA KEMPER URGATE no está suspendido."
    assert factories.fresh(clara).account.last_seq == 2


def test_activating_twice_is_refused_the_second_time(make_client: MakeClient) -> None:
    client = make_client(suspended=True)
    lifecycle.activate(client, by=None)
    with pytest.raises(refusals.NotSuspended):
        lifecycle.activate(client, by=None)
    assert client.events.filter(kind=EventKind.ACTIVATED).count() == 1


def test_the_recommended_order_activates_first_and_then_assigns(
    make_client: MakeClient,
) -> None:
    client = make_client(exhausted=True, suspended=True)
    assert "Sigue" in lifecycle.activate(client, by=None).message
    outcome = lifecycle.add_folios(client, quantity=5, reference="llave", by=None)
    assert "Sigue" not in outcome.message
    assert not lifecycle.consume(client, reference="F-1").is_repeat


def test_the_other_order_is_not_forbidden(make_client: MakeClient) -> None:
    client = make_client(exhausted=True, suspended=True)
    lifecycle.add_folios(client, quantity=5, reference="llave", by=None)
    assert lifecycle.activate(client, by=None).message.endswith("quedó activo.")
    assert not lifecycle.consume(client, reference="F-1").is_repeat
