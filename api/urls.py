"""URLs of /api/v1/ (the calls and their docs) and of the console under /llaves/."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from api import console, docs
from api.app import gate, panel_api, respond
from reseller_panel import problems
from sat import cfdi

# Bytes of a body, of the calls that may have more than the others.
BODY_MAX_OF = {"cfdi": cfdi.MAX_BYTES}


@csrf_exempt
@login_not_required
def not_found(request: HttpRequest) -> HttpResponse:
    return respond(request, problems.not_found())


def _calls() -> list[URLPattern]:
    """ninja's URL patterns, each wrapped in the gate; without its empty root page."""
    patterns = []
    for pattern in panel_api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            view = cast(Callable[..., HttpResponseBase], pattern.callback)
            limit = BODY_MAX_OF.get(pattern.name or "", problems.BODY_MAX)
            pattern.callback = gate(view, body_max=limit)
            patterns.append(pattern)
    return patterns


app_name = "api"
urlpatterns = [
    path("openapi.json", docs.openapi, name="openapi"),
    path("docs", docs.docs, name="docs"),
    *_calls(),
    re_path(r"^", not_found, name="not_found"),
]

# Included under /llaves/, beside the pages of the keys (accounts).
console_urls = (
    [
        path("llamadas/", console.activity, name="activity"),
        path("probar/", console.try_call, name="try"),
    ],
    "programs",
)
