"""The scoped fetch: the first line of every view of a client."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from accounts.access import ResellerRequest
from clients.listing import PAGE_PARAMETERS
from clients.models import Client
from clients.statement import seq_of
from reseller_panel import way_back


def client_of(request: ResellerRequest, public_id: UUID) -> Client:
    """A client of this reseller; another reseller's is a 404, as a missing one is."""
    return get_object_or_404(
        Client.objects.visible_to(request.user).with_facts(), public_id=public_id
    )


def today_of(request: ResellerRequest) -> date:
    """The business day of the reseller of this request."""
    return request.reseller.local_date(timezone.now())


def undone_seq(request: ResellerRequest) -> int | None:
    """The outcome that an undo takes back (`?deshacer=12`); None if it is no undo. What
    is no number is an outcome that never was."""
    text = request.GET.get("deshacer")
    return None if text is None else seq_of(text) or -1


def list_query(request: ResellerRequest) -> QueryDict:
    """The parameters of the list that this dialog was opened from; none if it was
    another page."""
    place = way_back.list_of(request)
    query = QueryDict(mutable=True)
    if place and place.view_name == "clients:list":
        query.update(dict(place.query))
    return query


def list_url(query: QueryDict, **changes: str | None) -> str:
    """The first page of the list with these parameters."""
    changes |= dict.fromkeys(PAGE_PARAMETERS)
    asked = {k: v for k, v in (query.dict() | changes).items() if v}
    url = reverse("clients:list")
    return f"{url}?{urlencode(asked)}" if asked else url
