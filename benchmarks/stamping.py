"""One-folio stamps over HTTP on 64 connections, for many clients, keys checked.

Compared with S4 (s4.py), the best of 8 and 32 connections, on the same server.
"""

from benchmarks.rounds import Target, alternate, judge, run
from benchmarks.stage import PANEL, STAMPS, Stage

SECONDS, ROUNDS, CONNECTIONS = 4, 4, 64
LIMITS = ("S4, 8 connections", "S4, 32 connections")


def measure() -> bool:
    with Stage(PANEL, STAMPS) as stage:
        s4 = stage.s4()
        results = alternate(
            {
                LIMITS[0]: lambda: s4.rate(8, SECONDS),
                PANEL: lambda: (
                    stage.drive(stage.lines(PANEL, CONNECTIONS), SECONDS).rate
                ),
                LIMITS[1]: lambda: s4.rate(32, SECONDS),
                STAMPS: lambda: (
                    stage.drive(stage.lines(STAMPS, CONNECTIONS), SECONDS).rate
                ),
            },
            ROUNDS,
        )
        targets = [Target(PANEL, LIMITS, 0.35), Target(STAMPS, LIMITS, 1.0)]
        return judge(results, targets) & stage.all_was_done()


if __name__ == "__main__":
    run("stamping", measure, minutes=4)
