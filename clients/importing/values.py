"""The text of a cell as a value: a day, a status, a quantity, a régimen.

What may mean two things is refused with what to write instead; nothing is guessed. Law:
domain.md, "Folios", invariant 8.
"""

import re
from datetime import date, timedelta
from functools import lru_cache

from clients.importing.words import folded
from packages.models import MAX_FOLIOS
from reseller_panel.numbers import UnclearNumber, read_quantity
from sat.regimes import REGIMES

# Words of the vigencia of a client that has none.
_NO_TERM = frozenset(
    "sin vigencia|sin vencimiento|sin termino|indefinida|indefinido|ilimitada|ilimitado"
    "|nunca|no vence|no aplica|n a|na|permanente".split("|")
)
_MONTHS = "ene feb mar abr may jun jul ago sep oct nov dic".split()
# Spreadsheets count days from 30/12/1899; these are 1954 to 2119.
_EPOCH, _SERIALS = date(1899, 12, 30), range(20_000, 80_000)
_NUMERIC = re.compile(r"(\d{1,4})[/\-.](\d{1,2})[/\-.](\d{1,4})(?:[ T]\d.*)?")
_NAMED = re.compile(r"(\d{1,2})(?: de)? ([a-z]{3,10})(?: del?)? (\d{2}|\d{4})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")

SUSPENDED, ACTIVE, EXPIRED, EXHAUSTED = "suspended", "active", "expired", "exhausted"
_STATUSES = {
    SUSPENDED: "suspendido suspendida suspended bloqueado bloqueada inactivo inactiva "
    "deshabilitado deshabilitada si",
    ACTIVE: "activo activa active vigente habilitado habilitada no",
    EXPIRED: "expirado expirada vencido vencida expired caducado caducada",
    EXHAUSTED: "agotado agotada exhausted",
}
_STATUS = {word: key for key, words in _STATUSES.items() for word in words.split()}
_STATUS |= {"folios agotados": EXHAUSTED, "sin folios": EXHAUSTED}


class UnclearValue(ValueError):
    """The text is no such value; the message is for whoever corrects the file."""


@lru_cache(maxsize=10_000)
def day_of(text: str) -> date | None:
    """A day as people and spreadsheets write it; None for «sin vigencia» and its like.
    Raises UnclearValue."""
    if numeric := _NUMERIC.fullmatch(text):
        return _of_numbers(text, *(numeric[part] for part in (1, 2, 3)))
    if (serial := _SERIAL.fullmatch(text)) and int(serial[1]) in _SERIALS:
        return _EPOCH + timedelta(days=int(serial[1]))
    words = folded(text)
    if words in _NO_TERM or text in ("-", "—", "–"):
        return None
    if (named := _NAMED.fullmatch(words)) and named[2][:3] in _MONTHS:
        month = _MONTHS.index(named[2][:3]) + 1
        return _made(text, _year(named[3]), month, int(named[1]))
    raise UnclearValue(f"«{text[:40]}» no es una fecha. Escríbala como 31/12/2027.")


def _of_numbers(text: str, first: str, second: str, third: str) -> date:
    if len(first) == 4:
        return _made(text, int(first), int(second), int(third))
    if len(third) not in (2, 4) or len(first) > 2:
        raise UnclearValue(f"«{text[:40]}» no es una fecha. Escríbala como 31/12/2027.")
    if int(second) > 12 >= int(first):
        raise UnclearValue(
            f"«{text[:40]}» parece tener el mes antes del día. Escríbala como "
            f"{int(second):02}/{int(first):02}/{_year(third)}."
        )
    return _made(text, _year(third), int(second), int(first))


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _made(text: str, year: int, month: int, day: int) -> date:
    try:
        made = date(year, month, day)
    except ValueError:
        raise UnclearValue(f"«{text[:40]}» no existe en el calendario.") from None
    if not 1990 <= made.year <= 2100:
        raise UnclearValue(f"«{text[:40]}»: revise el año.")
    return made


@lru_cache(maxsize=1_000)
def status_of(text: str) -> str:
    """One of the four of this module. Raises UnclearValue."""
    status = _STATUS.get(folded(text))
    if status is None:
        raise UnclearValue(
            f"«{text[:40]}» no es un estatus. Escriba activo, suspendido, expirado o "
            "folios agotados."
        )
    return status


@lru_cache(maxsize=1_000)
def folios_of(text: str) -> int:
    """A whole number from 0. Raises UnclearValue."""
    words = folded(text)
    number = re.sub(r"\s*(folios?|timbres?)$", "", text, flags=re.IGNORECASE)
    if words in ("agotados", "sin folios", "folios agotados"):
        return 0
    try:
        folios = read_quantity(number)
    except UnclearNumber as unclear:
        raise UnclearValue(str(unclear)) from None
    if folios > MAX_FOLIOS:
        raise UnclearValue(f"Son {folios:,} folios; caben hasta {MAX_FOLIOS:,}.")
    return folios


@lru_cache(maxsize=1_000)
def regime_of(text: str) -> str:
    """The code of a régimen, from «601», «601 · General…» or its words. Raises
    UnclearValue."""
    if text[:3] in REGIMES and not text[3:4].isdigit():
        return text[:3]
    words = folded(text)
    named = [c for c, regime in REGIMES.items() if folded(regime.description) == words]
    if len(named) == 1:
        return named[0]
    raise UnclearValue(
        f"«{text[:60]}» no es un régimen fiscal del SAT. Escriba su clave, como 601."
    )


def postal_code_of(text: str) -> str:
    """A spreadsheet takes the zero off «01000»."""
    return f"0{text}" if len(text) == 4 and text.isdecimal() else text
