"""A file of all clients of a crowd as CSV, and of 100,000 of them as XLSX.

The job is run as a worker runs it, each format in a process of its own, which prints
the time, the most memory it had and what of it the rows needed; then the file is read
again by another library, and a part of its rows is compared with what the list shows.
`--clients N`: how many there are; memory must not grow with them.
"""

import sys
from argparse import ArgumentParser
from time import perf_counter

from benchmarks.million import MEMORY
from benchmarks.rounds import run
from benchmarks.stage import Stage
from chaos.stage import run_module

CLIENTS = 1_000_000
XLSX_CLIENTS = 100_000
# MB that the rows may need, however many they are.
GROWTH_MAX = 150.0


def measure(clients: int) -> bool:
    """Return whether every file was whole and right, and memory stayed small."""
    with Stage(empty=True) as stage:
        stage.configure(*MEMORY)
        # With DEBUG, static files need not be collected first.
        env = stage.env | {"DEBUG": "1"}
        began = perf_counter()
        run_module("manage", "load_many", f"--clients={clients}", env=env, seconds=3000)
        run_module("manage", "refresh_outlook", env=env, seconds=1200)
        print(f"{clients:,} clients, made in {perf_counter() - began:.0f} s")
        growths = []
        for form, most in (("csv", clients), ("xlsx", min(clients, XLSX_CLIENTS))):
            output = run_module(
                *("benchmarks.exporting_inside", form, str(most)), env=env, seconds=3000
            )
            print(output, end="", flush=True)
            growths.append(float(output.split()[-1]))
    return max(growths) <= GROWTH_MAX


if __name__ == "__main__":
    parser = ArgumentParser("python -m benchmarks.exporting")
    parser.add_argument("--clients", type=int, default=CLIENTS, metavar="N")
    asked = parser.parse_args(sys.argv[1:])
    run("exporting", lambda: measure(asked.clients), minutes=40)
