"""Which column is which: by the words of its header, else by what is in its cells.

What is recognised is a proposal: a person corrects it, and that is remembered
(clients/models/imports.py). No cell is judged here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clients.importing.values import UnclearValue, day_of, status_of
from clients.importing.words import folded
from sat import rfc as rfc_rules
from sat.regimes import REGIMES

# A column has this part of its cells alike, of those that say something.
_MOST = 0.8
SAMPLE = 50


@dataclass(frozen=True)
class Field:
    """What a column may be. `names` are headers, folded; the template has the first
    column of `label` and two `examples`."""

    key: str
    label: str
    names: tuple[str, ...]
    examples: tuple[str, str]
    required: bool = False


FIELDS = (
    Field(
        "rfc",
        "RFC",
        (
            "rfc",
            "registro federal de contribuyentes",
            "rfc cliente",
            "rfc del cliente",
            "rfc emisor",
            "tax id",
        ),
        ("EKU9003173C9", "CACX7605101P8"),
        required=True,
    ),
    Field(
        "legal_name",
        "Razón social",
        (
            "razon social",
            "nombre",
            "cliente",
            "nombre o razon social",
            "razon social o nombre",
            "nombre fiscal",
            "nombre del cliente",
            "denominacion",
            "denominacion social",
            "empresa",
            "contribuyente",
            "emisor",
        ),
        ("ESCUELA KEMPER URGATE", "XOCHILT CASAS CHAVEZ"),
        required=True,
    ),
    Field(
        "package",
        "Paquete",
        ("paquete", "plan", "nombre del paquete", "producto", "paquete actual"),
        ("", ""),
    ),
    Field(
        "folios",
        "Folios",
        (
            "folios",
            "timbres",
            "saldo",
            "creditos",
            "folios disponibles",
            "folios restantes",
            "timbres disponibles",
            "timbres restantes",
            "disponibles",
            "saldo de folios",
        ),
        ("1,000", "25"),
    ),
    Field(
        "expires_on",
        "Vigencia",
        (
            "vigencia",
            "vence",
            "vencimiento",
            "fecha de vencimiento",
            "expira",
            "expiracion",
            "fecha de expiracion",
            "fin de vigencia",
            "fecha de vigencia",
            "valido hasta",
            "vigente hasta",
            "caducidad",
        ),
        ("31/12/2027", "sin vigencia"),
    ),
    Field(
        "created_on",
        "Creado",
        (
            "creado",
            "alta",
            "fecha de alta",
            "fecha alta",
            "creacion",
            "fecha de creacion",
            "fecha creacion",
            "fecha de registro",
            "cliente desde",
            "registro",
            "registrado",
        ),
        ("15/03/2021", ""),
    ),
    Field(
        "status",
        "Estatus",
        ("estatus", "status", "estado", "situacion", "suspendido", "activo"),
        ("activo", "suspendido"),
    ),
    Field(
        "contact_email",
        "Correo",
        (
            "correo",
            "correo electronico",
            "email",
            "e mail",
            "mail",
            "correo de contacto",
            "correo del cliente",
            "correo contacto",
        ),
        ("pagos@kemper.mx", ""),
    ),
    Field(
        "contact_name",
        "Contacto",
        (
            "contacto",
            "nombre de contacto",
            "nombre del contacto",
            "persona de contacto",
            "responsable",
            "representante",
        ),
        ("Clara Kemper", ""),
    ),
    Field(
        "contact_phone",
        "Teléfono",
        (
            "telefono",
            "tel",
            "celular",
            "movil",
            "whatsapp",
            "telefono de contacto",
            "telefono contacto",
        ),
        ("771 123 4567", ""),
    ),
    Field(
        "tax_regime",
        "Régimen fiscal",
        ("regimen fiscal", "regimen", "clave regimen", "clave de regimen"),
        ("601", "612"),
    ),
    Field(
        "postal_code",
        "Código postal",
        (
            "codigo postal",
            "cp",
            "c p",
            "codigo postal fiscal",
            "cp fiscal",
            "domicilio fiscal",
            "codpostal",
        ),
        ("42501", "10740"),
    ),
)
KEYS = [field.key for field in FIELDS]
LABELS = {field.key: field.label for field in FIELDS}
_BY_NAME = {name: field.key for field in FIELDS for name in field.names}
# Columns of a table copied from a page that are of no client.
_IGNORED = ("acciones", "accion", "opciones", "seleccionar")


def recognise(
    headers: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    packages: Sequence[str],
    today: date,
    known: Mapping[str, str] | None = None,
) -> list[str]:
    """The key of each column, "" where it is none; no key twice. `sample` are the first
    rows, `packages` the names of the reseller's, `known` what a person has said of
    these headers before, by folded header."""
    if known is not None:
        return [known.get(folded(header), "") for header in headers]
    found = [""] * len(headers)
    for place, header in enumerate(headers):
        key = _BY_NAME.get(folded(header), "")
        if key and key not in found:
            found[place] = key
    names = {folded(name) for name in packages}
    for place, header in enumerate(headers):
        if found[place] or folded(header) in _IGNORED:
            continue
        cells = [row[place] for row in sample if place < len(row) and row[place]]
        found[place] = _by_content(cells, found, names, today)
    if "legal_name" not in found:
        _find_names(headers, sample, found)
    return found


def _find_names(
    headers: Sequence[str], sample: Sequence[Sequence[str]], found: list[str]
) -> None:
    """Names have nothing of their own: they are the column of words that differ most,
    of those that are nothing else."""
    best, most = -1, 0
    for place, header in enumerate(headers):
        cells = {row[place] for row in sample if place < len(row)} - {""}
        free = not found[place] and folded(header) not in _IGNORED
        if free and len(cells) > most and _most([*cells], _words.search):
            best, most = place, len(cells)
    if best >= 0:
        found[best] = "legal_name"


def key_of(headers: Sequence[str]) -> str:
    """What is the same for a table with the same headers, in whatever order."""
    return "\n".join(sorted(folded(header) for header in headers))


def _by_content(
    cells: list[str], taken: list[str], packages: set[str], today: date
) -> str:
    if not cells:
        return ""
    for key, is_alike in _CONTENTS:
        if key not in taken and _most(cells, is_alike):
            return key
    if "package" not in taken and _most(cells, lambda cell: folded(cell) in packages):
        return "package"
    days = [day for cell in cells if (day := _day(cell))]
    if len(days) >= _MOST * len(cells) and not all(map(str.isdecimal, cells)):
        key = "expires_on" if max(days) > today else "created_on"
        return "" if key in taken else key
    if "folios" not in taken and _most(cells, _whole.fullmatch):
        return "folios"
    return ""


def _most(cells: list[str], is_alike: Callable[[str], object]) -> bool:
    return sum(bool(is_alike(cell)) for cell in cells) >= _MOST * len(cells)


def _day(cell: str) -> date | None:
    try:
        return day_of(cell)
    except UnclearValue:
        return None


def _status(cell: str) -> bool:
    try:
        return bool(status_of(cell))
    except UnclearValue:
        return False


_words = re.compile(r"[^\W\d_]{2}")
_whole = re.compile(r"\d{1,3}(,\d{3})+|\d{1,7}")
_phone = re.compile(r"\+?[\d\s().-]{10,20}")
_CONTENTS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("rfc", lambda cell: rfc_rules.is_well_formed(rfc_rules.clean(cell))),
    ("contact_email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch),
    ("tax_regime", lambda cell: cell[:3] in REGIMES and not cell[3:4].isdigit()),
    ("postal_code", re.compile(r"\d{5}").fullmatch),
    (
        "contact_phone",
        lambda cell: (
            _phone.fullmatch(cell)
            and 10 <= sum(map(str.isdigit, cell)) <= 13
            and not _day(cell)
        ),
    ),
    ("status", _status),
)
