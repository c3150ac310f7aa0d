"""The calls that change access: suspend, activate, archive, restore."""

from typing import Any

from ninja import Status

from api.calls.base import CAN_WRITE, ClientRequest, Named, perform, router
from api.schemas import NothingIn, OutcomeOut, SuspensionIn
from clients import lifecycle


@router.post(
    "/clients/{client}/suspension",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response=OutcomeOut,
    operation_id="suspend",
    summary="Suspender",
)
def suspend(
    request: ClientRequest, client: Named, data: SuspensionIn
) -> Status[dict[str, Any]]:
    """No timbra ni entra a su cuenta; las sesiones abiertas terminan."""
    return perform(
        request,
        client,
        lambda found: lifecycle.suspend(found, by=request.auth, **dict(data)),
    )


@router.post(
    "/clients/{client}/activation",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response=OutcomeOut,
    operation_id="activate",
    summary="Activar",
)
def activate(
    request: ClientRequest, client: Named, nothing: NothingIn | None = None
) -> Status[dict[str, Any]]:
    """Solo levanta la suspensión."""
    return perform(
        request, client, lambda found: lifecycle.activate(found, by=request.auth)
    )


@router.post(
    "/clients/{client}/archive",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response=OutcomeOut,
    operation_id="archive",
    summary="Archivar",
)
def archive(
    request: ClientRequest, client: Named, nothing: NothingIn | None = None
) -> Status[dict[str, Any]]:
    """Fuera de la lista; su historial se conserva. Un cliente activo no se archiva."""
    return perform(
        request, client, lambda found: lifecycle.archive(found, by=request.auth)
    )


@router.post(
    "/clients/{client}/restore",
    tags=["Clientes"],
    auth=CAN_WRITE,
    response=OutcomeOut,
    operation_id="restore",
    summary="Restaurar",
)
def restore(
    request: ClientRequest, client: Named, nothing: NothingIn | None = None
) -> Status[dict[str, Any]]:
    """De vuelta en la lista, con sus datos de antes."""
    return perform(
        request, client, lambda found: lifecycle.restore(found, by=request.auth)
    )
