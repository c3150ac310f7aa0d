"""The environment of a run: a temporary PostgreSQL, the servers, the proxies between.

Everything is in one folder that is removed at the end, and listens on loopback only.
Only processes that were started here are ended, by their process ids.
"""

import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from chaos.proxy import Loop, Proxy, Streams, Upstream
from reseller_panel.embedded import (
    DATABASE,
    EmbeddedServer,
    data_folder,
)

CHECKOUT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
READY_MAX = 30.0  # seconds


class PostgreSQL:
    """The embedded server in a folder of its own, with fsync on (the default)."""

    def __init__(self, folder: Path) -> None:
        if os.geteuid() == 0:
            # Another user runs it, from a copy of the programs that all runs share.
            common = EmbeddedServer(data_folder(CHECKOUT)).programs.parents[2]
            (folder / common.name).symlink_to(common)
        self._server = EmbeddedServer(folder)
        self._log = self._server.data / "server.log"

    def start(self) -> None:
        self._server.ensure_running()
        # Bypasses the proxies. Stored, because a server that is down has none.
        self.address = self._server.address(DATABASE)

    @property
    def socket(self) -> str:
        return f"{conninfo_to_dict(self.address)['host']}/.s.PGSQL.5432"

    def stop_immediately(self) -> None:
        """Stop without a checkpoint and without notice to connections: SIGQUIT is
        `pg_ctl stop -m immediate`."""
        note = self._server.data / "postmaster.pid"
        process = psutil.Process(int(note.read_text().split()[0]))
        process.send_signal(signal.SIGQUIT)
        process.wait(10)

    def backends(self) -> list[int]:
        """The process ids of the connections of the product."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity "
                "WHERE application_name = 'reseller_panel'"
            )
            return [pid for (pid,) in rows]

    def at_work(self) -> int:
        """How many of the product's connections are in a transaction."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL "
                "AND application_name = 'reseller_panel'"
            ).fetchone()
            assert row
            return int(row[0])

    def close(self) -> None:
        self._server.stop()


class Server:
    """One granian process and its workers, as in docs/deployment.md."""

    def __init__(
        self, name: str, target: str, *options: str, env: dict[str, str], log: Path
    ) -> None:
        self.name = name
        self.port = _free_port()
        self._command = [
            *(str(BIN / "granian"), target, "--port", str(self.port), *options),
            *("--host", "127.0.0.1", "--no-ws", "--respawn-failed-workers"),
        ]
        self._env, self._log = env, log
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                cwd=CHECKOUT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1

    @property
    def workers(self) -> list[psutil.Process]:
        if self._process is None or self._process.poll() is not None:
            return []
        children = psutil.Process(self._process.pid).children()
        # The resource tracker of multiprocessing is not a worker.
        return [c for c in children if "resource_tracker" not in " ".join(_words(c))]

    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill_worker(self, rng: random.Random) -> int:
        if not (workers := self.workers):
            return 0
        rng.choice(workers).kill()
        return 1

    def kill(self) -> int:
        """Kill the main process and its workers at once, as a power cut would."""
        if not self.is_up():
            return 0
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return 1

    def wait_until_ready(self) -> None:
        give_up_at = time.monotonic() + READY_MAX
        while not self._answers():
            if not self.is_up():
                self.start()
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{self.name} does not answer: see {self._log}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as line:
                line.sendall(request)
                return line.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_folder(prefix: str) -> Path:
    # Not /tmp: the user that runs PostgreSQL must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/var/tmp"))  # noqa: S108
    folder.chmod(0o755)
    return folder


def environment(database_url: str) -> dict[str, str]:
    """The environment of production, but without TLS, which the proxies lack."""
    env = {name: v for name, v in os.environ.items() if name != "DEBUG"}
    return env | {
        "DJANGO_SETTINGS_MODULE": "reseller_panel.settings",
        "DATABASE_URL": database_url,
        "SECRET_KEY": "only-for-this-run-" + "x" * 40,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        # Twice this is less than the threads of a worker (docs/deployment.md).
        "BODIES_AT_ONCE": "6",
        "LOG_LEVEL": "WARNING",
    }


def run_module(*words: str, env: dict[str, str], seconds: float = 60) -> str:
    """Run a Python module with this environment; return what it printed."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", *words],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


class Stage:
    """The whole environment, as a context manager that always removes everything."""

    def __init__(self, rng: random.Random, *, bug: str = "") -> None:
        self.folder = new_folder("chaos-")
        self._rng, self._bug = rng, bug
        self._loop = Loop()
        self.postgresql = PostgreSQL(self.folder)
        self.servers: list[Server] = []
        self.doors: list[Proxy] = []

    def __enter__(self) -> "Stage":
        try:
            self.postgresql.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.database_proxy = self._proxy(self._to_postgresql, finds_commits=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self.servers:
            server.kill()
        self.postgresql.close()
        for proxy in self.doors:
            proxy.close()
        self._loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def manage(self, *words: str) -> str:
        return run_module(*words, env=environment(self.postgresql.address))

    def serve(self) -> None:
        """Start the panel with two workers and the stamping process, each with its
        proxy. Does not wait until they are ready: see Server.wait_until_ready."""
        env = environment(
            f"postgresql://postgres@127.0.0.1:{self.database_proxy.port}/"
            f"{DATABASE}?sslmode=disable&gssencmode=disable"
        ) | ({"CHAOS_BUG": self._bug} if self._bug else {})
        self.servers = [
            Server(
                "panel",
                "chaos.launch_panel:application",
                *("--interface", "wsgi", "--workers", "2", "--blocking-threads", "16"),
                env=env,
                log=self.folder / "panel.log",
            ),
            Server(
                "stamps",
                "chaos.launch_stamps:application",
                *("--interface", "rsgi", "--workers", "1"),
                env=env,
                log=self.folder / "stamps.log",
            ),
        ]
        for server in self.servers:
            server.start()
            self.doors.append(self._proxy(_to_port(server.port)))

    def logs(self) -> str:
        return "".join(
            f"── {log.name}\n{log.read_text(errors='replace')}"
            for log in sorted(self.folder.glob("*.log"))
        )

    def _proxy(self, upstream: Upstream, *, finds_commits: bool = False) -> Proxy:
        return Proxy(
            self._loop,
            upstream,
            rng=random.Random(self._rng.random()),
            finds_commits=finds_commits,
        )

    async def _to_postgresql(self) -> Streams:
        return await asyncio.open_unix_connection(self.postgresql.socket)


def _to_port(port: int) -> Upstream:
    async def connect() -> Streams:
        return await asyncio.open_connection("127.0.0.1", port)

    return connect
