"""Alternating rounds, their medians and ratios, and how these are printed.

A shared machine is faster in one minute than in the next, so ratios are only made of
figures of the same round, and the median of the rounds' ratios counts.
"""

import math
import os
import platform
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from types import FrameType

Sides = Mapping[str, Callable[[], float]]  # each measures a rate per second


@dataclass(frozen=True)
class Target:
    """`side` must reach `least` times the best of `limits` in the same round."""

    side: str
    limits: Sequence[str]
    least: float


Results = dict[str, list[float]]


def alternate(sides: Sides, rounds: int) -> Results:
    """Measure each side once per round; each round starts with another side. A first
    round is not counted: it fills the caches and prepares the statements."""
    names = list(sides)
    for measure in sides.values():
        measure()
    results: Results = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(sides[name]())
        figures = "   ".join(f"{name} {results[name][-1]:,.0f}/s" for name in names)
        print(f"  round {number + 1}: {figures}", flush=True)
    return results


def ratios(results: Results, target: Target) -> list[float]:
    """The ratio of the target's side to its best limit, for each round."""
    limits = zip(*(results[name] for name in target.limits), strict=True)
    return [
        mine / max(theirs)
        for mine, theirs in zip(results[target.side], limits, strict=True)
    ]


def judge(results: Results, targets: Sequence[Target]) -> bool:
    """Print the medians and each target's verdict; return whether all are met."""
    for name, measured in results.items():
        print(f"{name:28} {median(measured):10,.0f}/s")
    met = True
    for target in targets:
        each = ratios(results, target)
        met &= verdict(
            f"{target.side} : best of {', '.join(target.limits)}",
            median(each),
            least=target.least,
            note=f"rounds {min(each):.2f} to {max(each):.2f}",
        )
    return met


def verdict(
    what: str,
    value: float,
    *,
    least: float | None = None,
    most: float | None = None,
    unit: str = "",
    note: str = "",
) -> bool:
    met = (least is None or value >= least) and (most is None or value <= most)
    wanted = f"at least {least:g}" if most is None else f"at most {most:g}"
    print(
        f"{'met   ' if met else 'MISSED'} {what}: {value:.2f}{unit} "
        f"(target {wanted}{unit}{'; ' if note else ''}{note})"
    )
    return met


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` percent of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if "model name" in line),
        platform.machine(),
    )


def run(name: str, measure: Callable[[], bool], *, minutes: float) -> None:
    """Run a benchmark as a program: print a heading, fail after `minutes`, exit with
    status 1 when a target is missed."""

    def too_long(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"{name} took longer than {minutes:g} minutes")

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, stop)
    signal.alarm(int(minutes * 60))
    print(
        f"{name} · {date.today():%Y-%m-%d} · {os.cpu_count()} cores ({cpu_model()}), "  # noqa: DTZ011
        f"Python {platform.python_version()}",
        flush=True,
    )
    met = measure()
    signal.alarm(0)
    sys.exit(0 if met else 1)
