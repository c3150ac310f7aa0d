"""The call that lists clients, with the filters of the panel's table."""

from dataclasses import dataclass
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query

from accounts.models import ApiKey
from api import serializers
from api.calls.base import CAN_READ, ClientRequest, refuse_unknown, router
from api.schemas import ClientsOut, ClientsQuery
from clients.filters import ClientFilter
from clients.models import Client
from reseller_panel import problems
from reseller_panel.problems import FieldError


@router.get(
    "/clients",
    tags=["Clientes"],
    auth=CAN_READ,
    response=ClientsOut,
    operation_id="clients",
    summary="Clientes, con los filtros de la tabla",
)
def clients(
    request: ClientRequest, asked: Annotated[ClientsQuery, Query()]
) -> dict[str, Any]:
    """Los filtros y el orden se llaman como en la dirección de la tabla del panel."""
    reseller = request.auth.reseller
    today = reseller.local_date(timezone.now())
    refuse_unknown(request, ClientsQuery)
    # Days of creation are the reseller's days, as in the table.
    with timezone.override(reseller.zone):
        table = ClientFilter(
            request.GET,
            queryset=Client.objects.visible_to(request.auth),
            request=_Asker(request.auth),
            today=today,
        )
        if table.form.errors:
            raise problems.invalid(
                *(
                    FieldError(name, str(message))
                    for name, messages in table.form.errors.items()
                    for message in messages
                )
            )
        table.count()
        start = (asked.pagina - 1) * asked.por_pagina
        rows = table.rows().prefetch_related(
            "plan__inclusions__service", "additional_rfcs"
        )
        found = [
            serializers.client_object(client, today)
            for client in rows[start : start + asked.por_pagina]
        ]
    return {
        "clients": found,
        "pagina": asked.pagina,
        "por_pagina": asked.por_pagina,
        "total": table.matched,
    }


@dataclass(frozen=True)
class _Asker:
    """Stands in for the request of a ClientFilter, which reads only its `user`."""

    user: ApiKey
