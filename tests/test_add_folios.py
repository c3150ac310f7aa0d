"""Agregar folios (domain.md): an `addition`; the package and its name stay."""

from typing import Any

import pytest

from accounts.models import User
from clients import ledger, lifecycle, refusals
from clients.lifecycle import Outcome
from clients.models import Client, EntryKind, EventKind
from clients.status import Status
from tests import factories
from tests.cast import MakeClient


def add(client: Client, quantity: int = 50, **given: object) -> Outcome:
    given = {"reference": "llave", "by": None} | given
    return lifecycle.add_folios(client, quantity=quantity, **given)


def status(client: Client) -> Status:
    after = factories.fresh(client)
    return after.status_on(after.reseller.local_date(after.created_at))


def test_an_addition_is_one_entry_and_nothing_else(clara: Client, alicia: User) -> None:
    outcome = add(clara, by=alicia, reason="Pagó por transferencia")
    entry = clara.entries.latest("seq")
    assert outcome.entry == entry
    assert (entry.kind, entry.quantity, entry.balance_after) == ("addition", 50, 150)
    assert (entry.reference, entry.by) == ("llave", alicia)
    assert entry.reason == "Pagó por transferencia"
    assert entry.seq == 3
    assert clara.events.count() == 1
    assert outcome.client.balance == 150
    assert outcome.message == (
        "Se agregaron 50 folios a ESCUELA KEMPER URGATE; tiene 150."
    )


def test_the_plan_its_name_and_the_term_stay(clara: Client) -> None:
    add(clara)
    after = factories.fresh(clara)
    assert after.plan.name == "PYME"
    assert after.plan.folios == 100
    assert not after.plan.is_customized
    assert after.expires_on == clara.expires_on


def test_a_customized_plan_keeps_its_name_too(clara: Client) -> None:
    lifecycle.edit_plan(clara, changes={}, services={}, by=None)
    add(clara)
    assert factories.fresh(clara).plan.name == "personalizado"


def test_an_exhausted_client_becomes_active_by_itself(make_client: MakeClient) -> None:
    client = make_client(exhausted=True)
    assert status(client) is Status.EXHAUSTED
    outcome = add(client)
    assert status(client) is Status.ACTIVE
    assert "Sigue" not in outcome.message


def test_an_expired_client_stays_expired_and_the_message_says_so(
    make_client: MakeClient,
) -> None:
    client = make_client(expired=True)
    outcome = add(client)
    assert outcome.message.endswith("Sigue expirado.")
    with pytest.raises(refusals.PackageExpired):
        lifecycle.consume(client, reference="F-1")


def test_a_suspended_client_stays_suspended_and_the_message_says_so(
    make_client: MakeClient,
) -> None:
    client = make_client(suspended=True)
    assert add(client).message.endswith("Sigue suspendido.")
    assert factories.fresh(client).is_suspended


def test_activar_tambien_lifts_the_suspension_after_the_addition(
    make_client: MakeClient, alicia: User
) -> None:
    client = make_client(suspended=True)
    outcome = add(client, activate=True, by=alicia)
    assert not factories.fresh(client).is_suspended
    assert "Sigue" not in outcome.message
    event = client.events.get(kind=EventKind.ACTIVATED)
    assert outcome.entry is not None
    assert event.seq == outcome.entry.seq + 1
    assert event.by == alicia


def test_activar_tambien_does_nothing_to_a_client_that_is_not_suspended(
    clara: Client,
) -> None:
    add(clara, activate=True)
    assert not clara.events.filter(kind=EventKind.ACTIVATED).exists()


def test_refused_for_an_archived_client(make_client: MakeClient) -> None:
    client = make_client(archived=True)
    with pytest.raises(refusals.ClientArchived):
        add(client)
    assert factories.fresh(client).balance == 100


@pytest.mark.parametrize("quantity", [0, -1, -100, 1_000_001])
def test_only_a_positive_number_up_to_the_limit_is_accepted(
    clara: Client, quantity: int
) -> None:
    with pytest.raises(refusals.InvalidQuantity) as caught:
        add(clara, quantity)
    assert (caught.value.code, caught.value.field) == ("validation", "quantity")
    assert str(caught.value) == "Escriba un número entero entre 1 y 1,000,000."
    assert factories.fresh(clara).balance == 100


@pytest.mark.parametrize("quantity", [1, 1_000_000])
def test_both_ends_of_the_range_are_accepted(clara: Client, quantity: int) -> None:
    add(clara, quantity)
    assert factories.fresh(clara).balance == 100 + quantity


def test_the_upper_bound_is_a_setting(clara: Client, settings: Any) -> None:
    settings.FOLIOS_ADDITION_MAX = 10
    add(clara, 10)
    with pytest.raises(refusals.InvalidQuantity, match="entre 1 y 10"):
        add(clara, 11, reference="otra")


# --- Sent twice -----------------------------------------------------------------


def test_a_double_click_adds_once(clara: Client) -> None:
    first, again = add(clara), add(clara)
    assert again.is_repeat
    assert not again.changed
    assert again.entry == first.entry
    assert factories.fresh(clara).balance == 150


def test_a_repeat_does_not_lift_a_suspension_made_since(clara: Client) -> None:
    add(clara, activate=True)
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    assert add(clara, activate=True).is_repeat
    assert factories.fresh(clara).is_suspended


def test_a_retry_is_answered_though_the_client_was_archived_since(
    make_client: MakeClient,
) -> None:
    client = make_client(suspended=True)
    add(client)
    lifecycle.archive(client, by=None)
    assert add(client).is_repeat


def test_the_same_key_with_another_quantity_is_a_conflict(clara: Client) -> None:
    add(clara)
    with pytest.raises(ledger.ReferenceConflict):
        add(clara, 51)
    assert clara.entries.filter(kind=EntryKind.ADDITION).count() == 1
