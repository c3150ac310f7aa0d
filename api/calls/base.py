"""What the calls share: router, required scopes, fetching the client, responses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Router, Status
from pydantic import BaseModel

from accounts.models import ApiKey, Scope
from api import serializers
from api.auth import Bearer, KeyRequest
from api.schemas import NAME_MAX
from clients import mail, past
from clients.lifecycle import Outcome
from clients.models import Client
from clients.refusals import UnknownClient
from packages.models import Package
from reseller_panel import problems
from reseller_panel.problems import FIELD_NAME_MAX, FieldError

# One router for all modules: ninja needs all methods of a path in the same router.
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
    """An API request; `client` is the client that it names, once it is found."""

    client: Client


def client_of(request: ClientRequest, text: str) -> Client:
    """Find the client and keep it in `request.client`. Raises UnknownClient."""
    request.client = find_client(request.auth, text)
    return request.client


def find_client(key: ApiKey, text: str) -> Client:
    """The client with this id or RFC. Another reseller's raises UnknownClient too."""
    clients = Client.objects.visible_to(key).with_facts()
    client = clients.find(text, today=key.reseller.local_date(timezone.now()))
    if client is None:
        raise UnknownClient(text)
    return client


def day_asked(
    request: ClientRequest, text: str, *, client: Client | None = None
) -> date | None:
    """The day of `as_of`, today's too; None if none was asked for. Raises Problem
    (422) for what is no day, or one of which nothing can be said."""
    if not text:
        return None
    reseller = request.auth.reseller
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise problems.invalid(FieldError("as_of", "Use AAAA-MM-DD.")) from None
    today = reseller.local_date(timezone.now())
    refused = past.why_not(day, reseller, today=today, client=client)
    if refused and day != today:
        raise problems.invalid(FieldError("as_of", refused))
    return day


def json(status: int, body: bytes) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


@contextmanager
def short_lock_timeout() -> Iterator[None]:
    """A transaction that waits METERING_LOCK_TIMEOUT_MS at most for a contended row."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)",
                [f"{settings.METERING_LOCK_TIMEOUT_MS}ms"],
            )
        yield


def perform(
    request: ClientRequest,
    client: str,
    verb: Callable[[Client], Outcome],
    *,
    created: bool = False,
) -> Status[dict[str, Any]]:
    """Fetch the client, run the verb and return its outcome. `created`: the call makes
    a movement, so its response is a 201, and a 200 when it is repeated."""
    found = client_of(request, client)
    with short_lock_timeout():
        outcome = verb(found)
        done = respond(outcome, created=created)
    return welcome(request, outcome, done)


def welcome(
    request: ClientRequest, outcome: Outcome, done: Status[dict[str, Any]]
) -> Status[dict[str, Any]]:
    """Tell the person whom the account was given to, if it was, by e-mail. What was
    done stays done if the e-mail fails: the message says both."""
    if outcome.given:
        try:
            mail.send_welcome(outcome.client, request)
        except (OSError, mail.TooManyWelcomes) as error:
            why = mail.why_not_sent(error)
            done.value["message"] += f" El correo de bienvenida no salió{why}."
    return done


def respond(outcome: Outcome, *, created: bool = False) -> Status[dict[str, Any]]:
    client = outcome.client
    today = client.reseller.local_date(timezone.now())
    made = outcome.entry and serializers.movement_made(client.public_id, outcome.entry)
    body = {
        "client": serializers.client_object(client, today),
        "changed": outcome.changed,
        "message": outcome.message,
        "movement": made,
    }
    return Status(201 if created and outcome.changed else 200, body)


def refuse_unknown(request: ClientRequest, query: type[BaseModel]) -> None:
    """Raise Problem (422) for unknown parameters, instead of ignoring a filter."""
    if unknown := sorted(request.GET.keys() - query.model_fields.keys()):
        raise problems.invalid(
            *(
                FieldError(name[:FIELD_NAME_MAX], "No existe este parámetro.")
                for name in unknown
            )
        )


def package_of(key: ApiKey, public_id: UUID) -> Package:
    """A package of the key's reseller. The verb checks whether it is on sale."""
    package = Package.objects.visible_to(key).filter(public_id=public_id).first()
    if package is None:
        raise problems.invalid(FieldError("package", "No existe ese paquete."))
    return package
