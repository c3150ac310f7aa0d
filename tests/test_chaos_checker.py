"""The checker of `make chaos` finds each kind of violation, and none if all is right.
It needs no servers and no database: it takes findings and returns violations."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chaos.bugs import BUGS, BUGS_OF_WORKERS
from chaos.checker import Findings, busy_while_quiet, check
from chaos.commits import CommitFinder
from chaos.evidence import Account, Entry, Event, Evidence
from chaos.journal import Asked, Attempt, Window, normal, unresolved
from chaos.proof import SHOWS_AS

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
CLARA = "clara"
KEY = "alicia"


def entry(seq: int, quantity: int, balance: int, **facts: Any) -> Entry:
    facts.setdefault("kind", "stamp" if quantity < 0 else "addition")
    facts.setdefault("reference", f"F-{seq}")
    nothing = {"reverses": None, "reverses_reference": None}
    return Entry(
        **{"client": CLARA, "created_at": NOW, "key": KEY} | nothing | facts,
        seq=seq,
        quantity=quantity,
        balance_after=balance,
    )


def body_of(of: Entry, **changes: Any) -> dict[str, Any]:
    """The response of api.md for an entry."""
    return {
        "client": of.client,
        "seq": of.seq,
        "reference": of.reference or of.reverses_reference,
        "quantity": abs(of.quantity),
        "balance_after": of.balance_after,
        "created_at": of.created_at.isoformat(),
    } | changes


def attempt(
    of: Entry, *, at: float = 1.0, status: int | None = 201, **rest: Any
) -> Attempt:
    """An attempt that requested an entry and got its response 0.1 s later."""
    bears = of.reference or of.reverses_reference or ""
    quantity = 0 if of.kind in ("reversal", "renewal") else abs(of.quantity)
    done = status in (200, 201)
    return Attempt(
        asked=rest.pop("asked", Asked(CLARA, of.kind, bears, quantity)),
        key=rest.pop("key", KEY),
        sent_at=at,
        answered_at=rest.pop("until", at + 0.1),
        status=status,
        body=rest.pop("body", body_of(of) if done else {"code": rest.pop("code", "")}),
        **rest,
    )


FIRST_FOLIOS = entry(2, 100, 100, kind="assignment", reference="alta", key=None)
CREATED = Event(CLARA, 1, "created")
STAMP = entry(3, -1, 99)
MORE = entry(4, -2, 97)


def evidence(*entries: Entry, events: Sequence[Event] = ()) -> Evidence:
    all_entries = [FIRST_FOLIOS, *entries]
    all_events = [CREATED, *events]
    return Evidence(
        all_entries,
        all_events,
        {
            CLARA: Account(
                CLARA,
                all_entries[-1].balance_after,
                len(all_entries) + len(all_events),
            )
        },
    )


def findings(attempts: Sequence[Attempt], *entries: Entry, **rest: Any) -> Findings:
    events = rest.pop("events", ())
    return Findings(
        attempts=attempts, evidence=evidence(*entries, events=events), **rest
    )


def kinds(of: Findings) -> set[str]:
    return {violation.kind for violation in check(of)}


# ── No violation ──────────────────────────────────────────────────────────────────


def test_a_ledger_that_is_what_was_acknowledged_is_clean() -> None:
    reversal = entry(
        5, 1, 98, kind="reversal", reference=None, reverses=3, reverses_reference="F-3"
    )
    attempts = [
        attempt(STAMP, at=1),
        attempt(STAMP, at=2, status=200),
        attempt(MORE, at=3, status=None),
        attempt(MORE, at=4, status=200),
        attempt(reversal, at=5),
        attempt(entry(9, -1, 0), at=6, status=402, code="folios_exhausted"),
    ]
    assert check(findings(attempts, STAMP, MORE, reversal)) == []


def test_a_loss_of_leftovers_right_before_the_renewal_is_clean() -> None:
    loss = entry(3, -100, 0, kind="expiry", reference=None)
    renewal = entry(4, 60, 60, kind="renewal")
    found = findings(
        [attempt(renewal)],
        loss,
        renewal,
        events=[Event(CLARA, 5, "renewed")],
        losing=frozenset({CLARA}),
    )
    assert check(found) == []


def _renewed_and_reversed(*behind: Entry) -> Findings:
    """A stamp, the renewal that took the rest, the stamp's reversal."""
    reversal = entry(
        7, 1, 61, kind="reversal", reference=None, reverses=3, reverses_reference="F-3"
    )
    rows = [
        STAMP,
        entry(4, -99, 0, kind="expiry", reference=None),
        entry(5, 60, 60, kind="renewal"),
        reversal,
        *behind,
    ]
    return findings(
        [attempt(STAMP, at=1), attempt(rows[2], at=2), attempt(reversal, at=3)],
        *rows,
        events=[Event(CLARA, 6, "renewed")],
        losing=frozenset({CLARA}),
    )


