"""The stamping process: serves one call of the API, without Django's middleware.

`manage.py serve_stamps` runs it; docs/scaling.md says when that is worth while. It
shares the key check, the limits, the writing and the bytes of every response with the
same call inside Django (service.py); only its HTTP is here.
"""

import asyncio
import gc
import logging
import os
import re
from collections.abc import Sequence
from time import monotonic
from typing import Any
from urllib.parse import unquote

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_panel.settings")
django.setup()

from csp.utils import build_policy  # noqa: E402
from django.conf import settings  # noqa: E402

from accounts import keys  # noqa: E402
from accounts.models import ApiKey  # noqa: E402
from api import serializers, throttle  # noqa: E402
from api.schemas import read_client  # noqa: E402
from api.stamping.batch import StampRequest  # noqa: E402
from api.stamping.group_commit import SILENCE_MAX, GroupCommit  # noqa: E402
from api.stamping.service import request_of  # noqa: E402
from reseller_panel import problems  # noqa: E402
from reseller_panel.postgresql.base import serve  # noqa: E402
from reseller_panel.problems import Problem  # noqa: E402

# Seconds in which a body must have arrived.
READ_MAX = 10.0
log = logging.getLogger(__name__)

# What Django's middleware adds to every response (docs/security.md, V3).
_SECURITY = [
    ("content-security-policy", build_policy()),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", settings.SECURE_REFERRER_POLICY),
]
if settings.SECURE_HSTS_SECONDS:
    _LASTS = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    _SECURITY.append(("strict-transport-security", _LASTS))
_PATH = re.compile(r"/api/v1/clients/([^/]+)/stamps\Z")


class StampServer:
    """The RSGI application that granian loads: one event loop, and a GroupCommit that
    writes in its own threads."""

    def __init__(self) -> None:
        self._group_commit = GroupCommit(respond=self._respond, workers=2)
        self._waiting: set[StampRequest] = set()
        self._loop: asyncio.AbstractEventLoop

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        serve()
        self._loop = loop
        loop.call_later(1, self._refuse_silent)
        # The garbage collector need not look again at what is loaded: it stays.
        gc.collect()
        gc.freeze()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._group_commit.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.path == "/healthz":
            kind = [("content-type", "text/plain; charset=utf-8")]
            protocol.response_str(200, [*kind, *_SECURITY], "ok\n")
            return
        try:
            status, body = await self._handle(scope, protocol)
        except Problem as problem:
            log.warning("%s: %s", problem.code, scope.path)
            _send(protocol, problem.status, problem.as_dict(), problem.headers)
        else:
            _send(protocol, status, body, problems.headers_of(status))

    async def _handle(self, scope: Any, protocol: Any) -> tuple[int, dict[str, Any]]:
        """Status and body. The order of the checks is that of api/app.py."""
        path = scope.path
        called = _PATH.match(unquote(path) if "%" in path else path)
        if called is None:
            raise problems.not_found()
        if settings.SECURE_SSL_REDIRECT and not _is_secure(scope):
            raise problems.https_needed()
        length = scope.headers.get("content-length")
        problems.refuse_too_large(length)
        secret = keys.secret_of(scope.headers.get("authorization") or "")
        if not secret:
            raise (
                serializers.problem_of(keys.InvalidKey())
                if scope.method == "POST"
                else problems.method_not_allowed("POST")
            )
        digest = ApiKey.digest_of(secret)
        throttle.enter(digest)
        try:
            if scope.method != "POST":
                raise problems.method_not_allowed("POST")
            client = read_client(called[1])
            body = await _read(protocol) if length else b""
            return await self._stamp(request_of(digest, client, body))
        finally:
            throttle.leave(digest)

    async def _stamp(self, request: StampRequest) -> tuple[int, dict[str, Any]]:
        request.done = self._loop.create_future()
        self._waiting.add(request)
        try:
            if not self._group_commit.put(request) or not await request.done:
                raise problems.busy()
        finally:
            self._waiting.discard(request)
        return request.status, request.body

    def _respond(self, requests: Sequence[StampRequest]) -> None:
        """Called by the writing threads: wake the event loop once for the batch."""
        self._loop.call_soon_threadsafe(_wake, requests, True)

    def _refuse_silent(self) -> None:
        """Once a second: shut down the connections to a silent database, and give a
        503 to the requests that have waited for it twice SILENCE_MAX."""
        self._loop.call_later(1, self._refuse_silent)
        now = monotonic()
        late = [r for r in self._waiting if now - r.received_at > SILENCE_MAX]
        if late:
            self._group_commit.cut_if_silent()
            _wake([r for r in late if now - r.received_at > 2 * SILENCE_MAX], False)


def _is_secure(scope: Any) -> bool:
    """Whether the call came by TLS: to us, or to a proxy of ours that says so."""
    passed = scope.headers.get("x-forwarded-proto")
    trusted = bool(settings.TRUSTED_PROXY_COUNT) and passed == "https"
    return trusted or scope.scheme == "https"


async def _read(protocol: Any) -> bytes:
    """The body. Raises Problem (503) for one that does not arrive."""
    try:
        body: bytes = await asyncio.wait_for(protocol(), READ_MAX)
    except TimeoutError:
        raise problems.busy() from None
    return body


def _wake(requests: Sequence[StampRequest], has_response: bool) -> None:
    for request in requests:
        if not request.done.done():
            request.done.set_result(has_response)


def _send(
    protocol: Any, status: int, body: dict[str, Any], headers: dict[str, str]
) -> None:
    kind = "application/json" if status < 400 else problems.CONTENT_TYPE
    protocol.response_bytes(
        status,
        [
            ("content-type", kind),
            ("cache-control", "no-store, private"),
            *_SECURITY,
            *((name.lower(), value) for name, value in headers.items()),
        ],
        problems.dump(body),
    )


application = StampServer()
