"""What it costs a stamp to keep the folios by day (clients_folioday).

The same batches in one process, in turn with the statement of the product and with one
that only writes the account, as before there were days.
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
