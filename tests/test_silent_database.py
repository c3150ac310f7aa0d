"""The database falls silent: every path responds within 6 s, and the next one works.

The packets are stopped by a proxy between the product and PostgreSQL, which
acknowledges everything: the worst case, because the kernel notices nothing.
"""

import asyncio
import http.client
import json
import random
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection, connections, transaction
from django.test import Client as Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from chaos.proxy import Loop, Proxy, Streams
from clients.models import Client, FolioAccount
from reseller_panel.database import KEEPALIVES
from reseller_panel.postgresql.base import DatabaseWrapper
from tests import factories
from tests.programs import Program

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN = 6.0  # seconds


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Between PostgreSQL and every new connection of a process that serves."""
    settings = connections.settings["default"]
    host, port = settings["HOST"], settings["PORT"] or "5432"

    async def upstream() -> Streams:
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host or "127.0.0.1", int(port))

    loop = Loop()
    proxy = Proxy(loop, upstream, rng=random.Random(1))
    # The product's own patience, not that of the other tests (conftest.py).
    options = settings["OPTIONS"] | KEEPALIVES
    options |= {"sslmode": "disable", "gssencmode": "disable"}
    monkeypatch.setitem(settings, "HOST", "127.0.0.1")
    monkeypatch.setitem(settings, "PORT", str(proxy.port))
    monkeypatch.setitem(settings, "OPTIONS", options)
    monkeypatch.setattr(DatabaseWrapper, "serving", True)
    yield proxy
    proxy.close()
    loop.close()


@dataclass
class Line:
    """One HTTP connection, so one thread of the server and one of its connections."""

    server: LiveServer
    headers: dict[str, str]

    def __post_init__(self) -> None:
        host = urlsplit(self.server.url).netloc
        self._line = http.client.HTTPConnection(host, timeout=30)

    def send(self, method: str, path: str, body: str = "") -> tuple[int, float]:
        begin = time.monotonic()
        self._line.request(method, path, body or None, self.headers)
        response = self._line.getresponse()
        response.read()
        return response.status, time.monotonic() - begin

    def close(self) -> None:
        self._line.close()


@dataclass(frozen=True)
class Path:
    """A request by a program or by a person, and the status when all is well."""

    method: str
    path: str
    body: dict[str, object]
    status: int
    by_program: bool = False


def _paths(client: Client) -> list[Path]:
    api, page = f"/api/v1/clients/{client.rfc}", f"/clientes/{client.public_id}"
    item = {"client": client.rfc, "reference": "L-1", "quantity": 1}
    folios = {"quantity": 5, "reference": factories.reference()}
    return [
        Path("GET", api, {}, 200, by_program=True),
        Path("GET", "/api/v1/clients?q=kemper", {}, 200, by_program=True),
        Path("GET", f"{api}/movements", {}, 200, by_program=True),
        Path("POST", f"{api}/stamps", {"reference": "S-1", "quantity": 1}, 201, True),
        Path("POST", "/api/v1/stamps", {"stamps": [item]}, 200, by_program=True),
        Path("POST", f"{api}/stamps/F-1/reversal", {}, 201, by_program=True),
        Path("POST", f"{api}/folios", {"quantity": 5, "reference": "R-1"}, 201, True),
        Path("POST", f"{api}/suspension", {"reason": "No paga"}, 200, by_program=True),
        Path("GET", "/", {}, 200),
        Path("GET", "/clientes/", {}, 200),
        Path("GET", f"{page}/", {}, 200),
        Path("GET", f"{page}/movimientos.csv", {}, 200),
        Path("GET", "/seguimiento/", {}, 200),
        Path("POST", f"{page}/agregar-folios/", folios, 302),
        Path("POST", f"{page}/suspender/", {"reason": "No paga"}, 302),
        Path("POST", "/cuenta/login/", {"login": "a@b.mx", "password": "x"}, 200),
        Path("GET", "/readyz", {}, 200),
    ]


def _headers(path: Path, program: Program, browser: Browser) -> dict[str, str]:
    if path.by_program:
        kind = "application/json"
        return {"Authorization": f"Bearer {program.secret}", "Content-Type": kind}
    token = "a" * 32
    kind = "application/x-www-form-urlencoded"
    cookies = {"csrftoken": token}
    if "login" not in path.path:
        cookies["sessionid"] = browser.cookies["sessionid"].value
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": sent, "X-CSRFToken": token, "Content-Type": kind}


def _body(path: Path) -> str:
    encode: Callable[[dict[str, object]], str] = json.dumps
    return (encode if path.by_program else urlencode)(path.body) if path.body else ""


@contextmanager
def _lines(
    server: LiveServer, paths: list[Path], program: Program, browser: Browser
) -> Iterator[list[Line]]:
    """A line for each path, whose connection to the database is open already."""
    lines = [Line(server, _headers(path, program, browser)) for path in paths]
    try:
        for line, path in zip(lines, paths, strict=True):
            warm = "/api/v1/packages" if path.by_program else "/readyz"
            assert line.send("GET", warm)[0] == 200
        yield lines
    finally:
        for line in lines:
            line.close()


def test_every_path_responds_within_six_seconds_and_heals(
    live_server: LiveServer,
    as_alicia: Browser,
    program: Program,
    clara: Client,
    proxy: Proxy,
) -> None:
    program.stamp(clara.rfc, "F-1")
    paths = _paths(clara)
    with _lines(live_server, paths, program, as_alicia) as lines:
        proxy.silence_all()
        with ThreadPoolExecutor(len(lines)) as pool:
            results = list(
                pool.map(
                    lambda line, path: line.send(path.method, path.path, _body(path)),
                    lines,
                    paths,
                )
            )
        watcher = Line(live_server, {})
        health = watcher.send("GET", "/healthz")
        watcher.close()
        said = {path.path: result for path, result in zip(paths, results, strict=True)}
        assert {status for status, _ in results} == {503}, said
        assert max(took for _, took in results) < WITHIN, said
        assert health[0] == 200
        assert health[1] < 1
        proxy.heal()
        time.sleep(0.5)
        for line, path in zip(lines, paths, strict=True):
            status, took = line.send(path.method, path.path, _body(path))
            # Suspended by one path, the client is so for the other.
            assert status in {path.status, 403, 409}, (path, status)
            assert took < WITHIN


def test_a_silence_in_the_middle_of_a_verb_ends_too(
    live_server: LiveServer,
    as_alicia: Browser,
    program: Program,
    clara: Client,
    proxy: Proxy,
) -> None:
    """It waits for the client's row when the packets stop."""
    paths = [path for path in _paths(clara) if "agregar-folios" in path.path]
    with _lines(live_server, paths, program, as_alicia) as (line,):
        with transaction.atomic(), ThreadPoolExecutor(1) as pool:
            FolioAccount.objects.select_for_update().get(pk=clara.pk)
            sent = pool.submit(line.send, "POST", paths[0].path, _body(paths[0]))
            time.sleep(0.7)
            proxy.silence_all()
            status, took = sent.result(20)
        assert status == 503
        assert took < WITHIN
        proxy.heal()
        assert line.send("POST", paths[0].path, _body(paths[0]))[0] == 302
    assert factories.fresh(clara).balance == 105


@pytest.mark.parametrize(
    ("name", "value"), [("statement_timeout", "3500ms"), ("lock_timeout", "3s")]
)
def test_a_process_that_serves_ends_its_statements_first(
    name: str, value: str, proxy: Proxy
) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_show, name).result() == value


def _show(name: str) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SHOW {name}")
            (value,) = cursor.fetchone()
            return str(value)
    finally:
        connection.close()


def test_the_kernel_gives_up_on_lost_packets_within_four_seconds(proxy: Proxy) -> None:
    def options() -> tuple[int, ...]:
        try:
            connection.ensure_connection()
            with socket.socket(fileno=connection.connection.fileno()) as line:
                found = tuple(
                    line.getsockopt(socket.IPPROTO_TCP, option)
                    for option in (
                        socket.TCP_USER_TIMEOUT,
                        socket.TCP_KEEPIDLE,
                        socket.TCP_KEEPINTVL,
                        socket.TCP_KEEPCNT,
                    )
                )
                line.detach()
                return found
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(options).result() == (3_000, 2, 1, 2)


def test_a_command_may_wait_for_its_statement(alicia: User) -> None:
    connection.ensure_connection()
    assert connection.connection.answer_max is None
    assert _show("statement_timeout") != "3500ms"
