"""Entrar como cliente (domain.md): what is recorded in the history. The visit itself
(banner, time limit…) is tested in test_impersonation.py."""

import pytest

from accounts.models import User
from clients import lifecycle, refusals
from clients.models import Client, EventKind
from tests import factories
from tests.cast import MakeClient


def test_the_history_names_both_people_and_the_reason(
    clara: Client, alicia: User
) -> None:
    lifecycle.enter(clara, reason="No encuentra su XML", by=alicia)
    event = clara.events.latest("seq")
    assert (event.seq, event.kind) == (3, EventKind.ENTERED)
    assert (event.by, event.on_behalf_of) == (alicia, clara.user)
    assert event.reason == "No encuentra su XML"


def test_leaving_is_in_the_history_too(clara: Client, alicia: User) -> None:
    lifecycle.enter(clara, reason="Ayuda", by=alicia)
    lifecycle.leave(clara, by=alicia)
    event = clara.events.latest("seq")
    assert (event.seq, event.kind) == (4, EventKind.LEFT)
    assert (event.by, event.on_behalf_of) == (alicia, clara.user)


def test_nothing_of_the_client_changes(clara: Client, alicia: User) -> None:
    lifecycle.enter(clara, reason="Ayuda", by=alicia)
    after = factories.fresh(clara)
    assert (after.balance, after.expires_on) == (100, clara.expires_on)
    assert after.user.session_epoch == 0, "the client may go on working"
    assert clara.entries.count() == 1


@pytest.mark.parametrize("state", ["suspended", "expired", "exhausted"])
def test_allowed_in_every_status(
    make_client: MakeClient, alicia: User, state: str
) -> None:
    assert lifecycle.enter(
        make_client(**{state: True}), reason="Ayuda", by=alicia
    ).changed


def test_refused_for_an_archived_client(make_client: MakeClient, alicia: User) -> None:
    client = make_client(archived=True)
    before = factories.fresh(client).account.last_seq
    with pytest.raises(refusals.ClientArchived):
        lifecycle.enter(client, reason="Ayuda", by=alicia)
    assert factories.fresh(client).account.last_seq == before


def test_one_may_leave_though_the_client_was_archived_meanwhile(
    make_client: MakeClient, alicia: User
) -> None:
    client = make_client(suspended=True)
    lifecycle.enter(client, reason="Ayuda", by=alicia)
    lifecycle.archive(client, by=alicia)
    assert lifecycle.leave(client, by=alicia).changed


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_required(clara: Client, alicia: User, reason: str) -> None:
    with pytest.raises(refusals.ReasonMissing):
        lifecycle.enter(clara, reason=reason, by=alicia)
    assert clara.events.count() == 1