def test_what_an_old_stamp_gives_back_is_lost_behind_its_reversal() -> None:
    loss = entry(8, -1, 60, kind="expiry", reference=None)
    assert check(_renewed_and_reversed(loss)) == []


def test_an_old_stamp_that_brings_leftovers_back_is_seen() -> None:
    assert kinds(_renewed_and_reversed()) == {"lost"}


# ── The ledger by itself ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ((STAMP, replace(MORE, seq=3)), "numbering"),
        ((STAMP, replace(MORE, seq=5)), "numbering"),
        ((STAMP, replace(MORE, balance_after=98)), "balance"),
        ((STAMP, replace(MORE, quantity=-200, balance_after=-101)), "balance"),
        ((STAMP, replace(MORE, reference="F-3")), "doubled"),
        ((entry(3, -100, 0, kind="expiry", reference=None),), "invented"),
    ],
)
def test_a_ledger_that_does_not_add_up_is_seen(
    rows: Sequence[Entry], kind: str
) -> None:
    assert kind in kinds(findings([attempt(row) for row in rows], *rows))


def test_an_account_that_differs_from_its_entries_is_seen() -> None:
    right = evidence(STAMP)
    wrong = replace(right, accounts={CLARA: Account(CLARA, 98, 3)})
    found = Findings(attempts=[attempt(STAMP)], evidence=wrong)
    assert kinds(found) == {"balance"}


def test_a_stamp_between_suspended_and_activated_is_seen() -> None:
    suspended = Event(CLARA, 3, "suspended")
    stamp = entry(4, -1, 99)
    activated = Event(CLARA, 5, "activated")
    verbs = [
        attempt(stamp, status=200, asked=Asked(CLARA, call), body={})
        for call in ("suspension", "activation")
    ]
    found = findings([attempt(stamp), *verbs], stamp, events=[suspended, activated])
    assert kinds(found) == {"suspended"}


def test_leftovers_kept_where_the_plan_loses_them_are_seen() -> None:
    renewal = entry(3, 60, 160, kind="renewal")
    found = findings([attempt(renewal)], renewal, losing=frozenset({CLARA}))
    assert kinds(found) == {"lost"}


# ── The ledger against what was acknowledged ──────────────────────────────────────


def test_an_acknowledged_stamp_that_is_not_there_is_lost() -> None:
    assert kinds(findings([attempt(STAMP), attempt(MORE)], STAMP)) == {"lost"}


def test_a_row_that_nobody_asked_for_is_invented() -> None:
    assert kinds(findings([attempt(STAMP)], STAMP, MORE)) == {"invented"}


def test_a_row_whose_every_asking_was_refused_is_invented() -> None:
    refused = attempt(MORE, status=403, code="client_suspended")
    assert kinds(findings([attempt(STAMP), refused], STAMP, MORE)) == {"invented"}


