"""Reversals (domain.md, invariants 7 and 8): the folios of a stamp that the PAC refused
are given back, once, whatever the client's status is."""

import pytest

from accounts.models import User
from clients import lifecycle, refusals
from clients.models import Client, EntryKind
from tests import factories
from tests.cast import MakeClient


@pytest.fixture
def stamped(clara: Client) -> Client:
    lifecycle.consume(clara, reference="F-1", quantity=3)
    lifecycle.consume(clara, reference="F-2")
    return factories.fresh(clara)


def test_a_reversal_gives_back_what_its_stamp_spent(
    stamped: Client, alicia: User
) -> None:
    posted = lifecycle.reverse(stamped, reference="F-1", by=alicia, reason="CFDI40145")
    entry, stamp = posted.entry, stamped.entries.get(reference="F-1")
    assert (entry.kind, entry.quantity, entry.balance_after) == ("reversal", 3, 99)
    assert (entry.reverses, entry.reference) == (stamp, None)
    assert (entry.by, entry.reason, entry.seq) == (alicia, "CFDI40145", 5)
    assert factories.fresh(stamped).balance == 99


def test_a_stamp_is_reversed_once(stamped: Client) -> None:
    first = lifecycle.reverse(stamped, reference="F-1", by=None)
    again = lifecycle.reverse(stamped, reference="F-1", by=None)
    assert again.is_repeat
    assert again.entry == first.entry
    assert factories.fresh(stamped).balance == 99


def test_each_stamp_is_reversed_on_its_own(stamped: Client) -> None:
    lifecycle.reverse(stamped, reference="F-1", by=None)
    lifecycle.reverse(stamped, reference="F-2", by=None)
    assert factories.fresh(stamped).balance == 100


@pytest.mark.parametrize("end", ["suspended", "archived", "exhausted"])
def test_allowed_in_every_state(stamped: Client, end: str) -> None:
    if end == "exhausted":
        lifecycle.consume(stamped, reference="F-3", quantity=96)
    else:
        lifecycle.suspend(stamped, reason="No ha pagado", by=None)
    if end == "archived":
        lifecycle.archive(stamped, by=None)
    before = factories.fresh(stamped).balance
    lifecycle.reverse(stamped, reference="F-1", by=None)
    assert factories.fresh(stamped).balance == before + 3


@pytest.mark.parametrize("reference", ["F-9", "llave"])
def test_only_a_stamp_can_be_reversed(stamped: Client, reference: str) -> None:
    lifecycle.add_folios(stamped, quantity=5, reference="llave", by=None)
    with pytest.raises(refusals.UnknownStamp) as caught:
        lifecycle.reverse(stamped, reference=reference, by=None)
    assert caught.value.code == "unknown_stamp"
    assert str(caught.value) == f"No hay un timbrado con la referencia {reference}."


def test_another_clients_stamp_is_unknown(
    stamped: Client, make_client: MakeClient
) -> None:
    with pytest.raises(refusals.UnknownStamp):
        lifecycle.reverse(make_client(), reference="F-1", by=None)


def test_a_uuid_is_found_in_any_case(clara: Client) -> None:
    uuid = factories.reference()
    lifecycle.consume(clara, reference=uuid)
    assert not lifecycle.reverse(clara, reference=uuid.upper(), by=None).is_repeat


def test_a_reversed_reference_stays_used_for_ever(stamped: Client) -> None:
    """A reference belongs to one movement: a new stamp needs a new reference."""
    lifecycle.reverse(stamped, reference="F-1", by=None)
    again = lifecycle.consume(stamped, reference="F-1", quantity=3)
    assert again.is_repeat
    assert factories.fresh(stamped).balance == 99
    assert stamped.entries.filter(kind=EntryKind.STAMP).count() == 2
