"""Batches of 100 folios over HTTP (POST /api/v1/stamps), from 8 programs at once.

Each program stamps 125 clients of its own. The rate in folios per second is compared
with that of S4, the best of 8 and 32 connections, on the same server.
"""

from benchmarks import load
from benchmarks.load import Line
from benchmarks.rounds import Target, alternate, judge, run
from benchmarks.stage import PANEL, Stage

SECONDS, ROUNDS, PROGRAMS, SIZE = 4, 4, 8, 100
LIMITS = ("S4, 8 connections", "S4, 32 connections")
BATCHES = "batches of 100"


def all_created(answer: bytes) -> bool:
    return answer.count(b'"status":201') == SIZE


def measure() -> bool:
    with Stage(PANEL) as stage:
        s4 = stage.s4()

        def lines() -> list[Line]:
            return [
                Line(
                    stage.servers[PANEL].port,
                    load.batches(
                        stage.cast.clients[number::PROGRAMS],
                        stage.key(number),
                        stage.rng,
                        SIZE,
                    ),
                    all_created,
                )
                for number in range(PROGRAMS)
            ]

        results = alternate(
            {
                LIMITS[0]: lambda: s4.rate(8, SECONDS),
                BATCHES: lambda: stage.drive(lines(), SECONDS).rate * SIZE,
                LIMITS[1]: lambda: s4.rate(32, SECONDS),
            },
            ROUNDS,
        )
        targets = [Target(BATCHES, LIMITS, 3)]
        return judge(results, targets) & stage.all_was_done(folios_each=SIZE)


if __name__ == "__main__":
    run("batch", measure, minutes=4)
