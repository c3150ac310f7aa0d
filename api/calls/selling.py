"""The calls that sell: create a client, edit its plan, add folios, renew."""

from typing import Any

from ninja import Status

from api.calls.base import (
    CAN_WRITE,
    ClientRequest,
    Named,
    package_of,
    perform,
    respond,
    router,
    short_lock_timeout,
    welcome,
)
from api.schemas import ClientIn, FoliosIn, OutcomeOut, PlanEdit, RenewalIn, ServiceIn
from clients import lifecycle
from clients.details import clean_details
from packages.models import Service
from reseller_panel import problems
from reseller_panel.problems import FieldError


@router.post(
    "/clients",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response={201: OutcomeOut, 200: OutcomeOut},
    operation_id="create_client",
    summary="Agregar cliente",
)
def create_client(request: ClientRequest, data: ClientIn) -> Status[dict[str, Any]]:
    """Crea el cliente con una copia del paquete, sus folios y su vigencia."""
    key = request.auth
    details = clean_details(data.model_dump(), accept_rfc=data.accept_rfc)
    with short_lock_timeout():
        outcome = lifecycle.create(
            key.reseller,
            details=details,
            package=package_of(key, data.package),
            reference=data.reference,
            by=key,
        )
        done = respond(outcome, created=True)
    return welcome(request, outcome, done) if data.send_welcome else done


@router.patch(
    "/clients/{client}",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response=OutcomeOut,
    operation_id="edit_plan",
    summary="Editar plan",
)
def edit_plan(
    request: ClientRequest, client: Named, data: PlanEdit
) -> Status[dict[str, Any]]:
    """Datos y servicios; nunca folios. Si algo cambia, el plan pasa a llamarse
    «personalizado». Si el cliente entra con el correo que cambia, a la persona del
    correo nuevo se le manda cómo entrar."""
    services = None if data.services is None else _services(data.services)
    changes = data.model_dump(exclude={"services", "accept_rfc"}, exclude_none=True)
    return perform(
        request,
        client,
        lambda found: lifecycle.edit_plan(
            found,
            changes=changes,
            services=services,
            accept_rfc=data.accept_rfc,
            by=request.auth,
        ),
    )


def _services(sent: list[ServiceIn]) -> dict[int, int | None]:
    """Quantities by service id. Raises Problem (422)."""
    known = {service.code: service for service in Service.objects.all()}
    chosen: dict[int, int | None] = {}
    errors = []
    for service in sent:
        found = known.get(service.code)
        if found is None:
            errors.append(f"No existe «{service.code}».")
        elif found.pk in chosen:
            errors.append(f"«{service.code}» está dos veces.")
        elif service.quantity is not None and not found.is_countable:
            errors.append(f"«{service.code}» no lleva cantidad.")
        elif service.quantity is None and found.is_countable:
            errors.append(f"«{service.code}»: escriba cuántos incluye.")
        else:
            chosen[found.pk] = service.quantity
    if errors:
        raise problems.invalid(*(FieldError("services", error) for error in errors))
    return chosen


@router.post(
    "/clients/{client}/folios",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response={201: OutcomeOut, 200: OutcomeOut},
    operation_id="add_folios",
    summary="Agregar folios",
)
def add_folios(
    request: ClientRequest, client: Named, data: FoliosIn
) -> Status[dict[str, Any]]:
    """El paquete y su vigencia quedan como están."""
    return perform(
        request,
        client,
        lambda found: lifecycle.add_folios(found, by=request.auth, **dict(data)),
        created=True,
    )


@router.post(
    "/clients/{client}/renewals",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response={201: OutcomeOut, 200: OutcomeOut},
    operation_id="renew",
    summary="Renovar",
)
def renew(
    request: ClientRequest, client: Named, data: RenewalIn
) -> Status[dict[str, Any]]:
    """Asigna otra vez el mismo paquete, u otro: folios, servicios y nueva vigencia."""
    package = package_of(request.auth, data.package) if data.package else None
    return perform(
        request,
        client,
        lambda found: lifecycle.renew(
            found,
            package=package,
            reference=data.reference,
            activate=data.activate,
            by=request.auth,
        ),
        created=True,
    )
