"""Archivar (domain.md): only if not active; hidden, nothing lost, no access."""

import pytest

from accounts.models import User
from clients import lifecycle, refusals, rules
from clients.models import Client, EventKind
from clients.status import Status
from tests import factories
from tests.cast import MakeClient


@pytest.mark.parametrize("state", ["suspended", "expired", "exhausted"])
def test_allowed_when_the_status_is_not_active(
    make_client: MakeClient, alicia: User, state: str
) -> None:
    client = make_client(legal_name="Uno", **{state: True})
    outcome = lifecycle.archive(client, by=alicia)
    after = factories.fresh(client)
    event = client.events.latest("seq")
    assert (event.kind, event.by) == (EventKind.ARCHIVED, alicia)
    assert event.seq == after.account.last_seq
    assert after.archived_at == event.created_at
    assert outcome.message == "Uno quedó archivado."


def test_refused_for_an_active_client_with_the_reason(clara: Client) -> None:
    with pytest.raises(refusals.StillActive) as caught:
        lifecycle.archive(clara, by=None)
    assert caught.value.code == "client_active"
    assert str(caught.value) == (
        "ESCUELA KEMPER URGATE está activo y puede timbrar. "
        "Suspéndalo antes de archivarlo."
    )
    assert not factories.fresh(clara).is_archived
    assert factories.fresh(clara).account.last_seq == 2


def test_archiving_twice_is_refused(make_client: MakeClient) -> None:
    client = make_client(expired=True, archived=True)
    before = factories.fresh(client)
    with pytest.raises(refusals.ClientArchived):
        lifecycle.archive(client, by=None)
    after = factories.fresh(client)
    assert after.archived_at == before.archived_at
    assert after.account.last_seq == before.account.last_seq


def test_it_leaves_the_main_list_for_the_archived_one(make_client: MakeClient) -> None:
    kept, gone = make_client(), make_client(archived=True)
    assert list(Client.objects.listed()) == [kept]
    assert list(Client.objects.archived()) == [gone]


def test_its_facts_and_history_are_kept(make_client: MakeClient) -> None:
    client = make_client(suspended=True)
    lifecycle.archive(client, by=None)
    after = factories.fresh(client)
    assert (after.balance, after.expires_on) == (100, client.expires_on)
    assert after.suspended_at == client.suspended_at
    assert after.plan.name == "PYME"
    assert client.entries.count() == 1
    assert client.events.count() == 3


def test_archived_is_not_a_status(make_client: MakeClient) -> None:
    client = make_client(exhausted=True, archived=True)
    today = client.reseller.local_date(client.created_at)
    assert client.status_on(today) is Status.EXHAUSTED


def test_it_cannot_stamp(make_client: MakeClient) -> None:
    client = make_client(archived=True)
    with pytest.raises(refusals.ClientArchived):
        lifecycle.consume(client, reference="F-1")


def test_open_sessions_of_its_person_end(make_client: MakeClient) -> None:
    client = make_client(expired=True)
    lifecycle.archive(client, by=None)
    assert factories.fresh(client).user.session_epoch == 1


def test_nothing_but_restoring_is_offered(
    make_client: MakeClient,
) -> None:
    client = make_client(archived=True)
    today = client.reseller.local_date(client.created_at)
    allowed = {v for v in rules.ALLOWED_WHEN if not rules.why_not(v, client, today)}
    assert allowed == {"restore", "adjust", "reverse", "leave", "decline_access"}
