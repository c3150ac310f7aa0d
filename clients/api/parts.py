"""What the calls share: the router, who may call, the scoped fetch, the answers."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Router, Status
from pydantic import BaseModel

from accounts.bearer import Bearer, KeyRequest
from accounts.models import ApiKey, Scope
from clients import answers, metering
from clients.lifecycle import Outcome
from clients.models import Client
from clients.payloads import NAME_MAX
from packages.models import Package
from reseller_panel import problems
from reseller_panel.problems import FieldError

# One for all: the methods of one address must be of one router.
router = Router()

CAN_STAMP = Bearer(Scope.STAMPS)
CAN_READ = Bearer(Scope.CLIENTS_READ)
CAN_WRITE = Bearer(Scope.CLIENTS_WRITE)
CAN_STAMP_OR_READ = Bearer(Scope.STAMPS, Scope.CLIENTS_READ)

Named = Annotated[
    str,
    Path(
        description="Id o RFC del cliente.", max_length=NAME_MAX, example="EKU9003173C9"
    ),
]


class ClientRequest(KeyRequest):
    """A call of a program; `client` is the one it names, once it is found."""

    client: Client


def client_of(request: ClientRequest, text: str) -> Client:
    """The scoped fetch: a stranger's client and a missing one are the same 404."""
    request.client = metering.find(request.auth, text)
    return request.client


def json(status: int, body: bytes) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def perform(
    request: ClientRequest,
    client: str,
    verb: Callable[[Client], Outcome],
    *,
    created: bool = False,
) -> Status[dict[str, Any]]:
    """Fetch, do, describe. `created`: the call makes a movement, so the first time
    is a 201."""
    found = client_of(request, client)
    with metering.impatient():
        return answer(verb(found), created=created)


def answer(outcome: Outcome, *, created: bool = False) -> Status[dict[str, Any]]:
    client = outcome.client
    today = client.reseller.local_date(timezone.now())
    made = outcome.entry and answers.movement_made(client.public_id, outcome.entry)
    told = {
        "client": answers.described(client, today),
        "changed": outcome.changed,
        "message": outcome.message,
        "movement": made,
    }
    return Status(201 if created and outcome.changed else 200, told)


def refuse_unknown(request: ClientRequest, query: type[BaseModel]) -> None:
    """A parameter that does not exist would be a filter that does nothing."""
    if unknown := sorted(request.GET.keys() - query.model_fields.keys()):
        raise problems.invalid(
            *(FieldError(name, "No existe este parámetro.") for name in unknown)
        )


def package_of(key: ApiKey, public_id: UUID) -> Package:
    """One of the key's; whether it is on sale is the verb's to say."""
    package = Package.objects.visible_to(key).filter(public_id=public_id).first()
    if package is None:
        raise problems.invalid(FieldError("package", "No existe ese paquete."))
    return package


def form_errors(form: Form) -> list[FieldError]:
    """Of a form of the panel, by the names of the API."""
    return [
        FieldError(_api_name(name), str(message))
        for name, messages in form.errors.items()
        for message in messages
    ]


def _api_name(name: str) -> str:
    """service_3 and quantity_3 are one list in the API."""
    return "services" if name.startswith(("service_", "quantity_")) else name
