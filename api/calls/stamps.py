"""The calls of an invoicing application: stamping (api.md, first table).

api/stamping/service.py makes the responses to single stamps, byte for byte.
"""

from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query

from accounts.models import Scope
from api import serializers
from api.auth import BearerLater
from api.calls.base import (
    CAN_STAMP,
    CAN_STAMP_OR_READ,
    ClientRequest,
    Named,
    client_of,
    day_asked,
    json,
    refuse_unknown,
    router,
    short_lock_timeout,
)
from api.schemas import (
    AsOfQuery,
    BatchIn,
    BatchOut,
    EntitlementAsOf,
    MovementMade,
    MovementsOut,
    MovementsQuery,
    NothingIn,
    Reference,
    StampIn,
)
from api.stamping import service
from clients import lifecycle, past
from clients.ledger import Posted
from clients.models import Client
from clients.refusals import UnknownClient
from reseller_panel import problems
from reseller_panel.problems import FieldError
from sat import cfdi
from sat.cfdi import Cfdi


@router.get(
    "/clients/{client}",
    tags=["Timbrado"],
    auth=CAN_STAMP_OR_READ,
    response=EntitlementAsOf,
    exclude_unset=True,
    operation_id="entitlement",
    summary="¿Puede timbrar?",
)
def entitlement(
    request: ClientRequest, client: Named, asked: Annotated[AsOfQuery, Query()]
) -> dict[str, Any]:
    """Estatus, saldo y plan de un cliente. `reason` dice por qué no puede timbrar, con
    el mismo código con que se rechazaría un timbrado. Con `as_of`, como estaba al
    terminar ese día; nombre y RFC son los de hoy."""
    found = client_of(request, client)
    today = found.reseller.local_date(timezone.now())
    day = day_asked(request, asked.as_of, client=found)
    if day is None:
        return serializers.entitlement(found, today)
    if day == today:
        return serializers.as_of_today(serializers.entitlement(found, today), day)
    one = Client.objects.visible_to(request.auth).filter(pk=found.pk)
    was = past.as_they_were(past.facts(one, past.end_of(day, found.reseller)))
    return serializers.clients_then(was, day, in_full=False)[0]


@router.post(
    "/clients/{client}/stamps",
    tags=["Timbrado"],
    auth=BearerLater(Scope.STAMPS),
    response={201: MovementMade, 200: MovementMade},
    operation_id="stamp",
    summary="Gastar folios por un timbrado",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": StampIn.model_json_schema()}},
        }
    },
)
def stamp(request: Any, client: Named) -> HttpResponse:
    """201 la primera vez; 200, con el mismo cuerpo, cada vez que se repite la
    referencia. Un rechazo no cuenta: la misma referencia puede intentarse después."""
    status, body = service.stamp(request.auth, client, request.body)
    if status < 400:
        return json(status, body)
    return HttpResponse(
        body,
        status=status,
        content_type=problems.CONTENT_TYPE,
        headers=problems.headers_of(status),
    )


@router.post(
    "/stamps",
    tags=["Timbrado"],
    auth=CAN_STAMP,
    response=BatchOut,
    operation_id="stamps",
    summary="Gastar folios por muchos timbrados",
)
def stamps(request: ClientRequest, batch: BatchIn) -> HttpResponse:
    """Hasta 1,000, de cualquiera de sus clientes. Un resultado por elemento, en orden:
    `status` 200 o 201 con el cuerpo de un timbrado, o el problema que lo impidió."""
    results = service.stamp_many(request.auth, batch.stamps)
    return json(200, problems.dump({"results": results}))


@router.post(
    "/clients/{client}/stamps/{path:reference}/reversal",
    tags=["Timbrado"],
    auth=CAN_STAMP,
    response={201: MovementMade, 200: MovementMade},
    operation_id="reversal",
    summary="Devolver los folios de un timbrado que el PAC rechazó",
)
def reversal(
    request: ClientRequest,
    client: Named,
    reference: Annotated[Reference, Path()],
    nothing: NothingIn | None = None,
) -> HttpResponse:
    """Una vez por timbrado, en cualquier estatus. Un CFDI cancelado no se devuelve."""
    found = client_of(request, client)
    with short_lock_timeout():
        posted = lifecycle.reverse(found, reference=reference, by=request.auth)
        return _made(found, posted)


@router.post(
    "/cfdi",
    tags=["Timbrado"],
    auth=CAN_STAMP,
    response={201: MovementMade, 200: MovementMade},
    operation_id="cfdi",
    summary="Informar un CFDI timbrado",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/xml": {"schema": {"type": "string"}}},
        }
    },
)
def report_cfdi(request: ClientRequest) -> HttpResponse:
    """El XML timbrado, de hasta 10 MB: CFDI 3.2, 3.3 y 4.0 de cualquier tipo, y
    retenciones 1.0 y 2.0. El cliente es el emisor y la referencia el UUID; gasta un
    folio y guarda UUID, fecha, RFC del emisor y del receptor, tipo, total y fin del
    certificado, sin verificarlos. El mismo UUID con otros datos es un 409."""
    try:
        document = cfdi.read(request)
    except cfdi.CfdiError as error:
        raise problems.invalid(FieldError("cfdi", error.message)) from None
    found = _issuer_of(request, document)
    with short_lock_timeout():
        posted = lifecycle.consume_cfdi(found, document, by=request.auth)
        return _made(found, posted)


def _issuer_of(request: ClientRequest, document: Cfdi) -> Client:
    """The key's client whose own or additional RFC issued it, on the document's day."""
    clients = Client.objects.visible_to(request.auth).with_facts()
    rfc, day = document.issuer_rfc, document.issued_at.date()
    found = clients.issuing(rfc, on=day)
    if not found:
        raise UnknownClient(rfc)
    request.client = found[0]
    return found[0]


def _made(client: Client, posted: Posted) -> HttpResponse:
    body = problems.dump(serializers.movement_made(client.public_id, posted.entry))
    return json(200 if posted.is_repeat else 201, body)


@router.get(
    "/clients/{client}/movements",
    tags=["Timbrado"],
    auth=CAN_STAMP_OR_READ,
    response=MovementsOut,
    operation_id="movements",
    summary="Movimientos, en orden",
)
def movements(
    request: ClientRequest,
    client: Named,
    asked: Annotated[MovementsQuery, Query()],
) -> dict[str, Any]:
    """Los que siguen al `seq` que se da, de `limit` en `limit`. Los números no son
    seguidos: los demás sucesos del cliente llevan los que faltan."""
    refuse_unknown(request, MovementsQuery)
    found = client_of(request, client)
    rows = list(
        found.entries.filter(seq__gt=asked.after)
        .select_related("reverses", "cfdi")
        .order_by("seq")[: asked.limit + 1]
    )
    page = rows[: asked.limit]
    return {
        "movements": [serializers.movement(entry) for entry in page],
        "next": page[-1].seq if len(rows) > asked.limit else None,
    }
