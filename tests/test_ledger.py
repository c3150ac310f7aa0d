"""clients.ledger: numbering, idempotency and batches whose movements do not affect
each other (domain.md, "Folios: the invariants that never break")."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from clients import ledger, lifecycle, refusals
from clients.ledger import InsufficientFolios, Movement, Posted, ReferenceConflict
from clients.models import Client, EntryKind, EventKind, FolioLedger
from tests import factories
from tests.cast import MakeClient


def _post(client: Client, *movements: dict[str, Any]) -> list[Posted | Exception]:
    with transaction.atomic():
        return ledger.post_many(
            ledger.lock([client.pk]),
            [Movement(client_id=client.pk, **movement) for movement in movements],
            now=timezone.now(),
            days={client.pk: client.reseller.local_date(timezone.now())},
        )


def _codes(answers: list[Posted | Exception]) -> list[str]:
    return [
        ("repeat" if a.is_repeat else "posted") if isinstance(a, Posted) else a.code
        for a in answers
    ]


def _history(client: Client) -> list[int]:
    seqs = client.entries.values_list("seq", flat=True)
    return sorted([*seqs, *client.events.values_list("seq", flat=True)])


# --- One movement ---------------------------------------------------------------


def test_an_entry_says_what_moved_what_is_left_and_in_which_order(
    clara: Client,
) -> None:
    (answer,) = _post(
        clara, {"kind": EntryKind.STAMP, "quantity": -3, "reference": "F-1"}
    )
    assert isinstance(answer, Posted)
    entry = FolioLedger.objects.get(pk=answer.entry.pk)
    assert (entry.kind, entry.quantity, entry.balance_after) == ("stamp", -3, 97)
    assert (entry.seq, entry.reference) == (3, "F-1")
    assert factories.fresh(clara).balance == 97


def test_entries_and_events_share_one_numbering_without_gaps(clara: Client) -> None:
    lifecycle.consume(clara, reference="F-1")
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    lifecycle.activate(clara, by=None)
    lifecycle.consume(clara, reference="F-2")
    assert _history(clara) == [1, 2, 3, 4, 5, 6]
    assert factories.fresh(clara).account.last_seq == 6
    kinds = dict(clara.events.values_list("seq", "kind"))
    assert kinds == {1: "created", 4: "suspended", 5: "activated"}


def test_a_refused_movement_takes_no_number(clara: Client) -> None:
    before = _history(clara)
    with pytest.raises(InsufficientFolios):
        lifecycle.consume(clara, reference="F-1", quantity=101)
    lifecycle.consume(clara, reference="F-2")
    assert _history(clara) == [*before, 3]


def test_the_moment_is_kept_for_reading_but_the_order_is_the_number(
    clara: Client,
) -> None:
    later, earlier = timezone.now(), clara.created_at
    first = lifecycle.consume(clara, reference="F-1", now=later).entry
    second = lifecycle.consume(clara, reference="F-2", now=earlier).entry
    assert first.created_at > second.created_at
    assert first.seq < second.seq


# --- References -----------------------------------------------------------------


def test_the_same_reference_and_quantity_returns_the_first_outcome(
    clara: Client,
) -> None:
    first = lifecycle.consume(clara, reference="F-1", quantity=2)
    lifecycle.consume(clara, reference="F-2")
    again = lifecycle.consume(clara, reference="F-1", quantity=2)
    assert again.is_repeat
    assert not first.is_repeat
    assert again.entry == first.entry
    assert again.entry.balance_after == 98
    assert factories.fresh(clara).balance == 97


def test_the_same_reference_with_another_quantity_is_a_conflict(
    clara: Client,
) -> None:
    lifecycle.consume(clara, reference="F-1", quantity=2)
    with pytest.raises(ReferenceConflict) as caught:
        lifecycle.consume(clara, reference="F-1", quantity=3)
    assert caught.value.code == "reference_conflict"
    assert caught.value.entry.quantity == -2
    assert str(caught.value) == (
        "La referencia F-1 ya se usó en otro movimiento (timbrado de 2)."
    )
    assert factories.fresh(clara).balance == 98


def test_the_same_reference_for_another_kind_of_movement_is_a_conflict(
    clara: Client,
) -> None:
    lifecycle.add_folios(clara, quantity=1, reference="F-1", by=None)
    with pytest.raises(ReferenceConflict):
        lifecycle.consume(clara, reference="F-1", quantity=1)


def test_even_if_the_quantity_is_the_same_with_its_sign(
    clara: Client, soporte: User
) -> None:
    lifecycle.adjust(clara, quantity=-1, reason="Error", reference="F-1", by=soporte)
    with pytest.raises(ReferenceConflict):
        lifecycle.consume(clara, reference="F-1", quantity=1)
    assert factories.fresh(clara).balance == 99


def test_two_clients_may_use_the_same_reference(make_client: MakeClient) -> None:
    one, other = make_client(), make_client()
    assert not lifecycle.consume(one, reference="F-1").is_repeat
    assert not lifecycle.consume(other, reference="F-1").is_repeat


def test_movements_without_a_reference_are_never_repeats(clara: Client) -> None:
    loss = {"kind": EntryKind.EXPIRY, "quantity": -1}
    assert _codes(_post(clara, loss, loss)) == ["posted", "posted"]
    assert _codes(_post(clara, loss)) == ["posted"]
    assert factories.fresh(clara).balance == 97


def test_a_uuid_is_the_same_reference_in_any_case(clara: Client) -> None:
    uuid = "6F35D3B5-3651-5370-BC2C-14CDBE384CD7"
    first = lifecycle.consume(clara, reference=uuid)
    again = lifecycle.consume(clara, reference=uuid.lower())
    assert again.is_repeat
    assert first.entry.reference == uuid.lower()


def test_other_references_keep_their_case(clara: Client) -> None:
    assert not lifecycle.consume(clara, reference="factura a-1").is_repeat
    assert not lifecycle.consume(clara, reference="Factura A-1").is_repeat


def test_a_refusal_is_not_an_outcome_and_may_be_tried_again(clara: Client) -> None:
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    with pytest.raises(refusals.ClientSuspended):
        lifecycle.consume(clara, reference="F-1")
    lifecycle.activate(clara, by=None)
    assert not lifecycle.consume(clara, reference="F-1").is_repeat


# --- Too few folios -------------------------------------------------------------


def test_a_stamp_that_does_not_fit_is_refused_whole(clara: Client) -> None:
    with pytest.raises(InsufficientFolios) as caught:
        lifecycle.consume(clara, reference="F-1", quantity=101)
    assert caught.value.code == "insufficient_folios"
    assert (caught.value.balance, caught.value.needed) == (100, 101)
    assert str(caught.value) == "Se necesitan 101 folios y quedan 100."
    assert factories.fresh(clara).balance == 100


def test_with_nothing_left_the_code_says_exhausted(make_client: MakeClient) -> None:
    client = make_client(exhausted=True)
    with pytest.raises(InsufficientFolios) as caught:
        lifecycle.consume(client, reference="F-1")
    assert caught.value.code == "folios_exhausted"
    assert str(caught.value) == "No quedan folios."


def test_the_last_folio_can_be_spent(clara: Client) -> None:
    lifecycle.consume(clara, reference="F-1", quantity=100)
    assert factories.fresh(clara).balance == 0


# --- The lock -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_locking_without_a_transaction_is_refused(clara: Client) -> None:
    with pytest.raises(RuntimeError, match="needs a transaction"):
        ledger.lock([clara.pk])


def test_accounts_are_locked_in_the_order_of_their_ids(
    make_client: MakeClient,
) -> None:
    clients = [make_client() for _ in range(3)]
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        accounts = ledger.lock(client.pk for client in reversed(clients))
    assert list(accounts) == sorted(client.pk for client in clients)
    (query,) = [q["sql"] for q in captured if "FOR UPDATE" in q["sql"]]
    assert 'ORDER BY "clients_folioaccount"."client_id" ASC' in query


def test_an_event_is_numbered_under_the_same_lock(clara: Client) -> None:
    with transaction.atomic():
        accounts = ledger.lock([clara.pk])
        event = ledger.record(
            accounts,
            clara.pk,
            EventKind.NOTE,
            now=timezone.now(),
            by=None,
            reason="Llamó por teléfono",
        )
    assert event.seq == 3
    assert factories.fresh(clara).account.last_seq == 3


def test_what_a_failed_transaction_wrote_is_gone_with_its_numbers(
    clara: Client,
) -> None:
    with transaction.atomic():
        lifecycle.consume(clara, reference="F-1")
        transaction.set_rollback(True)
    assert _history(clara) == [1, 2]
    assert not lifecycle.consume(clara, reference="F-1").is_repeat
    assert _history(clara) == [1, 2, 3]
