"""The number in the menu: how many clients are in the tray of a reseller.

Cached for a minute, because every page shows it. CountMiddleware clears the cache after
every POST of a person of the reseller.
"""

from collections.abc import Callable
from datetime import date

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from accounts.models import Reseller
from clients.paging import Total
from followup.tray import Tray, waiting

KEPT_SECONDS = 60


def count_of(reseller: Reseller, today: date) -> Total:
    """How many clients are in the tray, at most KEPT_SECONDS ago."""
    key = _key(reseller.pk)
    count: Total | None = cache.get(key)
    if count is None:
        count = waiting(reseller, today)[0].total
        cache.set(key, count, KEPT_SECONDS)
    return count


def recount(tray: Tray) -> Total:
    """How many clients are in the tray now. A tray without a search has the number."""
    if tray.words:
        return waiting(tray.reseller, tray.today)[0].total
    return tray.counts.total


def _key(reseller_id: int) -> str:
    return f"tray-count:{reseller_id}"


class CountMiddleware:
    """Clears the cached number after every POST of a person of a reseller."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        reseller_id = getattr(request.user, "reseller_id", None)
        if request.method == "POST" and reseller_id:
            cache.delete(_key(reseller_id))
        return response
