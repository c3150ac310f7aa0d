"""Why the ledger moves nothing: the folios, the reference, or a contended account."""

from clients.models import FolioLedger
from reseller_panel.refusals import Refused


class InsufficientFolios(Refused):
    """The balance is too small. If it is 0, the code is `folios_exhausted`."""

    def __init__(self, balance: int, needed: int) -> None:
        super().__init__(
            f"Se necesitan {needed:,} folios y quedan {balance:,}."
            if balance
            else "No quedan folios."
        )
        self.code = "insufficient_folios" if balance else "folios_exhausted"
        self.balance = balance
        self.needed = needed


class ReferenceConflict(Refused):
    code = "reference_conflict"

    def __init__(self, entry: FolioLedger) -> None:
        super().__init__(
            f"La referencia {entry.reference} ya se usó en otro movimiento "
            f"({entry.get_kind_display()} de {abs(entry.quantity):,})."
        )
        self.entry = entry

    @property
    def made(self) -> str:
        """The movement that it stands for, in words."""
        return f"{self.entry.get_kind_display()} de {abs(self.entry.quantity):,} folios"


class AccountContended(Refused):
    """Another transaction has locked the account, and the policy is not to wait."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("Otra operación ocupa la cuenta. Inténtelo de nuevo.")
