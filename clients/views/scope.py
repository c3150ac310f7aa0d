"""The scoped fetch: the first line of every view of a client."""

from datetime import date
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import ResellerRequest
from clients.models import Client


def client_of(request: ResellerRequest, public_id: UUID) -> Client:
    """A client of this reseller; another reseller's is a 404, as a missing one is."""
    return get_object_or_404(
        Client.objects.visible_to(request.user).with_facts(), public_id=public_id
    )


def today_of(request: ResellerRequest) -> date:
    """The business day of the reseller of this request."""
    return request.reseller.local_date(timezone.now())
