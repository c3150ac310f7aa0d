"""The link of a saved view for spreadsheets: its dialog, and what it answers.

The answer needs no log-in, so it is reached without sessions or cookies
(ProgramsMiddleware): the secret opens this view and nothing else. What may be read is
asked of its person each time (accounts/sheet_links.py).
"""

from typing import Any
from uuid import UUID

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import sheet_links
from accounts.access import ResellerRequest, reseller_only
from accounts.models import SavedView, SheetLink, User
from accounts.reauthentication import ProvenForm
from clients import columns, exporting
from clients.listing import ClientList
from clients.saved import address_of
from clients.views.saved import list_page, view_of
from reseller_panel import way_back, web
from reseller_panel.spreadsheets import AT_ONCE, Format

way_back.register("clients:sheet_link", "Vistas", is_list=False)

# Seconds, after which a link that was read too often may be read again (limits.py).
RETRY_AFTER = 60


# ── The dialog ────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@reseller_only
def sheet_link(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Says whether the view has a link, and when it was read; makes one, or another
    one, and revokes it. The secret is shown only in the response to the POST."""
    view = view_of(request, public_id)
    if request.method == "POST" and request.POST.get("do") == "revoke":
        sheet_links.revoke(view)
        toast = web.Toast(f"El enlace de {view} ya no sirve.", level="warn")
        return web.redirect(request, list_page(request), toast)
    form = ProvenForm(
        request.POST if request.method == "POST" else None, request=request
    )
    context: dict[str, Any] = {"view": view, "back": list_page(request)}
    if form.is_valid():
        path = reverse("sheet", args=[sheet_links.make(view)])
        context["url"] = request.build_absolute_uri(path)
        return web.render_dialog(request, "clients/dialogs/sheet_made.html", context)
    context |= {"form": form, "link": sheet_links.of_view(view), "most": AT_ONCE}
    context["left_out"] = _left_out(request, view)
    status = 422 if form.is_bound else 200
    template = "clients/dialogs/sheet_link.html"
    return web.render_dialog(request, template, context, status=status)


def _left_out(request: ResellerRequest, view: SavedView) -> bool:
    """Whether the view has more clients than its link brings."""
    table = _list_of(view, request.user)
    return len(table.walk.ids(0, AT_ONCE + 1)) > AT_ONCE


def _list_of(view: SavedView, person: User) -> ClientList:
    assert person.reseller
    today = person.reseller.local_date(timezone.now())
    query = address_of(view.query, today).removeprefix("?")
    return exporting.list_for(person, query, today)


# ── What it answers ───────────────────────────────────────────────────────────────


@csrf_exempt
@login_not_required
@require_safe
def sheet(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The view as it is now, as CSV. Whatever is wrong with the secret is the same 404;
    none of it says whether there was such a link."""
    link = sheet_links.found(secret)
    if link is None:
        return _plain("Este enlace no existe o fue revocado.", 404)
    if not ratelimit.consume(
        request,
        app="allauth.account",
        action="sheet",
        key=f"sheet:{link.pk}",
        limit_get=True,
    ):
        refused = _plain("Este enlace se leyó demasiadas veces. Espere un minuto.", 429)
        refused["Retry-After"] = str(RETRY_AFTER)
        return refused
    response = _answer(link)
    sheet_links.note_use(link)
    return _unlisted(response)


# Without sessions, cookies and their middleware.
sheet.is_call = True  # type: ignore[attr-defined]


def _answer(link: SheetLink) -> HttpResponseBase:
    person = link.view.person
    assert person.reseller
    with timezone.override(person.reseller.zone):
        table = _list_of(link.view, person)
        ids = table.walk.ids(0, AT_ONCE)
        shown = columns.asked(table.data.get(columns.PARAMETER, ""))
        return exporting.at_once(ids, columns=shown or (), form=Format.CSV, by=person)


def _plain(text: str, status: int) -> HttpResponse:
    return _unlisted(
        HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    )


def _unlisted(response: Any) -> Any:
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    return response
