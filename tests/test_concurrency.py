"""Real threads on a real PostgreSQL: what stays true under concurrency.

Law: domain.md, invariants 1 to 5; quality.md, "Ledger and database". Each race has its
control: the same race without the lock must go wrong, or the test would prove nothing.
For the controls, and only for them, our own code is patched: `ledger.lock`.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    OperationalError,
    connections,
    transaction,
)
from django.utils import timezone

from accounts.models import User
from clients import ledger, lifecycle, refusals
from clients.ledger import InsufficientFolios, Posted
from clients.lifecycle import Details, Outcome, Stamp
from clients.management.commands.audit_ledger import audit
from clients.models import Client, EntryKind, FolioAccount, FolioLedger
from reseller_panel.refusals import Refused
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.environment import GENEROUS_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

# The exceptions that a call in a race may raise.
EXPECTED = (Refused, DatabaseError)


@pytest.fixture(autouse=True)
def _everything_adds_up_afterwards(
    request: pytest.FixtureRequest, transactional_db: None
) -> Iterator[None]:
    yield
    if "no_lock" not in request.fixturenames:
        assert audit().wrong == []


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run all calls at the same instant, each in its own thread and connection; return
    what each returned or raised."""
    start = Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            connections["default"].ensure_connection()
            start.wait(timeout=GENEROUS_SECONDS)
            answers[number] = call()
        except EXPECTED as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=GENEROUS_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return answers


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The control. After `no_lock(n)` accounts are read without a lock, and n threads
    wait for each other after reading the accounts (or the references, with
    `meet_after="known"`), which forces the worst interleaving every time."""

    def unlocked(client_ids: Iterable[int], **_: Any) -> ledger.Accounts:
        rows = FolioAccount.objects.filter(client_id__in=set(client_ids))
        return {account.client_id: account for account in rows}

    def take_away(readers: int, *, meet_after: str = "lock") -> None:
        monkeypatch.setattr(ledger, "lock", unlocked)
        meet = Barrier(readers)
        read = getattr(ledger, meet_after)

        def read_and_meet(*args: Any, **options: Any) -> Any:
            found = read(*args, **options)
            meet.wait(timeout=GENEROUS_SECONDS)
            return found

        monkeypatch.setattr(ledger, meet_after, read_and_meet)

    return take_away


def _kinds(answers: list[Any]) -> Counter[str]:
    return Counter(
        ("repeat" if answer.is_repeat else "done")
        if isinstance(answer, Posted | Outcome)
        else type(answer).__name__
        for answer in answers
    )


# --- Fifty threads on twenty folios ---------------------------------------------


def _fifty_on_twenty(make_client: MakeClient, make_package: MakePackage) -> Any:
    client = make_client(package=make_package(name="Veinte", folios=20))
    answers = at_once(
        *(partial(lifecycle.consume, client, reference=f"F-{n}") for n in range(50))
    )
    return client, answers


def test_fifty_threads_on_twenty_folios_spend_exactly_twenty(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client, answers = _fifty_on_twenty(make_client, make_package)
    assert _kinds(answers) == {"done": 20, "InsufficientFolios": 30}
    refusals = [a for a in answers if isinstance(a, InsufficientFolios)]
    assert {refusal.code for refusal in refusals} == {"folios_exhausted"}
    stamps = client.entries.filter(kind=EntryKind.STAMP).order_by("seq")
    assert list(stamps.values_list("seq", "balance_after")) == [
        (3 + n, 19 - n) for n in range(20)
    ]
    assert factories.fresh(client).balance == 0


def test_without_the_lock_fifty_threads_do_not_spend_exactly_twenty(
    make_client: MakeClient,
    make_package: MakePackage,
    no_lock: Callable[..., None],
) -> None:
    """All read 20. The constraints keep the ledger valid, but 49 stamps fail."""
    no_lock(50)
    client, answers = _fifty_on_twenty(make_client, make_package)
    assert _kinds(answers) == {"done": 1, "IntegrityError": 49}
    assert factories.fresh(client).balance == 19


# --- The last folio -------------------------------------------------------------


def _two_on_the_last(client: Client, mark: str) -> list[Any]:
    return at_once(
        lambda: lifecycle.consume(client, reference=f"{mark}-1"),
        lambda: lifecycle.consume(client, reference=f"{mark}-2"),
    )


def test_of_two_requests_for_the_last_folio_exactly_one_gets_it(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package(name="Uno", folios=1))
    for attempt in range(10):
        answers = _two_on_the_last(client, f"F-{attempt}")
        assert _kinds(answers) == {"done": 1, "InsufficientFolios": 1}
        assert factories.fresh(client).balance == 0
        lifecycle.add_folios(client, quantity=1, reference=f"A-{attempt}", by=None)


def test_without_the_lock_the_last_folio_is_not_refused_in_words(
    make_client: MakeClient,
    make_package: MakePackage,
    no_lock: Callable[..., None],
) -> None:
    client = make_client(package=make_package(name="Uno", folios=1))
    no_lock(2)
    answers = _two_on_the_last(client, "F")
    assert _kinds(answers) == {"done": 1, "IntegrityError": 1}


# --- Retries --------------------------------------------------------------------


def test_the_same_stamp_sent_ten_times_at_once_is_spent_once(clara: Client) -> None:
    uuid = factories.reference()
    answers = at_once(*[lambda: lifecycle.consume(clara, reference=uuid)] * 10)
    assert _kinds(answers) == {"done": 1, "repeat": 9}
    assert {answer.entry.pk for answer in answers} == {answers[0].entry.pk}
    assert factories.fresh(clara).balance == 99


def test_without_the_lock_a_retry_is_not_answered(
    clara: Client, no_lock: Callable[..., None]
) -> None:
    uuid = factories.reference()
    no_lock(10, meet_after="known")
    answers = at_once(*[lambda: lifecycle.consume(clara, reference=uuid)] * 10)
    assert _kinds(answers) == {"done": 1, "IntegrityError": 9}


@pytest.mark.parametrize("verb", ["renew", "add_folios", "reverse", "adjust"])
def test_a_double_click_does_it_once(clara: Client, soporte: Any, verb: str) -> None:
    lifecycle.consume(clara, reference="F-1", quantity=7)
    click = {
        "renew": lambda: lifecycle.renew(clara, reference="k", by=None),
        "add_folios": lambda: lifecycle.add_folios(
            clara, quantity=5, reference="k", by=None
        ),
        "reverse": lambda: lifecycle.reverse(clara, reference="F-1", by=None),
        "adjust": lambda: lifecycle.adjust(
            clara, quantity=-5, reason="Error", reference="k", by=soporte
        ),
    }[verb]
    expires_on = clara.expires_on
    answers = at_once(click, click)
    assert _kinds(answers) == {"done": 1, "repeat": 1}
    after = factories.fresh(clara)
    moved = {"renew": 100, "add_folios": 5, "reverse": 7, "adjust": -5}[verb]
    assert after.balance == 93 + moved
    assert clara.entries.count() == 3
    if verb == "renew":
        assert after.expires_on == expires_on.replace(year=expires_on.year + 1)


def test_two_renewals_with_two_keys_add_two_terms(clara: Client) -> None:
    expires_on = clara.expires_on
    assert expires_on is not None
    answers = at_once(
        lambda: lifecycle.renew(clara, reference="k1", by=None),
        lambda: lifecycle.renew(clara, reference="k2", by=None),
    )
    assert _kinds(answers) == {"done": 2}
    after = factories.fresh(clara)
    assert after.balance == 300
    assert after.expires_on == expires_on.replace(year=expires_on.year + 2)


def test_two_tabs_at_the_same_instant_renew_once(clara: Client) -> None:
    """Each has a key of its own, and both saw the same preview."""
    today = clara.reseller.local_date(timezone.now())
    seen = factories.fresh(clara)
    basis = lifecycle.basis_of(seen, today, lifecycle.choices_of(seen))
    answers = at_once(
        lambda: lifecycle.renew(clara, reference="k1", by=None, basis=basis),
        lambda: lifecycle.renew(clara, reference="k2", by=None, basis=basis),
    )
    assert _kinds(answers) == {"done": 1, "PreviewChanged": 1}
    assert factories.fresh(clara).balance == 200


def test_an_undo_clicked_twice_at_once_is_done_once(clara: Client) -> None:
    seq = lifecycle.renew(clara, reference="k", by=None).seq
    click = partial(lifecycle.undo_renewal, clara, seq=seq, by=None)
    assert _kinds(at_once(click, click)) == {"done": 1, "repeat": 1}
    assert factories.fresh(clara).balance == 100


def test_without_the_lock_one_of_two_renewals_is_lost(
    clara: Client, no_lock: Callable[..., None]
) -> None:
    no_lock(2)
    answers = at_once(
        lambda: lifecycle.renew(clara, reference="k1", by=None),
        lambda: lifecycle.renew(clara, reference="k2", by=None),
    )
    assert _kinds(answers) == {"done": 1, "IntegrityError": 1}


def test_a_persons_key_at_two_clients_at_once_is_done_for_one(
    clara: Client, make_client: MakeClient, alicia: User
) -> None:
    """Their locks are two: the constraint decides."""
    answers = at_once(
        *(
            partial(lifecycle.add_folios, client, quantity=5, reference="k", by=alicia)
            for client in (clara, make_client())
        )
    )
    assert _kinds(answers) == {"done": 1, "ReferenceConflict": 1}
    assert FolioLedger.objects.filter(reference="k").count() == 1


# --- Two calls create the same client -------------------------------------------


def _create(pyme: Any, **changes: Any) -> Callable[[], Outcome]:
    details = Details(
        legal_name="XENON INDUSTRIAL ARTICLES",
        rfc="XIA190128J61",
        tax_regime="601",
        postal_code="76343",
        contact_email="xenon@ejemplo.mx",
    )
    key = changes.pop("reference", "k")
    return lambda: lifecycle.create(
        pyme.reseller,
        details=replace(details, **changes),
        package=pyme,
        reference=key,
        by=None,
    )


def test_a_double_click_on_create_makes_one_client(pyme: Any) -> None:
    """There is no account to lock yet; the UNIQUE constraint decides."""
    answers = at_once(*[_create(pyme)] * 5)
    assert _kinds(answers) == {"done": 1, "repeat": 4}
    assert {answer.client.pk for answer in answers} == {Client.objects.get().pk}
    assert Client.objects.get().account.balance == 100


def test_of_two_people_who_create_the_same_taxpayer_one_is_told(pyme: Any) -> None:
    answers = at_once(_create(pyme, reference="k1"), _create(pyme, reference="k2"))
    assert _kinds(answers) == {"done": 1, "RfcTaken": 1}
    assert Client.objects.get().account.balance == 100


def test_one_key_at_two_new_clients_at_once_makes_one(pyme: Any) -> None:
    answers = at_once(_create(pyme), _create(pyme, rfc="IIA040805DZ4"))
    assert _kinds(answers) == {"done": 1, "ReferenceConflict": 1}
    assert Client.objects.get().account.balance == 100


def test_two_clients_of_one_person_can_be_created_at_once(pyme: Any) -> None:
    other = _create(pyme, rfc="IIA040805DZ4", reference="k2")
    answers = at_once(_create(pyme), other)
    assert _kinds(answers) == {"done": 2}
    first, second = Client.objects.all()
    assert first.user == second.user


# --- Suspended and stamping at the same instant ---------------------------------


def _history(client: Client) -> list[tuple[int, str]]:
    rows = [
        *client.entries.values_list("seq", "kind"),
        *client.events.values_list("seq", "kind"),
    ]
    return sorted(rows)


def _stamps_while_suspended(client: Client) -> list[int]:
    suspended, found = False, []
    for seq, kind in _history(client):
        if kind in {"suspended", "activated"}:
            suspended = kind == "suspended"
        elif kind == "stamp" and suspended:
            found.append(seq)
    return found


def test_no_stamp_ever_stands_between_suspended_and_activated(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package(name="Mil", folios=1000))
    done = Event()

    def stamp(mark: int) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        number = 0
        while not done.is_set():
            number += 1
            try:
                lifecycle.consume(client, reference=f"{mark}-{number}")
                outcomes["stamped"] += 1
            except (refusals.ClientSuspended, InsufficientFolios) as refusal:
                outcomes[refusal.code] += 1
        return outcomes

    def toggle() -> None:
        try:
            for _ in range(20):
                lifecycle.suspend(client, reason="No ha pagado", by=None)
                lifecycle.activate(client, by=None)
        finally:
            done.set()

    *outcomes, _ = at_once(*(partial(stamp, m) for m in range(4)), toggle)
    total = sum(outcomes, Counter())
    assert total["stamped"] > 0
    assert total["client_suspended"] > 0
    assert total["stamped"] == client.entries.filter(kind=EntryKind.STAMP).count()
    assert _stamps_while_suspended(client) == []


def _suspend_and_stamp(client: Client) -> list[Any]:
    return at_once(
        lambda: lifecycle.suspend(client, reason="No ha pagado", by=None),
        lambda: lifecycle.consume(client, reference="F-1"),
    )


def test_a_stamp_at_the_instant_of_the_suspension_is_before_it_or_refused(
    make_client: MakeClient,
) -> None:
    for _ in range(10):
        client = make_client()
        _, stamp = _suspend_and_stamp(client)
        last = [kind for _, kind in _history(client)][2:]
        if isinstance(stamp, refusals.ClientSuspended):
            assert last == ["suspended"]
        else:
            assert last == ["stamp", "suspended"]


def test_without_the_lock_a_stamp_and_the_suspension_take_the_same_number(
    clara: Client, no_lock: Callable[..., None]
) -> None:
    no_lock(2)
    assert _kinds(_suspend_and_stamp(clara)) == {"done": 2}
    assert sorted(kind for seq, kind in _history(clara) if seq == 3) == [
        "stamp",
        "suspended",
    ]
    (wrong,) = audit().wrong
    assert "su número está repetido" in wrong.problem


def test_verbs_at_the_same_instant_do_not_undo_each_other(clara: Client) -> None:
    changes = {"postal_code": "01000"}
    at_once(
        lambda: lifecycle.suspend(clara, reason="No ha pagado", by=None),
        lambda: lifecycle.renew(clara, reference="k", by=None),
        lambda: lifecycle.edit_plan(clara, changes=changes, services={}, by=None),
        lambda: lifecycle.add_folios(clara, quantity=5, reference="a", by=None),
    )
    after = factories.fresh(clara)
    assert after.is_suspended
    assert after.balance == 205
    assert after.postal_code == "01000"
    assert after.expires_on is not None
    assert after.expires_on > (clara.expires_on or after.expires_on)
    assert len(_history(clara)) == 2 + 5  # a renewal is an entry and an event


# --- Locks ----------------------------------------------------------------------


def _crossing_batches(one: Client, other: Client, mark: str) -> list[Any]:
    def batch(number: int, *clients: Client) -> Callable[[], Any]:
        stamps = [
            Stamp(client_id=client.pk, reference=f"{mark}-{number}")
            for client in clients
        ]
        return lambda: lifecycle.consume_many(stamps)

    return at_once(batch(1, one, other), batch(2, other, one))


def test_two_batches_in_opposite_orders_never_wait_for_each_other(
    make_client: MakeClient,
) -> None:
    one, other = make_client(), make_client()
    for attempt in range(10):
        for answers in _crossing_batches(one, other, f"F{attempt}"):
            assert _kinds(answers) == {"done": 2}


def test_locking_in_the_order_of_the_batch_would_be_a_deadlock(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same locks, but not taken in the order of ids."""
    one, other = make_client(), make_client()
    meet = Barrier(2)
    turns = count()

    def lock(client_ids: Iterable[int], **_: Any) -> ledger.Accounts:
        ids = sorted(client_ids, reverse=bool(next(turns)))
        accounts = {}
        for position, client_id in enumerate(ids):
            row = FolioAccount.objects.select_for_update().get(client_id=client_id)
            accounts[client_id] = row
            if position == 0:
                meet.wait(timeout=GENEROUS_SECONDS)
        return accounts

    monkeypatch.setattr(ledger, "lock", lock)
    answers = _crossing_batches(one, other, "F")
    (deadlock,) = [a for a in answers if isinstance(a, OperationalError)]
    assert "deadlock detected" in str(deadlock)


