"""The Constancia de Situación Fiscal, read from its text: copied, or saved as .txt.

SAT gives it as a PDF; a program that copies its text keeps the labels ("Código
Postal:"), but breaks lines and columns anywhere. So the text is taken as a row of
labels, and what stands between two of them belongs to the first.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from sat import rfc as rfc_rules
from sat.taxpayers import Taxpayer, UnreadableError, one_line

# Characters. The longest constancia, with all its obligations, has some 20,000.
MAX_CHARACTERS = 100_000

# What is read, by label. The others only end what stands before them.
_LABELS = {
    "rfc": r"\bRFC\s*:",
    "curp": r"\bCURP\s*:",
    "company": r"Denominaci[oó]n\s*/?\s*(?:o\s+)?Raz[oó]n\s+Social\s*:",
    "given": r"Nombre\s*\(\s*s\s*\)\s*:",
    "first": r"Primer\s+Apellido\s*:",
    "second": r"Segundo\s+Apellido\s*:",
    "postal_code": r"C[oó]digo\s+Postal\s*:",
    # Of the card at the top, where a value stands before its label.
    "card": r"Registro\s+Federal\s+de\s+Contribuyentes",
    "card_end": r"Nombre,\s+denominaci[oó]n\s+o\s+raz[oó]n\s+social",
    "regimes": r"Reg[ií]menes\s*:",
    "end": (
        r"R[eé]gimen\s+(?:de\s+)?Capital\s*:|Nombre\s+Comercial\s*:|Fecha\s+(?:de\s+)?"
        r"inicio\s+de\s+operaciones|Estatus\s+en\s+el\s+padr[oó]n|Fecha\s+de\s+[uú]ltimo"
        r"\s+cambio|Datos\s+de(?:l\s+domicilio|\s+Identificaci[oó]n|\s+Ubicaci[oó]n)"
        r"|Tipo\s+de\s+Vialidad|Nombre\s+de\s+(?:la\s+)?(?:Vialidad|Localidad|Colonia"
        r"|Municipio|Entidad)|N[uú]mero\s+(?:Exterior|Interior)\s*:|Entre\s+Calle\s*:"
        r"|Y\s+Calle\s*:|Correo\s+Electr[oó]nico\s*:|Tel\.|Actividades\s+Econ[oó]micas"
        r"|Obligaciones\s*:|Sus\s+datos\s+personales|Cadena\s+Original|Sello\s+Digital"
    ),
}
_LABEL = re.compile(
    "|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS.items()),
    re.IGNORECASE,
)
_PAGE = re.compile(r"P[aá]gina\s*\[?\d{1,3}\]?\s*de\s*\[?\d{1,3}\]?", re.IGNORECASE)
_RFC = re.compile(r"(?<![A-ZÑ&0-9])[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}(?![A-ZÑ0-9])")
_POSTAL_CODE = re.compile(r"\s*([0-9]{5})(?![0-9])")
_DATE = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")

# How the constancia names each regime, as far as it differs from every other one.
_REGIMES = {
    "601": "General de Ley Personas Morales",
    "603": "Personas Morales con Fines no Lucrativos",
    "605": "Sueldos y Salarios",
    "606": "Arrendamiento",
    "607": "Enajenacion o Adquisicion de Bienes",
    "608": "Demas ingresos",
    "610": "Residentes en el Extranjero sin Establecimiento Permanente",
    "611": "Dividendos",
    "612": "Personas Fisicas con Actividades Empresariales y Profesionales",
    "614": "Ingresos por intereses",
    "615": "Obtencion de premios",
    "616": "Sin obligaciones fiscales",
    "620": "Sociedades Cooperativas de Produccion",
    "621": "Incorporacion Fiscal",
    "622": "Actividades Agricolas",
    "623": "Opcional para Grupos de Sociedades",
    "624": "Coordinados",
    "625": "Plataformas Tecnologicas",
    "626": "Simplificado de Confianza",
}
# Its dates may stand between its words, where a column was broken.
_BETWEEN = r"[\s\d/]+"
_REGIME = re.compile(
    "|".join(
        f"(?P<r{code}>{_BETWEEN.join(words.upper().split())})"
        for code, words in _REGIMES.items()
    )
)


def read(text: str) -> Taxpayer:
    """What a constancia says. Raises UnreadableError: too_large, not_constancia."""
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(
            "too_large",
            f"El texto tiene {len(text):,} caracteres, y una constancia no pasa de "
            f"{MAX_CHARACTERS:,}. Revise que sea la Constancia de Situación Fiscal.",
        )
    values = _by_label(_PAGE.sub(" ", unicodedata.normalize("NFC", text)))
    rfc = _rfc(values.get("rfc", ""), text)
    found = Taxpayer(
        source="la Constancia de Situación Fiscal",
        rfc=rfc,
        name=_name(values, is_company=len(rfc) == 12),
        regimes=_regimes(values.get("regimes", "")),
        postal_code=_postal_code(values.get("postal_code", "")),
    )
    if not found.rfc or not (found.name or found.postal_code or found.regimes):
        raise UnreadableError(
            "not_constancia",
            "No parece una Constancia de Situación Fiscal: no se encontró en el texto "
            "un RFC con su nombre, su régimen o su código postal.",
        )
    return found


def _by_label(text: str) -> dict[str, str]:
    """What stands behind each label, up to the next; the first that is not blank."""
    values: dict[str, str] = {}
    for label, end in _up_to_the_next(_LABEL, text):
        assert label.lastgroup
        value = one_line(text[label.end() : end])
        if value and not values.get(label.lastgroup):
            values[label.lastgroup] = value
    return values


def _rfc(labelled: str, text: str) -> str:
    """The one of its label; where columns were torn apart, the first there is."""
    for place in (rfc_rules.clean(labelled)[:13], text.upper()):
        if found := _RFC.search(place):
            return found[0]
    return ""


def _name(values: dict[str, str], *, is_company: bool) -> str:
    """In upper case, as it is registered. The card at the top has it too."""
    parts = [values.get(part, "") for part in ("given", "first", "second")]
    labelled = values.get("company", "") if is_company else one_line(" ".join(parts))
    return (labelled or values.get("card", "")).upper()


def _postal_code(text: str) -> str:
    found = _POSTAL_CODE.match(text)
    return found[1] if found else ""


def _regimes(text: str) -> tuple[str, ...]:
    """Those that are not over: a regime with two dates has begun and ended. Where the
    dates were copied apart from their regimes, nobody can say which ended."""
    plain = _without_accents(text.upper())
    found = [
        (
            (one.lastgroup or "").removeprefix("r"),
            len(_DATE.findall(plain, one.start(), end)),
        )
        for one, end in _up_to_the_next(_REGIME, plain)
    ]
    if all(dates for _, dates in found):
        found = [(code, dates) for code, dates in found if dates < 2] or found
    return tuple(dict.fromkeys(code for code, _ in found))


def _up_to_the_next(
    pattern: re.Pattern[str], text: str
) -> Iterator[tuple[re.Match[str], int]]:
    """Each match, and where the next one begins."""
    for one, following in pairwise([*pattern.finditer(text), None]):
        assert one
        yield one, following.start() if following else len(text)


def _without_accents(text: str) -> str:
    """Of as many characters: those with an accent are one in NFC."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))
