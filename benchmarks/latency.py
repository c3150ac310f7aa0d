"""Response time of one stamp over HTTP, on 1, 8 and 64 connections without pauses."""

from collections.abc import Sequence
from statistics import median

from benchmarks.rounds import percentile, run, verdict
from benchmarks.stage import PANEL, STAMPS, Stage

SECONDS, ROUNDS, CONNECTIONS = 4, 4, (1, 8, 64)
MOST = 40.0  # milliseconds at 64 connections


def measure() -> bool:
    with Stage(PANEL, STAMPS) as stage:
        kept: dict[tuple[str, int], list[Sequence[float]]] = {}
        for number in range(ROUNDS + 1):
            for door in (PANEL, STAMPS):
                for connections in CONNECTIONS:
                    load = stage.drive(stage.lines(door, connections), SECONDS)
                    if number:  # the first round warms up
                        kept.setdefault((door, connections), []).append(load.seconds)
        met = True
        for (door, connections), loads in kept.items():
            p50, p99 = (
                median(percentile(one, percent) for one in loads) * 1000
                for percent in (50, 99)
            )
            rate = median(len(one) for one in loads) / SECONDS
            what = f"{door}, {connections} connections: p50 {p50:.2f} ms, p99"
            if connections == max(CONNECTIONS):
                met &= verdict(what, p99, most=MOST, unit=" ms", note=f"{rate:,.0f}/s")
            else:
                print(f"       {what}: {p99:.2f} ms ({rate:,.0f}/s)")
        return met & stage.all_was_done()


if __name__ == "__main__":
    run("latency", measure, minutes=4)
