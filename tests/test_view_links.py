"""The link of a saved view for spreadsheets: read without logging in, and nothing else.

Law: quality.md, "Access". The secret is shown once; what was revoked, or whose person
left, is the same 404 as a secret that never was.
"""

import csv
import io
import logging
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse

from accounts import lists, sheet_links
from accounts.models import AccessEvent, AccessKind, SavedView, SheetLink, User
from clients import lifecycle
from clients.exporting import asking
from clients.models import Client
from clients.views import sheets
from reseller_panel.logs import LineFormatter
from tests import factories
from tests.cast import MakeClient, prove

NAMES = "columnas=razon_social"


def dialog(view: SavedView) -> str:
    return reverse("clients:sheet_link", args=[view.public_id])


def sheet(secret: str) -> str:
    return reverse("sheet", args=[secret])


def read(secret: str, **how: Any) -> HttpResponse:
    """As a spreadsheet does: without any cookie."""
    return Browser().get(sheet(secret), **how)


def rows(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def names(response: Any) -> list[str]:
    return [row[0] for row in rows(response)[1:]]


def secret_in(response: HttpResponse) -> str:
    page = unescape(response.content.decode())
    (secret,) = re.findall(r'=IMPORTDATA\("http://testserver/hojas/(.*?)\.csv"\)', page)
    return str(secret)


@pytest.fixture
def view(alicia: User) -> SavedView:
    query = f"estatus=activo&orden=razon_social&{NAMES}"
    return lists.save_view(alicia, name="Cobranza", query=query)


@pytest.fixture
def three(make_client: MakeClient) -> list[Client]:
    return [make_client(legal_name=name) for name in ("Berta", "Ana", "Carla")]


# ── Reading ───────────────────────────────────────────────────────────────────────


def test_it_reads_the_view_as_it_is_now(view: SavedView, three: list[Client]) -> None:
    secret = sheet_links.make(view)
    assert rows(read(secret)) == [
        ["Razón social", "RFC"],
        *([one.legal_name, one.rfc] for one in (three[1], three[0], three[2])),
    ]
    lifecycle.suspend(three[0], reason="x", by=None)
    assert names(read(secret)) == ["Ana", "Carla"]
    lists.replace_view(view, query=f"orden=-razon_social&{NAMES}")
    assert names(read(secret)) == ["Carla", "Berta", "Ana"]


def test_it_sets_no_cookie_and_is_kept_by_nobody(
    view: SavedView, three: list[Client], as_alicia: Browser
) -> None:
    secret = sheet_links.make(view)
    for response in (read(secret), as_alicia.get(sheet(secret)), read("otro")):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"
        assert "default-src" in response["Content-Security-Policy"]


def test_it_holds_no_formula(view: SavedView, make_client: MakeClient) -> None:
    make_client(legal_name="=1+1")
    assert names(read(sheet_links.make(view))) == ["'=1+1"]


def test_it_has_no_more_rows_than_fit(
    view: SavedView, three: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = sheet_links.make(view)
    monkeypatch.setattr(sheets, "AT_ONCE", 2)
    assert names(read(secret)) == ["Ana", "Berta"]


def test_the_day_is_that_of_the_reseller(
    beto: User, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At midnight in Mexico City it is still yesterday in Tijuana."""
    package = factories.PackageFactory(reseller=beto.reseller, term_count=1)
    with time_machine.travel(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        factories.make_client(package=package, legal_name="Vence el diez")
    query = f"estatus=activo&{NAMES}"
    secret = sheet_links.make(lists.save_view(beto, name="Activos", query=query))
    with time_machine.travel(datetime(2027, 3, 11, 8, 30, tzinfo=UTC), tick=False):
        assert names(read(secret)) == []
    with time_machine.travel(datetime(2027, 3, 11, 7, 30, tzinfo=UTC), tick=False):
        assert names(read(secret)) == ["Vence el diez"]


def test_filters_by_day_mean_days_of_the_reseller(
    beto: User, make_client: MakeClient
) -> None:
    package = factories.PackageFactory(reseller=beto.reseller)
    with time_machine.travel(datetime(2026, 3, 11, 6, 30, tzinfo=UTC), tick=False):
        factories.make_client(package=package, legal_name="Del diez")
    for day, found in (("2026-03-10", ["Del diez"]), ("2026-03-11", [])):
        query = f"creado_desde={day}&creado_hasta={day}&{NAMES}"
        view = lists.save_view(beto, name=day, query=query)
        assert names(read(sheet_links.make(view))) == found


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(view: SavedView, method: str) -> None:
    response = getattr(Browser(enforce_csrf_checks=True), method)(
        sheet(sheet_links.make(view))
    )
    assert response.status_code == 405


def test_head_counts_as_a_reading_without_a_body(view: SavedView) -> None:
    response = Browser().head(sheet(sheet_links.make(view)))
    assert response.status_code == 200
    assert SheetLink.objects.get().uses == 1


# ── Who may ───────────────────────────────────────────────────────────────────────


def gone(response: HttpResponse) -> bool:
    never = read("nunca-fue")
    assert never.status_code == 404
    return (response.status_code, response.content) == (404, never.content)


def test_what_is_wrong_is_the_same_404(view: SavedView, three: list[Client]) -> None:
    secret = sheet_links.make(view)
    for other in (secret[:-1], secret.swapcase(), "x", "'; --", "ñ" * 300, "%00"):
        assert gone(read(other)), other


def test_a_revoked_link_reads_nothing_from_the_next_request_on(
    view: SavedView, three: list[Client]
) -> None:
    secret = sheet_links.make(view)
    assert read(secret).status_code == 200
    assert sheet_links.revoke(view)
    assert gone(read(secret))
    assert not sheet_links.revoke(view)


def test_a_link_made_anew_ends_the_one_before(
    view: SavedView, three: list[Client]
) -> None:
    first = sheet_links.make(view)
    read(first)
    second = sheet_links.make(view)
    assert gone(read(first))
    assert SheetLink.objects.get().uses == 0
    assert read(second).status_code == 200


def test_with_the_view_its_link_goes(view: SavedView, three: list[Client]) -> None:
    secret = sheet_links.make(view)
    lists.remove_view(view)
    assert gone(read(secret))


@pytest.mark.parametrize("how", ["disabled", "left", "moved", "support"])
def test_of_whoever_may_no_longer_enter_it_reads_nothing(
    view: SavedView, three: list[Client], alicia: User, beto: User, how: str
) -> None:
    secret = sheet_links.make(view)
    match how:
        case "disabled":
            alicia.is_active = False
        case "left":
            alicia.reseller = None
        case "moved":
            alicia.reseller = beto.reseller
        case "support":
            alicia.is_superuser = True
    alicia.save()
    assert gone(read(secret))


def test_the_secret_opens_nothing_else(
    view: SavedView, three: list[Client], as_alicia: Browser
) -> None:
    secret = sheet_links.make(view)
    bearer = {"Authorization": f"Bearer {secret}"}
    for path in ("/clientes/", "/clientes/exportar/", "/api/v1/clients"):
        assert read(secret).status_code == 200
        assert Browser().get(path, headers=bearer).status_code in (302, 401)
        assert Browser().get(f"{path}?secret={secret}").status_code in (302, 401)
    # Nor do parameters open more of the list.
    wider = Browser().get(f"{sheet(secret)}?estatus=&archivados=1&columnas=correo")
    assert rows(wider)[0] == ["Razón social", "RFC"]


def test_only_a_hash_is_kept(view: SavedView) -> None:
    secret = sheet_links.make(view)
    assert len(secret) == 43  # 256 bits
    kept = SheetLink.objects.values().get()
    assert secret not in str(kept)
    assert bytes(kept["digest"]) == SheetLink.digest_of(secret)


def test_no_log_has_the_secret(
    view: SavedView, three: list[Client], caplog: pytest.LogCaptureFixture
) -> None:
    secret = sheet_links.make(view)
    with caplog.at_level(logging.DEBUG):
        for _ in range(12):
            read(secret)
        sheet_links.revoke(view)
        read(secret)
    lines = [LineFormatter().format(record) for record in caplog.records]
    assert any("Too Many Requests: /hojas/…" in line for line in lines)
    assert any("Not Found: /hojas/…" in line for line in lines)
    assert not any(secret in line for line in lines)


# ── How often ─────────────────────────────────────────────────────────────────────


def test_a_link_that_is_read_too_often_has_to_wait(
    alicia: User, view: SavedView, three: list[Client]
) -> None:
    secret = sheet_links.make(view)
    query = f"estatus=activo&{NAMES}"
    other = sheet_links.make(lists.save_view(alicia, name="Otra", query=query))
    answers = [read(secret) for _ in range(11)]
    assert [one.status_code for one in answers] == [200] * 10 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert not answers[-1].cookies
    assert read(other).status_code == 200
    assert sheet_links.of_view(view).uses == 10  # type: ignore[union-attr]


# ── Managing it ───────────────────────────────────────────────────────────────────


def test_the_dialog_makes_shows_once_counts_and_revokes(
    as_alicia: Browser, view: SavedView, three: list[Client]
) -> None:
    prove(as_alicia)
    made = as_alicia.post(dialog(view), {"do": "make"})
    secret = secret_in(made)
    assert names(read(secret)) == ["Ana", "Berta", "Carla"]
    shown = as_alicia.get(dialog(view)).content.decode()
    assert secret not in shown
    assert "<dt>Lecturas</dt><dd>1</dd>" in shown
    change = reverse("clients:change_view", args=[view.public_id])
    assert "la última vez el" in as_alicia.get(change).content.decode()
    assert as_alicia.post(dialog(view), {"do": "revoke"}).status_code == 302
    assert gone(read(secret))
    kinds = AccessEvent.objects.order_by("id").values_list("kind", flat=True)
    assert [*kinds] == [AccessKind.LINK_MADE, AccessKind.LINK_REVOKED]


def test_to_make_one_the_password_is_asked_again(
    as_alicia: Browser, view: SavedView
) -> None:
    refused = as_alicia.post(dialog(view), {"do": "make", "password": "otra"})
    assert refused.status_code == 422
    assert not SheetLink.objects.exists()
    sent = {"do": "make", "password": factories.PASSWORD}
    assert secret_in(as_alicia.post(dialog(view), sent))


def test_the_dialog_says_what_is_left_out(
    as_alicia: Browser,
    view: SavedView,
    three: list[Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "La vista tiene más de"
    assert said not in as_alicia.get(dialog(view)).content.decode()
    monkeypatch.setattr(sheets, "AT_ONCE", 2)
    assert f"{said} 2 clientes" in as_alicia.get(dialog(view)).content.decode()
    assert asking.AT_ONCE == 5_000


def test_a_colleague_does_not_see_the_link_of_a_view(
    alicia: User, view: SavedView
) -> None:
    colleague = Browser()
    colleague.force_login(factories.UserFactory(reseller=alicia.reseller))
    assert colleague.get(dialog(view)).status_code == 404
    assert colleague.post(dialog(view), {"do": "revoke"}).status_code == 404
