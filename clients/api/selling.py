"""Selling: the client is created, edited, given folios, renewed."""

from typing import Any

from ninja import Status

from clients import lifecycle, mail, metering
from clients.api.parts import (
    CAN_WRITE,
    ClientRequest,
    Named,
    answer,
    client_of,
    form_errors,
    package_of,
    perform,
    router,
)
from clients.forms import DetailsForm, EditPlanForm
from clients.lifecycle import Details
from clients.models import Client, FolioAccount
from clients.payloads import (
    ClientIn,
    FoliosIn,
    OutcomeOut,
    PlanEdit,
    RenewalIn,
    ServiceIn,
)
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
    form = DetailsForm(data.model_dump())
    if not form.is_valid():
        raise problems.invalid(*form_errors(form))
    with metering.impatient():
        outcome = lifecycle.create(
            key.reseller,
            details=form.details(),
            package=package_of(key, data.package),
            reference=data.reference,
            by=key,
        )
        done = answer(outcome, created=True)
    if data.send_welcome and outcome.changed:
        try:
            mail.send_welcome(outcome.client, request)
        except OSError:
            done.value["message"] += " El correo de bienvenida no salió."
    return done


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
    «personalizado»."""
    found = client_of(request, client)
    with metering.impatient():
        # Held from here on: what is not sent stays as it is at this moment.
        FolioAccount.objects.select_for_update().get(pk=found.pk)
        current = Client.objects.with_facts().get(pk=found.pk)
        form = EditPlanForm(_plan_form_data(current, data), client=current)
        if not form.is_valid():
            raise problems.invalid(*form_errors(form))
        outcome = lifecycle.edit_plan(
            current,
            details=form.details(),
            services=form.services(),
            by=request.auth,
        )
        return answer(outcome)


def _plan_form_data(client: Client, data: PlanEdit) -> dict[str, Any]:
    """The form as a person would have left it, with what was sent changed."""
    values = vars(Details.of(client)) | data.model_dump(
        exclude={"services"}, exclude_none=True
    )
    services: dict[int, int | None]
    if data.services is None:
        services = dict(client.plan.inclusions.values_list("service_id", "quantity"))
    else:
        services = _services(data.services)
    for service_id, quantity in services.items():
        values[f"service_{service_id}"] = True
        values[f"quantity_{service_id}"] = quantity
    return values


def _services(sent: list[ServiceIn]) -> dict[int, int | None]:
    """Quantities by service id. What the form cannot see is refused here."""
    known = {service.code: service for service in Service.objects.all()}
    given: dict[int, int | None] = {}
    errors = []
    for service in sent:
        found = known.get(service.code)
        if found is None:
            errors.append(f"No existe «{service.code}».")
        elif found.pk in given:
            errors.append(f"«{service.code}» está dos veces.")
        elif service.quantity is not None and not found.is_countable:
            errors.append(f"«{service.code}» no lleva cantidad.")
        else:
            given[found.pk] = service.quantity
    if errors:
        raise problems.invalid(*(FieldError("services", error) for error in errors))
    return given


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
