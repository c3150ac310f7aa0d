"""What it costs a stamp to keep the folios by day (clients_folioday).

Writes the same batches in one process, alternately with the product's statement and
with one that only updates the account, as it was before clients_folioday existed.
"""

import sys

from benchmarks.rounds import run
from benchmarks.stage import Stage


def measure() -> bool:
    with Stage() as stage:
        output = stage.run("benchmarks.days_inside")
        print(output, end="")
        return "MISSED" not in output


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("usage: python -m benchmarks.days")
    run("days", measure, minutes=4)
