"""Telephone numbers: as they are kept (+525512345678), shown and opened. A leaf."""

import re
from urllib.parse import quote

import phonenumbers
from django.core.exceptions import ValidationError


def _plain() -> re.Pattern[str]:
    """Ten digits that are a number of Mexico as they are: an import has many."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("MX")
    assert metadata is not None
    assert metadata.fixed_line is not None
    return re.compile(
        rf"(?=[0-9]{{10}}\Z)(?:{metadata.fixed_line.national_number_pattern})"
    )


_PLAIN = _plain()


def cleaned(text: str) -> str:
    """The number as +52…; it is Mexican unless it has a country code; empty for none.
    Raises ValidationError."""
    if not text or _PLAIN.fullmatch(text):
        return f"+52{text}" if text else ""
    try:
        number = phonenumbers.parse(text, "MX")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValidationError("Escriba un teléfono de diez dígitos.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown(kept: str) -> str:
    """«55 1234 5678» for a Mexican number, «+1 212 555 0123» for another one."""
    try:
        number = phonenumbers.parse(kept, "MX")
    except phonenumbers.NumberParseException:
        return kept
    is_mexican = number.country_code == phonenumbers.country_code_for_region("MX")
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, style.NATIONAL if is_mexican else style.INTERNATIONAL
    )


def whatsapp_url(kept: str, text: str) -> str:
    """A click-to-chat link: the number in international form, digits only."""
    number = re.sub(r"\D", "", kept)
    return f"https://wa.me/{number}?text={quote(text, safe='')}"
