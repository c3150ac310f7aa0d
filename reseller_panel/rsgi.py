"""The stamping process: one call of the API, without Django's middleware around it.

`manage.py serve_stamps` runs it; docs/scaling.md says when that is worth while. The
key check, the limits, the writing and the bytes of every answer are those of the call
inside Django (clients/metering.py); only the HTTP around them is here.
"""

import asyncio
import gc
import os
import re
from collections.abc import Sequence
from time import monotonic
from typing import Any
from urllib.parse import unquote

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_panel.settings")
django.setup()

from accounts import keys, throttle  # noqa: E402
from accounts.models import ApiKey  # noqa: E402
from clients.calls import Call  # noqa: E402
from clients.gathering import SILENCE_MAX, Gatherer  # noqa: E402
from clients.metering import call_of  # noqa: E402
from clients.payloads import read_client  # noqa: E402
from reseller_panel import problems  # noqa: E402
from reseller_panel.problems import Problem  # noqa: E402

_PATH = re.compile(r"/api/v1/clients/([^/]+)/stamps\Z")


class Stamps:
    """The application that granian loads: one event loop, and a gatherer that writes
    in threads of its own meanwhile."""

    def __init__(self) -> None:
        self._gatherer = Gatherer(deliver=self._deliver, lanes=2)
        self._waiting: set[Call] = set()
        self._loop: asyncio.AbstractEventLoop

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        loop.call_later(1, self._look_after)
        # What has been loaded stays: the collector need not look at it ever again.
        gc.collect()
        gc.freeze()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._gatherer.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.path == "/healthz":
            protocol.response_str(200, [("content-type", "text/plain")], "ok\n")
            return
        try:
            status, told = await self._answer(scope, protocol)
        except Problem as problem:
            _respond(protocol, problem.status, problem.told(), problem.headers)
        else:
            _respond(protocol, status, told, problems.headers_of(status))

    async def _answer(self, scope: Any, protocol: Any) -> tuple[int, dict[str, Any]]:
        """Status and body. The order of the checks is that of reseller_panel/api.py."""
        path = scope.path
        called = _PATH.match(unquote(path) if "%" in path else path)
        if called is None:
            raise problems.not_found()
        length = scope.headers.get("content-length")
        problems.refuse_too_large(length)
        secret = keys.secret_of(scope.headers.get("authorization") or "")
        if not secret:
            raise (
                keys.unauthorized()
                if scope.method == "POST"
                else problems.method_not_allowed("POST")
            )
        digest = ApiKey.digest_of(secret)
        throttle.enter(digest)
        try:
            if scope.method != "POST":
                raise problems.method_not_allowed("POST")
            client = read_client(called[1])
            body = await protocol() if length else b""
            return await self._stamp(call_of(digest, client, body))
        finally:
            throttle.leave(digest)

    async def _stamp(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.done = self._loop.create_future()
        self._waiting.add(call)
        try:
            if not self._gatherer.put(call) or not await call.done:
                raise problems.busy()
        finally:
            self._waiting.discard(call)
        return call.status, call.told

    def _deliver(self, calls: Sequence[Call]) -> None:
        """Called by the threads that write; one wake-up for the whole batch."""
        self._loop.call_soon_threadsafe(_wake, calls, True)

    def _look_after(self) -> None:
        """Once a second: cut off a database that says nothing, and do not let anybody
        wait for it for ever."""
        self._loop.call_later(1, self._look_after)
        now = monotonic()
        late = [call for call in self._waiting if now - call.since > SILENCE_MAX]
        if late:
            self._gatherer.cut_if_silent()
            _wake([c for c in late if now - c.since > 2 * SILENCE_MAX], False)


def _wake(calls: Sequence[Call], answered: bool) -> None:
    for call in calls:
        if not call.done.done():
            call.done.set_result(answered)


def _respond(
    protocol: Any, status: int, told: dict[str, Any], headers: dict[str, str]
) -> None:
    kind = "application/json" if status < 400 else problems.CONTENT_TYPE
    protocol.response_bytes(
        status,
        [
            ("content-type", kind),
            ("cache-control", "no-store, private"),
            *((name.lower(), value) for name, value in headers.items()),
        ],
        problems.dump(told),
    )


application = Stamps()
