"""What an attacker sends, and where to: values, parameters, headers and addresses.

Helpers of tests/test_hostile_requests.py and of whatever else attacks the site. They
enumerate the URL patterns themselves and learn by themselves which names a view reads,
so that a new page or field is attacked without anybody thinking of it.
"""

import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from urllib.parse import quote_from_bytes

from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpResponse, QueryDict
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.datastructures import MultiValueDict

# As the bytes that travel, because not all of them are a text.
VALUES: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "NUL": b"\x00",
    "NUL inside": b"a\x00b",
    "an encoded NUL": b"%00",
    "a NUL in the admin's code": b"_00",
    "an octal NUL, long enough for a session": b'"' + rb"\000" * 32 + b'"',
    "a lone surrogate": b"\xed\xa0\x80",
    "an overlong slash": b"\xc0\xaf",
    "an overlong NUL": b"\xc0\x80",
    "half a character": b"\xc3",
    "not UTF-8": b"\xff\xfe",
    "Latin-1": "ñ".encode("latin-1"),
    "half an escape": b"%",
    "an escape of nothing": b"%zz",
    "an escape of no character": b"%ff",
    "an escape twice": b"%2500",
    "5,000 digits": b"9" * 5_000,
    "64 bits and one": b"9223372036854775808",
    "32 bits and one": b"2147483648",
    "minus one": b"-1",
    "zero": b"0",
    "Arabic digits": "٣٣".encode(),
    "a superscript": "²".encode(),
    "not a number": b"NaN",
    "infinity": b"-1e999",
    "a decimal": b"1.5",
    "quotes": b"'\"`",
    "SQL": b"1' OR 1=1; DROP TABLE clients_client; --",
    "a pattern": b"%_\\%_\\",
    "markup": b"<script>alert(1)</script>",
    "a template": b"{{ 7*7 }}{% debug %}{0.__class__}",
    "a new header": b"a\r\nX-Injected: 1",
    "half a URL": b"http://[::1",
    "a URL of no port": b"http://testserver:99999999/clientes/?q=%00",
    "a foreign URL": b"//evil.example/\\@testserver",
    "a path upwards": b"../../../../etc/passwd%00.png",
    "a direction override": "\u202eabc\u2066".encode(),
    "a noncharacter": "\uffff\U0010ffff".encode(),
    "a long word": b"A" * 9_000,
    "2,000 words": b"a " * 2_000,
    "an object": b'{"__class__": ["a"]}',
    "a year of no calendar": b"99999-13-99",
    "the last day there is": b"9999-12-31",
    "a nil UUID": b"00000000-0000-0000-0000-000000000000",
}
# What no view is ever asked about (reseller_panel/middleware.py): it hides the rest, so
# it is sent alone.
REFUSED_OUTRIGHT = {
    name
    for name, value in VALUES.items()
    if b"\x00" in value or value.decode("utf-8", "replace").count("\ufffd")
}

HEADERS = (
    *("HX-Current-URL", "HX-Target", "HX-Trigger", "HX-Trigger-Name", "HX-Prompt"),
    *("HX-Request", "HX-Boosted", "HX-History-Restore-Request"),
    *("Referer", "Origin", "Host", "X-Forwarded-Host", "X-Forwarded-For"),
    *("X-Forwarded-Proto", "Accept", "Accept-Language", "Accept-Encoding"),
    *("Content-Type", "Content-Length", "Content-Encoding", "Authorization"),
    *("If-Modified-Since", "If-None-Match", "Range", "User-Agent", "X-CSRFToken"),
    *("X-Requested-With", "X-HTTP-Method-Override", "Transfer-Encoding"),
)
COOKIES = ("sessionid", "csrftoken", "messages", "django_language")


# ── Addresses ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Address:
    """A URL pattern: its name (or route), and its route with `{argument}`s."""

    name: str
    route: str
    arguments: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        return "/" + self.route.format_map({a: values[a] for a in self.arguments})


def addresses() -> list[Address]:
    """All there are, those without a name too."""
    return list(_addresses(get_resolver(), "", ""))


def _addresses(resolver: URLResolver, before: str, space: str) -> Iterator[Address]:
    for item in resolver.url_patterns:
        route = before + _with_braces(str(item.pattern))
        if isinstance(item, URLResolver):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from _addresses(item, route, inner)
        else:
            assert isinstance(item, URLPattern)
            arguments = tuple(re.findall(r"\{(\w+)\}", route))
            yield Address(f"{space}{item.name or route}", route, arguments)


