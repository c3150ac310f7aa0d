"""Why the status is what it is and what to do about it, in words for the client.

The reseller's are in clients/explanations.py; both read clients/status.py and decide
nothing. The reason of a suspension is for the reseller only and is not shown here.
"""

from dataclasses import dataclass, replace
from datetime import date

from clients.models import Client
from clients.status import Status
from reseller_panel.spanish import counted, long_day


@dataclass(frozen=True)
class Explanation:
    why: str
    what_to_do: str = ""


def explain(client: Client, today: date) -> list[Explanation]:
    """One explanation per true status, the strongest first. Only the first one says
    what to do: the reseller, whom the client calls, sees the others."""
    found = [_EXPLAIN[status](client) for status in client.shown_statuses_on(today)]
    if client.is_archived:
        found.insert(0, _archived(client))
    first, *rest = found
    return [first, *(replace(one, what_to_do="") for one in rest)]


def _archived(client: Client) -> Explanation:
    return Explanation(
        "La cuenta está archivada: no puede timbrar. Su historial se conserva.",
        f"Comuníquese con {client.reseller} para volver a usarla.",
    )


def _suspended(client: Client) -> Explanation:
    assert client.suspended_at is not None
    since = client.suspended_at.astimezone(client.reseller.zone)
    return Explanation(
        f"La cuenta está suspendida desde el {long_day(since)}: no puede timbrar.",
        f"Comuníquese con {client.reseller} para activarla.",
    )


def _expired(client: Client) -> Explanation:
    assert client.expires_on is not None
    left = (
        f" Le quedan {counted(client.balance, 'folio')} sin usar."
        if client.balance
        else ""
    )
    return Explanation(
        f"Su paquete venció el {long_day(client.expires_on)}: no puede timbrar.{left}",
        f"Comuníquese con {client.reseller} para renovarlo.",
    )


def _exhausted(client: Client) -> Explanation:
    ran_out_on = client.account.moved_on
    since = f" el {long_day(ran_out_on)}" if ran_out_on else ""
    return Explanation(
        f"Sus folios se agotaron{since}: no puede timbrar.",
        f"Pida más a {client.reseller}.",
    )


def _active(client: Client) -> Explanation:
    until = (
        f"hasta el {long_day(client.expires_on)}, ese día incluido"
        if client.expires_on
        else "sin fecha de vencimiento"
    )
    return Explanation(
        f"Puede timbrar: tiene {counted(client.balance, 'folio')} {until}.",
    )


_EXPLAIN = {
    Status.SUSPENDED: _suspended,
    Status.EXPIRED: _expired,
    Status.EXHAUSTED: _exhausted,
    Status.ACTIVE: _active,
}
