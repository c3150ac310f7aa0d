"""What text the product accepts.

Law: quality.md, "Bad input". A character that cannot be printed, or that changes the
direction of its neighbours, is rejected at input, so that a name can never break an
export, a log or an e-mail. Nothing here strips or repairs text: people correct it.
"""

import unicodedata

from django.core.exceptions import ValidationError

# Cc control, Cs lone surrogates, Cn unassigned, Zl and Zp line and paragraph
# separators; the bidirectional overrides are Cf.
_REFUSED_CATEGORIES = {"Cc", "Cs", "Cn", "Zl", "Zp"}
_DIRECTION_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _is_refused(char: str, allowed: str) -> bool:
    if char in allowed:
        return False
    return (
        char in _DIRECTION_OVERRIDES
        or unicodedata.category(char) in _REFUSED_CATEGORIES
    )


def validate_plain_text(value: str) -> None:
    """Accept one line of printable text. Raises ValidationError."""
    _refuse(value, allowed="")


def validate_paragraphs(value: str) -> None:
    """Accept printable text with line breaks and tabs. Raises ValidationError."""
    _refuse(value, allowed="\r\n\t")


def _refuse(value: str, *, allowed: str) -> None:
    if any(_is_refused(char, allowed) for char in value):
        raise ValidationError(
            "Contiene caracteres que no se pueden imprimir; escríbalo de nuevo.",
            code="unprintable",
        )
