"""What other clients notice while one client's account is locked for ten seconds.

Sixteen connections stamp the other clients and two more stamp the locked one. The p99
of the sixteen must stay below twice its value in the ten seconds before, without the
lock; each call for the locked client must get a response within 600 ms.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from statistics import median

import psycopg

from benchmarks.load import Line, Load, is_created
from benchmarks.rounds import percentile, run, verdict
from benchmarks.stage import PANEL, STAMPS, Stage

SECONDS, ROUNDS, OTHERS, ON_LOCKED = 10, 2, 16, 2


def is_created_or_busy(answer: bytes) -> bool:
    return is_created(answer) or answer.startswith(b"HTTP/1.1 503")


@contextmanager
def locked_account(stage: Stage, client: str) -> Iterator[None]:
    with psycopg.connect(stage.postgresql.address) as connection:
        connection.execute(
            "SELECT FROM clients_folioaccount WHERE client_id = "
            "(SELECT id FROM clients_client WHERE public_id = %s) FOR UPDATE",
            [client],
        )
        yield


def drive(stage: Stage, door: str) -> tuple[Load, float]:
    """Return the load of the others, and the locked client's longest response time."""
    client, *others = stage.cast.clients
    watched = stage.lines(door, ON_LOCKED, [client])
    for line in watched:
        line.is_good = is_created_or_busy
    lines: list[Line] = [*stage.lines(door, OTHERS, others), *watched]
    load = stage.drive(lines, SECONDS)
    slowest = max(second for line in watched for second in line.seconds)
    return Load(lines[:OTHERS], load.elapsed, load.cpu), slowest


def measure() -> bool:
    with Stage(PANEL, STAMPS) as stage:
        met = True
        for door in (PANEL, STAMPS):
            drive(stage, door)  # warms up
            p99: dict[bool, list[float]] = {False: [], True: []}
            slowest = 0.0
            for is_contended in [False, True] * ROUNDS:
                with (
                    locked_account(stage, stage.cast.clients[0])
                    if is_contended
                    else nullcontext()
                ):
                    others, longest = drive(stage, door)
                p99[is_contended].append(percentile(others.seconds, 99) * 1000)
                if is_contended:
                    slowest = max(slowest, longest * 1000)
            quiet, while_contended = median(p99[False]), median(p99[True])
            met &= verdict(
                f"{door}: p99 of the others while one is locked : quiet",
                while_contended / quiet,
                most=2,
                note=f"{while_contended:.1f} ms : {quiet:.1f} ms",
            )
            what = f"{door}: longest answer about the locked client"
            met &= verdict(what, slowest, most=600, unit=" ms")
        return met


if __name__ == "__main__":
    run("contended", measure, minutes=4)
