"""What Inicio, Seguimiento and the table cost with a crowd of clients (demo/crowd.py).

Each page is requested in process, through Django's whole stack. Printed are the time of
the first request of a day, the median of the next ones and the number of queries.
"""

import sys

from benchmarks.rounds import run
from benchmarks.stage import Stage
from chaos.stage import run_module

SIZES = (60, 6_000, 100_000)


def measure() -> bool:
    """Return whether the pages took the same number of queries for every crowd."""
    queries = set()
    for size in SIZES:
        with Stage(empty=True) as stage:
            # With DEBUG, static files need not be collected first.
            env = stage.env | {"DEBUG": "1"}
            output = run_module(
                *("benchmarks.pages_inside", str(size)), env=env, seconds=400
            )
        print(output, end="", flush=True)
        queries.add(output.splitlines()[-1])
    return len(queries) == 1


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("usage: python -m benchmarks.pages")
    run("pages", measure, minutes=9)
