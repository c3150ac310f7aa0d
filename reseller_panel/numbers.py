"""How people type quantities and prices, and the form fields that read them.

Law: domain.md, "Folios", invariant 8. A leaf. A number that may have been meant in two
ways is refused with both; nothing here guesses, and no format of a locale is asked.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

# A comma groups thousands, so it stands before exactly three digits.
_WHOLE = r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)"
_QUANTITY = re.compile(_WHOLE)
_PRICE = re.compile(rf"{_WHOLE}(?:\.[0-9]{{1,2}})?")
# What people, programs and other countries put between digits: 10,00, 1_0, 1 000.
_MARKED = re.compile(r"[0-9]+(?:[.,_'´`’·٫٬，．\s][0-9]+)*[.,]?")
# More digits than any quantity or price may have.
_DIGITS_MAX = 18
_SIGNS = ("+", "-", "\N{MINUS SIGN}", "\N{EN DASH}")


class UnclearNumber(ValueError):
    """The text is no number, or may be one of two. The message is for its author."""


def read_quantity(text: str) -> int:
    """A whole number as people type it, `1000` or `1,000`. Raises UnclearNumber."""
    return int(_plain(text, _QUANTITY, "Escriba un número entero, como 1000 o 1,000."))


def read_price(text: str) -> Decimal:
    """Pesos as people type them, `199.90` or `1,199.90`. Raises UnclearNumber."""
    return Decimal(_plain(text, _PRICE, "Escriba pesos y centavos, como 1,199.90."))


def _plain(text: str, pattern: re.Pattern[str], expected: str) -> str:
    """The number without commas, if it has the form that is expected."""
    text = text.strip()
    if sum(char.isdigit() for char in text) > _DIGITS_MAX:
        raise UnclearNumber("Es un número demasiado grande.")
    if pattern.fullmatch(text):
        return text.replace(",", "")
    if text.startswith(_SIGNS):
        raise UnclearNumber(f"Escríbalo sin signo. {expected}")
    readings = _readings(text)
    if not readings or not text.isprintable():
        raise UnclearNumber(expected)
    raise UnclearNumber(f"«{text}» puede ser {' o '.join(readings)}. {expected}")


def _readings(text: str) -> list[str]:
    """What a number with marks between its digits may mean: its last mark begins the
    decimals, or all its marks group thousands. Empty if it is no number."""
    ascii_text = "".join(_in_ascii(char) for char in text)
    if not _MARKED.fullmatch(ascii_text):
        return []
    *before, last = re.findall(r"[0-9]+", ascii_text)
    grouped = f"{int(''.join([*before, last])):,}"
    if not before:
        return [grouped]
    decimals = "" if set(last) == {"0"} else f".{last}"
    return list(dict.fromkeys([f"{int(''.join(before)):,}{decimals}", grouped]))


def _in_ascii(char: str) -> str:
    """The digit 0-9 of a digit of another script; any other character as it is."""
    return str(unicodedata.decimal(char, char))


# --- The fields of forms ----------------------------------------------------------


def _typed(value: Any, read: Callable[[str], Any]) -> Any:
    """What was typed, read; what the code gave (a number or nothing) as it is."""
    if not isinstance(value, str):
        return value
    try:
        return read(value) if value.strip() else None
    except UnclearNumber as unclear:
        raise ValidationError(str(unclear), code="invalid") from None


class QuantityField(forms.IntegerField):
    """A quantity typed by a person. A plain text input, because a browser's number
    input drops what it cannot read before the server can say why."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"localize": True} | options)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(_typed(value, read_quantity))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off"}


class PriceField(forms.DecimalField):
    """A price typed by a person, in a plain text input too."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"localize": True} | options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        return super().to_python(_typed(value, read_price))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}