def test_a_row_of_another_quantity_than_asked_is_invented() -> None:
    asked = Asked(CLARA, "stamp", "F-4", 1)
    found = findings([attempt(STAMP), attempt(MORE, asked=asked)], STAMP, MORE)
    assert kinds(found) == {"invented", "differs"}


def test_a_row_by_a_key_that_did_not_ask_is_invented() -> None:
    assert kinds(findings([attempt(STAMP, key="beto")], STAMP)) == {"invented"}


@pytest.mark.parametrize("name", ["seq", "balance_after", "created_at", "reference"])
def test_an_answer_that_differs_from_the_row_is_seen(name: str) -> None:
    body = body_of(STAMP, **{name: 7})
    assert "differs" in kinds(findings([attempt(STAMP, body=body)], STAMP))


def test_two_first_times_of_one_movement_are_a_double() -> None:
    twins = [attempt(STAMP), attempt(STAMP)]
    assert kinds(findings(twins, STAMP)) == {"doubled"}


def test_a_stamp_asked_for_later_must_stand_later() -> None:
    attempts = [attempt(MORE, at=1), attempt(STAMP, at=2)]
    assert kinds(findings(attempts, STAMP, MORE)) == {"order"}


def test_suspensions_are_as_many_as_were_answered() -> None:
    asked = Asked(CLARA, "suspension")
    lost = attempt(STAMP, status=200, asked=asked, body={})
    assert kinds(findings([lost])) == {"lost"}
    event = Event(CLARA, 3, "suspended")
    assert kinds(findings([], events=[event])) == {"invented"}
    unknown = attempt(STAMP, status=None, asked=asked)
    assert kinds(findings([unknown], events=[event])) == set()


# ── The responses ─────────────────────────────────────────────────────────────────


def test_a_retry_that_is_refused_after_it_was_done_is_seen() -> None:
    late = attempt(STAMP, at=5, status=403, code="client_suspended")
    assert kinds(findings([attempt(STAMP), late], STAMP)) == {"refused"}


def test_a_valid_call_that_is_refused_is_seen() -> None:
    refused = attempt(STAMP, status=402, code="folios_exhausted", is_valid=True)
    assert kinds(findings([refused])) == {"refused"}


def test_a_conflict_needs_another_movement_of_that_reference() -> None:
    other = Asked(CLARA, "stamp", "F-3", 7)
    right = attempt(STAMP, asked=other, status=409, code="reference_conflict")
    wrong = attempt(STAMP, status=409, code="reference_conflict")
    assert kinds(findings([attempt(STAMP), right], STAMP)) == set()
    assert kinds(findings([attempt(STAMP), wrong], STAMP)) == {"refused"}
    assert kinds(findings([wrong])) == {"refused"}


def test_a_500_is_never_excused_and_silence_only_by_a_fault() -> None:
    crashed = [attempt(STAMP, status=500), attempt(STAMP, at=9, status=200)]
    assert kinds(findings(crashed, STAMP)) == {"failed"}
    silent = [attempt(STAMP, status=None), attempt(STAMP, at=9, status=200)]
    assert kinds(findings(silent, STAMP)) == set()
    quiet = [Window(0.5, 1.5)]
    assert kinds(findings(silent, STAMP, quiet=quiet)) == {"failed"}


def test_a_revoked_key_must_not_open_anything() -> None:
    early, late = attempt(STAMP, at=1), attempt(MORE, at=3)
    found = findings([early, late], STAMP, MORE, revoked={KEY: 2.0})
    assert kinds(found) == {"revoked"}


def test_a_stranger_sees_nothing_but_404() -> None:
    seen = attempt(STAMP, key="beto", status=403, is_stranger=True)
    hidden = attempt(STAMP, key="beto", status=404, is_stranger=True)
    assert kinds(findings([hidden])) == set()
    assert kinds(findings([seen])) == {"stranger"}


