"""The way back: from a page or dialog to the list it was opened from, with its filters.

A link to a client carries the URL of its list as `?desde=`; a form without JavaScript
carries that of its page. What a browser says is never used as an address: only the
name of a registered page and its parameters are taken from it, and the URL is built
anew. Nothing here raises, because anybody can write anything into a header.
"""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse

from reseller_panel import web

PARAMETER = "desde"
_MAX_LENGTH = 2_000  # of a URL in a header or parameter; a longer one is ignored


@dataclass(frozen=True)
class _Page:
    label: str
    is_list: bool
    is_usual: bool


_pages: dict[str, _Page] = {}


def register(
    view_name: str, label: str, *, is_list: bool = True, is_usual: bool = False
) -> None:
    """Say that one may go back to the page `view_name`. The usual list need not be
    carried while it has no filter: pages link to it anyway."""
    _pages[view_name] = _Page(label, is_list, is_usual)


@dataclass(frozen=True)
class Place:
    """A page to go back to, with its parameters."""

    view_name: str
    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def page(self) -> _Page:
        return _pages[self.view_name]

    @property
    def label(self) -> str:
        return self.page.label

    @property
    def url(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def list_of(request: HttpRequest) -> Place | None:
    """The list that this page or dialog was opened from; the list itself on a list."""
    own = request.get_full_path() if request.method == "GET" else ""
    for url in (own, *_named_by(request)):
        place = _place(url)
        if place and not place.page.is_list:
            place = _place(dict(place.query).get(PARAMETER, ""))
        if place and place.page.is_list:
            return place
    return None


def page_of(request: HttpRequest, *, otherwise: str) -> str:
    """The URL of the page that this dialog was opened from, or that sent this form."""
    found = (_place(url) for url in _named_by(request))
    return next((place.url for place in found if place), otherwise)


def query_of(request: HttpRequest) -> QueryDict:
    """The parameters of the page that is open: for an action on it, not the action's
    own."""
    if request.method == "GET" and not web.htmx(request):
        return request.GET
    query = QueryDict(mutable=True)
    for place in filter(None, map(_place, _named_by(request))):
        query.update(dict(place.query))
        break
    return query


def carry(request: HttpRequest, url: str) -> str:
    """`url` with the list of this request, so that its page leads back there."""
    place = list_of(request)
    if place is None or (place.page.is_usual and not place.query):
        return url
    return carried(url, place.url)


def carried(url: str, list_url: str) -> str:
    """`url` with the URL of a list that `list_of` found; without, if there is none."""
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}{urlencode({PARAMETER: list_url})}" if list_url else url


def _named_by(request: HttpRequest) -> tuple[str, ...]:
    """What the request says of the page it comes from, the surest first."""
    return (
        request.POST.get(PARAMETER, "") if request.method == "POST" else "",
        web.htmx(request).current_url or "" if web.htmx(request) else "",
        request.headers.get("Referer", ""),
    )


@lru_cache(maxsize=512)  # each row of a list asks for the same one
def _place(url: str) -> Place | None:
    """The registered page of a URL, or None."""
    if not url or len(url) > _MAX_LENGTH:
        return None
    try:
        parts = urlsplit(url)
        match = resolve(unquote(parts.path))
    except (ValueError, Resolver404):
        return None
    page = _pages.get(match.view_name)
    if page is None:
        return None
    return Place(
        match.view_name,
        reverse(match.view_name, args=match.args, kwargs=match.kwargs),
        tuple(
            (name, value)
            for name, value in parse_qsl(parts.query)
            if not (page.is_list and name == PARAMETER)
        ),
    )
