"""What it costs a stamp that lists are kept fast: the index of balances, and the
trigger that says so when a balance comes to 0. And whether clients whose folios end at
the same time wait for one another.
"""

import sys

from benchmarks.rounds import run
from benchmarks.stage import Stage
from chaos.stage import run_module


def measure() -> bool:
    with Stage() as stage:
        output = run_module("benchmarks.lists_inside", env=stage.env, seconds=200)
        print(output, end="")
        return "MISSED" not in output


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("usage: python -m benchmarks.lists")
    run("lists", measure, minutes=4)
