"""How names are searched and sorted: the expressions of generated columns.

The database keeps these columns up to date, so no writer can forget them. Migrations
import the expressions: to change a meaning, write a new one instead of editing it.
"""

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Replace


class Fold(Func):
    """Text without accents or case; every ñ becomes n.

    The SQL is immutable (`unaccent` is not), as a generated column needs. The words of
    a search are folded by the same expression.
    """

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


def sort_key(column: str) -> Fold:
    """Spanish order without ICU: accents ignored, ñ after n and before o."""
    return Fold(
        Replace(Replace(F(column), Value("ñ"), Value("n~")), Value("Ñ"), Value("N~"))
    )
