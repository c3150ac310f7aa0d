"""The part of lists.py that runs inside the product."""

import random
from collections.abc import Callable
from threading import Barrier, Thread
from time import perf_counter

import django

django.setup()

from django.db import connection, connections, transaction  # noqa: E402

from benchmarks.load import reference  # noqa: E402
from benchmarks.rounds import Results, Target, judge, verdict  # noqa: E402
from clients import lifecycle  # noqa: E402
from clients.lifecycle import Stamp  # noqa: E402
from clients.models import Client, FolioAccount  # noqa: E402

SECONDS, TURNS, ROUNDS = 0.4, 6, 8
BATCHES = (1, 32)
COST_MAX = 1.15
TOGETHER = 64
WAIT_MAX = 1.0  # seconds; the transaction that they might wait for stays open longer

_INDEX = next(
    index for index in FolioAccount._meta.indexes if index.name == "account_by_balance"
)
_TRIGGER = "pgtrigger_standing_exhausted"


def _trigger(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgname LIKE %s", [f"{_TRIGGER}%"]
        )
        (name,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE clients_folioaccount {change} TRIGGER {name}")


def with_lists() -> None:
    with connection.schema_editor() as editor:
        editor.add_index(FolioAccount, _INDEX)
    _trigger("ENABLE")


def without_lists() -> None:
    with connection.schema_editor() as editor:
        editor.remove_index(FolioAccount, _INDEX)
    _trigger("DISABLE")


def _stamp(clients: list[int], rng: random.Random, size: int) -> int:
    """Stamp for SECONDS; return how many."""
    done, until = 0, perf_counter() + SECONDS
    while perf_counter() < until:
        lifecycle.consume_many(
            [
                Stamp(client_id=rng.choice(clients), reference=reference(rng))
                for _ in range(size)
            ]
        )
        done += size
    return done


def paired(sides: dict[str, Callable[[], None]], size: int) -> Results:
    """Stamps per second. The sides take turns every SECONDS."""
    clients = list(Client.objects.values_list("pk", flat=True))
    rng = random.Random()
    results: Results = {name: [] for name in sides}
    for _ in range(1 + ROUNDS):
        done, took = dict.fromkeys(sides, 0), dict.fromkeys(sides, 0.0)
        for turn in range(TURNS):
            for name in [*sides][:: 1 if turn % 2 else -1]:
                sides[name]()
                began = perf_counter()
                done[name] += _stamp(clients, rng, size)
                took[name] += perf_counter() - began
        for name in sides:
            results[name].append(done[name] / took[name])
    return {name: measured[1:] for name, measured in results.items()}


def cost() -> None:
    without_lists()
    sides = {"with": _both(with_lists), "without": _both(without_lists)}
    for size in BATCHES:
        named = {f"{name} lists, {size} at once": do for name, do in sides.items()}
        results = paired(named, size)
        kept, plain = named
        judge(results, [Target(kept, [plain], 1 / COST_MAX)])
    sides["with"]()


def _both(change: Callable[[], None]) -> Callable[[], None]:
    """A change that may be made already."""

    def make() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('account_by_balance') IS NOT NULL")
            (is_with,) = cursor.fetchone()
        if is_with is not (change is with_lists):
            change()

    return make


# ── Clients whose folios end at the same time ─────────────────────────────────────


def together() -> None:
    """TOGETHER clients spend their last folio. The first one's transaction stays open
    until all others are done."""
    accounts = FolioAccount.objects.order_by("pk")[:TOGETHER]
    clients = [*Client.objects.with_facts().filter(pk__in=[one.pk for one in accounts])]
    for client in clients:
        lifecycle.consume(client, reference="all", quantity=client.account.balance - 1)
    took, ready = [0.0] * TOGETHER, Barrier(TOGETHER - 1)

    def spend(place: int) -> None:
        connection.ensure_connection()
        ready.wait()
        began = perf_counter()
        lifecycle.consume(clients[place], reference="last")
        took[place] = perf_counter() - began
        connections.close_all()

    threads = [Thread(target=spend, args=(place,)) for place in range(1, TOGETHER)]
    with transaction.atomic():
        lifecycle.consume(clients[0], reference="last")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    left = FolioAccount.objects.filter(pk__in=[one.pk for one in clients], balance=0)
    assert left.count() == TOGETHER
    print(f"{TOGETHER} balances came to 0 while the first transaction stayed open")
    verdict("slowest, seconds", max(took), most=WAIT_MAX)


if __name__ == "__main__":
    cost()
    together()
