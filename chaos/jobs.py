"""A change of many clients whose workers are killed while it runs.

python -m chaos.jobs [--clients N] [--kills N] [--seed N] [--proof]

Two workers renew every client of a reseller. All the time one of them is killed with
-9 and started again, twice PostgreSQL is stopped without notice, and another person
suspends and archives some of the clients. Then every client is looked at in the ledger:
each was renewed exactly once, or skipped with a reason, and only who was changed.
With --proof a mistake is planted, which must be seen.
"""

import argparse
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from types import TracebackType

from chaos.stage import CHECKOUT, PostgreSQL, environment, new_folder, run_module

WORKERS = 2
STOPS = 2  # of PostgreSQL
PATIENCE = 1_200.0  # seconds for everything
MISTAKE = "row_written_apart"


class Stage:
    def __init__(self, *, bug: str) -> None:
        self.folder = new_folder("chaos-jobs-")
        self.postgresql = PostgreSQL(self.folder)
        self._bug = bug
        self._workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Stage":
        try:
            self.postgresql.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        # With DEBUG, static files need not be collected, and the crowd may be loaded.
        self.env = environment(self.postgresql.address) | {"DEBUG": "1"}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self.postgresql.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words: str, seconds: float = 600) -> str:
        return run_module(*words, env=self.env, seconds=seconds)

    def inside(self, *words: str) -> str:
        return self.run("chaos.jobs_inside", *words)

    def start(self, module: str, *words: str) -> "subprocess.Popen[bytes]":
        env = self.env | ({"CHAOS_BUG": self._bug} if self._bug else {})
        with (self.folder / "processes.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, *words],
                cwd=CHECKOUT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def keep_workers(self) -> None:
        """Start those that have ended."""
        alive = [one for one in self._workers if one.poll() is None]
        missing = WORKERS - len(alive)
        self._workers = alive + [self.start("chaos.work") for _ in range(missing)]

    def kill_worker(self, rng: random.Random) -> None:
        victim = rng.choice(self._workers)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()


def run(seed: int, *, clients: int, kills: int, bug: str = "") -> Counter[str]:
    """The kinds of violation, with how many of each."""
    rng = random.Random(seed)
    with Stage(bug=bug) as stage:
        stage.run("manage", "migrate", "--verbosity", "0")
        stage.run("manage", "load_many", f"--clients={clients}")
        stage.inside("begin")
        began = time.monotonic()
        journal = stage.folder / "changed.txt"
        colleague = stage.start("chaos.jobs_inside", "meddle", str(journal), str(seed))
        killed, stopped = _storm(stage, rng, kills)
        _wait_for_the_end(stage, began)
        seconds = time.monotonic() - began
        colleague.terminate()
        colleague.wait()
        found = json.loads(stage.inside("check", str(journal)))
        print(
            f"{clients:,} clients, {killed} workers killed, PostgreSQL stopped "
            f"{stopped} times, {found['changed']} clients changed by a colleague: "
            f"{found['summary']} {found['folios'] / seconds:,.0f} folios/s, "
            f"{found['done'] / seconds:,.0f} clients/s"
        )
        audit = stage.run("manage", "audit_ledger")
        print(audit.strip().splitlines()[-1])
        return Counter(found["violations"])


def _storm(stage: Stage, rng: random.Random, kills: int) -> tuple[int, int]:
    """Kill workers while the job runs, and stop PostgreSQL in between."""
    stops = {round(kills * (n + 1) / (STOPS + 1)) for n in range(STOPS)}
    killed = stopped = 0
    while killed < kills:
        stage.keep_workers()
        time.sleep(rng.uniform(1.5, 4))
        if stage.inside("ended") == "yes\n":
            break
        stage.kill_worker(rng)
        killed += 1
        if killed in stops:
            stage.postgresql.stop_immediately()
            time.sleep(rng.uniform(0.2, 2))
            stage.postgresql.start()
            stopped += 1
    return killed, stopped


def _wait_for_the_end(stage: Stage, began: float) -> None:
    while stage.inside("ended") != "yes\n":
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError((stage.folder / "processes.log").read_text()[-4_000:])
        stage.keep_workers()
        time.sleep(1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos.jobs")
    parser.add_argument("--clients", type=int, default=5_000, metavar="N")
    parser.add_argument("--kills", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--proof", action="store_true")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    bug = MISTAKE if given.proof else ""
    seen = run(given.seed, clients=given.clients, kills=given.kills, bug=bug)
    print("; ".join(f"{kind}: {n}" for kind, n in seen.items()) or "No violation.")
    if given.proof:
        print("The planted mistake was seen." if seen["twice"] else "NOT SEEN")
        return int(not seen["twice"])
    return int(bool(seen))


if __name__ == "__main__":
    sys.exit(main())
