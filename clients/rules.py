"""When each action is allowed: the column of domain.md's table, as a table.

The verbs check under the lock. Rows, dialogs and the API check before, to show only
what applies and to say why something does not. Both use `why_not`.
"""

from collections.abc import Callable
from datetime import date
from typing import Protocol

from clients.models import Client
from clients.status import Status
from packages.models import Package
from reseller_panel.refusals import Refused


class HasFacts(Protocol):
    """What the rules read: a Client, or the ClientFacts of a batch of stamps."""

    @property
    def expires_on(self) -> date | None: ...
    @property
    def is_suspended(self) -> bool: ...
    @property
    def is_archived(self) -> bool: ...
    def status_on(self, today: date) -> Status: ...


class ClientArchived(Refused):
    code = "client_archived"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(f"{client} está archivado. Restáurelo primero.")


class NotArchived(Refused):
    code = "not_archived"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(f"{client} no está archivado.")


class AlreadySuspended(Refused):
    code = "already_suspended"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(f"{client} ya está suspendido.")


class NotSuspended(Refused):
    code = "not_suspended"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(f"{client} no está suspendido.")


class StillActive(Refused):
    code = "client_active"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(
            f"{client} está activo y puede timbrar. Suspéndalo antes de archivarlo."
        )


class ClientSuspended(Refused):
    """Refuses a stamp."""

    code = "client_suspended"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(f"{client} está suspendido y no puede timbrar.")


class PackageExpired(Refused):
    """Refuses a stamp."""

    code = "package_expired"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(
            f"La vigencia de {client} terminó el {client.expires_on:%d/%m/%Y}."
        )


class PackageNotOnSale(Refused):
    code = "package_not_on_sale"
    field = "package"

    def __init__(self, package: Package) -> None:
        super().__init__(f"El paquete {package} ya no está a la venta. Elija otro.")


class InvalidQuantity(Refused):
    code = "validation"
    field = "quantity"


class ReasonMissing(Refused):
    code = "validation"
    field = "reason"

    def __init__(self) -> None:
        super().__init__("Escriba el motivo.")


class TextMissing(Refused):
    """A note or a task has no text."""

    code = "validation"
    field = "text"


class DayNotAhead(Refused):
    code = "validation"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SupportOnly(Refused):
    code = "support_only"

    def __init__(self) -> None:
        super().__init__("Sólo soporte puede hacer ajustes.")


class RfcTaken(Refused):
    code = "rfc_taken"
    field = "rfc"

    def __init__(self, client: Client) -> None:
        where = "; está archivado y puede restaurarlo" if client.is_archived else ""
        super().__init__(f"Ya tiene un cliente con ese RFC: {client}{where}.")
        self.client = client


class EmailTaken(Refused):
    code = "email_taken"
    field = "contact_email"

    def __init__(self) -> None:
        super().__init__("Ese correo no puede usarse para un cliente. Escriba otro.")


class UnknownClient(Refused):
    """The client does not exist or is another reseller's; a program cannot tell."""

    code = "unknown_client"

    def __init__(self, asked: str = "") -> None:
        shown = asked if asked.isprintable() and len(asked) <= 64 else "…"
        super().__init__(f"No hay un cliente con el id o RFC «{shown}».")


class UnknownStamp(Refused):
    code = "unknown_stamp"

    def __init__(self, reference: str) -> None:
        super().__init__(f"No hay un timbrado con la referencia {reference}.")


Rule = Callable[[HasFacts, date], Refused | None]


def _not_archived(client: HasFacts, today: date) -> Refused | None:
    return ClientArchived(client) if client.is_archived else None


def _archived(client: HasFacts, today: date) -> Refused | None:
    return None if client.is_archived else NotArchived(client)


def _not_suspended(client: HasFacts, today: date) -> Refused | None:
    return AlreadySuspended(client) if client.is_suspended else None


def _suspended(client: HasFacts, today: date) -> Refused | None:
    return None if client.is_suspended else NotSuspended(client)


def _not_active(client: HasFacts, today: date) -> Refused | None:
    active = client.status_on(today) is Status.ACTIVE
    return StillActive(client) if active else None


def _not_barred(client: HasFacts, today: date) -> Refused | None:
    """Neither suspended nor expired. The ledger checks the folios."""
    match client.status_on(today):
        case Status.SUSPENDED:
            return ClientSuspended(client)
        case Status.EXPIRED:
            return PackageExpired(client)
    return None


ALLOWED_WHEN: dict[str, tuple[Rule, ...]] = {
    "edit_plan": (_not_archived,),
    "add_folios": (_not_archived,),
    "renew": (_not_archived,),
    "suspend": (_not_archived, _not_suspended),
    "activate": (_not_archived, _suspended),
    "archive": (_not_archived, _not_active),
    "restore": (_archived,),
    "enter": (_not_archived,),
    "postpone": (_not_archived,),
    "dismiss": (_not_archived,),
    "contacted": (_not_archived,),
    "resume": (_not_archived,),
    "add_note": (_not_archived,),
    "add_task": (_not_archived,),
    "finish_task": (_not_archived,),
    "reopen_task": (_not_archived,),
    "consume": (_not_archived, _not_barred),
    # Allowed in every state: a correction, a reversal and the end of a visit.
    "adjust": (),
    "reverse": (),
    "leave": (),
}


def why_not(verb: str, client: HasFacts, today: date) -> Refused | None:
    """Why `verb` may not be done to this client today; None when it may."""
    for rule in ALLOWED_WHEN[verb]:
        if refusal := rule(client, today):
            return refusal
    return None
