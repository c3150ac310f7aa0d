"""The API object: what every call passes, and how every refusal is told.

Law: api.md. Keys are checked per call (accounts/bearer.py); here are the limits before
a body is read, problem+json for whatever goes wrong, and the routers of the apps. No
call uses the session.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    UnreadablePostError,
)
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation, PathView
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic_core import from_json

from accounts import throttle
from accounts.bearer import Bearer, digest_of
from accounts.models import ApiKey
from clients import answers, refusals
from clients import api as clients_api
from clients.ledger import LedgerError
from clients.payloads import ProblemOut, field_error
from clients.rules import Refused
from packages import api as packages_api
from reseller_panel import problems, reference
from reseller_panel.problems import TITLES, Problem

log = logging.getLogger(__name__)

VERSION = "1.0.0"
ABOUT = """\
Para que su aplicación de facturación pregunte si un cliente puede timbrar y gaste sus
folios, y para automatizar lo que usted hace en el panel. Todas las llamadas llevan
`Authorization: Bearer <llave>`; las llaves se hacen en la página *API* del panel.
"""

# Of every call, beside its own answers. 404 where a client is named.
_ALWAYS = {
    "400": "El cuerpo no se puede leer.",
    "401": "Falta una llave vigente.",
    "403": "La llave no tiene permiso, o el cliente no puede timbrar.",
    "413": "El cuerpo pasa de 1 MB.",
    "422": "Hay datos que corregir; `errors` dice cuáles.",
    "429": "Demasiadas llamadas; espere lo que dice `Retry-After`.",
    "503": "Ocupado; repita con la misma referencia tras `Retry-After` segundos.",
}
_OF_A_CLIENT = {"404": "No existe ese cliente, o lo que se pide de él."}
_OF_A_CHANGE = {
    "402": "Los folios no alcanzan.",
    "409": "No corresponde al estado del cliente, o la referencia ya se usó.",
}


class StrictParser(Parser):
    """JSON as pydantic reads it: UTF-8 only, no lone surrogates, bounded nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        return from_json(request.body)


class CompactRenderer(BaseRenderer):
    """As problems.dump makes the stamps' own bodies; moments keep their offset."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return problems.dump(to_jsonable(data))


def to_jsonable(data: Any) -> Any:
    """What pydantic left as Python's own types."""
    match data:
        case dict():
            return {name: to_jsonable(value) for name, value in data.items()}
        case list():
            return [to_jsonable(value) for value in data]
        case date():
            return data.isoformat()
        case UUID():
            return str(data)
    return data


class PanelAPI(NinjaAPI):
    def get_operation_url_name(self, operation: Operation, router: Router) -> str:
        return operation.operation_id or ""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        """With the problems that any call may answer, and one name for the key."""
        schema = super().get_openapi_schema(*args, **kwargs)
        components = schema["components"]
        components["schemas"]["ProblemOut"] = ProblemOut.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        for name, nested in components["schemas"]["ProblemOut"].pop("$defs").items():
            components["schemas"][name] = nested
        components["securitySchemes"] = {"llave": {"type": "http", "scheme": "bearer"}}
        for address, operations in schema["paths"].items():
            for method, operation in operations.items():
                operation["security"] = [{"llave": []}]
                own = {str(status): a for status, a in operation["responses"].items()}
                operation["responses"] = own | _problems(method, address)
        return schema


def _problems(method: str, address: str) -> dict[str, Any]:
    told = dict(_ALWAYS)
    if "{client}" in address or address.endswith("/cfdi"):
        told |= _OF_A_CLIENT
    if method != "get":
        told |= _OF_A_CHANGE
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {
        status: {
            "description": what,
            "content": {problems.CONTENT_TYPE: {"schema": schema}},
        }
        for status, what in sorted(told.items())
    }


api = PanelAPI(
    title="API del panel de folios",
    version=VERSION,
    description=ABOUT,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    renderer=CompactRenderer(),
)
api.add_router("", clients_api.router)
api.add_router("/packages", packages_api.router)


# ── How a refusal is told ─────────────────────────────────────────────────────────


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    request.problem = problem  # type: ignore[attr-defined]
    return HttpResponse(
        problem.body(),
        status=problem.status,
        content_type=problems.CONTENT_TYPE,
        headers=problem.headers,
    )


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return answer(request, problem)


@api.exception_handler(Refused)
@api.exception_handler(LedgerError)
def _refused(request: HttpRequest, refusal: Refused | LedgerError) -> HttpResponse:
    return answer(request, answers.problem_of(refusal))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """ninja's places are (body, parameter, field…), (query, field), (path, field)."""
    return answer(
        request,
        problems.invalid(
            *(
                field_error(one, skip=2 if one["loc"][0] == "body" else 1)
                for one in error.errors
            )
        ),
    )


