"""Many movements at once: one result each, in order; none affects another.

Law: domain.md, invariants 2 to 4; api.md, `POST /api/v1/stamps`.
"""

from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients import ledger, lifecycle
from clients.ledger import Movement, Posted
from clients.lifecycle import Stamp
from clients.models import Client, EntryKind
from tests import factories
from tests.cast import MakeClient, MakePackage


def _post(client: Client, *movements: dict[str, Any]) -> list[Posted | Exception]:
    with transaction.atomic():
        return ledger.post_many(
            ledger.lock([client.pk]),
            [Movement(client_id=client.pk, **movement) for movement in movements],
            now=timezone.now(),
            days={client.pk: client.reseller.local_date(timezone.now())},
        )


def _stamps(client: Client, *references: str, quantity: int = 1) -> list[Stamp]:
    return [
        Stamp(client_id=client.pk, reference=reference, quantity=quantity)
        for reference in references
    ]


def _codes(answers: list[Posted | Exception]) -> list[str]:
    return [
        ("repeat" if a.is_repeat else "posted") if isinstance(a, Posted) else a.code
        for a in answers
    ]


def _history(client: Client) -> list[int]:
    seqs = client.entries.values_list("seq", flat=True)
    return sorted([*seqs, *client.events.values_list("seq", flat=True)])


def test_a_batch_answers_every_movement_in_order(clara: Client) -> None:
    answers = lifecycle.consume_many(_stamps(clara, "c", "a", "b"))
    assert [a.entry.reference for a in answers] == ["c", "a", "b"]
    assert [a.entry.balance_after for a in answers] == [99, 98, 97]
    assert [a.entry.seq for a in answers] == [3, 4, 5]


def test_an_empty_batch_has_no_answers(clara: Client) -> None:
    assert lifecycle.consume_many([]) == []


def test_a_duplicate_inside_a_batch_is_a_repeat_of_its_twin(clara: Client) -> None:
    first, other, twin = lifecycle.consume_many(_stamps(clara, "a", "b", "a"))
    assert _codes([first, other, twin]) == ["posted", "posted", "repeat"]
    assert twin.entry is first.entry
    assert factories.fresh(clara).balance == 98


def test_a_twin_with_another_quantity_inside_a_batch_is_a_conflict(
    clara: Client,
) -> None:
    answers = lifecycle.consume_many(
        [*_stamps(clara, "a"), *_stamps(clara, "a", quantity=2), *_stamps(clara, "b")]
    )
    assert _codes(answers) == ["posted", "reference_conflict", "posted"]
    assert factories.fresh(clara).balance == 98


def test_twins_in_two_spellings_of_a_uuid_are_one(clara: Client) -> None:
    uuid = factories.reference()
    answers = lifecycle.consume_many(_stamps(clara, uuid, uuid.upper()))
    assert _codes(answers) == ["posted", "repeat"]


def test_one_too_large_does_not_refuse_the_smaller_ones_after_it(
    clara: Client,
) -> None:
    sizes = [99, 5, 1, 1]
    answers = lifecycle.consume_many(
        [
            Stamp(client_id=clara.pk, reference=f"{i}", quantity=q)
            for i, q in enumerate(sizes)
        ]
    )
    assert _codes(answers) == [
        "posted",
        "insufficient_folios",
        "posted",
        "folios_exhausted",
    ]
    assert factories.fresh(clara).balance == 0


def test_a_twin_of_a_refused_movement_is_judged_anew(clara: Client) -> None:
    """A refused movement was not written: the same again is no repeat, and may fit."""
    movements = [
        {"kind": EntryKind.STAMP, "quantity": -101, "reference": "a"},
        {"kind": EntryKind.ADDITION, "quantity": 1, "reference": "b"},
        {"kind": EntryKind.STAMP, "quantity": -101, "reference": "a"},
    ]
    answers = _post(clara, *movements)
    assert _codes(answers) == ["insufficient_folios", "posted", "posted"]
    assert factories.fresh(clara).balance == 0


