"""How names are searched and sorted: SQL the database itself keeps up to date.

The columns are generated, so no writer can forget them. Migrations name these
expressions: a change of meaning is a new expression, not an edit.
"""

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Replace


class Fold(Func):
    """Text without accents or case; every ñ becomes n.

    Immutable SQL, so that the database keeps the folded column itself and the question
    is folded by the very same expression. (`unaccent` is not immutable.)
    """

    template = (
        "lower(translate(%(expressions)s,"
        " 'ÁÀÄÂÃÉÈËÊÍÌÏÎÓÒÖÔÕÚÙÜÛÇÑáàäâãéèëêíìïîóòöôõúùüûçñ',"
        " 'AAAAAEEEEIIIIOOOOOUUUUCNaaaaaeeeeiiiiooooouuuucn'))"
    )
    output_field = TextField()


class Joined(Func):
    """`a || ' ' || b …`: immutable, as CONCAT is not. No part may be NULL."""

    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def sort_key(column: str) -> Fold:
    """Spanish order without ICU: accents ignored, ñ after n and before o."""
    return Fold(
        Replace(Replace(F(column), Value("ñ"), Value("n~")), Value("Ñ"), Value("N~"))
    )
