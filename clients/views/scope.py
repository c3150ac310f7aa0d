"""The scoped fetch: the first line of every view of a client."""

from datetime import date
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import ResellerRequest
from clients.models import Client
from clients.statement import seq_of

PAGE_SIZES = (25, 50, 100)


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


def page_size_of(request: ResellerRequest) -> int:
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(request.GET.get("por_pagina", ""), PAGE_SIZES[0])
