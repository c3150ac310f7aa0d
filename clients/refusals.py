"""Why an action or a stamp is refused: one class each, with what the user reads.

When something is refused is said by rules.py and by the verbs. Each has a `code`, which
programs read (docs/api.md), and the `field` of the form that it is about.
"""

from datetime import date, tzinfo
from typing import Protocol
from uuid import UUID

from clients.models import Client, FolioLedger
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


class KeyUsed(Refused):
    """Of a form's one-time key, sent before with another content."""

    code = "key_used"
    field = "text"


class TooLateToUndo(Refused):
    """Something else happened since; for folios, also a stamp."""

    code = "too_late_to_undo"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(
            f"Ya no se puede deshacer: después hubo algo más con {client}. Vea su "
            "historial."
        )


class AnsweredAgain(Refused):
    """An undo of an answer to a suggestion, of which another one was given since."""

    code = "answered_again"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(
            f"No se deshizo nada: la sugerencia de {client} se respondió otra vez "
            "mientras tanto."
        )


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


class AdditionalRfcTaken(Refused):
    code = "rfc_taken"
    field = "rfc"

    def __init__(self, client: Client, rfc: str) -> None:
        super().__init__(f"{rfc} ya es un RFC adicional de {client}.")
        self.client = client


class TooManyRfcs(Refused):
    """Of a client's additional RFCs, or of a plan that does not include as many."""

    code = "rfc_limit"
    field = "rfc"

    def __init__(self, included: int, needed: int) -> None:
        has = f"incluye {included:,}" if included else "no los incluye"
        super().__init__(
            f"Serían {needed:,} RFC adicionales a la vez, y el plan {has}. "
            "Termine los que sobran o cambie el plan."
        )


class RfcUsedLater(Refused):
    code = "rfc_used"
    field = "last_day"

    def __init__(self, rfc: str, used_on: date) -> None:
        super().__init__(
            f"Con {rfc} se timbró el {used_on:%d/%m/%Y}: no puede terminar antes."
        )


class RfcNotInForce(Refused):
    """Of a CFDI: its issuer is an additional RFC, but not on that day."""

    code = "rfc_not_in_force"

    def __init__(self, client: HasFacts, rfc: str, day: date) -> None:
        super().__init__(
            f"{rfc} no es un RFC de {client} el {day:%d/%m/%Y}, día del documento."
        )


class AccessEnded(Refused):
    """The reseller took the account back, or it was never this person's."""

    code = "access_ended"

    def __init__(self) -> None:
        super().__init__("Ese acceso ya no está vigente.")


class AccountClosed(Refused):
    """Nobody is welcomed to an account that does not open."""

    code = "account_closed"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(f"{client} está suspendido y no puede entrar. Actívelo antes.")


class NobodyToWelcome(Refused):
    code = "nobody_to_welcome"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(f"En la cuenta de {client} no hay un acceso pendiente.")


class WelcomedOften(Refused):
    code = "welcomed_often"

    def __init__(self, client: HasFacts) -> None:
        super().__init__(
            f"La bienvenida de {client} ya se envió varias veces en la última hora. "
            "Espere un poco, o pídale que busque en su correo no deseado."
        )


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


class ImplausibleDocument(Refused):
    """Of a CFDI: what it says cannot be."""

    code = "validation"
    field = "cfdi"


class DocumentConflict(Refused):
    """Of a CFDI: its stamp is known, and what is known of it is something else."""

    code = "reference_conflict"

    def __init__(self, uuid: UUID, what: str) -> None:
        super().__init__(
            f"El folio fiscal {uuid} ya se informó con otros datos: {what}."
        )


class StampReversed(Refused):
    """Of a CFDI: its folio was given back, and is not spent again."""

    code = "stamp_reversed"

    def __init__(self, reversal: FolioLedger, zone: tzinfo) -> None:
        day = reversal.created_at.astimezone(zone)
        super().__init__(
            f"El folio de este timbrado se devolvió el {day:%d/%m/%Y} (movimiento "
            f"{reversal.seq}); no se gasta otra vez."
        )