@api.exception_handler(HttpError)
@api.exception_handler(UnreadablePostError)
def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    """ninja raises the first for a body that is not JSON, and for nothing else here."""
    return answer(request, problems.unreadable())


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _busy(request: HttpRequest, error: Exception) -> HttpResponse:
    """A row held by somebody else, or a database that is not there: whatever was begun
    is undone or, if the connection was lost at its end, answered by the repeat."""
    log.warning("Answered 503: %s", error)
    return answer(request, problems.busy())


@api.exception_handler(Exception)
def _internal(request: HttpRequest, error: Exception) -> HttpResponse:
    """Ours to repair: it goes to the log whole, and to the caller without details."""
    log.error("A call of the API failed: %s", request.path, exc_info=error)
    return answer(
        request,
        Problem(
            500, "internal", "Ya quedó registrado. Repita con la misma referencia."
        ),
    )


# ── What every call passes ────────────────────────────────────────────────────────

View = Callable[..., HttpResponseBase]


def _gate(view: View) -> View:
    """Limits first, then the call, then the note of what was refused."""

    @csrf_exempt
    @login_not_required
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            problems.refuse_too_large(request.META.get("CONTENT_LENGTH"))
            digest = digest_of(request)
            if digest is None:
                response = view(request, *args, **kwargs)
            else:
                with throttle.slot(digest):
                    response = view(request, *args, **kwargs)
        except Problem as problem:
            response = answer(request, problem)
        if response.status_code == 405:
            allowed = response.headers["Allow"]
            response = answer(request, problems.method_not_allowed(allowed))
        _note(request)
        return response

    # No middleware for people is needed (ProgramsMiddleware).
    gated.is_call = True  # type: ignore[attr-defined]
    return gated


def _addresses() -> Iterator[PathView]:
    for router in (clients_api.router, packages_api.router):
        yield from router.path_operations.values()


# The name of a call by its address (which has the name of its first) and method.
_CALLED: dict[tuple[str | None, str | None], str] = {
    (address.operations[0].operation_id, method): operation.operation_id or ""
    for address in _addresses()
    for operation in address.operations
    for method in operation.methods
}


def _note(request: HttpRequest) -> None:
    """Keep what was refused. Single stamps and batches keep their own."""
    problem = getattr(request, "problem", None)
    key = getattr(request, "auth", None)
    if problem is None or not isinstance(key, ApiKey) or problem.status >= 500:
        refusals.write_if_due()
        return
    match = request.resolver_match
    given = match.kwargs if match else {}
    refusals.note(
        key,
        call=_CALLED.get((match.url_name if match else None, request.method), ""),
        code=problem.code,
        client=getattr(request, "client", None),
        asked=str(given.get("client", "")),
        reference=str(given.get("reference", "")),
    )


# ── The pages beside the calls ────────────────────────────────────────────────────


def contract() -> dict[str, Any]:
    """OpenAPI, with whole addresses."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    return schema


@require_GET
@login_not_required
def openapi(request: HttpRequest) -> HttpResponse:
    """The contract, for programs. The same for everybody."""
    response = JsonResponse(contract())
    patch_cache_control(response, public=True, max_age=300)
    return response


@require_GET
@login_not_required
def docs(request: HttpRequest) -> HttpResponse:
    """The contract, for people; without a log-in too, for whoever programs it."""
    codes = [(code, problems.STATUS[code], title) for code, title in TITLES.items()]
    context = {
        "around": "base.html" if request.user.is_authenticated else "_outside.html",
        "base": request.build_absolute_uri("/").rstrip("/"),
        "codes": sorted(codes, key=lambda row: row[1]),
        "groups": reference.read(contract(), _scopes()),
    }
    return render(request, "api/docs.html", context)


def _scopes() -> dict[str, list[str]]:
    """Of which a key needs one, by operation."""
    return {
        operation.operation_id or "": [
            *cast(Bearer, operation.auth_callbacks[0]).any_of
        ]
        for address in _addresses()
        for operation in address.operations
    }


@csrf_exempt
@login_not_required
def not_found(request: HttpRequest) -> HttpResponse:
    return answer(request, problems.not_found())


def _calls() -> list[URLPattern]:
    """ninja's own, each behind the gate; without its page that lists nothing."""
    patterns = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            pattern.callback = _gate(cast(View, pattern.callback))
            patterns.append(pattern)
    return patterns


urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    path("docs", docs, name="docs"),
    *_calls(),
    re_path(r"^", not_found, name="not_found"),
]
app_name = "api"
urls = (urlpatterns, app_name)
