"""Which element of a page a successful action replaces, and who renders it.

The same dialogs open from the table, the detail and the pages of apps that import
clients (followup). Such a page registers its element once, with `renders`, so that
`clients` need not import that app. On a page that registers none, the client's row in
the table is replaced.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from accounts.access import ResellerRequest
from clients.models import Client
from reseller_panel import web

Renderer = Callable[[ResellerRequest, Client, web.Toast], HttpResponse]


@dataclass(frozen=True)
class SwapTarget:
    element: str  # the id of the element
    render: Renderer


_by_page: dict[str, SwapTarget] = {}


def renders(view_name: str, *, element: str) -> Callable[[Renderer], Renderer]:
    """Decorator: the function renders `element` on the page named `view_name`."""

    def register(render: Renderer) -> Renderer:
        _by_page[view_name] = SwapTarget(element, render)
        return render

    return register


def selector_for(request: HttpRequest, client: Client) -> str:
    """The selector of what a success replaces on the page that sent this request."""
    try:
        page = resolve(web.page_path(request))
    except Resolver404:
        page = None
    target = _by_page.get(page.view_name) if page else None
    # The palette opens actions of any client, also on the page of another one.
    is_another = page and page.kwargs.get("public_id", client.public_id) != (
        client.public_id
    )
    if target is None or is_another:
        return f"#row-{client.public_id}"
    return f"#{target.element}"


def renderer_for(request: HttpRequest) -> Renderer | None:
    """The function that renders what this request will replace, if registered."""
    for target in _by_page.values():
        if web.wants(request, target.element):
            return target.render
    return None
