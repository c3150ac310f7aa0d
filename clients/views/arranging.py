"""The dialog *Columnas*: which columns the table has, in which order, and how its rows
look. What is chosen so far stands in the form, so that it needs no script.
"""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import lists
from accounts.access import ResellerRequest, reseller_only
from clients.arrangement import PAGE_SIZES, PER_PAGE, Arrangement, Draft
from clients.columns import PARAMETER
from clients.views.scope import list_query, list_url
from reseller_panel import way_back, web

way_back.register("clients:columns", "Columnas", is_list=False)

# The button that keeps the columns in the address alone.
HERE = "here"


@require_http_methods(["GET", "POST"])
@reseller_only
def columns(request: ResellerRequest) -> HttpResponse:
    """Choose the columns. Of a list whose address says them, they are put there, and
    only the other button makes them the person's own."""
    asked, posted = list_query(request), request.POST
    now = Arrangement.of(asked, lists.settings_of(request.user))
    if request.method == "GET":
        return _dialog(request, Draft.of(now), now)
    draft = Draft.posted(posted)
    if "reset" in posted:
        return _dialog(request, Draft.of(Arrangement()), now)
    if "move" in posted:
        return _dialog(request, draft.move(posted["move"]), now)
    chosen = draft.arrangement
    lists.arrange(
        request.user, page_size=chosen.page_size, is_compact=chosen.is_compact
    )
    if now.is_of_address and posted.get("save") == HERE:
        back = list_url(asked, **{PER_PAGE: None, PARAMETER: chosen.said})
        return web.redirect(request, back)
    lists.set_columns(request.user, chosen.names)
    back = list_url(asked, **{PER_PAGE: None, PARAMETER: None})
    return web.redirect(request, back, web.Toast("Así verá su lista desde ahora."))


@require_POST
@reseller_only
def page_size(request: ResellerRequest) -> HttpResponse:
    """How many rows a page has, from the foot of the list."""
    size = Draft.posted(request.POST).page_size
    lists.arrange(request.user, page_size=size)
    return web.redirect(request, list_url(list_query(request), **{PER_PAGE: None}))


def _dialog(request: ResellerRequest, draft: Draft, now: Arrangement) -> HttpResponse:
    context = {
        "draft": draft,
        "page_sizes": PAGE_SIZES,
        "is_of_address": now.is_of_address,
        "back": list_url(list_query(request)),
    }
    return web.render_dialog(request, "clients/dialogs/columns.html", context)
