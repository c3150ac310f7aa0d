"""The errors of invalid requests, in the words of api.md."""

from typing import Any

from pydantic import (
    ValidationError,
)

from api.schemas.requests import BATCH_MAX, MEMBERS_MAX, NAME_MAX, StampIn
from reseller_panel import problems
from reseller_panel.problems import (
    ERRORS_MAX,
    FIELD_NAME_MAX,
    FieldError,
    Problem,
)

# If there are more errors they are only counted: reading one costs more than sending
# the wrong field.
ERRORS_READ_MAX = 100

_MESSAGES = {
    "missing": "Falta.",
    "extra_forbidden": "No existe este campo.",
    "printable": "Solo lleva caracteres imprimibles.",
    "text": "{why}",
    "int_type": "Se espera un número entero, sin comillas ni decimales.",
    "int_from_float": "Se espera un número entero, sin comillas ni decimales.",
    "int_parsing": "Se espera un número entero.",
    "int_parsing_size": "Es demasiado grande.",
    "string_type": "Se espera un texto.",
    "bool_type": "Se espera true o false.",
    "list_type": "Se espera una lista.",
    "model_type": "Se espera un objeto.",
    "model_attributes_type": "Se espera un objeto.",
    "dict_type": "Se espera un objeto.",
    "string_too_short": "Es demasiado corto: mínimo {min_length}.",
    "string_too_long": "Es demasiado largo: máximo {max_length} caracteres.",
    "string_unicode": "No es un texto en UTF-8.",
    "too_short": "Son muy pocos: mínimo {min_length}.",
    "too_long": "Son demasiados: máximo {max_length}.",
    "greater_than_equal": "Debe ser {ge} o más.",
    "less_than_equal": "Debe ser {le} o menos.",
    "uuid_parsing": "Se espera un UUID.",
    "uuid_type": "Se espera un UUID.",
    "choice": "Se espera uno de estos: {choices}.",
}


def too_many(count: int) -> str:
    return f"Tiene {count:,} errores: demasiados para decirlos uno por uno."


def refuse_too_many(data: Any) -> None:
    """Check the number of members of every object and list. Raises Problem (422)."""
    unseen = [("body", data)]
    while unseen:
        name, value = unseen.pop()
        most = MEMBERS_MAX if isinstance(value, dict) else BATCH_MAX
        if len(value) > most:
            message = _MESSAGES["too_long"].format(max_length=most)
            raise problems.invalid(FieldError(name[:FIELD_NAME_MAX], message))
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        unseen += [(str(n), v) for n, v in inside if isinstance(v, (dict, list))]


def read_client(text: str) -> str:
    """The client's name in a URL, if it is not too long. Raises Problem (422)."""
    if len(text) > NAME_MAX:
        message = _MESSAGES["string_too_long"].format(max_length=NAME_MAX)
        raise problems.invalid(FieldError("client", message))
    return text


def read_stamp(body: bytes) -> tuple[str, int]:
    """The reference and quantity of a single stamp. Raises Problem (400 or 422)."""
    try:
        sent = StampIn.model_validate_json(body)
    except ValidationError as error:
        raise problem_with(error) from None
    return sent.reference, sent.quantity


def problem_with(error: ValidationError, *, most: int = ERRORS_MAX) -> Problem:
    """The Problem of a pydantic error: 400 if the body is not JSON, otherwise 422 with
    at most `most` errors."""
    if error.error_count() > ERRORS_READ_MAX:
        return problems.invalid(FieldError("body", too_many(error.error_count())))
    found = error.errors(include_url=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        return problems.unreadable()
    return problems.invalid(*(field_error(one) for one in found), most=most)


def field_error(one: Any, *, skip: int = 0) -> FieldError:
    """One error of pydantic; `skip` is how many outer names of its location to omit."""
    field = ".".join(str(part) for part in one["loc"][skip:]) or "body"
    field = field[:FIELD_NAME_MAX]
    message = _MESSAGES.get(one["type"], "No es válido.")
    return FieldError(field, message.format_map(one.get("ctx", {})))
