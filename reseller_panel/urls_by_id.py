"""URLs that differ by an id only. A list has hundreds of them: each pattern is resolved
once."""

from functools import cache
from uuid import UUID

from django.urls import reverse

_ANY = UUID(int=0)


@cache
def _of_any(name: str) -> str:
    return reverse(name, args=[_ANY])


def url_of(name: str, public_id: UUID | str) -> str:
    """`reverse(name, args=[public_id])`."""
    return _of_any(name).replace(f"{_ANY}", f"{public_id}")