def test_a_client_whose_account_is_locked_does_not_hold_up_another(
    make_client: MakeClient,
) -> None:
    contended, free = make_client(), make_client()
    locked, stamped = Event(), Event()

    def hold() -> bool:
        with transaction.atomic():
            ledger.lock([contended.pk])
            locked.set()
            return stamped.wait(timeout=GENEROUS_SECONDS)

    def stamp() -> Posted:
        assert locked.wait(timeout=GENEROUS_SECONDS)
        try:
            return lifecycle.consume(free, reference="F-1")
        finally:
            stamped.set()

    was_stamped_meanwhile, answer = at_once(hold, stamp)
    assert was_stamped_meanwhile
    assert isinstance(answer, Posted)


# --- Everything at once ---------------------------------------------------------


def test_a_storm_of_verbs_leaves_every_ledger_right(
    make_client: MakeClient, make_package: MakePackage, soporte: Any
) -> None:
    seed = random.randrange(2**32)
    print(f"seed = {seed}")
    losing = make_package(name="Sin sobrantes", leftover_rule="lose", folios=30)
    clients = [make_client(package=losing), make_client(), make_client()]

    def storm(thread: int) -> Counter[str]:
        chance = random.Random(seed + thread)
        outcomes: Counter[str] = Counter()
        for _ in range(30):
            verb, call = _any_verb(chance, clients, soporte)
            try:
                call()
                outcomes[verb] += 1
            except Refused as refusal:
                outcomes[refusal.code] += 1
        return outcomes

    outcomes = at_once(*(partial(storm, t) for t in range(8)))
    assert not [answer for answer in outcomes if isinstance(answer, Exception)]
    assert sum(outcomes, Counter())["consume"] > 0
    for client in clients:
        assert _stamps_while_suspended(client) == []


