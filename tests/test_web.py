"""The responses of views: pages and fragments, dialogs, changed rows, toasts; errors
and redirects to the log-in for HTMX; and what markup may never contain."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client as Browser
from django.test import RequestFactory, override_settings
from django.urls import path
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from clients.models import Client
from reseller_panel import spanish, web
from reseller_panel import urls as site
from reseller_panel.web import Toast

HTMX = {"HX-Request": "true"}


# --- A small site for these tests -----------------------------------------------


@login_not_required
def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


@login_not_required
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("as planned")


@login_not_required
def refused(request: HttpRequest) -> HttpResponse:
    return web.refuse(HttpResponse("no", status=409))


@login_not_required
def gone(request: HttpRequest) -> HttpResponse:
    toast = Toast("Quedó suspendido.", undo_url="/activar/")
    return web.redirect(request, "/shown/", toast)


@login_not_required
def shown(request: HttpRequest) -> HttpResponse:
    html = Template(
        "{% load panel %}{% for m in messages %}"
        '{% include "_toast.html" with toast=m|as_toast %}{% endfor %}'
    )
    context: dict[str, Any] = {"messages": web.messages.get_messages(request)}
    return HttpResponse(html.render(Context(context)))


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("private")


urlpatterns = [
    *site.urlpatterns,
    *(
        path(f"{view.__name__}/", view)
        for view in (missing, forbidden, broken, refused, gone, shown, private)
    ),
]
own_site = pytest.mark.urls(__name__)


def request_of(path: str = "/", **headers: str) -> HttpRequest:
    """A request as HtmxMiddleware passes it to a view."""
    request = RequestFactory().get(path, headers=headers)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


def text(response: HttpResponse) -> str:
    return response.content.decode()


# --- Pages and fragments --------------------------------------------------------


def test_a_browser_gets_the_page_and_htmx_the_fragment() -> None:
    page = web.render_page(request_of(), "404.html", {}, fragment="_logo.html")
    part = web.render_page(request_of(**HTMX), "404.html", {}, fragment="_logo.html")
    assert "<!doctype html>" in text(page)
    assert "<!doctype html>" not in text(part)
    assert page["Vary"] == part["Vary"] == "HX-Request"


def test_going_back_in_the_history_gives_the_page() -> None:
    request = request_of(**HTMX, **{"HX-History-Restore-Request": "true"})
    page = web.render_page(request, "404.html", {}, fragment="_logo.html")
    assert "<!doctype html>" in text(page)


def test_wants_and_page_path_read_what_htmx_says() -> None:
    request = request_of(
        **HTMX,
        **{
            "HX-Target": "preview",
            "HX-Current-URL": "http://testserver/clientes/?q=a",
        },
    )
    assert web.wants(request, "preview")
    assert not web.wants(request, "dialog")
    assert web.page_path(request) == "/clientes/"
    assert web.page_path(request_of()) == ""


# --- Dialogs --------------------------------------------------------------------

DIALOG = {"action": {"label": "Suspender"}, "target": "#row-1", "form": forms.Form()}


def test_a_dialog_for_htmx_is_bare_and_goes_to_the_dialog() -> None:
    request = request_of("/suspender/", **HTMX)
    response = web.render_dialog(request, "_dialog.html", DIALOG, status=422)
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#dialog"
    assert response["HX-Reswap"] == "innerHTML"
    assert "<html" not in text(response)
    assert 'hx-post="/suspender/" hx-target="#row-1"' in text(response)


def test_a_dialog_without_a_script_is_a_page_with_a_plain_form() -> None:
    request = request_of("/suspender/")
    response = web.render_dialog(request, "_dialog.html", DIALOG)
    assert "HX-Retarget" not in response
    assert "<title>Suspender · TimbrePanel</title>" in text(response)
    assert "hx-post" not in text(response)
    assert 'method="post" action="/suspender/"' in text(response)


# --- Changed rows ---------------------------------------------------------------


def test_what_is_out_of_band_travels_in_a_template_behind_the_row() -> None:
    """After a <tr>, the HTML parser empties forms, such as the undo of the toast."""
    request = request_of(**HTMX, **{"HX-Target": "row-1"})
    response = web.changed(
        request,
        "_logo.html",
        {},
        Toast("Quedó suspendido.", undo_url="/activar/"),
        also=["_bare.html"],
    )
    row, aside = text(response).split("<template>")
    assert "TimbrePanel" in row
    assert 'hx-swap-oob="beforeend:#toasts"' in aside
    assert "Quedó suspendido." in aside
    assert aside.endswith("</template>")


def test_the_undo_replaces_what_the_first_answer_replaced() -> None:
    request = request_of(**HTMX, **{"HX-Target": "client"})
    html = text(web.changed(request, None, {}, Toast("Listo", undo_url="/deshacer/")))
    assert 'hx-post="/deshacer/" hx-target="#client"' in html


def test_markup_in_a_toast_is_text() -> None:
    html = text(web.changed(request_of(**HTMX), None, {}, Toast("<b>Uno & Dos</b>")))
    assert "&lt;b&gt;Uno &amp; Dos&lt;/b&gt;" in html


@own_site
@pytest.mark.django_db
def test_a_toast_and_its_undo_survive_a_redirect() -> None:
    browser = Browser()
    html = text(browser.get("/gone/", follow=True))
    assert "Quedó suspendido." in html
    assert 'method="post" action="/activar/"' in html


# --- Errors and redirects for HTMX ----------------------------------------------


@own_site
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/missing/", 404, "Ya no existe o ya no puede verlo."),
        ("/forbidden/", 403, "entre en otra pestaña"),
        ("/broken/", 500, "Algo falló de nuestro lado."),
        ("/nowhere/", 404, "Ya no existe o ya no puede verlo."),
    ],
)
def test_an_error_becomes_a_toast_and_never_a_page_in_a_row(
    address: str, status: int, words: str
) -> None:
    response = Browser(raise_request_exception=False, headers=HTMX).get(address)
    assert response.status_code == status
    assert response["HX-Retarget"] == "#toasts"
    assert response["HX-Reswap"] == "beforeend"
    assert words in text(response)
    assert "<html" not in text(response)


@own_site
@pytest.mark.django_db
def test_an_error_is_a_page_for_a_browser() -> None:
    browser = Browser(raise_request_exception=False)
    assert "No encontrado" in text(browser.get("/missing/"))
    assert "Sin permiso" in text(browser.get("/forbidden/"))
    assert "El error fue nuestro" in text(browser.get("/broken/"))


@own_site
@pytest.mark.django_db
def test_a_refusal_that_knows_its_place_is_left_alone() -> None:
    response = Browser(headers=HTMX).get("/refused/")
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#dialog"


@pytest.mark.django_db
def test_a_stale_csrf_token_says_what_to_do() -> None:
    browser = Browser(enforce_csrf_checks=True)
    assert "Vuelva a intentarlo" in text(browser.post("/cuenta/login/"))
    toast = browser.post("/cuenta/login/", headers=HTMX)
    assert toast.status_code == 403
    assert toast["HX-Retarget"] == "#toasts"


@own_site
@pytest.mark.django_db
def test_an_expired_session_moves_the_window_and_comes_back_to_the_page() -> None:
    here = {"HX-Current-URL": "http://testserver/clientes/?q=ñandú"}
    response = Browser().get("/private/", headers=HTMX | here)
    assert response.status_code == 200
    assert response["HX-Redirect"].startswith("/cuenta/login/?next=/clientes/%3Fq%3D")
    assert "Location" not in response


@own_site
@pytest.mark.django_db
def test_the_next_page_is_never_another_site() -> None:
    here = {"HX-Current-URL": "https://otro.example/robar/"}
    response = Browser().get("/private/", headers=HTMX | here)
    assert response["HX-Redirect"] == "/cuenta/login/?next=/"


@own_site
@pytest.mark.django_db
def test_any_redirect_of_htmx_moves_the_window() -> None:
    response = Browser().get("/gone/", headers=HTMX)
    assert response["HX-Redirect"] == "/shown/"


@own_site
@pytest.mark.django_db
def test_no_answer_is_kept_unless_its_view_says_so() -> None:
    response = Browser().get("/shown/")
    assert response["Cache-Control"] == "no-store, private"
    assert {"HX-Request", "Cookie"} <= set(response["Vary"].split(", "))


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [True, False])
def test_what_is_not_there_is_our_page_also_in_the_demo(
    as_alicia: Browser, clara: Client, beto: User, debug: bool
) -> None:
    stranger = Browser()
    stranger.force_login(beto)
    with override_settings(DEBUG=debug):
        for browser, address in (
            (as_alicia, "/no-existe/"),
            (as_alicia, "/no-existe"),
            (Browser(), "/no-existe/"),
            (stranger, clara.get_absolute_url()),
        ):
            response = browser.get(address)
            assert response.status_code == 404
            assert "Esta página no existe, o ya no puede verla." in text(response)
            assert "URLconf" not in text(response)
        toast = as_alicia.get("/no-existe/", headers=HTMX)
        assert toast["HX-Retarget"] == "#toasts"
        program = as_alicia.get("/api/v1/no-existe")
        assert program.status_code == 404
        assert as_alicia.get("/clientes").status_code == 301


@own_site
@pytest.mark.django_db
def test_a_failure_keeps_its_traceback_for_developers() -> None:
    with override_settings(DEBUG=True):
        response = Browser(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert "Traceback" in text(response)


def test_every_page_has_its_favicon_where_browsers_ask_for_it() -> None:
    response = Browser().get("/favicon.ico")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert b"<svg" in response.content


# --- Template tags and filters --------------------------------------------------

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "hoy"),
        (date(2026, 11, 24), "mañana"),
        (date(2026, 11, 22), "ayer"),
        (date(2026, 11, 26), "en 3 días"),
        (date(2026, 11, 20), "hace 3 días"),
        (date(2027, 1, 30), "en 68 días"),
        (date(2027, 2, 21), "en 90 días"),
        (date(2027, 3, 22), "en 3 meses"),
        (date(2027, 3, 23), "en 4 meses"),
        (date(2028, 11, 22), "en 23 meses"),
        (date(2028, 11, 23), "en 2 años"),
        (date(2024, 11, 22), "hace 2 años"),
    ],
)
def test_relative_days(day: date, words: str) -> None:
    assert spanish.relative_day(day, TODAY) == words


def test_numbers_are_written_as_in_mexico() -> None:
    assert spanish.money(Decimal("1234.5")) == "$1,234.50"
    assert spanish.money(None) == ""
    assert spanish.counted(12345, "folio") == "12,345 folios"
    assert spanish.counted(1, "mes", "meses") == "1 mes"


class Sample(forms.Form):
    name = forms.CharField(label="Nombre", help_text="Como firma.", max_length=3)
    kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="De acuerdo")


def field(form: forms.Form, name: str) -> str:
    template = Template("{% load panel %}{% field field class='wide' %}")
    return template.render(Context({"field": form[name]}))


def test_a_field_ties_label_help_and_error_to_its_control() -> None:
    html = field(Sample({"name": "largo"}), "name")
    assert '<label hx-disable for="id_name">Nombre</label>' in html
    assert 'aria-invalid="true"' in html
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described
    for part in described[1].split():
        assert f'id="{part}"' in html
    assert "wide" in html


class Two(forms.Form):
    first = forms.CharField(widget=forms.TextInput(attrs={"autofocus": True}))
    second = forms.CharField()


def test_the_focus_goes_to_the_first_wrong_field() -> None:
    assert "autofocus" in field(Two(), "first")
    assert "autofocus" not in field(Two(), "second")
    refused = Two({"first": "a"})
    assert "autofocus" not in field(refused, "first")
    assert "autofocus" in field(refused, "second")


def test_a_choice_of_radios_is_a_group_with_a_legend() -> None:
    html = field(Sample(), "kind")
    assert "<fieldset" in html
    assert "<legend hx-disable>Kind</legend>" in html


def test_the_label_of_a_checkbox_stands_behind_it() -> None:
    html = field(Sample(), "agreed")
    assert html.index("<input") < html.index("<label")


def heading(query: str, key: str, current: str) -> str:
    template = Template("{% load panel %}{% sort_header key 'Vigencia' current %}")
    request = RequestFactory().get(f"/clientes/?{query}")
    values = {"request": request, "key": key, "current": current}
    return template.render(Context(values))


def test_a_sorted_column_says_so_and_turns_around() -> None:
    html = heading("q=a&pagina=3", "vigencia", "vigencia")
    assert 'aria-sort="ascending"' in html
    assert 'href="?q=a&amp;orden=-vigencia"' in html
    assert "pagina" not in html


def test_a_column_that_is_not_sorted_does_not_say_so() -> None:
    html = heading("", "vigencia", "-creado")
    assert "aria-sort" not in html
    assert 'href="?orden=vigencia"' in html


# --- What markup may never contain ----------------------------------------------

FORBIDDEN = {
    "an inline handler": r"\son[a-z]+=",
    "hx-on, which needs eval": r"hx-on",
    "an expression in an attribute": r"""["']\s*(?:js|javascript):""",
    "a trigger filter, which needs eval": r'hx-trigger="[^"]*\[',
    "hx-vars, which needs eval": r"hx-vars",
    "an inline style, which the CSP refuses": r"\sstyle=",
    "a script in the page": r"<script(?![^>]*(?:src=|application/json))",
    "a style sheet in the page": r"<style",
    "another host": r"(?:src|href)=[\"'](?:https?:)?//",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    found = [str(file) for file in templates if pattern.search(file.read_text())]
    assert found == []


def test_no_script_of_ours_evaluates_text() -> None:
    for file in Path(settings.BASE_DIR, "static").glob("*.js"):
        source = file.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write", source)
