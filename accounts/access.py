"""Who may open a view: one decorator per kind of person.

A page of somebody else's kind does not exist (404, never 403), and while a person is
inside a client's account the reseller's pages do not exist either: what is done there
is done as the client.
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
    """A request that passed `reseller_only`: both attributes are certain."""

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
        # Hours are shown, and days are filtered, in the reseller's zone.
        with timezone.override(reseller.zone):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return guarded
