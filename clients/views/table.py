"""The table of Clientes with its chips. What a filter means is in filters.py."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from accounts import lists
from accounts.access import ResellerRequest, reseller_only
from accounts.models import SavedView
from clients.arrangement import PAGE_SIZES, Arrangement
from clients.columns import NAME, table_rows
from clients.forecast.keeping import made
from clients.listing import ALL, ClientList
from clients.models import Client, Standing
from clients.saved import Views, address_of
from clients.views import past
from clients.views.scope import today_of
from reseller_panel import way_back, web

way_back.register("clients:list", "Clientes", is_usual=True)

# The address of the whole list for whoever has a view that opens instead.
WHOLE = f"?{ALL}=1"


@require_GET
@reseller_only
def client_list(request: ResellerRequest) -> HttpResponse:
    """The table with its chips: the whole page, or only the results for HTMX. Without
    any parameter the person's own view opens, if they have one to begin with."""
    today = today_of(request)
    asked = past.day_of(request)
    if asked.day:
        return past.past_list(request, asked.day)
    views = list(SavedView.objects.visible_to(request.user))
    first = next((view for view in views if view.is_default), None)
    if first and not request.GET and not web.htmx(request):
        return redirect(f"{request.path}{address_of(first.query, today)}")
    how = arrangement_of(request, request.GET)
    table = list_of(request, request.GET)
    if first:
        table.bare = WHOLE
    table.count()
    page = table.page(how.page_size)
    context = {
        "filter": table,
        "how": how,
        "columns": (NAME, *how.columns),
        "views": Views.of(views, table, how),
        "page": page,
        "page_sizes": PAGE_SIZES,
        "rows": table_rows(page.clients, how.columns, today),
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


def arrangement_of(request: ResellerRequest, data: Mapping[str, str]) -> Arrangement:
    """How this person sees the list with these parameters."""
    return Arrangement.of(data, lists.settings_of(request.user))


def list_of(request: ResellerRequest, data: QueryDict) -> ClientList:
    return ClientList(
        data,
        queryset=Standing.objects.visible_to(request.user),
        request=request,
        today=today_of(request),
    )


def row_of(request: ResellerRequest, client: Client) -> dict[str, Any]:
    """A row, and the counts under the filters, of the page that sent this request."""
    asked = way_back.query_of(request)
    how, table = arrangement_of(request, asked), list_of(request, asked)
    if SavedView.objects.visible_to(request.user).filter(is_default=True).exists():
        table.bare = WHOLE
    table.count()
    (row,) = table_rows([client], how.columns, today_of(request))
    return {"row": row, "filter": table}
