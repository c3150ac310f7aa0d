"""Strangers who send their bodies slowly do not stop the panel.

The server is the one of docs/deployment.md, run by its own command, without the proxy
that the page requires in front.
"""

import asyncio
import http.client
import json
import re
import shlex
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from api.stamping import server as stamping
from api.stamping import service
from chaos.stage import Server, environment
from clients.models import Client
from reseller_panel.bodies import LimitBodies, TooManyReaders
from reseller_panel.problems import Problem
from tests.environment import GENEROUS_SECONDS, run_async
from tests.programs import Program

DEPLOYMENT = Path(__file__).parent.parent / "docs" / "deployment.md"
SLOW = 50  # connections
# A worker has 32 threads: without a limit these leave none of two workers.
MORE = 100


def documented_options() -> list[str]:
    """Of the command of granian, without its target."""
    text = DEPLOYMENT.read_text().replace("\\\n", " ")
    (command,) = re.findall(r"bin/granian (.*) reseller_panel.wsgi:application", text)
    return shlex.split(command)


@pytest.fixture
def server(tmp_path: Path, transactional_db: None) -> Iterator[Server]:
    """On the database of the test."""
    parts = connection.settings_dict
    url = make_conninfo(
        host=parts["HOST"],
        port=parts["PORT"] or None,
        user=parts["USER"] or None,
        password=parts["PASSWORD"] or None,
        dbname=parts["NAME"],
    )
    server = Server(
        "panel",
        "reseller_panel.wsgi:application",
        *documented_options(),
        env=environment(url),
        log=tmp_path / "panel.log",
    )
    server.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.kill()


@contextmanager
def slow_callers(port: int, path: str, count: int, headers: str = "") -> Iterator[None]:
    """Connections that have sent the first byte of a body, and send no more."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    with ExitStack() as lines:
        for _ in range(count):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", port)))
            line.sendall(f"{head}{kind}Content-Length: 1000\r\n\r\na".encode())
        time.sleep(1)
        yield


def _send(
    port: int, method: str, path: str, body: bytes = b"", key: str = ""
) -> tuple[int, float]:
    begin = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=GENEROUS_SECONDS)
    try:
        line.request(method, path, body or None, {"Authorization": f"Bearer {key}"})
        response = line.getresponse()
        response.read()
    finally:
        line.close()
    return response.status, time.monotonic() - begin


def _is_healthy_within_a_second(port: int) -> bool:
    """A busy machine can only add to the time; a stopped server never answers."""
    took = [_send(port, "GET", "/healthz") for _ in range(10)]
    assert {status for status, _ in took} == {200}
    return sorted(seconds for _, seconds in took)[5] < 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/cuenta/login/", ""),
        ("/clientes/nuevo/", "Cookie: __Host-sessionid=nada\r\n"),
        ("/api/v1/stamps", ""),
        ("/api/v1/clients/EKU9003173C9/stamps", "Authorization: Bearer nada\r\n"),
        ("/api/v1/cfdi", "Authorization: Bearer nada\r\n"),
    ],
)
def test_slow_strangers_do_not_stop_the_panel(
    path: str, headers: str, server: Server, program: Program, clara: Client
) -> None:
    stamp = f"/api/v1/clients/{clara.rfc}/stamps"
    for count in (SLOW, MORE):
        with slow_callers(server.port, path, count, headers):
            assert _is_healthy_within_a_second(server.port)
            body = json.dumps({"reference": f"F-{count}", "quantity": 1}).encode()
            status, _ = _send(server.port, "POST", stamp, body, program.secret)
            assert status == 201
            assert _send(server.port, "GET", "/readyz")[0] == 200


def test_a_key_that_calls_slowly_does_not_stop_the_pages(
    server: Server, program: Program, clara: Client
) -> None:
    path = f"/api/v1/clients/{clara.rfc}/stamps"
    key = f"Authorization: Bearer {program.secret}\r\n"
    with slow_callers(server.port, path, MORE, key):
        assert _is_healthy_within_a_second(server.port)
        assert _send(server.port, "GET", "/readyz")[0] == 200
    body = b'{"reference":"F-1","quantity":1}'
    assert _send(server.port, "POST", path, body, program.secret)[0] == 201


class _Unreadable:
    def read(self, *size: int) -> bytes:
        pytest.fail("the body was read")

    readline = read


@pytest.mark.parametrize("path", ["stamps", "folios", "stamps/F-1/reversal"])
def test_the_key_is_checked_before_the_body_is_read(
    path: str, clara: Client, db: None
) -> None:
    stranger = Program("tp_nadie")
    response = stranger._browser.generic(
        "POST",
        f"/api/v1/clients/{clara.rfc}/{path}",
        headers=stranger._headers,
        **{"wsgi.input": _Unreadable(), "CONTENT_LENGTH": "1000"},
    )
    assert response.status_code == 401


@pytest.mark.django_db
def test_a_key_that_was_revoked_stamps_no_more_though_its_body_is_read(
    program: Program, clara: Client
) -> None:
    assert program.stamp(clara.rfc, "F-1").status_code == 201
    assert program.key
    type(program.key).objects.update(revoked_at=clara.created_at)
    assert program.stamp(clara.rfc, "F-2").status_code == 401
    service.group_commit.close()


def test_so_many_threads_read_bodies_at_the_same_time() -> None:
    arrived, go_on = Barrier(3), Barrier(3)

    class Slow:
        def read(self, *size: int) -> bytes:
            arrived.wait(GENEROUS_SECONDS)
            go_on.wait(GENEROUS_SECONDS)
            return b"x"

    app = LimitBodies(lambda environ, _: [environ["wsgi.input"].read(1)], most=2)
    page = {"PATH_INFO": "/", "wsgi.input": Slow()}
    threads = [Thread(target=app, args=(dict(page), None)) for _ in range(2)]
    for thread in threads:
        thread.start()
    arrived.wait(GENEROUS_SECONDS)
    with pytest.raises(TooManyReaders):
        app({"PATH_INFO": "/", "wsgi.input": BytesIO(b"x")}, None)
    call = {"PATH_INFO": "/api/v1/stamps", "wsgi.input": BytesIO(b"x")}
    assert app(call, None) == [b"x"]
    go_on.wait(GENEROUS_SECONDS)
    for thread in threads:
        thread.join()
    assert app({"PATH_INFO": "/", "wsgi.input": BytesIO(b"x")}, None) == [b"x"]


def test_the_stamping_process_does_not_wait_for_a_body_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stamping, "READ_MAX", 0.05)

    async def never() -> bytes:
        await asyncio.sleep(GENEROUS_SECONDS)
        return b""

    with pytest.raises(Problem) as caught:
        run_async(stamping._read(never))
    assert caught.value.status == 503
