"""Spending one folio in process: lifecycle.consume against django-hordak.

hordak (double-entry bookkeeping for Django) moves one unit with `transfer_to`, after
checking the balance under a lock. Each of the twenty clients has spent a thousand units
before, because hordak computes a balance by adding up the account's legs. Each side is
one process with one connection to the same server, and commits every unit. hordak is
installed into a temporary environment; the product does not depend on it.
"""

import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks.rounds import Target, alternate, judge, run
from benchmarks.stage import Stage
from chaos.stage import BIN, CHECKOUT

SECONDS, ROUNDS, HISTORY = 4, 4, 1_000
OURS, THEIRS = "lifecycle.consume", "hordak, transfer_to"
LOCK = CHECKOUT / "requirements" / "hordak.txt"


class Peer:
    def __init__(self, folder: Path, address: str) -> None:
        uv, self._python = str(BIN / "uv"), str(folder / "hordak" / "bin" / "python")
        _run(uv, "venv", "--quiet", str(folder / "hordak"))
        _run(
            *(uv, "pip", "sync", "--quiet", "--require-hashes"),
            *("--python", self._python, str(LOCK)),
        )
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE DATABASE hordak")
        self._address = make_conninfo(address, dbname="hordak")

    def run(self, command: str, number: int) -> str:
        program = str(CHECKOUT / "benchmarks" / "hordak_peer.py")
        # Without -P Python would import our hordak.py instead of the package.
        return _run(self._python, "-P", program, command, self._address, str(number))


def _run(*words: str) -> str:
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def measure() -> bool:
    with Stage() as stage:
        peer = Peer(stage.folder, stage.postgresql.address)
        peer.run("make", HISTORY)
        stage.run("benchmarks.world", "history", str(HISTORY))
        results = alternate(
            {
                OURS: lambda: float(
                    stage.run("benchmarks.world", "spend", str(SECONDS))
                ),
                THEIRS: lambda: float(peer.run("spend", SECONDS)),
            },
            ROUNDS,
        )
        return judge(results, [Target(OURS, [THEIRS], 8)])


if __name__ == "__main__":
    run("hordak", measure, minutes=4)
