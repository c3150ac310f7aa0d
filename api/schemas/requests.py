"""The shapes of requests: strict, without other types or fields."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from accounts.text import UnprintableText, clean_line, clean_paragraphs
from clients.sorts import SORTS
from clients.status import Status
from packages.models import SERVICE_QUANTITY_MAX
from reseller_panel.characters import refused_at
from reseller_panel.limits import SEARCH_LENGTH_MAX, SEARCH_WORDS_MAX

BATCH_MAX = 1_000
# The most members of one JSON object, whatever their names.
MEMBERS_MAX = 50
STAMP_MAX = 1_000_000
# The most characters of a client's id or RFC in a request.
NAME_MAX = 64
SEQ_MAX = 2**63 - 1
# The most digits of a number in a query string.
DIGITS_MAX = 19


def _printable(text: str) -> str:
    if not text.isprintable() or refused_at(text) is not None:
        raise PydanticCustomError("printable", "not printable")
    return text


def _named(clean: Callable[[str], str]) -> AfterValidator:
    """Text as it is kept, or an error that names the character."""

    def check(text: str) -> str:
        try:
            return clean(text)
        except UnprintableText as refused:
            raise PydanticCustomError("text", "no", {"why": str(refused)}) from None

    return AfterValidator(check)


def _decimal_digits(value: Any) -> Any:
    """For a query string: accept 100, but not 1e2, 1_00, +100 or 100.0."""
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        raise PydanticCustomError("int_type", "not a whole number")
    return value


def _digits_or_nothing(text: str) -> str:
    return text and _decimal_digits(text)


Reference = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="La de quien llama: el UUID del CFDI o su propio número.",
        examples=["F-1024"],
    ),
    AfterValidator(_printable),
]
Digits = BeforeValidator(_decimal_digits)
Line = Annotated[str, Field(max_length=500), _named(clean_line)]
Paragraphs = Annotated[str, Field(max_length=500), _named(clean_paragraphs)]
AnyUuid = Annotated[UUID, Field(strict=False)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class StampIn(Strict):
    reference: Reference
    quantity: int = Field(
        ge=1, le=STAMP_MAX, description="Cuántos folios gasta.", examples=[1]
    )


class BatchItem(StampIn):
    client: str = Field(
        min_length=1,
        max_length=64,
        description="Id o RFC del cliente.",
        examples=["EKU9003173C9"],
    )


class BatchIn(Strict):
    """Cada elemento se revisa por separado: uno malo no detiene a los demás."""

    stamps: list[Any] = Field(
        min_length=1,
        max_length=BATCH_MAX,
        json_schema_extra={"items": BatchItem.model_json_schema()},
        examples=[
            [
                {"client": "EKU9003173C9", "reference": "F-1024", "quantity": 1},
                {"client": "XIA190128J61", "reference": "A-77", "quantity": 1},
            ]
        ],
    )


class ServiceIn(Strict):
    code: str = Field(max_length=50, examples=["multiempresa"])
    quantity: int | None = Field(
        default=None, ge=1, le=SERVICE_QUANTITY_MAX, examples=[2]
    )


class ClientIn(Strict):
    rfc: str = Field(max_length=20, examples=["EKU9003173C9"])
    legal_name: str = Field(max_length=254, examples=["ESCUELA KEMPER URGATE"])
    tax_regime: str = Field(max_length=3, examples=["601"])
    postal_code: str = Field(max_length=5, examples=["42501"])
    contact_email: str = Field(max_length=254, examples=["pagos@kemper.mx"])
    contact_name: str = Field(default="", max_length=120)
    contact_phone: str = Field(default="", max_length=30)
    accept_rfc: bool = Field(
        default=False,
        description="Aceptar un RFC cuyo dígito verificador no corresponde, o que "
        "empieza con una palabra que el SAT evita.",
    )
    package: AnyUuid = Field(description="Id del paquete que se le asigna.")
    reference: Reference = Field(examples=["ALTA-31"])
    send_welcome: bool = Field(
        default=False, description="Enviarle el correo de bienvenida."
    )


class PlanEdit(Strict):
    """Solo lo que cambia; lo que no se envía queda como está."""

    rfc: str | None = Field(default=None, max_length=20)
    legal_name: str | None = Field(default=None, max_length=254)
    tax_regime: str | None = Field(default=None, max_length=3)
    postal_code: str | None = Field(default=None, max_length=5)
    contact_email: str | None = Field(
        default=None, max_length=254, examples=["facturas@kemper.mx"]
    )
    contact_name: str | None = Field(default=None, max_length=120)
    contact_phone: str | None = Field(default=None, max_length=30)
    accept_rfc: bool = False
    services: list[ServiceIn] | None = Field(
        default=None, max_length=50, description="Todos los que incluye el plan."
    )


class FoliosIn(Strict):
    quantity: int = Field(ge=1, le=SEQ_MAX, examples=[100])
    reference: Reference = Field(examples=["RECARGA-7"])
    reason: Line = ""
    activate: bool = Field(
        default=False, description="Levantar también la suspensión, si la hay."
    )


class RenewalIn(Strict):
    reference: Reference = Field(examples=["RENOVACION-2027"])
    package: AnyUuid | None = Field(
        default=None, description="Otro paquete; sin él se renueva el mismo."
    )
    activate: bool = Field(
        default=False, description="Levantar también la suspensión, si la hay."
    )


class SuspensionIn(Strict):
    reason: Annotated[Line, Field(min_length=1)] = Field(
        description="Para usted.", examples=["No ha pagado"]
    )
    message: Paragraphs = Field(
        default="", description="Para el cliente, si intenta entrar."
    )


def _among(values: list[str]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in values:
            raise PydanticCustomError(
                "choice", "no", {"choices": ", ".join(filter(None, values))}
            )
        return value

    return AfterValidator(check)


# Choices in a query string, where an empty value is the same as none.
_STATUSES = ["", *(status.slug for status in Status)]
_SORTS = ["", *SORTS, *(f"-{name}" for name in SORTS)]
_YES_NO = ["", "0", "1"]


def _listed(values: list[str]) -> Any:
    return Field(json_schema_extra={"enum": [*values]})


Day = Annotated[
    str,
    Field(max_length=10),
    WithJsonSchema(
        {
            "description": "AAAA-MM-DD.",
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "maxLength": 0},
            ],
        }
    ),
]


class AsOfQuery(BaseModel):
    """The day of the past that a read is asked for."""

    as_of: Day = Field(
        default="", description="Como estaba al terminar este día, AAAA-MM-DD."
    )


class ClientsQuery(AsOfQuery):
    """The parameters of the table; ClientList says what their values mean."""

    q: str = Field(
        default="",
        max_length=SEARCH_LENGTH_MAX,
        description="Palabras del nombre, RFC, contacto, correo o teléfono; "
        "cuentan las primeras "
        f"{SEARCH_WORDS_MAX}.",
    )
    estatus: Annotated[str, _among(_STATUSES), _listed(_STATUSES)] = ""
    paquete: str = Field(default="", max_length=36, description="Id del paquete.")
    vence_desde: Day = ""
    vence_hasta: Day = ""
    creado_desde: Day = ""
    creado_hasta: Day = ""
    folios_max: Annotated[str, AfterValidator(_digits_or_nothing)] = Field(
        default="",
        max_length=DIGITS_MAX,
        description="Saldo máximo.",
        json_schema_extra={"pattern": "^[0-9]*$"},
    )
    se_agotan: Annotated[str, AfterValidator(_digits_or_nothing)] = Field(
        default="",
        max_length=DIGITS_MAX,
        description="Activos cuyos folios, a su ritmo, duran a lo más estos días.",
        json_schema_extra={"pattern": "^[0-9]*$"},
    )
    deja_de_facturar: Annotated[str, AfterValidator(_digits_or_nothing)] = Field(
        default="",
        max_length=DIGITS_MAX,
        description="Activos cuyos folios, vigencia o sello terminan en estos días.",
        json_schema_extra={"pattern": "^[0-9]*$"},
    )
    sin_timbrar: Annotated[str, AfterValidator(_digits_or_nothing)] = Field(
        default="",
        max_length=DIGITS_MAX,
        description="Días, al menos, desde su último timbrado.",
        json_schema_extra={"pattern": "^[0-9]*$"},
    )
    archivados: Annotated[str, _among(_YES_NO), _listed(_YES_NO)] = ""
    orden: Annotated[str, _among(_SORTS), _listed(_SORTS)] = ""
    pagina: Annotated[int, Field(ge=1, le=1_000_000), Digits] = 1
    por_pagina: Annotated[int, Field(ge=1, le=100), Digits] = 50


class MovementsQuery(BaseModel):
    after: Annotated[int, Field(ge=0, le=SEQ_MAX), Digits] = 0
    limit: Annotated[int, Field(ge=1, le=1_000), Digits] = 100


class NothingIn(Strict):
    """Un objeto vacío, o ningún cuerpo."""