def test_a_batch_sent_twice_spends_once(clara: Client) -> None:
    stamps = _stamps(clara, "a", "b", "c")
    lifecycle.consume_many(stamps)
    again = lifecycle.consume_many(stamps)
    assert _codes(again) == ["repeat"] * 3
    assert factories.fresh(clara).balance == 97


def test_a_batch_half_known_spends_only_what_is_new(clara: Client) -> None:
    lifecycle.consume(clara, reference="b")
    answers = lifecycle.consume_many(_stamps(clara, "a", "b", "c"))
    assert _codes(answers) == ["posted", "repeat", "posted"]
    assert factories.fresh(clara).balance == 97
    assert _history(clara) == [1, 2, 3, 4, 5]


def test_one_client_of_a_batch_never_spoils_another(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    tiny = make_package(name="Uno", folios=1)
    states: dict[str, dict[str, Any]] = {
        "active": {},
        "suspended": {"suspended": True},
        "expired": {"expired": True},
        "exhausted": {"exhausted": True},
        "archived": {"archived": True},
        "tiny": {"package": tiny},
    }
    clients = {name: make_client(**state) for name, state in states.items()}
    answers = lifecycle.consume_many(
        [Stamp(client_id=c.pk, reference="F-1", quantity=2) for c in clients.values()]
    )
    assert dict(zip(clients, _codes(answers), strict=True)) == {
        "active": "posted",
        "suspended": "client_suspended",
        "expired": "package_expired",
        "exhausted": "folios_exhausted",
        "archived": "client_archived",
        "tiny": "insufficient_folios",
    }
    assert factories.fresh(clients["active"]).balance == 98


def test_interleaved_clients_keep_their_own_numbering(
    make_client: MakeClient,
) -> None:
    one, other = make_client(), make_client()
    batch = [
        Stamp(client_id=client.pk, reference=str(number))
        for number in range(5)
        for client in (other, one)
    ]
    assert set(_codes(lifecycle.consume_many(batch))) == {"posted"}
    for client in (one, other):
        assert _history(client) == [1, 2, 3, 4, 5, 6, 7]
        assert list(client.entries.values_list("balance_after", flat=True)) == [
            100,
            99,
            98,
            97,
            96,
            95,
        ]


def test_a_reference_known_to_one_client_is_new_to_another_in_the_same_batch(
    make_client: MakeClient,
) -> None:
    one, other = make_client(), make_client()
    lifecycle.consume(one, reference="a")
    lifecycle.consume(other, reference="b")
    answers = lifecycle.consume_many(
        [*_stamps(one, "a", "b"), *_stamps(other, "a", "b")]
    )
    assert _codes(answers) == ["repeat", "posted", "posted", "repeat"]


def test_a_repeat_is_answered_before_the_status_is_looked_at(
    clara: Client,
) -> None:
    lifecycle.consume(clara, reference="a")
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    answers = lifecycle.consume_many(_stamps(clara, "a", "b"))
    assert _codes(answers) == ["repeat", "client_suspended"]


def test_a_conflict_is_answered_before_the_status_too(clara: Client) -> None:
    lifecycle.consume(clara, reference="a")
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    answers = lifecycle.consume_many(_stamps(clara, "a", quantity=2))
    assert _codes(answers) == ["reference_conflict"]


def test_a_large_batch_costs_as_many_queries_as_a_small_one(
    make_client: MakeClient,
) -> None:
    one, other = make_client(), make_client()

    def queries(size: int, mark: str) -> int:
        stamps = [
            Stamp(client_id=client.pk, reference=f"{mark}{number}")
            for number in range(size)
            for client in (one, other)
        ]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            lifecycle.consume_many(stamps)
        return len(captured)

    queries(1, "first")  # the first use of a connection asks more
    assert queries(1, "a") == queries(40, "b")
