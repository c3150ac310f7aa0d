"""Why a client's status is what it is, and what to do next, in words.

Reads the same facts as status.py and decides nothing: each status has its sentence
and the actions that answer it, in the recommended order (domain.md, "The actions").
"""

from dataclasses import dataclass
from datetime import date

from clients.models import Client
from clients.status import Status


@dataclass(frozen=True)
class Explanation:
    status: Status
    why: str
    next_verbs: tuple[str, ...]  # of actions.ACTIONS, the recommended one first
    hint: str = ""


def explain(client: Client, today: date) -> list[Explanation]:
    """One explanation per true fact, the status first, then the secondary ones."""
    return [_EXPLAIN[status](client) for status in client.statuses_on(today)]


def _suspended(client: Client) -> Explanation:
    assert client.suspended_at is not None
    since = client.suspended_at.astimezone(client.reseller.zone)
    return Explanation(
        Status.SUSPENDED,
        f"Usted lo suspendió el {since:%d/%m/%Y}: no puede timbrar ni entrar.",
        ("activate",),
        "Lo recomendado es activarlo primero y después renovar o agregar folios.",
    )


def _expired(client: Client) -> Explanation:
    return Explanation(
        Status.EXPIRED,
        f"Su último día fue el {client.expires_on:%d/%m/%Y}: no puede timbrar.",
        ("renew",),
        "Agregar folios no alarga la vigencia; renovar sí.",
    )


def _exhausted(client: Client) -> Explanation:
    return Explanation(
        Status.EXHAUSTED,
        "No le quedan folios: no puede timbrar.",
        ("add_folios", "renew"),
    )


def _active(client: Client) -> Explanation:
    folios = f"{client.balance:,} folio{'' if client.balance == 1 else 's'}"
    until = (
        f"hasta el {client.expires_on:%d/%m/%Y}, ese día incluido"
        if client.expires_on
        else "y su plan no tiene vigencia"
    )
    return Explanation(
        Status.ACTIVE, f"Puede timbrar: tiene {folios} {until}.", ("add_folios",)
    )


_EXPLAIN = {
    Status.SUSPENDED: _suspended,
    Status.EXPIRED: _expired,
    Status.EXHAUSTED: _exhausted,
    Status.ACTIVE: _active,
}
