"""What others notice while one client's account, or one API key, is locked for ten
seconds by a transaction that does not end.

Sixteen connections stamp other clients, or with other keys, and two more need what is
locked. The p99 of the sixteen must stay below twice its value in the ten seconds
before, without the lock; each call that needs what is locked must get a response within
600 ms.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from hashlib import sha256
from statistics import median

import psycopg

from benchmarks.load import Line, Load, is_created
from benchmarks.rounds import percentile, run, verdict
from benchmarks.stage import PANEL, STAMPS, Stage

SECONDS, ROUNDS, OTHERS, ON_LOCKED = 10, 2, 16, 2
LOCKS = {
    "client": "SELECT FROM clients_folioaccount WHERE client_id = "
    "(SELECT id FROM clients_client WHERE public_id = %s) FOR UPDATE",
    "key": "SELECT FROM accounts_apikey WHERE digest = %s FOR UPDATE",
}


def is_created_or_busy(answer: bytes) -> bool:
    return is_created(answer) or answer.startswith(b"HTTP/1.1 503")


@contextmanager
def locked(stage: Stage, what: str) -> Iterator[None]:
    """Lock the first client's account, or the first key."""
    key = sha256(stage.cast.keys[0].encode()).digest()
    with psycopg.connect(stage.postgresql.address) as connection:
        named = stage.cast.clients[0] if what == "client" else key
        connection.execute(LOCKS[what], [named])
        yield


def drive(stage: Stage, door: str, what: str) -> tuple[Load, float]:
    """Return the load of the others, and the longest response time of the locked."""
    client, *clients = stage.cast.clients
    key, *keys = stage.cast.keys
    if what == "client":
        watched = stage.lines(door, ON_LOCKED, [client])
        others = stage.lines(door, OTHERS, clients)
    else:
        watched = stage.lines(door, ON_LOCKED, keys=[key])
        others = stage.lines(door, OTHERS, keys=keys)
    for line in watched:
        line.is_good = is_created_or_busy
    lines: list[Line] = [*others, *watched]
    load = stage.drive(lines, SECONDS)
    slowest = max(second for line in watched for second in line.seconds)
    return Load(others, load.elapsed, load.cpu), slowest


def compare(stage: Stage, door: str, what: str) -> bool:
    p99: dict[bool, list[float]] = {False: [], True: []}
    slowest = 0.0
    for is_locked in [False, True] * ROUNDS:
        with locked(stage, what) if is_locked else nullcontext():
            others, longest = drive(stage, door, what)
        p99[is_locked].append(percentile(others.seconds, 99) * 1000)
        if is_locked:
            slowest = max(slowest, longest * 1000)
    quiet, while_locked = median(p99[False]), median(p99[True])
    met = verdict(
        f"{door}: p99 of the others while one {what} is locked : quiet",
        while_locked / quiet,
        most=2,
        note=f"{while_locked:.1f} ms : {quiet:.1f} ms",
    )
    longest_of = f"{door}: longest response for the locked {what}"
    return verdict(longest_of, slowest, most=600, unit=" ms") and met


def measure() -> bool:
    with Stage(PANEL, STAMPS) as stage:
        met = True
        for door in (PANEL, STAMPS):
            drive(stage, door, "client")  # warms up
            for what in LOCKS:
                met &= compare(stage, door, what)
        return met


if __name__ == "__main__":
    run("contended", measure, minutes=5)
