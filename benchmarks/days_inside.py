"""The part of days.py that runs inside the product."""

import random
from time import perf_counter

import django

django.setup()

from benchmarks.load import reference  # noqa: E402
from benchmarks.rounds import Results, Target, judge  # noqa: E402
from clients import lifecycle  # noqa: E402
from clients.ledger import store  # noqa: E402
from clients.lifecycle import Stamp  # noqa: E402
from clients.models import Client  # noqa: E402
from reseller_panel import sql  # noqa: E402

SECONDS, ROUNDS = 2.5, 8
# A single stamp, and a batch as large as those of a busy server.
BATCHES = (1, 32)
COST_MAX = 1.15

WITH = store._UPDATE
WITHOUT = sql.Statement(
    "accounts_update_plain",
    "json, bigint[]",
    """
UPDATE clients_folioaccount AS account
   SET balance = new.balance, last_seq = new.last_seq
  FROM json_populate_recordset(NULL::clients_folioaccount, $1) AS new
 WHERE account.client_id = new.client_id AND account.client_id = ANY ($2)""",
)


def paired(sides: dict[str, sql.Statement], size: int) -> Results:
    """Measure stamps per second. The sides alternate after every batch, so that a disk
    that is slow for a second is slow for both."""
    clients = list(Client.objects.values_list("pk", flat=True))
    rng = random.Random()
    results: Results = {name: [] for name in sides}
    for _ in range(1 + ROUNDS):
        took = dict.fromkeys(sides, 0.0)
        batches, until = 0, perf_counter() + SECONDS
        while perf_counter() < until:
            batches += 1
            for name, statement in sides.items():
                stamps = [
                    Stamp(client_id=rng.choice(clients), reference=reference(rng))
                    for _ in range(size)
                ]
                store._UPDATE = statement
                began = perf_counter()
                lifecycle.consume_many(stamps)
                took[name] += perf_counter() - began
        for name, seconds in took.items():
            results[name].append(batches * size / seconds)
    return {name: measured[1:] for name, measured in results.items()}


def main() -> None:
    for size in BATCHES:
        name, plain = f"with days, {size} at once", f"without, {size} at once"
        results = paired({name: WITH, plain: WITHOUT}, size)
        judge(results, [Target(name, [plain], 1 / COST_MAX)])


if __name__ == "__main__":
    main()
