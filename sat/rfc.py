"""RFC: the tax number that identifies a taxpayer (domain.md, "RFC").

The form is checked here; the check digit is only a warning, because SAT itself has
issued RFCs with a wrong one.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.mx import rfc as mx_rfc

# A CHECK constraint of the database has the same pattern.
PATTERN = r"^[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}$"
GENERIC = {"XAXX010101000": "público en general", "XEXX010101000": "extranjeros"}


def clean(text: str) -> str:
    """Return `text` in upper case without spaces or hyphens. Nothing is checked.

    Some programs copy Ñ as two characters, N and its tilde: they become one.
    """
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFC", text)).upper()


def is_well_formed(rfc: str) -> bool:
    """Whether `rfc` (already clean) has the form of an RFC; generic ones do."""
    return re.fullmatch(PATTERN, rfc) is not None


def validate(rfc: str) -> None:
    """Raise ValidationError unless `rfc` (already clean) can be a client's RFC."""
    if rfc in GENERIC:
        raise ValidationError(
            f"{rfc} es el RFC genérico de {GENERIC[rfc]}; no puede ser un cliente.",
            code="generic_rfc",
        )
    try:
        if not is_well_formed(rfc):
            raise StdnumError
        mx_rfc.validate(rfc, validate_check_digits=False)
    except StdnumError:
        raise ValidationError(
            "El RFC no es válido: son 3 letras (persona moral) o 4 (persona física), "
            "una fecha AAMMDD y 3 caracteres de homoclave.",
            code="invalid_rfc",
        ) from None


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
