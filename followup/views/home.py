"""The views of Inicio and the month page. Numbers come from home.py and totals.py."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import ResellerRequest, reseller_only
from accounts.models import Role, User
from followup import first_steps, sorts, totals
from followup.home import MONTHS, Home
from followup.months import Month
from followup.tray import first_rows
from reseller_panel import way_back, web
from reseller_panel.spreadsheets import Format, response

way_back.register("home", "Inicio")
way_back.register("followup:month", "Folios por mes")

PAGE = 50


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """`/` is the reseller's start page. It redirects support to the admin, and clients
    (or a reseller during a visit) to the client's account."""
    match cast(User, request.user).role:
        case Role.RESELLER:
            return board(request)
        case Role.SUPPORT:
            return redirect("admin:index")
    return redirect("portal:home")


@reseller_only
def board(request: ResellerRequest) -> HttpResponse:
    board = Home.of(request, timezone.now())
    context: dict[str, Any] = {"home": board, "reseller": request.reseller}
    if board.has_clients:
        context["tray"] = first_rows(request.reseller, board.today)
    return render(request, "followup/home.html", context)


@require_POST
@reseller_only
def steps(request: ResellerRequest) -> HttpResponse:
    """Hides the first steps; with `?mostrar=1`, the undo, shows them again."""
    if "mostrar" in request.GET:
        first_steps.show(request.reseller)
        toast = web.Toast("Los primeros pasos están otra vez en Inicio.")
        return web.redirect(request, reverse("home"), toast)
    first_steps.hide(request.reseller, by=request.user)
    undo_url = f"{reverse('followup:steps')}?mostrar=1"
    toast = web.Toast("Se ocultaron los primeros pasos.", undo_url=undo_url)
    return web.redirect(request, reverse("home"), toast)


@require_GET
@reseller_only
def month(request: ResellerRequest) -> HttpResponse:
    """Who stamped and bought in a month; the total is the number shown on Inicio."""
    now = timezone.now()
    month, today = month_of(request), request.reseller.local_date(now)
    sort = sorts.key_of(request.GET.get("orden", ""))
    clients = totals.by_client(request.user, request.reseller, month, sort)
    paginator = Paginator(clients, PAGE)
    # Counting the rows does not need the annotations, which add up the folios.
    paginator.count = totals.who_moved(request.user, month).count()
    this = Month.of(today)
    context = {
        "month": month,
        "months": [this + -n for n in range(MONTHS)],
        "previous": month + -1,
        "next": month + 1 if month < this else None,
        "today": today,
        "is_current": month == this,
        "sort": sort,
        "same_sort": "" if sort == sorts.DEFAULT_SORT else f"&orden={sort}",
        "sort_choices": sorts.choices(sort),
        "page": paginator.get_page(request.GET.get("pagina")),
        "total": totals.of_month(request.reseller, month, now),
    }
    return web.render_page(
        request, "followup/month.html", context, fragment="followup/_month_again.html"
    )


@require_GET
@reseller_only
def month_csv(request: ResellerRequest) -> HttpResponseBase:
    return _month_file(request, Format.CSV)


@require_GET
@reseller_only
def month_xlsx(request: ResellerRequest) -> HttpResponseBase:
    return _month_file(request, Format.XLSX)


def _month_file(request: ResellerRequest, form: Format) -> HttpResponseBase:
    month, sort = month_of(request), sorts.key_of(request.GET.get("orden", ""))
    clients = totals.by_client(request.user, request.reseller, month, sort)
    rows = (
        (client.legal_name, client.rfc, client.stamped, client.sold)  # type: ignore[attr-defined]
        for client in clients.iterator()
    )
    header = ["Razón social", "RFC", "Timbrados", "Vendidos"]
    return response(form, f"folios-{month}", header, rows)


def month_of(request: ResellerRequest) -> Month:
    """The month in the URL, this month by default. Raises Http404 for a later one."""
    this = Month.of(request.reseller.local_date(timezone.now()))
    month = Month.parse(request.GET.get("mes") or str(this))
    if month is None or month > this:
        raise Http404
    return month
