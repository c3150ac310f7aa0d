"""The headers that protect a browser are on every response, whoever made it.

Law: quality.md, "Access".
"""

import re
from ast import literal_eval
from types import SimpleNamespace
from typing import Any
from wsgiref.headers import Headers

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings
from pytest_django.fixtures import Settings

from api.stamping.server import StampServer
from tests.environment import run_async
from tests.programs import MakeProgram, Program, refusal
from tests.test_setup import PRODUCTION, run_in

POLICY = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")


def protects(headers: Any) -> bool:
    policy = headers.get("Content-Security-Policy", "")
    return (
        headers.get("X-Content-Type-Options") == "nosniff"
        and bool(headers.get("Referrer-Policy"))
        and all(directive in policy for directive in POLICY)
        and "unsafe" not in policy
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/clientes/", 200),
        ("/clientes/?q=%00", 400),
        ("/clientes/?" + "x" * 9_000, 400),
        ("/no-existe/", 404),
        ("/api/v1/no-existe", 404),
        ("/api/v1/clients", 401),
        ("/iconos.svg", 200),
        ("/healthz", 200),
        ("/static/no-existe.css", 404),
        ("/admin/", 302),
    ],
)
def test_every_response_protects_the_browser(
    path: str, status: int, as_alicia: Browser
) -> None:
    response = as_alicia.get(path)
    assert response.status_code == status
    assert protects(response.headers), response.headers


def test_a_host_that_is_not_served_gets_them_too(anonymous: Browser) -> None:
    with override_settings(ALLOWED_HOSTS=["panel.example.mx"]):
        response = anonymous.get("/cuenta/login/", headers={"Host": "otro.example"})
    assert response.status_code == 400
    assert protects(response.headers)


def test_an_answer_to_a_program_has_them(program: Program) -> None:
    response = program.get("/clients")
    assert protects(response.headers)
    assert response["Cache-Control"] == "no-store, private"


def test_so_has_a_static_file(anonymous: Browser, settings: Settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    response = anonymous.get("/static/panel.css")
    response.close()
    assert response.status_code == 200
    assert protects(response.headers)


def test_so_has_the_stamping_process() -> None:
    sent: list[tuple[int, list[tuple[str, str]]]] = []

    def note(status: int, headers: list[tuple[str, str]], body: Any) -> None:
        sent.append((status, headers))

    protocol = SimpleNamespace(response_str=note, response_bytes=note)
    server: Any = StampServer.__new__(StampServer)  # without what it writes with
    for path in ("/healthz", "/otra"):
        scope = SimpleNamespace(path=path, method="GET", headers={})
        run_async(server.__rsgi__(scope, protocol))
    assert [status for status, _ in sent] == [200, 404]
    for _, headers in sent:
        assert protects(Headers(headers)), headers


@pytest.fixture
def _tls(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.TRUSTED_PROXY_COUNT = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    _, words = run_in(
        PRODUCTION,
        *("-c", "import reseller_panel.settings as s; print(s.SECURE_REDIRECT_EXEMPT)"),
    )
    settings.SECURE_REDIRECT_EXEMPT = literal_eval(words)


@pytest.mark.usefixtures("_tls")
def test_a_call_without_tls_is_refused_and_a_page_redirected(
    make_program: MakeProgram, anonymous: Browser
) -> None:
    program = make_program()
    assert refusal(program.get("/clients")) == (403, "https_needed")
    assert refusal(program.stamp("EKU9003173C9")) == (403, "https_needed")
    for page in ("/cuenta/login/", "/api/v1/docs"):
        response = anonymous.get(page)
        assert response["Location"] == f"https://testserver{page}"
    headers = {
        "Authorization": f"Bearer {program.secret}",
        "X-Forwarded-Proto": "https",
    }
    assert anonymous.get("/api/v1/clients", headers=headers).status_code == 200


@pytest.mark.usefixtures("_tls")
@pytest.mark.parametrize(
    ("scheme", "said", "status"),
    [
        ("http", "", 403),
        ("http", "http", 403),
        ("http", "https", 401),
        ("https", "", 401),
    ],
)
def test_the_stamping_process_refuses_it_too(
    scheme: str, said: str, status: int
) -> None:
    sent: list[int] = []
    protocol = SimpleNamespace(response_bytes=lambda status, *rest: sent.append(status))
    server: Any = StampServer.__new__(StampServer)
    scope = SimpleNamespace(
        path="/api/v1/clients/EKU9003173C9/stamps",
        method="POST",
        scheme=scheme,
        headers={"x-forwarded-proto": said},
    )
    run_async(server.__rsgi__(scope, protocol))
    assert sent == [status]


def test_what_is_text_says_in_which_characters(anonymous: Browser) -> None:
    for path in ("/healthz", "/readyz", "/iconos.svg", "/favicon.ico"):
        kind = anonymous.get(path)["Content-Type"]
        assert re.fullmatch(r"(text/plain|image/svg\+xml); charset=utf-8", kind), path


def test_no_folder_is_listed(anonymous: Browser) -> None:
    for path in ("/static/", "/static/manual/", "/static/manual"):
        assert anonymous.get(path).status_code == 404, path


def test_no_request_is_sent_back_as_it_came(as_alicia: Browser) -> None:
    """TRACE, which nginx refuses itself."""
    response = as_alicia.generic("TRACE", "/healthz", headers={"X-Mine": "echo-me"})
    assert response.status_code == 405
    response = as_alicia.generic("TRACE", "/clientes/", headers={"X-Mine": "echo-me"})
    assert b"echo-me" not in response.content


def test_other_sites_get_no_leave_to_read(as_alicia: Browser) -> None:
    for path in ("/clientes/", "/api/v1/clients"):
        response = as_alicia.get(path, headers={"Origin": "https://otro.example"})
        assert not [name for name in response.headers if "Access-Control" in name]


def test_cookies_are_of_this_site_alone(as_alicia: Browser) -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"
