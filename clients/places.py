"""Where a client is acted upon, and what a success puts there.

The same dialogs open from the table, the detail and the pages of apps above clients
(followup). A page says once, with `shown_at`, which of its elements a success replaces
and who writes it; so nothing in clients has to know who is above. A page that says
nothing has the client's row replaced.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from accounts.access import ResellerRequest
from clients.models import Client
from reseller_panel import web

Answer = Callable[[ResellerRequest, Client, web.Toast], HttpResponse]


@dataclass(frozen=True)
class Place:
    element: str  # its id
    answer: Answer


_places: dict[str, Place] = {}


def shown_at(view_name: str, *, element: str) -> Callable[[Answer], Answer]:
    """What is decorated answers, on the page of that name, with a new `element`."""

    def register(answer: Answer) -> Answer:
        _places[view_name] = Place(element, answer)
        return answer

    return register


def target_of(request: HttpRequest, client: Client) -> str:
    """The selector of what a success replaces on the page that sent this request."""
    try:
        page = resolve(web.page_path(request)).view_name
    except Resolver404:
        page = ""
    place = _places.get(page)
    return f"#{place.element}" if place else f"#row-{client.public_id}"


def wanted_by(request: HttpRequest) -> Answer | None:
    """Who writes the element that this request will replace."""
    for place in _places.values():
        if web.wants(request, place.element):
            return place.answer
    return None
