"""The panel's pages with 10,000, 100,000 and 1,000,000 clients, beside Django's admin.

For each size a crowd (demo/crowd.py) is loaded into a database of its own and its
outlooks are computed; then million_inside.py looks at every page. A million takes some
fifteen minutes. With DATABASE_URL, a database that load_many has filled is looked at
instead: `DATABASE_URL=… python -m benchmarks.million_inside`.
"""

import re
import sys
from time import perf_counter

from benchmarks.rounds import run
from benchmarks.stage import Stage
from chaos.stage import run_module

SIZES = (10_000, 100_000, 1_000_000)
# Of a server for so much data; the others are PostgreSQL's own.
MEMORY = ("shared_buffers = '2GB'", "max_wal_size = '8GB'")
MOST_GROWTH = 1.5


def _measure(size: int) -> dict[str, float]:
    """Prints the figures of a size; returns the milliseconds of each look."""
    with Stage(empty=True) as stage:
        stage.configure(*MEMORY)
        # With DEBUG, static files need not be collected first.
        env = stage.env | {"DEBUG": "1"}
        began = perf_counter()
        run_module("manage", "load_many", f"--clients={size}", env=env, seconds=3000)
        loaded = perf_counter()
        run_module("manage", "refresh_outlook", env=env, seconds=1200)
        refreshed = perf_counter() - loaded
        rate = size / (loaded - began)
        print(f"{size:,} clients: {rate:,.0f}/s loaded, refreshed in {refreshed:.0f} s")
        output = run_module("benchmarks.million_inside", env=env, seconds=3000)
    print(output, end="", flush=True)
    return {
        name.strip(): float(typical)
        for name, typical in re.findall(r"^  (.{30})\s+[\d.]+\s+([\d.]+)", output, re.M)
    }


def measure() -> bool:
    """Return whether no look cost more than MOST_GROWTH times as much for the largest
    crowd as for the smallest."""
    found = [_measure(size) for size in SIZES]
    small, large = found[0], found[-1]  # a small one has no page 4,000
    growth = {name: large[name] / took for name, took in small.items() if name in large}
    for name, ratio in sorted(growth.items(), key=lambda one: -one[1]):
        print(f"  {name:30} {ratio:5.2f} × its cost at {SIZES[0]:,}")
    return max(growth.values()) <= MOST_GROWTH


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("usage: python -m benchmarks.million")
    run("million", measure, minutes=40)
