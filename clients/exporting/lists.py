"""The list of clients that somebody asks for without opening a page."""

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from accounts.models import User
from clients.forecast.keeping import keep_fresh
from clients.listing import ClientList
from clients.models import Standing


@dataclass(frozen=True)
class _Asker:
    """All that a list reads of a request."""

    user: User


def list_for(person: User, query: str, today: date) -> ClientList:
    """The list with these parameters, as this person sees it; not yet counted. The zone
    of the reseller must be the current one: filters have days."""
    table = ClientList(
        QueryDict(query),
        queryset=Standing.objects.visible_to(person),
        request=_Asker(person),
        today=today,
    )
    if table.needs_pace and person.reseller:
        keep_fresh(person.reseller, today)
    return table
