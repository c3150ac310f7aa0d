"""The programs of benchmarks/ count and divide as they say; a small load runs them, so
that they keep working."""

import random
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from benchmarks import load, s4
from benchmarks.load import Line
from benchmarks.rounds import Target, alternate, judge, percentile, ratios, verdict
from clients.models import Client
from tests import factories
from tests.cast import MakeClient
from tests.environment import GENEROUS_SECONDS
from tests.programs import Program


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    random.shuffle(values)
    assert [percentile(values, p) for p in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7.0], 99) == 7


def test_a_ratio_is_taken_within_a_round_against_the_best_limit() -> None:
    results = {"us": [10.0, 30.0], "one": [20.0, 10.0], "two": [5.0, 15.0]}
    assert ratios(results, Target("us", ["one", "two"], 1)) == [0.5, 2.0]


def test_sides_take_turns_and_the_first_round_is_not_counted() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return float(len(order))

    results = alternate({"a": lambda: side("a"), "b": lambda: side("b")}, 2)
    assert "".join(order) == "ab" + "ab" + "ba"
    assert results == {"a": [3.0, 6.0], "b": [4.0, 5.0]}


def test_a_missed_target_is_said_and_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = {"us": [10.0], "limit": [20.0]}
    assert judge(results, [Target("us", ["limit"], 0.5)])
    assert not judge(results, [Target("us", ["limit"], 0.6)])
    assert "MISSED us : best of limit: 0.50 (target at least 0.6" in (
        capsys.readouterr().out
    )
    assert verdict("p99", 40, most=40)
    assert not verdict("p99", 41, most=40)


@pytest.mark.django_db(transaction=True)
def test_the_load_counts_every_answer(
    live_server: LiveServer,
    program: Program,
    make_client: MakeClient,
    settings: Settings,
) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    # A single stamp and a batch may meet on one client.
    settings.METERING_LOCK_TIMEOUT_MS = GENEROUS_SECONDS * 1_000
    client = make_client()
    before = factories.fresh(client).balance
    port, names = int(live_server.url.rpartition(":")[2]), [str(client.public_id)]
    rng = random.Random(1)
    good = [
        Line(port, load.stamps(names, program.secret, rng)),
        Line(
            port,
            load.batches(names, program.secret, rng, 3),
            lambda answer: answer.count(b'"status":201') == 3,
        ),
    ]
    unknown = Line(port, load.stamps([str(UUID(int=0))], program.secret, rng))
    done = load.drive([*good, unknown], duration=0.2)
    singles, batches = (len(line.seconds) for line in good)
    assert singles
    assert batches
    assert factories.fresh(client).balance == before - singles - 3 * batches
    assert len(done.bad) == len(unknown.bad) > 0
    assert all(answer.startswith(b"HTTP/1.1 404") for answer in done.bad)


@pytest.mark.django_db
def test_the_limit_spends_a_folio_once_from_tables_equal_to_ours(
    make_client: MakeClient,
) -> None:
    client: Client = make_client()
    statement = s4.STATEMENT.replace(":c", str(client.pk)).replace(":r", "7")
    with connection.cursor() as cursor:
        cursor.execute(s4.TABLES)
        for left in (1, 0):  # the second time the reference is known
            cursor.execute(statement)
            assert len(cursor.fetchall()) == left
        cursor.execute("SELECT balance FROM s4_account")
        ((balance,),) = cursor.fetchall()
        assert balance == factories.fresh(client).balance - 1
        for ours, twin in [
            ("clients_folioledger", "s4_ledger"),
            ("clients_folioaccount", "s4_account"),
        ]:
            assert _shape(cursor, twin) == _shape(cursor, ours)


def _shape(cursor: psycopg.Cursor, table: str) -> list[tuple[int, ...]]:
    cursor.execute(
        "SELECT (SELECT count(*) FROM pg_index WHERE indrelid = c.oid), "
        "(SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid "
        " AND contype IN ('c', 'f', 'p')), relnatts, reloptions::text "
        "FROM pg_class c WHERE oid = %s::regclass",
        [table],
    )
    return cursor.fetchall()