def _with_braces(route: str) -> str:
    """`<uuid:public_id>` and `(?P<public_id>…)` as `{public_id}`."""
    route = re.sub(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", r"{\1}", route)
    route = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    return route.replace("\\Z", "").replace("\\", "").strip("^$")


def misplaced(address: Address, known: str, value: bytes) -> Iterator[str]:
    """The address with the value in place of each argument."""
    encoded = quote_from_bytes(value, safe="/")
    parts = known.split("/")
    for place, part in enumerate(address.route.split("/"), 1):
        if "{" in part:
            yield "/".join([*parts[:place], encoded, *parts[place + 1 :]])


# ── One request ───────────────────────────────────────────────────────────────────


def query(parameters: Mapping[str, bytes]) -> str:
    return "&".join(f"{k}={quote_from_bytes(v)}" for k, v in parameters.items())


def as_header(value: bytes) -> str:
    """As a WSGI server gives it to the application."""
    return value.decode("latin-1")


@dataclass
class Sent:
    """What came of one request: its response, what failed, what was written."""

    response: HttpResponse
    failure: str
    wrote: bool

    @property
    def is_wrong(self) -> bool:
        return self.response.status_code >= 500 or (
            self.response.status_code >= 400 and self.wrote
        )

    def __str__(self) -> str:
        wrote = ", and something was written" if self.wrote else ""
        return f"{self.response.status_code}{wrote} {self.failure}"


# Bookkeeping that a refused request may leave behind, and says nothing to anybody.
BOOKKEEPING = {
    *("cache", "django_session", "usersessions_usersession"),
    *("accounts_apikey", "clients_apirefusal"),
    # What is kept of the facts, so that lists are fast.
    *("clients_standing", "clients_outlookpass", "clients_tally"),
    "followup_openday",
    # A preview that was not accepted is shown anew.
    *("clients_bulkrun", "clients_bulkrow"),
}


class Attack:
    """Sends requests, each rolled back with its every trace, so that the next meets the
    same rows. Make it in a transaction, when all rows are there. `look` is called with
    each response before its traces go."""

    def __init__(self, look: Callable[[HttpResponse], None] | None = None) -> None:
        self._look = look
        self._rows = self._contents(connection.introspection.table_names())
        self._touched_first = self._touched()
        self.requests = 0

    def send(
        self,
        browser: Browser,
        method: str,
        path: str,
        *,
        headers: Mapping[str, bytes] | None = None,
        cookies: Mapping[str, bytes] | None = None,
        body: bytes = b"",
        content_type: str = "application/x-www-form-urlencoded",
    ) -> Sent:
        self.requests += 1
        environ = _environ(headers or {}, cookies or {})
        kept = browser.cookies.output(header="", sep=";")
        browser.raise_request_exception = False
        with _failures() as failures, transaction.atomic():
            response = browser.generic(
                method, path, body, content_type=content_type, **environ
            )
            if response.streaming:
                sent = b"".join(response.streaming_content)  # type: ignore[attr-defined]
                response.streaming_content = [sent]  # type: ignore[attr-defined]
            wrote = response.status_code >= 400 and self._wrote()
            if self._look:
                self._look(response)
            transaction.set_rollback(True)
        browser.cookies.clear()
        browser.cookies.load(kept)
        return Sent(response, " · ".join(failures), wrote)

    def _wrote(self) -> bool:
        """The database's own counts say quickly where to look."""
        if connection.needs_rollback:
            return False
        now = self._touched()
        touched = [t for t, n in now.items() if n != self._touched_first.get(t)]
        # What is rolled back is counted, too.
        self._touched_first = now
        return any(rows != self._rows[t] for t, rows in self._contents(touched).items())

    def _touched(self) -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del "
                "FROM pg_stat_xact_user_tables"
            )
            return {name: n for name, n in cursor if name not in BOOKKEEPING}

    def _contents(self, tables: list[str]) -> dict[str, str]:
        found = {}
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(
                    "SELECT md5(string_agg(t::text, chr(1) ORDER BY t::text)) "
                    f'FROM "{table}" AS t'
                )
                (found[table],) = cursor.fetchone()
        return found