def _any_verb(
    chance: random.Random, clients: list[Client], soporte: Any
) -> tuple[str, Callable[[], Any]]:
    client = chance.choice(clients)
    key = f"k{chance.randrange(200)}"
    few = chance.randrange(1, 9)
    verbs: dict[str, Callable[[], Any]] = {
        "consume": lambda: lifecycle.consume(client, reference=key, quantity=few),
        "batch": lambda: lifecycle.consume_many(
            [Stamp(client_id=c.pk, reference=key) for c in clients]
        ),
        "reverse": lambda: lifecycle.reverse(client, reference=key, by=None),
        "add_folios": lambda: lifecycle.add_folios(
            client, quantity=few, reference=key, by=None
        ),
        "renew": lambda: lifecycle.renew(client, reference=key, by=None),
        "adjust": lambda: lifecycle.adjust(
            client, quantity=-few, reason="Error", reference=key, by=soporte
        ),
        "suspend": lambda: lifecycle.suspend(client, reason="No pagó", by=None),
        "activate": lambda: lifecycle.activate(client, by=None),
        "archive": lambda: lifecycle.archive(client, by=None),
        "restore": lambda: lifecycle.restore(client, by=None),
    }
    verb = chance.choice([*verbs, *["consume"] * 6])
    return verb, verbs[verb]
