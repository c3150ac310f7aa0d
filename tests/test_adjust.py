"""Adjustments (domain.md, invariant 7): support only, with a reason, always visible."""

import pytest

from accounts.models import User
from clients import ledger, lifecycle, refusals
from clients.lifecycle import Outcome
from clients.models import Client
from tests import factories
from tests.cast import MakeClient


def adjust(
    client: Client,
    quantity: int,
    by: User,
    reason: str = "Error",
    reference: str = "llave",
) -> Outcome:
    return lifecycle.adjust(
        client, quantity=quantity, reason=reason, reference=reference, by=by
    )


@pytest.mark.parametrize(("quantity", "after"), [(5, 105), (-5, 95), (-100, 0)])
def test_support_corrects_in_both_directions(
    clara: Client, soporte: User, quantity: int, after: int
) -> None:
    outcome = adjust(clara, quantity, soporte, "Se cobró dos veces")
    entry = clara.entries.latest("seq")
    assert outcome.entry == entry
    assert (entry.kind, entry.quantity, entry.balance_after) == (
        "adjustment",
        quantity,
        after,
    )
    assert (entry.by, entry.reason) == (soporte, "Se cobró dos veces")
    assert outcome.message == f"Ajuste de {quantity:+} folios a ESCUELA KEMPER URGATE."


@pytest.mark.parametrize("who", ["alicia", "beto", "clara_user"])
def test_nobody_else_may(
    clara: Client, request: pytest.FixtureRequest, who: str
) -> None:
    with pytest.raises(refusals.SupportOnly) as caught:
        adjust(clara, 5, request.getfixturevalue(who))
    assert caught.value.code == "support_only"
    assert factories.fresh(clara).balance == 100


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_reason_is_required(clara: Client, soporte: User, reason: str) -> None:
    with pytest.raises(refusals.ReasonMissing) as caught:
        adjust(clara, 5, soporte, reason)
    assert (caught.value.code, caught.value.field) == ("validation", "reason")
    assert str(caught.value) == "Escriba el motivo."


@pytest.mark.parametrize("quantity", [0, 1_000_001, -1_000_001])
def test_only_a_sensible_quantity_is_accepted(
    clara: Client, soporte: User, quantity: int
) -> None:
    with pytest.raises(refusals.InvalidQuantity):
        adjust(clara, quantity, soporte)


def test_the_balance_never_becomes_negative(clara: Client, soporte: User) -> None:
    with pytest.raises(ledger.InsufficientFolios) as caught:
        adjust(clara, -101, soporte)
    assert caught.value.code == "insufficient_folios"
    assert factories.fresh(clara).balance == 100


def test_allowed_in_every_state(make_client: MakeClient, soporte: User) -> None:
    for state in ({"suspended": True}, {"expired": True}, {"archived": True}):
        client = make_client(**state)
        assert adjust(client, 5, soporte, reference=factories.reference()).changed


def test_sent_twice_it_is_done_once(clara: Client, soporte: User) -> None:
    adjust(clara, -5, soporte)
    assert adjust(clara, -5, soporte).is_repeat
    assert factories.fresh(clara).balance == 95


def test_the_same_key_with_another_quantity_is_a_conflict(
    clara: Client, soporte: User
) -> None:
    adjust(clara, -5, soporte)
    with pytest.raises(ledger.ReferenceConflict):
        adjust(clara, 5, soporte)
