"""RFC: the tax number that identifies a taxpayer (domain.md, "RFC").

The form is checked here. A wrong check digit, or a beginning that SAT avoids, is only
a warning (`doubts`), because SAT itself has issued RFCs with both.
"""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from stdnum.mx import rfc as mx_rfc

# A CHECK constraint of the database has the same pattern.
PATTERN = r"^[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}$"
GENERIC = {"XAXX010101000": "público en general", "XEXX010101000": "extranjeros"}
# SAT's list of inconvenient words. Of a person whose name gives one of them, SAT should
# have replaced the last letter with an X.
INCONVENIENT_WORDS = frozenset(
    "BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COJA COJE COJI COJO CULO FETO GUEY "
    "JOTO KACA KACO KAGA KAGO KAKA KOGE KOJO KULO MAME MAMO MEAR MEAS MEON MION MOCO "
    "MULA PEDA PEDO PENE PUTA PUTO QULO RATA RUIN".split()
)
# Blanks, hyphens of every kind, and what cannot be seen.
_TAKEN_OUT = {"Zs", "Zl", "Zp", "Pd", "Cf"}


def clean(text: str) -> str:
    """Return `text` in upper case without spaces, hyphens or invisible characters.
    Nothing is checked.

    Some programs copy Ñ as two characters, N and its tilde: they become one.
    """
    kept = (
        char
        for char in unicodedata.normalize("NFC", text)
        if not char.isspace() and unicodedata.category(char) not in _TAKEN_OUT
    )
    return "".join(kept).replace("\N{MINUS SIGN}", "").upper()


def is_well_formed(rfc: str) -> bool:
    """Whether `rfc` (already clean) has the form of an RFC; generic ones do."""
    return re.fullmatch(PATTERN, rfc) is not None


def is_valid(rfc: str) -> bool:
    """Whether `validate` accepts it as it is."""
    return rfc not in GENERIC and is_well_formed(rfc) and _has_real_date(rfc)


def validate(rfc: str) -> None:
    """Raise ValidationError unless `rfc` (already clean) can be a client's RFC."""
    if rfc in GENERIC:
        raise ValidationError(
            f"{rfc} es el RFC genérico de {GENERIC[rfc]}; no puede ser un cliente.",
            code="generic_rfc",
        )
    if not is_valid(rfc):
        raise ValidationError(
            "El RFC no es válido: son 3 letras (persona moral) o 4 (persona física), "
            "una fecha AAMMDD y 3 caracteres de homoclave.",
            code="invalid_rfc",
        )


def _has_real_date(rfc: str) -> bool:
    year, month, day = (int(rfc[place : place + 2]) for place in (-9, -7, -5))
    try:
        date(2000 + year, month, day)  # the century is not in it; 2000 was a leap year
    except ValueError:
        return False
    return True


def doubts(rfc: str) -> list[str]:
    """What is unusual about an RFC, which a user may accept; one sentence each.

    `rfc` must be valid (`validate`)."""
    found = []
    if has_wrong_check_digit(rfc):
        found.append("El último carácter no corresponde al resto del RFC.")
    if has_inconvenient_beginning(rfc):
        found.append(
            f"Empieza con «{rfc[:4]}», que está en la lista de palabras que el SAT "
            "evita en un RFC."
        )
    return found


def has_inconvenient_beginning(rfc: str) -> bool:
    return is_individual(rfc) and rfc[:4] in INCONVENIENT_WORDS


def has_wrong_check_digit(rfc: str) -> bool:
    """Whether the last character does not match the rest, which is only a warning.

    `rfc` must be valid (`validate`)."""
    return mx_rfc.calc_check_digit(rfc[:-1]) != rfc[-1]


def is_individual(rfc: str) -> bool:
    """True for a persona física (13 characters), False for a persona moral (12)."""
    return len(rfc) == 13


def taxpayer_kind(rfc: str) -> str:
    """The kind of taxpayer in Spanish, as SAT names it."""
    return "persona física" if is_individual(rfc) else "persona moral"
