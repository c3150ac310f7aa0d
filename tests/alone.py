"""Every test file by itself, twice: `make alone`, not a test.

A file passes without what another one loads or leaves behind, and the developer's own
database is afterwards what it was before, to the last row. The embedded server only:
with DATABASE_URL the tests know of no other database.
"""

import subprocess
import sys
from pathlib import Path
from time import monotonic

from reseller_panel.embedded import (
    DATABASE,
    EmbeddedServer,
    data_folder,
    join_server,
)

CHECKOUT = Path(__file__).resolve().parent.parent


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def developers_database() -> str:
    """Its tables and rows as SQL."""
    server = EmbeddedServer(data_folder(CHECKOUT))
    dump = run(
        *(server.programs / "pg_dump", "--restrict-key=alone"),
        server.address(DATABASE),
    )
    dump.check_returncode()
    return dump.stdout


def main() -> None:
    join_server(CHECKOUT)
    before, failed = developers_database(), []
    files = sorted(CHECKOUT.glob("tests/**/test_*.py"))
    for name in [str(file.relative_to(CHECKOUT)) for file in files]:
        for _ in range(2):
            began = monotonic()
            done = run(sys.executable, "-m", "pytest", "-q", name)
            print(f"{monotonic() - began:5.1f} s  {name}")
            if done.returncode:
                print(done.stdout)
                failed.append(name)
        if developers_database() != before:
            sys.exit(f"{name} has changed the developer's own database.")
    tables = before.count("CREATE TABLE")
    print(f"{len(files)} files, each twice; the developer's {tables} tables as before.")
    if failed:
        sys.exit(f"Failed alone: {', '.join(failed)}")


if __name__ == "__main__":
    main()
