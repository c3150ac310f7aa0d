"""An import of clients from a CSV, against `bulk_create(1000)` of the same rows.

The import reads the file, stages it, judges every row and creates the clients; the
limit only makes the rows of what is already known: the same tables, through the ORM.
Each side is a process of its own, in turns, in one database. With a number of rows:
`python -m benchmarks.importing 10000`.
"""

import re
import sys

from benchmarks.rounds import Target, alternate, judge, run
from benchmarks.stage import Stage
from chaos.stage import run_module

ROWS, ROUNDS = 100_000, 3
LEAST, MEGABYTES_MAX = 1.5, 300
_MEMORY = ("shared_buffers = '1GB'", "max_wal_size = '8GB'")


def measure(rows: int) -> bool:
    peaks: list[float] = []
    with Stage(empty=True) as stage:
        stage.configure(*_MEMORY)

        def side(name: str) -> float:
            output = run_module(
                "benchmarks.importing_inside",
                name,
                str(rows),
                env=stage.env,
                seconds=1_200,
            )
            rate, peak = map(float, re.findall(r"[\d.]+", output)[-2:])
            if name == "import":
                peaks.append(peak)
            return rate

        results = alternate(
            {"import": lambda: side("import"), "bulk": lambda: side("bulk")}, ROUNDS
        )
        is_met = judge(results, [Target("import", ["bulk"], LEAST)])
        stage.run("manage", "audit_ledger")
    print(f"The import of {rows:,} rows took up to {max(peaks):.0f} MB.")
    return is_met and max(peaks) <= MEGABYTES_MAX


if __name__ == "__main__":
    asked = sys.argv[1:]
    run("importing", lambda: measure(int(asked[0]) if asked else ROWS), minutes=40)
