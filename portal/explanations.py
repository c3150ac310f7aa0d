"""Why the status is what it is, until when the client may stamp, and what to do about
it, in words for the client.

The reseller's are in clients/explanations.py; both read clients/status.py and decide
nothing. The reason of a suspension is for the reseller only and is not shown here.
"""

from dataclasses import dataclass, replace
from datetime import date

from clients.forecast.stops import Cause, Stop
from clients.forecast.suggestions import NEAR_DAYS
from clients.models import Client
from clients.status import Status
from reseller_panel.spanish import counted, long_day, relative_day, spoken_day


@dataclass(frozen=True)
class Explanation:
    why: str
    what_to_do: str = ""


def explain(client: Client, today: date, stop: Stop | None = None) -> list[Explanation]:
    """One explanation per true status, the strongest first. Only the first one says
    what to do: the reseller, whom the client calls, sees the others. Of a client that
    will soon no longer be able to stamp it is said what prevents that."""
    found = [_EXPLAIN[status](client) for status in client.shown_statuses_on(today)]
    if client.is_archived:
        found.insert(0, _archived(client))
    first, *rest = found
    found = [first, *(replace(one, what_to_do="") for one in rest)]
    if stop and client.may_stamp_on(today) and (stop.on - today).days <= NEAR_DAYS:
        found.append(_stopping(client, today, stop))
    return found


# ── Until when ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class StopLine:
    """The day on which the client will no longer be able to stamp and why, or what is
    said instead of a day."""

    why: str
    on: date | None = None
    instead: str = ""
    label: str = "Deja de facturar el"


_WHY = {
    Cause.SEAL: "vence su sello (CSD)",
    Cause.TERM: "termina la vigencia de su paquete",
    Cause.FOLIOS: "a su ritmo se agotan sus folios",
}
_WHAT_TO_DO = {
    Cause.SEAL: "Renuévelo en el portal del SAT con su e.firma.",
    Cause.TERM: "Pida a {reseller} que lo renueve.",
    Cause.FOLIOS: "Pida más a {reseller}.",
}
_WHY_NOT = {
    Status.SUSPENDED: "su cuenta está suspendida",
    Status.EXPIRED: "venció su paquete",
    Status.EXHAUSTED: "no le quedan folios",
}


def stop_of(client: Client, today: date, stop: Stop | None) -> StopLine:
    if not client.may_stamp_on(today):
        archived = "su cuenta está archivada"
        why = archived if client.is_archived else _WHY_NOT[client.status_on(today)]
        return StopLine(why, instead="Ahora no puede", label="Facturar")
    if stop is None:
        why = "no se le termina nada"
        return StopLine(why, instead="Sin fecha", label="Deja de facturar")
    if stop.on < today:  # of somebody with folios and term that is a seal
        return StopLine("venció su sello (CSD)", stop.on, label="No factura desde el")
    when = relative_day(stop.on, today)
    return StopLine(f"{when}: {_WHY[stop.cause]}", stop.on)


def _stopping(client: Client, today: date, stop: Stop) -> Explanation:
    day = spoken_day(stop.on, today)
    if stop.on < today:
        why = f"Su sello (CSD) venció el {day}: con él no se puede facturar."
    elif stop.cause is Cause.TERM:  # that day itself was said of its status
        why = f"{relative_day(stop.on, today).capitalize()} {_WHY[stop.cause]}."
    else:
        why = f"Deja de facturar el {day}: {_WHY[stop.cause]}."
    what_to_do = _WHAT_TO_DO[stop.cause].format(reseller=client.reseller)
    return Explanation(why, what_to_do)


# ── Why the status is what it is ──────────────────────────────────────────────────


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
