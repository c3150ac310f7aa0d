"""One-folio stamps over HTTP on 64 connections, all for the same client.

Compared with S4 on one row, the best of 1 and 8 connections, on the same server.
"""

from benchmarks.rounds import Target, alternate, judge, run
from benchmarks.stage import PANEL, STAMPS, Stage

SECONDS, ROUNDS, CONNECTIONS = 4, 4, 64
LIMITS = ("S4, 1 connection", "S4, 8 connections")


def measure() -> bool:
    with Stage(PANEL, STAMPS) as stage:
        s4, hot = stage.s4(), stage.cast.clients[:1]

        def rate(door: str) -> float:
            return stage.drive(stage.lines(door, CONNECTIONS, hot), SECONDS).rate

        results = alternate(
            {
                LIMITS[0]: lambda: s4.rate(1, SECONDS, hot=True),
                PANEL: lambda: rate(PANEL),
                LIMITS[1]: lambda: s4.rate(8, SECONDS, hot=True),
                STAMPS: lambda: rate(STAMPS),
            },
            ROUNDS,
        )
        targets = [Target(door, LIMITS, 1.5) for door in (PANEL, STAMPS)]
        return judge(results, targets) & stage.all_was_done()


if __name__ == "__main__":
    run("hot", measure, minutes=4)
