"""The call that lists clients, with the filters of the panel's table."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query

from accounts.models import ApiKey
from api import serializers
from api.calls.base import CAN_READ, ClientRequest, day_asked, refuse_unknown, router
from api.schemas import ClientsOut, ClientsQuery
from clients import past
from clients.listing import ClientList
from clients.models import Standing
from clients.past_filters import ONLY_TODAY, PastFilter
from reseller_panel import problems
from reseller_panel.problems import FieldError


@router.get(
    "/clients",
    tags=["Clientes"],
    auth=CAN_READ,
    response=ClientsOut,
    exclude_unset=True,
    operation_id="clients",
    summary="Clientes, con los filtros de la tabla",
)
def clients(
    request: ClientRequest, asked: Annotated[ClientsQuery, Query()]
) -> dict[str, Any]:
    """Los filtros y el orden se llaman como en la dirección de la tabla del panel. Con
    `as_of` se responde como al terminar ese día: estatus, saldo, plan y vigencia de
    entonces; nombre, RFC y contacto de hoy."""
    reseller = request.auth.reseller
    today = reseller.local_date(timezone.now())
    refuse_unknown(request, ClientsQuery)
    day = day_asked(request, asked.as_of)
    # Days of creation are the reseller's days, as in the table.
    with timezone.override(reseller.zone):
        if day is not None and day != today:
            return _then(request, asked, day)
        table = ClientList(
            request.GET,
            queryset=Standing.objects.visible_to(request.auth),
            request=_Asker(request.auth),
            today=today,
        )
        _refuse_wrong(table)
        table.count()
        start = (asked.pagina - 1) * asked.por_pagina
        page = table.rows(
            start, asked.por_pagina, "plan__inclusions__service", "additional_rfcs"
        )
        found = [serializers.client_object(client, today) for client in page]
    if day is not None:
        found = [serializers.as_of_today(told, today) for told in found]
    return _told(found, asked, table)


def _then(request: ClientRequest, asked: ClientsQuery, day: date) -> dict[str, Any]:
    """The list at the end of a day. Raises Problem (422) for what only today has."""
    unknown = [name for name in ONLY_TODAY if request.GET.get(name)]
    if asked.orden.removeprefix("-") in ONLY_TODAY:
        unknown.append("orden")
    if unknown:
        why = "No se puede con as_of: sólo existe en la lista de hoy."
        raise problems.invalid(*(FieldError(name, why) for name in unknown))
    table = PastFilter(
        request.GET,
        queryset=Standing.objects.visible_to(request.auth),
        request=_Asker(request.auth),
        reseller=request.auth.reseller,
        today=day,
    )
    _refuse_wrong(table)
    table.count()
    start = (asked.pagina - 1) * asked.por_pagina
    page = past.as_they_were(table.found_then()[start : start + asked.por_pagina])
    return _told(serializers.clients_then(page, day, in_full=True), asked, table)


def _refuse_wrong(table: ClientList) -> None:
    if table.form.errors:
        raise problems.invalid(
            *(
                FieldError(name, str(message))
                for name, messages in table.form.errors.items()
                for message in messages
            )
        )


def _told(
    found: list[dict[str, Any]], asked: ClientsQuery, table: ClientList
) -> dict[str, Any]:
    return {
        "clients": found,
        "pagina": asked.pagina,
        "por_pagina": asked.por_pagina,
        "total": table.exact_total,
    }


@dataclass(frozen=True)
class _Asker:
    """Stands in for the request of a ClientList, which reads only its `user`."""

    user: ApiKey
