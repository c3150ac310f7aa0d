"""The table of Clientes with its chips. What a filter means is in filters.py."""

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from accounts.access import ResellerRequest, reseller_only
from clients.forecast.keeping import made
from clients.listing import ClientList
from clients.models import Standing
from clients.rows import rows_of
from clients.views import past
from clients.views.scope import PAGE_SIZES, page_size_of, today_of
from reseller_panel import way_back, web

way_back.register("clients:list", "Clientes", is_usual=True)


@require_GET
@reseller_only
def client_list(request: ResellerRequest) -> HttpResponse:
    """The table with its chips: the whole page, or only the results for HTMX."""
    today = today_of(request)
    asked = past.day_of(request)
    if asked.day:
        return past.past_list(request, asked.day)
    table = _filter(request, request.GET)
    table.count()
    page = table.page(page_size_of(request))
    context = {
        "filter": table,
        "page": page,
        "page_sizes": PAGE_SIZES,
        "rows": rows_of(page.clients, today),
        "made": made(request.reseller) if table.needs_pace else None,
        "today": today,
        "past_refused": asked.refused,
    }
    response = web.render_page(
        request, "clients/list.html", context, fragment="clients/_filtered.html"
    )
    if web.htmx(request):
        push_url(response, f"{request.path}{table.url_of_this(page)}")
    return response


def _filter(request: ResellerRequest, data: QueryDict) -> ClientList:
    return ClientList(
        data,
        queryset=Standing.objects.visible_to(request.user),
        request=request,
        today=today_of(request),
    )


def counts_of(request: ResellerRequest) -> ClientList:
    """The counts under the filters of the page that sent this request."""
    table = _filter(request, way_back.query_of(request))
    table.count()
    return table
