"""Random sequences of verbs, called stories: none of them breaks an invariant.

A second, much simpler bookkeeping (a few Python numbers) runs beside the product and
must agree with it after every step. Hypothesis shrinks a failing story to the shortest
one and prints how to reproduce it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.db import transaction
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from accounts.models import User
from clients import lifecycle, refusals
from clients.ledger import InsufficientFolios, Posted, ReferenceConflict
from clients.lifecycle import Outcome
from clients.management.commands.audit_ledger import add_up
from clients.models import Client, EntryKind
from packages.models import Package
from reseller_panel.refusals import Refused
from tests import factories
from tests.cast import MakeClient, MakePackage

START = datetime(2026, 1, 31, 18, tzinfo=UTC)

# Few references, so that they are repeated; small quantities for few folios.
REFERENCES = st.sampled_from(["a", "b", "c", "d", "e"])
QUANTITIES = st.integers(min_value=1, max_value=9)
STEPS = st.one_of(
    st.tuples(st.just("consume"), REFERENCES, QUANTITIES),
    st.tuples(st.just("consume"), REFERENCES, st.just(1)),
    st.tuples(st.just("reverse"), REFERENCES, st.just(0)),
    st.tuples(st.just("add_folios"), REFERENCES, QUANTITIES),
    st.tuples(st.just("adjust"), REFERENCES, st.integers(-9, 9).filter(bool)),
    st.tuples(st.just("renew"), REFERENCES, st.just(0)),
    st.tuples(
        st.sampled_from(["suspend", "activate", "archive", "restore", "edit_plan"]),
        st.just(""),
        st.just(0),
    ),
    st.tuples(st.just("days pass"), st.just(""), st.integers(1, 20)),
)


@dataclass
class Book:
    """The expected state, computed in the simplest way."""

    balance: int
    expires_on: date
    anchor_day: int
    suspended: bool = False
    archived: bool = False
    today: date = START.date()

    @property
    def status(self) -> str:
        if self.suspended:
            return "suspended"
        if self.expires_on < self.today:
            return "expired"
        return "active" if self.balance else "exhausted"


@dataclass
class Story:
    client: Client
    soporte: User
    book: Book
    limit: int | None  # what a renewal keeps; None keeps all
    now: datetime = START
    edits: int = 0

    def __post_init__(self) -> None:
        self.moved: dict[str, tuple[str, int]] = {}
        self.reversed: set[str] = set()
        # What an old stamp gives back is lost as the renewals since would have lost it:
        # moments of each stamp, and of each renewal what it had and would have had.
        self.step = 0
        self.stamped: dict[str, int] = {}
        self.renewals: dict[int, int] = {}

    def tell(self, verb: str, reference: str, quantity: int) -> None:
        note(f"{verb} {reference} {quantity}  # {self.book}")
        self.step += 1
        if verb == "days pass":
            self.now += timedelta(days=quantity)
            self.book.today += timedelta(days=quantity)
        elif reference:
            self._move(verb, reference, quantity)
        else:
            self._do(verb)

    # -- Verbs that move folios ------------------------------------------------------

    def _move(self, verb: str, reference: str, quantity: int) -> None:
        book = self.book
        kind, signed = self._expected_movement(verb, quantity)
        known = self.moved.get(reference)
        answer = self._try(lambda: self._call(verb, reference, quantity))
        if verb == "reverse":
            self._check_reversal(answer, reference, known)
        elif known is not None:
            # References come first, whatever the status is (invariants 3 and 4).
            same = known == (kind, signed)
            assert same == isinstance(answer, Posted | Outcome), answer
            assert same == (not isinstance(answer, ReferenceConflict)), answer
            if same:
                assert answer.is_repeat
        elif refusal := self._expected_refusal(verb, signed):
            assert isinstance(answer, refusal), answer
        else:
            assert not answer.is_repeat, answer
            if verb == "renew":
                self._renewed()
            book.balance += signed
            self.moved[reference] = (kind, signed)
            if verb == "consume":
                self.stamped[reference] = self.step

    def _expected_movement(self, verb: str, quantity: int) -> tuple[str, int]:
        return {
            "consume": (EntryKind.STAMP, -quantity),
            "add_folios": (EntryKind.ADDITION, quantity),
            "adjust": (EntryKind.ADJUSTMENT, quantity),
            "renew": (EntryKind.RENEWAL, 10),
            "reverse": (EntryKind.REVERSAL, 0),
        }[verb]

    def _expected_refusal(self, verb: str, signed: int) -> type[Exception] | None:
        book = self.book
        if verb != "adjust" and book.archived:
            return refusals.ClientArchived
        if verb == "consume" and book.status == "suspended":
            return refusals.ClientSuspended
        if verb == "consume" and book.status == "expired":
            return refusals.PackageExpired
        return InsufficientFolios if book.balance + signed < 0 else None

    def _renewed(self) -> None:
        book = self.book
        self.renewals[self.step] = book.balance
        book.balance = self._kept(book.balance)
        if book.expires_on < book.today:
            book.expires_on, book.anchor_day = book.today, book.today.day
        book.expires_on += relativedelta(months=1, day=book.anchor_day)

    def _kept(self, balance: int) -> int:
        return balance if self.limit is None else min(balance, self.limit)

    def _check_reversal(
        self, answer: Any, reference: str, known: tuple[str, int] | None
    ) -> None:
        if known is None or known[0] != EntryKind.STAMP:
            assert isinstance(answer, refusals.UnknownStamp), answer
        elif reference in self.reversed:
            assert answer.is_repeat
        else:
            assert not answer.is_repeat
            self.reversed.add(reference)
            given_back = -known[1]
            for step, had in self.renewals.items():
                if step > self.stamped[reference]:
                    self.renewals[step] = had + given_back
                    given_back = self._kept(had + given_back) - self._kept(had)
            self.book.balance += given_back

    def _call(self, verb: str, reference: str, quantity: int) -> Any:
        common: dict[str, Any] = {"reference": reference, "now": self.now}
        match verb:
            case "consume":
                return lifecycle.consume(self.client, quantity=quantity, **common)
            case "reverse":
                return lifecycle.reverse(self.client, by=None, **common)
            case "add_folios":
                return lifecycle.add_folios(
                    self.client, quantity=quantity, by=None, **common
                )
            case "adjust":
                return lifecycle.adjust(
                    self.client,
                    quantity=quantity,
                    reason="Corrección",
                    by=self.soporte,
                    **common,
                )
        return lifecycle.renew(self.client, by=None, **common)

    # -- Verbs that move no folios ---------------------------------------------------

    def _do(self, verb: str) -> None:
        book = self.book
        allowed, verb_call = {
            "suspend": (not book.suspended and not book.archived, self._suspend),
            "activate": (book.suspended and not book.archived, self._activate),
            "archive": (not book.archived and book.status != "active", self._archive),
            "restore": (book.archived, self._restore),
            "edit_plan": (not book.archived, self._edit),
        }[verb]
        answer = self._try(verb_call)
        assert isinstance(answer, Outcome) == allowed, answer
        if allowed:
            match verb:
                case "suspend" | "activate":
                    book.suspended = verb == "suspend"
                case "archive" | "restore":
                    book.archived = verb == "archive"

    def _suspend(self) -> Outcome:
        return lifecycle.suspend(self.client, reason="No pagó", by=None, now=self.now)

    def _activate(self) -> Outcome:
        return lifecycle.activate(self.client, by=None, now=self.now)

    def _archive(self) -> Outcome:
        return lifecycle.archive(self.client, by=None, now=self.now)

    def _restore(self) -> Outcome:
        return lifecycle.restore(self.client, by=None, now=self.now)

    def _edit(self) -> Outcome:
        self.edits += 1
        return lifecycle.edit_plan(
            self.client,
            changes={"postal_code": f"{self.edits:05}"},
            services={},
            by=None,
            now=self.now,
        )

    @staticmethod
    def _try(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Refused as refusal:
            return refusal

    # -- What must be true after every step ------------------------------------------

    def check(self) -> None:
        client, book = factories.fresh(self.client), self.book
        entries = list(client.entries.order_by("seq"))
        assert sum(entry.quantity for entry in entries) == client.balance
        assert client.balance == entries[-1].balance_after == book.balance >= 0
        assert all(entry.balance_after >= 0 for entry in entries)
        seqs = [entry.seq for entry in entries]
        seqs += client.events.values_list("seq", flat=True)
        assert sorted(seqs) == list(range(1, client.account.last_seq + 1))
        references = [entry.reference for entry in entries if entry.reference]
        assert len(references) == len(set(references))
        assert client.expires_on == book.expires_on
        assert client.is_suspended == book.suspended
        assert client.is_archived == book.archived
        assert client.status_on(book.today) == book.status
        assert add_up().wrong == []


@pytest.mark.parametrize(
    ("rule", "limit"), [("keep", None), ("keep_up_to", 4), ("lose", 0)]
)
@given(steps=st.lists(STEPS, min_size=1, max_size=25))
@settings(
    max_examples=40,
    print_blob=True,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
def test_no_story_breaks_an_invariant(
    make_client: MakeClient,
    make_package: MakePackage,
    soporte: User,
    rule: str,
    limit: int | None,
    steps: list[tuple[str, str, int]],
) -> None:
    with transaction.atomic():
        package = _package(make_package, rule, limit)
        client = make_client(package=package, now=START)
        assert client.expires_on == date(2026, 2, 28)
        story = Story(client, soporte, Book(10, client.expires_on, START.day), limit)
        for step in steps:
            story.tell(*step)
            story.check()
        transaction.set_rollback(True)


def _package(make_package: MakePackage, rule: str, limit: int | None) -> Package:
    return make_package(
        name="Diez",
        folios=10,
        term_count=1,
        term_unit="month",
        leftover_rule=rule,
        leftover_limit=limit or None,
    )


@given(
    batch=st.lists(
        st.tuples(st.integers(0, 2), REFERENCES, QUANTITIES), min_size=1, max_size=20
    )
)
@settings(
    max_examples=20,
    print_blob=True,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
def test_a_batch_answers_as_the_same_stamps_one_by_one(
    make_client: MakeClient,
    make_package: MakePackage,
    batch: list[tuple[int, str, int]],
) -> None:
    with transaction.atomic():
        package = _package(make_package, "keep", None)
        together = [make_client(package=package, now=START) for _ in range(3)]
        apart = [make_client(package=package, now=START) for _ in range(3)]
        for clients in (together, apart):
            lifecycle.suspend(clients[2], reason="No pagó", by=None, now=START)
        answers = lifecycle.consume_many(
            [
                lifecycle.Stamp(
                    client_id=together[who].pk, reference=reference, quantity=quantity
                )
                for who, reference, quantity in batch
            ],
            now=START,
        )
        one_by_one = [
            Story._try(
                lambda who=who, r=reference, q=quantity: lifecycle.consume(
                    apart[who], reference=r, quantity=q, now=START
                )
            )
            for who, reference, quantity in batch
        ]
        assert [_told(a) for a in answers] == [_told(a) for a in one_by_one]
        assert add_up().wrong == []
        transaction.set_rollback(True)


def _told(answer: Any) -> tuple[Any, ...]:
    if isinstance(answer, Posted):
        entry = answer.entry
        return answer.is_repeat, entry.seq, entry.quantity, entry.balance_after
    return type(answer), answer.code