def test_what_was_put_off_while_all_was_quiet_is_counted() -> None:
    attempts = [
        attempt(STAMP, at=1, status=503, is_valid=True),
        attempt(STAMP, at=2, status=201, is_valid=True),
        attempt(MORE, at=9, status=503, is_valid=True),
    ]
    quiet = [Window(0.0, 5.0)]
    assert busy_while_quiet(findings(attempts, STAMP, quiet=quiet)) == (1, 2)


# ── Unknown outcomes ──────────────────────────────────────────────────────────────


def test_an_unknown_is_resolved_by_a_success_or_by_a_later_refusal() -> None:
    unknown = attempt(STAMP, at=1, status=None)
    early = attempt(STAMP, at=0.5, status=402, code="folios_exhausted")
    late = attempt(STAMP, at=2, status=402, code="folios_exhausted")
    assert list(unresolved([unknown])) == [unknown.asked.name]
    assert list(unresolved([unknown, early])) == [unknown.asked.name]
    assert unresolved([unknown, late]) == {}
    assert unresolved([unknown, attempt(STAMP, at=0.1)]) == {}
    assert kinds(findings([unknown])) == {"unresolved"}


def test_each_quantity_that_was_asked_for_is_asked_for_again() -> None:
    other = Asked(CLARA, "stamp", "F-3", 7)
    unknown = [
        attempt(STAMP, status=None),
        attempt(STAMP, asked=other, status=503),
        attempt(STAMP, at=5, status=409, code="reference_conflict"),
    ]
    assert list(unresolved(unknown).values()) == [[other]]


def test_references_that_are_uuids_have_one_form() -> None:
    upper = "9F6C1E6A-52E1-4C4B-8E57-0C8B0A4B7A11"
    assert normal(upper) == upper.lower()
    assert normal("F-10") == "F-10"


# ── Messages that confirm a commit ────────────────────────────────────────────────


def message(kind: bytes, content: bytes) -> bytes:
    return kind + (len(content) + 4).to_bytes(4, "big") + content


def done(tag: bytes) -> bytes:
    return message(b"C", tag + b"\0")


ready = message(b"Z", b"I")
MOVED = done(b"BEGIN") + done(b"INSERT 0 1") + done(b"UPDATE 1") + done(b"COMMIT")


@pytest.mark.parametrize(
    ("stream", "is_found"),
    [
        (MOVED + ready, True),
        (done(b"BEGIN") + done(b"SELECT 1") + done(b"COMMIT"), False),
        (done(b"BEGIN") + done(b"UPDATE 1") + done(b"COMMIT"), False),
        (MOVED.replace(done(b"UPDATE 1"), done(b"UPDATE 0")), False),
        (MOVED.replace(b"COMMIT\0", b"ROLLBK\0"), False),
        (done(b"INSERT 0 1") + done(b"UPDATE 1") + MOVED[:0] + ready, False),
    ],
)
def test_only_a_commit_of_folios_is_found(stream: bytes, is_found: bool) -> None:
    assert CommitFinder().feed(stream) is is_found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20])
def test_a_commit_is_found_once_however_its_bytes_arrive(size: int) -> None:
    finder = CommitFinder()
    stream = ready + MOVED + ready
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [finder.feed(piece) for piece in pieces].count(True) == 1


# ── The planted bugs ──────────────────────────────────────────────────────────────


def test_the_proof_expects_something_of_every_planted_mistake() -> None:
    assert {*SHOWS_AS} == {"", *BUGS}
    assert all(SHOWS_AS[name] for name in BUGS)


ALL_BUGS = BUGS | BUGS_OF_WORKERS


@pytest.mark.parametrize("plant", ALL_BUGS.values(), ids=ALL_BUGS)
def test_every_mistake_still_finds_what_it_breaks(
    plant: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[str] = []

    def replace_nothing(owner: object, name: str, by: object) -> None:
        assert callable(getattr(owner, name))
        broken.append(name)

    monkeypatch.setattr("chaos.bugs._replace", replace_nothing)
    plant()
    assert broken
