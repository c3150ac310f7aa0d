"""Restaurar (domain.md): back in the list, with its previous facts."""

import pytest

from accounts.models import User
from clients import lifecycle, refusals
from clients.models import Client, EventKind
from tests import factories
from tests.cast import MakeClient


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("suspended", "suspendido"),
        ("expired", "expirado"),
        ("exhausted", "folios agotados"),
    ],
)
def test_a_restored_client_has_its_previous_facts(
    make_client: MakeClient, alicia: User, state: str, status: str
) -> None:
    client = make_client(legal_name="Uno", archived=True, **{state: True})
    before = factories.fresh(client)
    outcome = lifecycle.restore(client, by=alicia)
    after = factories.fresh(client)
    assert not after.is_archived
    assert (after.balance, after.expires_on, after.suspended_at) == (
        before.balance,
        before.expires_on,
        before.suspended_at,
    )
    event = client.events.latest("seq")
    assert (event.kind, event.by) == (EventKind.RESTORED, alicia)
    assert event.seq == after.account.last_seq
    assert outcome.message == f"Uno está otra vez en la lista: {status}."
    assert list(Client.objects.listed()) == [client]


def test_a_suspended_one_comes_back_suspended(make_client: MakeClient) -> None:
    client = make_client(suspended=True, archived=True)
    lifecycle.restore(client, by=None)
    with pytest.raises(refusals.ClientSuspended):
        lifecycle.consume(client, reference="F-1")


def test_one_that_got_folios_meanwhile_comes_back_active(
    make_client: MakeClient, soporte: User
) -> None:
    client = make_client(legal_name="Uno", exhausted=True, archived=True)
    lifecycle.adjust(client, quantity=5, reason="Error", reference="a", by=soporte)
    outcome = lifecycle.restore(client, by=None)
    assert outcome.message == "Uno está otra vez en la lista: activo."
    assert not lifecycle.consume(client, reference="F-1").is_repeat


def test_refused_for_a_client_that_is_not_archived(clara: Client) -> None:
    with pytest.raises(refusals.NotArchived) as caught:
        lifecycle.restore(clara, by=None)
    assert caught.value.code == "not_archived"
    assert str(caught.value) == "ESCUELA KEMPER URGATE no está archivado."
    assert factories.fresh(clara).account.last_seq == 2


def test_restoring_twice_is_refused_the_second_time(make_client: MakeClient) -> None:
    client = make_client(archived=True)
    lifecycle.restore(client, by=None)
    with pytest.raises(refusals.NotArchived):
        lifecycle.restore(client, by=None)
    assert client.events.filter(kind=EventKind.RESTORED).count() == 1


def test_sessions_that_ended_do_not_come_back(make_client: MakeClient) -> None:
    client = make_client(expired=True, archived=True)
    before = factories.fresh(client).user.session_epoch
    lifecycle.restore(client, by=None)
    assert factories.fresh(client).user.session_epoch == before > 0
