"""/buscar/: what a text finds, as a page or as the options of the palette."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import ResellerRequest, reseller_only
from clients.finding import find as groups_of
from clients.views.scope import today_of
from reseller_panel import web
from reseller_panel.limits import SEARCH_LENGTH_MAX


@require_GET
@reseller_only
def find(request: ResellerRequest) -> HttpResponse:
    asked = request.GET.get("q", "").strip()[:SEARCH_LENGTH_MAX]
    context = {
        "asked": asked,
        "groups": groups_of(asked, user=request.user, today=today_of(request)),
        "as_options": bool(web.htmx(request)),
        "longest": SEARCH_LENGTH_MAX,
    }
    return web.render_page(
        request, "clients/find.html", context, fragment="clients/_found.html"
    )
