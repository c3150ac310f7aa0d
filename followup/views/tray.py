"""The views of the tray: its page, and what is rendered again after an action."""

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url

from accounts.access import ResellerRequest, reseller_only
from clients.models import Client
from clients.views import bulk, swap_targets
from clients.views.scope import today_of
from followup.count import count_of, recount
from followup.tray import Tray, first_rows
from reseller_panel import way_back, web

way_back.register("followup:tray", "Seguimiento")


@require_GET
@reseller_only
def tray(request: ResellerRequest) -> HttpResponse:
    context = _context(request, request.GET.dict())
    response = web.render_page(
        request, "followup/tray.html", context, fragment="followup/_filtered.html"
    )
    if web.htmx(request):
        push_url(response, f"{request.path}{context['tray'].url}")
    return response


@require_POST
@reseller_only
def choose(request: ResellerRequest) -> HttpResponseBase:
    """The clients whose boxes are checked, or all of the tray that sent this."""
    asked = cast(dict[str, str], way_back.query_of(request).dict())
    shown = Tray(request.reseller, today_of(request), asked)
    return bulk.chosen(
        request,
        at="followup:tray",
        all_of_them=shown.ids,
        back=f"{reverse('followup:tray')}{shown.url}",
    )


def _context(request: ResellerRequest, asked: Mapping[str, str]) -> dict[str, Any]:
    today = today_of(request)
    return {"tray": Tray(request.reseller, today, asked), "today": today}


@swap_targets.renders("followup:tray", element="tray")
def tray_again(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    """Renders the tray after an action on its page, with the same filters: the client
    may have left it, and all counts are new."""
    asked = cast(dict[str, str], way_back.query_of(request).dict())
    context = _context(request, asked)
    context["count"] = recount(context["tray"])
    also = ("followup/_chips.html", "followup/_count.html")
    return web.changed(request, "followup/_tray.html", context, toast, also=also)


@swap_targets.renders("home", element="first-rows")
def first_rows_again(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    rows = first_rows(request.reseller, today_of(request))
    context = {"tray": rows, "count": recount(rows)}
    also = ("followup/_count.html",)
    return web.changed(request, "followup/_first_rows.html", context, toast, also=also)


@require_GET
@reseller_only
def count(request: ResellerRequest) -> HttpResponse:
    """The number in the menu; a page requests it after it has loaded."""
    context = {"count": count_of(request.reseller, today_of(request))}
    return web.render_page(request, "followup/_count.html", context)
