"""How clients are searched and sorted: the expressions of generated columns, and the
question that is asked of them.

The database keeps these columns up to date, so no writer can forget them. Migrations
import the expressions: to change a meaning, write a new one instead of editing it.
"""

import re
import uuid
from collections.abc import Callable

from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import Replace

from reseller_panel.characters import without_invisible
from reseller_panel.limits import SEARCH_LENGTH_MAX, search_words
from sat import rfc as rfc_rules

SHORTEST_PART = 3  # letters of a trigram
# As many digits as a telephone has in Mexico; a country code may precede them.
_PHONE_DIGITS = 10


class Folded(Func):
    """Text without accents or case, whether composed or not; ñ is n, ø is o, ł is l.

    The SQL is immutable (`unaccent` is not), as a generated column needs. The words of
    a search are folded by the same expression.
    """

    # The letters replaced last have no accent that could be taken off.
    template = (
        "translate(replace(replace(replace(replace(lower(regexp_replace("
        "normalize(%(expressions)s, NFKD), '[\\u0300-\\u036f]', '', 'g')),"
        " 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), 'øłđðħŧı', 'olddhti')"
    )
    output_field = TextField()


class Fold(Func):
    """What Folded was at first. Only migrations use it."""

    template = (
        "lower(translate(%(expressions)s,"
        " 'ÁÀÄÂÃÉÈËÊÍÌÏÎÓÒÖÔÕÚÙÜÛÇÑáàäâãéèëêíìïîóòöôõúùüûçñ',"
        " 'AAAAAEEEEIIIIOOOOOUUUUCNaaaaaeeeeiiiiooooouuuucn'))"
    )
    output_field = TextField()


class Joined(Func):
    """`a || ' ' || b …`, which is immutable; CONCAT is not. No part may be NULL."""

    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def public_id_of(text: str) -> uuid.UUID | None:
    """None if the text is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def id_or_rfc(text: str) -> uuid.UUID | str | None:
    """Parse how a program names a client: a public id, or an RFC (returned clean);
    None if the text is neither."""
    if len(text) == 36:
        return public_id_of(text)
    rfc = rfc_rules.clean(text)
    return rfc if rfc_rules.is_well_formed(rfc) else None


class IsAnyOf(Func):
    """`value = ANY (array)`: of a subquery, an array is computed once, so an index can
    be used beside an OR."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def sort_key(column: str) -> Fold:
    """What sorting_key was at first. Only migrations use it."""
    return Fold(
        Replace(Replace(F(column), Value("ñ"), Value("n~")), Value("Ñ"), Value("N~"))
    )


def sorting_key(text: str | F | Value) -> Folded:
    """Spanish order without ICU: accents ignored, ñ after n and before o."""
    return Folded(
        Replace(Replace(text, Value("ñ"), Value("n~")), Value("Ñ"), Value("N~"))
    )


def matches(text: str, *, has: Callable[[str], Q]) -> Q:
    """The condition that every word of `text` stands somewhere in the client, which
    `has` asks, or that all of it together is an RFC or a telephone of it. Only the
    first words count (reseller_panel/limits.py)."""
    text = without_invisible(text).replace("\x00", " ")
    found = Q()
    for word in search_words(text):
        found &= _has_word(word, has)
    if together := _rfc_or_phone(text[:SEARCH_LENGTH_MAX]):
        found |= has(together)
    return found


def is_beginning(text: str) -> bool:
    """Whether `text` is so short that it is taken for the beginning of a name or RFC:
    one or two letters stand somewhere in nearly every client, and in no index."""
    plain = text.strip()
    return 0 < len(plain) < SHORTEST_PART and plain.isalnum()


def begins_with(text: str, of: str = "") -> Q:
    """The condition that the name or RFC begins with `text`, over Standing; `of` is the
    way to it from another table."""
    plain = text.strip()
    return Q(**{f"{of}sort_name__startswith": sorting_key(Value(plain))}) | Q(
        **{f"{of}rfc__startswith": plain.upper()}
    )


def _has_word(word: str, has: Callable[[str], Q]) -> Q:
    """A part of an RFC or telephone may be written with hyphens or parentheses."""
    plain = re.sub(r"[-().]", "", word)
    is_number = plain != word and any(char.isdigit() for char in plain)
    return has(word) | has(plain) if is_number else has(word)


def _rfc_or_phone(text: str) -> str:
    rfc = rfc_rules.clean(text)
    if rfc_rules.is_well_formed(rfc):
        return rfc
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) >= _PHONE_DIGITS and re.fullmatch(r"[0-9\s()+./-]+", text):
        return digits[-_PHONE_DIGITS:]
    return ""
