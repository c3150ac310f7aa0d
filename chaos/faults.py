"""The faults: what is broken and how, and how it is repaired.

Each fault is a method that returns how many things it hit; one that hit nothing is not
counted. Faults follow one another in an order that the seed decides. Between two storms
everything is repaired, so that there are times during which nothing may fail.
"""

import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import kill
from time import monotonic, sleep

import psycopg

from chaos.caller import Door
from chaos.proxy import Proxy
from chaos.stage import Stage

# How many of each fault one storm has. After a heavy one something has to restart.
HEAVY = {
    "stop_postgresql": 1,
    "kill_backend": 1,
    "kill_server": 1,
    "kill_stamps": 1,
    "kill_worker": 1,
}
LIGHT = {
    "terminate_backends": 1,
    "lose_commit": 6,
    "cut_database": 4,
    "silence_database": 2,
    "slow_database": 1,
    "refuse_database": 1,
    "cut_callers": 3,
    "lose_answers": 4,
    "halve_requests": 2,
    "silence_callers": 2,
    "slow_callers": 1,
}


@dataclass(frozen=True)
class Fault:
    kind: str
    hits: int
    began_at: float
    ended_at: float


class Breaker:
    """Breaks and repairs the stage; for use by one thread only."""

    def __init__(self, stage: Stage, doors: Sequence[Door], rng: random.Random) -> None:
        self._stage, self._doors, self._rng = stage, doors, rng
        self.faults: list[Fault] = []

    @property
    def counts(self) -> Counter[str]:
        return Counter(fault.kind for fault in self.faults)

    def storm(self, until: float) -> None:
        """Spread the heavy faults over the time until `until`; between them strike
        with each planned light fault, and then with light ones at random."""
        heavy, light = self._shuffled(HEAVY), self._shuffled(LIGHT)
        begin, planned, struck = monotonic(), list(light), 0
        while (now := monotonic()) < until:
            due = len(heavy) * (now - begin) / (until - begin)
            if struck < due:
                self._strike(heavy[struck])
                struck += 1
            else:
                self._strike(planned.pop() if planned else self._rng.choice(light))
            sleep(self._rng.uniform(0.02, 0.2))
        self.make_whole()

    def _shuffled(self, counts: Mapping[str, int]) -> list[str]:
        kinds = [kind for kind, count in counts.items() for _ in range(count)]
        self._rng.shuffle(kinds)
        return kinds

    def make_whole(self) -> None:
        """Start what is down, heal all proxies, and make callers reconnect."""
        for proxy in self._proxies:
            proxy.heal()
        self._stage.postgresql.start()
        for server in self._stage.servers:
            server.wait_until_ready()
        self._wait(lambda: len(self._stage.servers[0].workers) >= 2, 10)
        for door in self._doors:
            door.epoch += 1

    def _strike(self, kind: str) -> None:
        strike: Callable[[], int] = getattr(self, f"_{kind}")
        began_at = monotonic()
        hits = strike()
        if hits:
            self.faults.append(Fault(kind, hits, began_at, monotonic()))

    @property
    def _proxies(self) -> list[Proxy]:
        return [self._stage.database_proxy, *self._stage.doors]

    def _pause(self, least: float, most: float) -> None:
        sleep(self._rng.uniform(least, most))

    @staticmethod
    def _wait(reached: Callable[[], bool], most: float) -> None:
        give_up_at = monotonic() + most
        while not reached() and monotonic() < give_up_at:
            sleep(0.02)

    # ── Processes ─────────────────────────────────────────────────────────────────

    def _stop_postgresql(self) -> int:
        self._stage.postgresql.stop_immediately()
        self._pause(0.1, 1.0)
        self._stage.postgresql.start()
        return 1

    def _kill_backend(self) -> int:
        """kill -9 of one connection's process, so that PostgreSQL restarts itself."""
        if not (pids := self._stage.postgresql.backends()):
            return 0
        try:
            kill(self._rng.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            return 0
        self._pause(0.1, 0.3)
        self._stage.postgresql.start()
        return 1

    def _terminate_backends(self) -> int:
        with psycopg.connect(self._stage.postgresql.address) as connection:
            row = connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE application_name = 'reseller_panel'"
            ).fetchone()
            assert row
            return min(1, int(row[0]))

    def _kill_worker(self) -> int:
        hits = self._stage.servers[0].kill_worker(self._rng)
        self._pause(0.1, 0.5)
        return hits

    def _kill_server(self) -> int:
        return self._kill_whole(0)

    def _kill_stamps(self) -> int:
        return self._kill_whole(1)

    def _kill_whole(self, number: int) -> int:
        server = self._stage.servers[number]
        hits = server.kill()
        self._pause(0.0, 0.3)
        # Not waited for: the server gets ready while other things break.
        server.start()
        return hits

    # ── Between the servers and PostgreSQL ────────────────────────────────────────

    def _lose_commit(self) -> int:
        """One or two commits succeed, but their confirmation never arrives."""
        proxy = self._stage.database_proxy
        return self._lose(proxy, proxy.lose_commits, self._rng.choice((1, 1, 2)))

    def _cut_database(self) -> int:
        return self._stage.database_proxy.cut(self._rng.choice((1, 2, 4, None)))

    def _silence_database(self) -> int:
        """Silence, at times so long that the product cuts the connection."""
        proxy = self._stage.database_proxy
        hits = proxy.silence(self._rng.choice((1, 2, 3)))
        self._pause(0.3, self._rng.choice((0.8, 0.8, 3.8)))
        proxy.end_silence(cut=self._rng.random() < 0.6)
        return hits

    def _slow_database(self) -> int:
        return self._slow([self._stage.database_proxy], 0.015)

    def _refuse_database(self) -> int:
        proxy = self._stage.database_proxy
        proxy.refuses = True
        hits = proxy.cut()
        self._pause(0.1, 0.5)
        proxy.refuses = False
        return hits

    # ── Between the callers and the servers ───────────────────────────────────────

    def _cut_callers(self) -> int:
        return self._rng.choice(self._stage.doors).cut(self._rng.choice((2, 5, None)))

    def _lose_answers(self) -> int:
        door = self._rng.choice(self._stage.doors)
        return self._lose(door, door.lose_answers, self._rng.randint(1, 4))

    def _halve_requests(self) -> int:
        door = self._rng.choice(self._stage.doors)
        return self._lose(door, door.halve_requests, self._rng.randint(1, 3))

    def _silence_callers(self) -> int:
        door = self._rng.choice(self._stage.doors)
        hits = door.silence(self._rng.randint(1, 6))
        self._pause(0.2, 0.8)
        door.end_silence(cut=self._rng.random() < 0.5)
        return hits

    def _slow_callers(self) -> int:
        return self._slow(self._stage.doors, 0.05)

    def _lose(self, proxy: Proxy, order: Callable[[int], None], count: int) -> int:
        """Order a loss, wait for it, and return how many times it happened."""
        before = proxy.lost
        order(count)
        self._wait(lambda: proxy.lost >= before + count, 0.6)
        order(0)
        return proxy.lost - before

    def _slow(self, proxies: Sequence[Proxy], delay: float) -> int:
        for proxy in proxies:
            proxy.delay = delay
        self._pause(0.5, 1.0)
        for proxy in proxies:
            proxy.delay = 0.0
        return 1
