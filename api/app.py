"""The API object: its routers, the limits of every call, and the error responses.

Law: api.md. Each call checks its own key (auth.py). This module checks the limits
before a body is read and turns every error into problem+json. No call uses the session.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    UnreadablePostError,
)
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation, PathView
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic_core import from_json

from accounts.models import ApiKey
from api import calls as clients_api
from api import refusal_log, serializers, throttle
from api.auth import digest_of
from api.calls import packages as packages_api
from api.schemas import ProblemOut, field_error, refuse_too_many
from reseller_panel import problems
from reseller_panel.bodies import TooManyReaders
from reseller_panel.limits import is_readable
from reseller_panel.problems import FieldError, Problem
from reseller_panel.refusals import Refused

log = logging.getLogger(__name__)

VERSION = "1.0.0"
ABOUT = """\
Para que su aplicación de facturación pregunte si un cliente puede timbrar y gaste sus
folios, y para automatizar lo que usted hace en el panel. Todas las llamadas llevan
`Authorization: Bearer <llave>`; las llaves se hacen en la página *API* del panel.
"""

# Error responses that every call may give; a 404 only if it names a client.
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
    """Parses JSON as pydantic does: UTF-8 only, no lone surrogates, bounded nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        data = from_json(request.body)
        if isinstance(data, (dict, list)):
            refuse_too_many(data)
        return data


class CompactRenderer(BaseRenderer):
    """Renders with problems.dump, as stamps do. Datetimes keep their UTC offset."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return problems.dump(to_jsonable(data))


def to_jsonable(data: Any) -> Any:
    """Replace the dates and UUIDs that pydantic leaves by strings, at any depth."""
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
        """Add the problems that any call may return, and one security scheme."""
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
    described = dict(_ALWAYS)
    if "{client}" in address or address.endswith("/cfdi"):
        described |= _OF_A_CLIENT
    if address.endswith("/cfdi"):
        described["413"] = "El documento pasa de 10 MB."
    if method != "get":
        described |= _OF_A_CHANGE
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {
        status: {
            "description": what,
            "content": {problems.CONTENT_TYPE: {"schema": schema}},
        }
        for status, what in sorted(described.items())
    }


panel_api = PanelAPI(
    title="API del panel de folios",
    version=VERSION,
    description=ABOUT,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    renderer=CompactRenderer(),
)
panel_api.add_router("", clients_api.router)
panel_api.add_router("/packages", packages_api.router)


# ── Error responses ───────────────────────────────────────────────────────────────────


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    request.problem = problem  # type: ignore[attr-defined]
    return HttpResponse(
        problem.body(),
        status=problem.status,
        content_type=problems.CONTENT_TYPE,
        headers=problem.headers,
    )


@panel_api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return respond(request, problem)


@panel_api.exception_handler(Refused)
def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return respond(request, serializers.problem_of(refusal))


@panel_api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """ninja's locations: (body, parameter, field…), (query, field), (path, field)."""
    return respond(
        request,
        problems.invalid(
            *(
                field_error(one, skip=2 if one["loc"][0] == "body" else 1)
                for one in error.errors
            )
        ),
    )


@panel_api.exception_handler(HttpError)
@panel_api.exception_handler(UnreadablePostError)
def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    """In these calls ninja raises HttpError only for a body that could not be parsed;
    its cause says why."""
    cause = error.__cause__
    said = cause if isinstance(cause, Problem) else problems.unreadable()
    return respond(request, said)


@panel_api.exception_handler(OperationalError)
@panel_api.exception_handler(InterfaceError)
@panel_api.exception_handler(TooManyReaders)
def _busy(request: HttpRequest, error: Exception) -> HttpResponse:
    """A contended row, or no database. The transaction was rolled back; or, if the
    connection was lost at COMMIT, only a retry shows whether it was committed."""
    log.warning("Answered 503: %s", error)
    return respond(request, problems.busy())


@panel_api.exception_handler(Exception)
def _internal(request: HttpRequest, error: Exception) -> HttpResponse:
    """A bug of ours: the log gets the traceback, the caller gets no details."""
    log.error("A call of the API failed: %s", request.path, exc_info=error)
    return respond(
        request,
        Problem(
            500, "internal", "Ya quedó registrado. Repita con la misma referencia."
        ),
    )


# ── What wraps every call ─────────────────────────────────────────────────────────────

View = Callable[..., HttpResponseBase]


def gate(view: View, *, body_max: int = problems.BODY_MAX) -> View:
    """Wrap a call: check the limits, run the view, then note what was refused."""

    @csrf_exempt
    @login_not_required
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            # A redirect would hide from whoever calls that its key travels in plain.
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                raise problems.https_needed()
            problems.refuse_too_large(request.META.get("CONTENT_LENGTH"), body_max)
            if not is_readable(request.META.get("QUERY_STRING", "")):
                raise problems.invalid(FieldError("query", "No se puede leer."))
            digest = digest_of(request)
            if digest is None:
                response = view(request, *args, **kwargs)
            else:
                with throttle.slot(digest):
                    response = view(request, *args, **kwargs)
        except Problem as problem:
            response = respond(request, problem)
        if response.status_code == 405:
            allowed = response.headers["Allow"]
            response = respond(request, problems.method_not_allowed(allowed))
        _note(request)
        return response

    # Tells ProgramsMiddleware to skip the middleware that only pages need.
    gated.is_call = True  # type: ignore[attr-defined]
    return gated


def addresses() -> Iterator[PathView]:
    for router in (clients_api.router, packages_api.router):
        yield from router.path_operations.values()


# The operation id by URL name and method. A URL is named after its first operation.
_CALLED: dict[tuple[str | None, str | None], str] = {
    (address.operations[0].operation_id, method): operation.operation_id or ""
    for address in addresses()
    for operation in address.operations
    for method in operation.methods
}


def _note(request: HttpRequest) -> None:
    """Note a refusal in refusal_log. Single stamps and batches note their own."""
    problem = getattr(request, "problem", None)
    key = getattr(request, "auth", None)
    if problem is None or not isinstance(key, ApiKey) or problem.status >= 500:
        refusal_log.write_if_due()
        return
    match = request.resolver_match
    given = match.kwargs if match else {}
    refusal_log.note(
        key,
        call=_CALLED.get((match.url_name if match else None, request.method), ""),
        code=problem.code,
        client=getattr(request, "client", None),
        asked=str(given.get("client", "")),
        reference=str(given.get("reference", "")),
    )
