"""Words as people vary them: without accents, case, marks or double blanks. A leaf."""

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile(r"[\W_]+")


@lru_cache(maxsize=10_000)  # a column has the same word in many rows
def folded(text: str) -> str:
    """«Código  Postal:» and «codigo postal» are the same."""
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(_MARKS.sub(" ", plain.replace(".", "").casefold()).split())
