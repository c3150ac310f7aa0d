"""Telephone numbers: as they are kept (+525512345678), shown and opened. A leaf."""

import re
from urllib.parse import quote

import phonenumbers
from django.core.exceptions import ValidationError


def cleaned(text: str) -> str:
    """The number as +52…; it is Mexican unless it has a country code; empty for none.
    Raises ValidationError."""
    if not text:
        return ""
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
