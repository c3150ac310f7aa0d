"""Why the status is what it is and what to do about it, told to the client.

The reseller's words for the same facts are in clients/advice.py; both read status.py
and decide nothing. The reason of a suspension is the reseller's own and is not said.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.formats import date_format

from clients.models import Client
from clients.status import Status


@dataclass(frozen=True)
class Told:
    status: Status
    why: str
    what_to_do: str = ""


def tell(client: Client, today: date) -> list[Told]:
    """One per true fact: the status first, then what else stands in the way. What to
    do is said once: whoever is called sees the rest."""
    first, *rest = (_TELL[status](client) for status in client.statuses_on(today))
    return [first, *(replace(told, what_to_do="") for told in rest)]


def day(value: date | datetime) -> str:
    return date_format(value, r"j \d\e F \d\e Y")


def folios(number: int) -> str:
    return f"{number:,} folio{'' if number == 1 else 's'}"


def _suspended(client: Client) -> Told:
    assert client.suspended_at is not None
    since = client.suspended_at.astimezone(client.reseller.zone)
    return Told(
        Status.SUSPENDED,
        f"La cuenta está suspendida desde el {day(since)}: no puede timbrar.",
        f"Comuníquese con {client.reseller} para activarla.",
    )


def _expired(client: Client) -> Told:
    assert client.expires_on is not None
    left = f" Le quedan {folios(client.balance)} sin usar." if client.balance else ""
    return Told(
        Status.EXPIRED,
        f"Su paquete venció el {day(client.expires_on)}: no puede timbrar.{left}",
        f"Comuníquese con {client.reseller} para renovarlo.",
    )


def _exhausted(client: Client) -> Told:
    return Told(
        Status.EXHAUSTED,
        "Se terminaron sus folios: no puede timbrar.",
        f"Pida más a {client.reseller}.",
    )


def _active(client: Client) -> Told:
    until = (
        f"hasta el {day(client.expires_on)}, ese día incluido"
        if client.expires_on
        else "sin fecha de vencimiento"
    )
    return Told(
        Status.ACTIVE, f"Puede timbrar: tiene {folios(client.balance)} {until}."
    )


_TELL = {
    Status.SUSPENDED: _suspended,
    Status.EXPIRED: _expired,
    Status.EXHAUSTED: _exhausted,
    Status.ACTIVE: _active,
}
