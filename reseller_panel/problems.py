"""The error responses of the API: application/problem+json.

Law: api.md. One code per reason, a sentence for people, one item per wrong field. A
leaf: it imports no app. The bytes are made only here, so that both servers of the API
give the same response.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/problem+json"
# Seconds. A call that was refused because of a limit or a contended row is worth a
# retry when other calls have ended.
RETRY_AFTER = 1
# The most bytes in the body of a call. docs/api.md states it.
BODY_MAX = 1024 * 1024
# The most errors that a problem lists, and characters of a field name in them.
ERRORS_MAX = 20
FIELD_NAME_MAX = 64

TITLES = {
    "invalid_json": "El cuerpo no se puede leer",
    "unauthorized": "Falta una llave válida",
    "https_needed": "La llamada llegó sin cifrar",
    "scope_missing": "La llave no tiene permiso",
    "client_suspended": "El cliente está suspendido",
    "package_expired": "La vigencia terminó",
    "folios_exhausted": "No quedan folios",
    "insufficient_folios": "Los folios no alcanzan",
    "client_archived": "El cliente está archivado",
    "reference_conflict": "La referencia ya se usó",
    "stamp_reversed": "El folio de ese timbrado se devolvió",
    "unknown_client": "No existe ese cliente",
    "unknown_stamp": "No existe ese timbrado",
    "not_found": "No existe esa dirección",
    "method_not_allowed": "Ese método no se usa aquí",
    "not_archived": "El cliente no está archivado",
    "already_suspended": "El cliente ya está suspendido",
    "not_suspended": "El cliente no está suspendido",
    "client_active": "El cliente está activo",
    "package_not_on_sale": "El paquete no está a la venta",
    "rfc_taken": "Ya hay un cliente con ese RFC",
    "rfc_limit": "El plan no incluye tantos RFC",
    "rfc_used": "Con ese RFC se timbró después",
    "rfc_not_in_force": "El RFC no era del cliente ese día",
    "too_large": "El cuerpo es demasiado grande",
    "validation": "Hay datos que corregir",
    "rate_limited": "Demasiadas llamadas",
    "busy": "Ocupado: inténtelo de nuevo",
    "internal": "Algo falló de nuestro lado",
}


# The HTTP status of each code; 409 when the call does not fit the client's state.
STATUS = dict.fromkeys(TITLES, 409) | {
    "invalid_json": 400,
    "unauthorized": 401,
    "folios_exhausted": 402,
    "insufficient_folios": 402,
    "scope_missing": 403,
    "https_needed": 403,
    "client_suspended": 403,
    "package_expired": 403,
    "client_archived": 403,
    "unknown_client": 404,
    "unknown_stamp": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "validation": 422,
    "rate_limited": 429,
    "internal": 500,
    "busy": 503,
}


@dataclass(frozen=True)
class FieldError:
    field: str
    message: str


class Problem(Exception):
    """An error response. `code` is one of TITLES."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers_of(status) | dict(headers or {})

    def as_dict(self) -> dict[str, Any]:
        """The members of the JSON object, in the order in which they are sent."""
        members: dict[str, Any] = {
            "type": f"/api/v1/docs#{self.code}",
            "title": TITLES[self.code],
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            members["errors"] = [vars(error) for error in self.errors]
        return members

    def body(self) -> bytes:
        return dump(self.as_dict())


def headers_of(status: int) -> dict[str, str]:
    """The headers that a response with this status needs."""
    match status:
        case 401:
            return {"WWW-Authenticate": 'Bearer realm="api"'}
        case 429 | 503:
            return {"Retry-After": str(RETRY_AFTER)}
    return {}


def https_needed() -> Problem:
    return Problem(
        403,
        "https_needed",
        "Llame por https:// y haga otra llave: la que envió pudo leerse en el camino.",
    )


def not_found() -> Problem:
    return Problem(404, "not_found", "Vea las direcciones que existen en /api/v1/docs.")


def method_not_allowed(allowed: str) -> Problem:
    return Problem(
        405,
        "method_not_allowed",
        f"Esta dirección acepta: {allowed}.",
        headers={"Allow": allowed},
    )


def refuse_too_large(content_length: str | None, limit: int = BODY_MAX) -> None:
    """Raise Problem (413) before a body is read; no server reads beyond its length."""
    length = content_length or "0"
    # The longest numbers are not even read.
    is_number = length.isascii() and length.isdecimal() and len(length) < 12
    if is_number and int(length) <= limit:
        return
    size = f"tiene {int(length):,} bytes y " if is_number else ""
    raise Problem(413, "too_large", f"El cuerpo {size}puede tener hasta {limit:,}.")


def invalid(*errors: FieldError, most: int = ERRORS_MAX) -> Problem:
    """422: the request is invalid, with the reason for each field. Only the first
    `most` errors are listed; the detail says how many more there are."""
    named = errors[:most]
    names = ", ".join(dict.fromkeys(error.field for error in named))
    more = len(errors) - len(named)
    rest = f" y {more:,} más" if more else ""
    return Problem(422, "validation", f"Revise: {names}{rest}.", errors=named)


def unreadable() -> Problem:
    return Problem(
        400, "invalid_json", "Se esperaba un objeto JSON en UTF-8, sin errores."
    )


def busy() -> Problem:
    return Problem(
        503,
        "busy",
        "No se pudo atender ahora. Repita la llamada con la misma referencia: si la "
        "primera llegó a hacerse, no se hará dos veces.",
    )


def dump(members: Mapping[str, Any]) -> bytes:
    """JSON as every response has it: UTF-8, compact."""
    return _encode(members).encode()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
