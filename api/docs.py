"""The contract of the API: as OpenAPI for programs, and as a page for people.

No text is written here: both come from the calls (api/calls) and the schemas.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from api.app import addresses, panel_api
from api.auth import Bearer
from api.examples import Example, examples_of, wanted_by
from reseller_panel import problems
from reseller_panel.problems import TITLES

Schema = Mapping[str, Any]

TYPES = {
    "string": "texto",
    "integer": "entero",
    "boolean": "true o false",
    "array": "lista",
    "object": "objeto",
}


# A text in pieces: (piece, whether it is code).
Text = list[tuple[str, bool]]


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    is_required: bool
    note: Text


@dataclass(frozen=True)
class Call:
    """One operation. `sent` are its parameters and body fields, `returned` the fields
    of a successful response."""

    id: str
    method: str
    path: str
    summary: str
    description: Text
    scopes: list[str]
    content: str
    sent: list[Field]
    returned: list[Field]
    statuses: list[str]
    examples: list[Example]


def read(
    contract: Schema, scopes: Mapping[str, list[str]], base: str
) -> dict[str, list[Call]]:
    """The calls by group (tag), in the order of the contract. `scopes` maps an
    operation id to the scopes of which a key needs one; `base` begins the addresses of
    the examples."""
    groups: dict[str, list[Call]] = {}
    schemas = contract["components"]["schemas"]
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            call = _call(method, path, operation, schemas, scopes, base)
            groups.setdefault(operation["tags"][0], []).append(call)
    return groups


def _call(
    method: str,
    path: str,
    operation: Schema,
    schemas: Schema,
    scopes: Mapping[str, list[str]],
    base: str,
) -> Call:
    content = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(content), "")
    body = content[kind]["schema"] if kind else {}
    success = next(iter(operation["responses"].values()))
    returned = next(iter(success["content"].values()))["schema"]
    parameters = [
        Field(
            parameter["name"],
            _kind(parameter["schema"], schemas),
            parameter["required"],
            _note(parameter["schema"]),
        )
        for parameter in operation["parameters"]
    ]
    wanted = wanted_by(
        base, method.upper(), path, operation, partial(_resolved, schemas=schemas)
    )
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=_text(operation.get("description", "")),
        scopes=scopes[operation["operationId"]],
        content=kind,
        sent=parameters + list(_fields(body, schemas)),
        returned=list(_fields(returned, schemas)),
        statuses=sorted(operation["responses"]),
        examples=examples_of(wanted),
    )


def _fields(schema: Schema, schemas: Schema, before: str = "") -> Iterator[Field]:
    """The fields of an object and, with dotted names, of the objects inside it."""
    schema = _resolved(schema, schemas)
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        yield Field(
            before + name, _kind(inner, schemas), name in required, _note(inner)
        )
        inner = _resolved(inner, schemas)
        if "items" in inner:
            items = _resolved(inner["items"], schemas)
            yield from _fields(items, schemas, f"{before}{name}[].")
        elif "properties" in inner:
            yield from _fields(inner, schemas, f"{before}{name}.")


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    """Follow $ref, and take the first alternative of anyOf that is not null."""
    while True:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(s for s in schema["anyOf"] if s.get("type") != "null")
        else:
            return schema


def _kind(schema: Schema, schemas: Schema) -> str:
    none = any(s.get("type") == "null" for s in schema.get("anyOf", []))
    schema = _resolved(schema, schemas)
    if "enum" in schema:
        kind = " | ".join(str(value) for value in schema["enum"] if value != "")
    elif "const" in schema:
        kind = str(schema["const"])
    else:
        kind = {"uuid": "UUID", "date": "día", "date-time": "momento"}.get(
            schema.get("format", ""), TYPES.get(schema.get("type", ""), "")
        )
    return f"{kind} o null" if none else kind


_LIMITS = {
    "minLength": "mínimo {} caracteres",
    "maxLength": "máximo {} caracteres",
    "minimum": "desde {:,}",
    "maximum": "hasta {:,}",
    "maxItems": "hasta {:,} elementos",
}


def _text(marked: str) -> Text:
    parts = marked.split("`")
    return [(part, bool(place % 2)) for place, part in enumerate(parts) if part]


def _note(schema: Schema) -> Text:
    """The description of a field, and its limits."""
    parts = [schema["description"]] if "description" in schema else []
    limited = [schema, *schema.get("anyOf", [])]
    limits = [
        "no vacío" if (name, one[name]) == ("minLength", 1) else text.format(one[name])
        for one in limited
        for name, text in _LIMITS.items()
        if name in one and one[name] not in (0, 2**63 - 1)
    ]
    if limits:
        parts.append((", ".join(limits) + ".").capitalize())
    return _text(" ".join(parts))


# ── The pages ─────────────────────────────────────────────────────────────────────


def contract() -> dict[str, Any]:
    """The OpenAPI document, with absolute paths."""
    schema: dict[str, Any] = panel_api.get_openapi_schema(path_prefix="/api/v1/")
    return schema


@require_GET
@login_not_required
def openapi(request: HttpRequest) -> HttpResponse:
    """The contract for programs; cached publicly, as it is the same for everybody."""
    response = JsonResponse(contract())
    patch_cache_control(response, public=True, max_age=300)
    return response


@require_GET
@login_not_required
def docs(request: HttpRequest) -> HttpResponse:
    """The contract for people; public, because an integrator may have no log-in."""
    codes = [(code, problems.STATUS[code], title) for code, title in TITLES.items()]
    base = request.build_absolute_uri("/").rstrip("/")
    context = {
        "around": "base.html" if request.user.is_authenticated else "_outside.html",
        "base": base,
        "codes": sorted(codes, key=lambda row: row[1]),
        "groups": read(contract(), _scopes(), base),
    }
    return render(request, "api/docs.html", context)


def _scopes() -> dict[str, list[str]]:
    """The scopes of which a key needs one, by operation id."""
    return {
        operation.operation_id or "": [
            *cast(Bearer, operation.auth_callbacks[0]).any_of
        ]
        for address in addresses()
        for operation in address.operations
    }