def _environ(
    headers: Mapping[str, bytes], cookies: Mapping[str, bytes]
) -> dict[str, Any]:
    environ: dict[str, Any] = {
        f"HTTP_{name.upper().replace('-', '_')}": as_header(value)
        for name, value in headers.items()
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if f"HTTP_{name}" in environ:
            environ[name] = environ.pop(f"HTTP_{name}")
    if cookies:
        environ["HTTP_COOKIE"] = "; ".join(
            f"{name}={as_header(value)}" for name, value in cookies.items()
        )
    return environ


@contextmanager
def _failures() -> Iterator[list[str]]:
    """The exceptions that were not answered, in a line each."""
    found: list[str] = []

    def note(sender: object, **kwargs: object) -> None:
        _, error, trace = sys.exc_info()
        where = traceback.extract_tb(trace)[-1] if trace else None
        found.append(f"{error!r:.200} at {where}")

    got_request_exception.connect(note, weak=False)
    try:
        yield found
    finally:
        got_request_exception.disconnect(note)


# ── Which names a view reads ──────────────────────────────────────────────────────


@contextmanager
def reading() -> Iterator[set[str]]:
    """The names that are looked up in request.GET and request.POST meanwhile."""
    names: set[str] = set()

    def noted(method: Any) -> Any:
        def look(self: Any, name: Any, *rest: Any) -> Any:
            if isinstance(self, QueryDict) and isinstance(name, str):
                names.add(name)
            return method(self, name, *rest)

        return look

    with ExitStack() as patches:
        for name in ("__getitem__", "get", "getlist"):
            method = noted(getattr(MultiValueDict, name))
            patches.enter_context(patch.object(MultiValueDict, name, method))
        method = noted(dict.__contains__)
        patches.enter_context(
            patch.object(MultiValueDict, "__contains__", method, create=True)
        )
        yield names


# ── A round of attacks on one address ─────────────────────────────────────────────

# What fits most forms: with it a form is valid, and only what is hostile beside it can
# make the response fail.
FITTING: dict[str, bytes] = {
    "reason": b"No ha pagado",
    "text": b"Llamar",
    "quantity": b"5",
    "reference": b"1f0e3dad-9990-4b0c-8b1e-6d1c1a8f5a01",
    "key": b"1f0e3dad-9990-4b0c-8b1e-6d1c1a8f5a02",
    "due_on": b"2027-01-15",
    "choice": "mañana".encode(),
    "channel": b"phone",
    "name": b"Nuevo",
    "scopes": b"stamps",
    "folios": b"10",
    "order": b"folios",
    "shown": b"folios",
    "move": b"folios:up",
    "term_unit": b"",
    "leftover_rule": b"keep",
    "rfc": b"DIN240115AB1",
    "accept_rfc": b"on",
    "legal_name": b"DISTRIBUIDORA",
    "tax_regime": b"601",
    "postal_code": b"64000",
    "contact_email": b"norma@norte.example",
}
# Each of these alone decides what becomes of a request, so it is not mixed with others.
ALONE = ("Host", "Content-Type", "Content-Length", "Authorization", "HX-Request")
MIXED = tuple(name for name in HEADERS if name not in ALONE)
QUIET = {name: value for name, value in VALUES.items() if name not in REFUSED_OUTRIGHT}


def learn(attack: Attack, browser: Browser, method: str, path: str) -> tuple[Sent, set]:
    """The response to a fitting request, and the names that its view reads."""
    with reading() as names:
        for headers in ({}, {"HX-Request": b"true", "HX-Target": b"preview"}):
            sent = attack.send(browser, method, path, headers=headers)
    body = query({name: FITTING[name] for name in names & FITTING.keys()})
    if method == "POST":
        with reading() as more:
            sent = attack.send(browser, method, path, body=body.encode())
        names |= more
    return sent, names


def rounds(
    attack: Attack,
    browser: Browser,
    method: str,
    path: str,
    names: Iterable[str],
    numbers: Iterable[int],
) -> Iterator[tuple[str, Sent]]:
    """For each number one request with a hostile value in every parameter and header,
    and for a POST two more: hostile fields, and hostile headers beside fitting ones.
    Over all numbers each name has had each value."""
    ordered = sorted(names)
    every, quiet = [*VALUES.values()], [*QUIET.values()]
    fitting = query({name: FITTING.get(name, b"") for name in ordered}).encode()
    for number in numbers:
        headers = _dealt(MIXED, quiet, number) | {"HX-Request": b"true"}
        asked = f"{path}?{query(_dealt(ordered, quiet, number))}"
        yield asked, attack.send(browser, method, asked, headers=headers)
        if method == "GET":
            for name, value in _dealt(ordered, every, number).items():
                alone = f"{path}?{query({name: value})}"
                yield alone, attack.send(browser, method, alone)
        else:
            fields = query(_dealt(ordered, every, number)).encode()
            yield path, attack.send(browser, method, path, body=fields)
            sent = attack.send(browser, method, path, body=fitting, headers=headers)
            yield f"{path} {headers}", sent


def _dealt(
    names: Iterable[str], values: Sequence[bytes], number: int
) -> dict[str, bytes]:
    return {
        name: values[(number + place) % len(values)] for place, name in enumerate(names)
    }
