"""What Inicio, Seguimiento and the table cost with a crowd of clients (crowd.py).

Each page through Django's whole stack, in process, the first look of a day and then the
median of more; with how many queries it took, which must not depend on the crowd.
"""

import sys

from benchmarks.rounds import run
from benchmarks.stage import Stage
from chaos.stage import run_module

SIZES = (60, 6_000, 100_000)


def measure() -> bool:
    """Whether the pages took the same queries for every crowd."""
    queries = set()
    for size in SIZES:
        with Stage(empty=True) as stage:
            # A developer's settings: no collected static files are needed.
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
