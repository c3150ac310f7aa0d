"""Who may open a view: `reseller_only` admits the staff of a reseller.

To everybody else the page does not exist (404, never 403). It does not exist either
while a reseller is inside a client's account, where everything is done as the client.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.models import Reseller, User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class ResellerRequest(HttpRequest):
    """A request that passed `reseller_only`, so both attributes are set."""

    user: User
    reseller: Reseller


def reseller_only(
    view: Callable[Concatenate[ResellerRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        reseller = getattr(request.user, "reseller", None)
        if reseller is None or getattr(request, "grant", None) is not None:
            raise Http404
        request.reseller = reseller  # type: ignore[attr-defined]
        # Times are shown, and days are filtered, in the reseller's time zone.
        with timezone.override(reseller.zone):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return guarded
