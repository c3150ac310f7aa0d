"""The environment of a benchmark: a temporary PostgreSQL, the cast, and the servers as
in docs/deployment.md and docs/scaling.md. It is always removed, also after an error."""

import random
import shutil
from collections.abc import Sequence
from types import TracebackType

import psycopg

from benchmarks import load
from benchmarks.cast import Cast
from benchmarks.load import Line, Load
from benchmarks.s4 import S4
from chaos.stage import PostgreSQL, Server, environment, new_folder, run_module

PANEL = "in Django"
STAMPS = "own process"
_SERVERS = {
    PANEL: (
        "reseller_panel.wsgi:application",
        *("--interface", "wsgi", "--workers", "2", "--blocking-threads", "32"),
    ),
    STAMPS: (
        "api.stamping.server:application",
        *("--interface", "rsgi", "--workers", "1"),
    ),
}


class Stage:
    def __init__(self, *doors: str, empty: bool = False) -> None:
        self.folder = new_folder("bench-")
        self.postgresql = PostgreSQL(self.folder)
        self.rng = random.Random()
        self.servers: dict[str, Server] = {}
        self._loads: list[Load] = []
        self._doors, self._empty = doors, empty

    def __enter__(self) -> "Stage":
        try:
            self._open()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def configure(self, *settings: str) -> None:
        """Restart PostgreSQL with these, such as "shared_buffers = '2GB'"."""
        with psycopg.connect(self.postgresql.address, autocommit=True) as connection:
            for setting in settings:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        self.postgresql.close()
        self.postgresql.start()

    def _open(self) -> None:
        self.postgresql.start()
        self.env = environment(self.postgresql.address)
        if self._empty:
            self.cast = Cast([], [])
            self.run("manage", "migrate", "--verbosity", "0")
        else:
            self.cast = Cast.from_json(self.run("benchmarks.world", "make"))
        for door in self._doors:
            log = self.folder / "server.log"
            server = Server(door, *_SERVERS[door], env=self.env, log=log)
            server.start()
            self.servers[door] = server
        for server in self.servers.values():
            server.wait_until_ready()
        with psycopg.connect(self.postgresql.address) as connection:
            (version,) = connection.execute("SHOW server_version").fetchone() or ("?",)
            (fsync,) = connection.execute("SHOW fsync").fetchone() or ("?",)
        print(f"PostgreSQL {version}, fsync {fsync}, {len(self.cast.clients)} clients")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self.servers.values():
            server.kill()
        self.postgresql.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words: str) -> str:
        return run_module(*words, env=self.env)

    def s4(self) -> S4:
        return S4(self.postgresql.address, self.folder)

    def key(self, number: int) -> str:
        return self.cast.keys[number % len(self.cast.keys)]

    def lines(
        self,
        door: str,
        connections: int,
        clients: Sequence[str] = (),
        keys: Sequence[str] = (),
    ) -> list[Line]:
        """Connections that stamp random clients; they use the API keys in turn."""
        port, clients = self.servers[door].port, clients or self.cast.clients
        keys = keys or self.cast.keys
        return [
            Line(port, load.stamps(clients, keys[number % len(keys)], self.rng))
            for number in range(connections)
        ]

    def drive(self, lines: Sequence[Line], duration: float) -> Load:
        self._loads.append(load.drive(lines, duration=duration))
        return self._loads[-1]

    def all_was_done(self, *, folios_each: int = 1) -> bool:
        """Print how many calls succeeded and how much CPU the load used; return whether
        all succeeded and the ledger, which is audited, has as many entries."""
        good = sum(len(one.seconds) for one in self._loads)
        bad = [answer for one in self._loads for answer in one.bad]
        elapsed = sum(one.elapsed for one in self._loads)
        cpu = sum(one.cpu for one in self._loads)
        with psycopg.connect(self.postgresql.address) as connection:
            row = connection.execute(
                "SELECT count(*) FROM clients_folioledger WHERE kind = 'stamp'"
            ).fetchone()
        kept = row[0] if row else 0
        self.run("manage", "audit_ledger")
        print(
            f"{good:,} valid calls done, {len(bad)} refused; {kept:,} folios in a "
            f"ledger that adds up. The load took {cpu / elapsed:.0%} of one core."
        )
        for answer in bad[:3]:
            print(answer.decode(errors="replace"))
        return not bad and kept == good * folios_each
