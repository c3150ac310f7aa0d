"""The views of what was sold by package: a month on screen, a year as a file. The
numbers come from sales.py."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import ResellerRequest, reseller_only
from followup import sales
from followup.home import MONTHS
from followup.months import Month
from followup.views.home import month_of
from reseller_panel import way_back, web
from reseller_panel.spreadsheets import Format, response

way_back.register("followup:sales", "Ventas por paquete")


@require_GET
@reseller_only
def by_package(request: ResellerRequest) -> HttpResponse:
    month = month_of(request)
    sold, months = sales.of_month(request.reseller, month), _months(request)
    context = {
        "month": month,
        "months": months,
        "since": months[-1],
        "is_current": month == months[0],
        "today": request.reseller.local_date(timezone.now()),
        "sold": sold,
        "total": sales.total(sold, "Total del mes") if sold else None,
    }
    return web.render_page(request, "followup/sales.html", context)


@require_GET
@reseller_only
def sales_csv(request: ResellerRequest) -> HttpResponseBase:
    return _file(request, Format.CSV)


@require_GET
@reseller_only
def sales_xlsx(request: ResellerRequest) -> HttpResponseBase:
    return _file(request, Format.XLSX)


def _months(request: ResellerRequest) -> list[Month]:
    """The last twelve, the newest first."""
    this = Month.of(request.reseller.local_date(timezone.now()))
    return [this + -n for n in range(MONTHS)]


def _file(request: ResellerRequest, form: Format) -> HttpResponseBase:
    """The months that the page offers."""
    months = _months(request)
    name = f"ventas-{months[-1]}-{months[0]}"
    rows = sales.rows_of(request.reseller, months)
    return response(form, name, sales.HEADER, rows)
