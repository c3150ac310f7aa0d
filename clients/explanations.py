"""Why a client's status is what it is, how long its folios last, and what to do next,
in words.

Reads the same facts as status.py and decides nothing: each status has its sentence.
"""

from dataclasses import dataclass, replace
from datetime import date

from django.utils.formats import date_format

from clients.forecast.pace import MIN_DAYS, WINDOW_DAYS, Forecast
from clients.forecast.stops import Cause, Stop
from clients.models import Client, Membership
from clients.status import Status
from reseller_panel.spanish import counted, relative_day, spoken_day


@dataclass(frozen=True)
class Explanation:
    why: str
    hint: str = ""


def explain(client: Client, today: date) -> list[Explanation]:
    """One explanation per true status: the status first, then the secondary facts. An
    archived client can only be restored, so the others then offer nothing."""
    found = [_EXPLAIN[status](client) for status in client.shown_statuses_on(today)]
    if not client.is_archived:
        return found
    return [_archived(client), *(replace(one, hint="") for one in found)]


def _archived(client: Client) -> Explanation:
    assert client.archived_at is not None
    since = client.archived_at.astimezone(client.reseller.zone)
    return Explanation(
        f"Está archivado desde el {since:%d/%m/%Y}: no timbra, no entra a su cuenta y "
        "no sale en la lista. Su historial se conserva.",
    )


def _suspended(client: Client) -> Explanation:
    assert client.suspended_at is not None
    since = client.suspended_at.astimezone(client.reseller.zone)
    return Explanation(
        f"Usted lo suspendió el {since:%d/%m/%Y}: no puede timbrar ni entrar.",
        "Lo recomendado es activarlo primero y después renovar o agregar folios.",
    )


def _expired(client: Client) -> Explanation:
    return Explanation(
        f"Su último día fue el {client.expires_on:%d/%m/%Y}: no puede timbrar.",
        "Agregar folios no alarga la vigencia; renovar sí.",
    )


def _exhausted(client: Client) -> Explanation:
    # The balance was last moved when it became zero.
    ran_out_on = client.account.moved_on
    since = f": se agotaron el {ran_out_on:%d/%m/%Y}" if ran_out_on else ""
    return Explanation(f"No le quedan folios{since}, y no puede timbrar.")


def _active(client: Client) -> Explanation:
    folios = counted(client.balance, "folio")
    until = (
        f"hasta el {client.expires_on:%d/%m/%Y}, ese día incluido"
        if client.expires_on
        else "y su plan no tiene vigencia"
    )
    return Explanation(f"Puede timbrar: tiene {folios} {until}.")


_EXPLAIN = {
    Status.SUSPENDED: _suspended,
    Status.EXPIRED: _expired,
    Status.EXHAUSTED: _exhausted,
    Status.ACTIVE: _active,
}


@dataclass(frozen=True)
class Cautions:
    """Which warnings to show before folios are assigned: activate a suspended client
    first; an addition does not extend the term (domain.md, "The actions")."""

    activate_first: bool
    stays_expired: bool


def cautions(verb: str, client: Client, today: date) -> Cautions:
    statuses = client.statuses_on(today)
    return Cautions(
        activate_first=Status.SUSPENDED in statuses,
        stays_expired=verb == "add_folios" and Status.EXPIRED in statuses,
    )


def explain_access(access: Membership | None) -> str:
    """Who enters the client's account, by the address that this reseller typed."""
    if access is None:
        return "nadie"
    if access.is_pending:
        return f"{access.email}: acceso pendiente de confirmar"
    if access.is_live:
        return f"{access.email}: acceso confirmado"
    if access.was_declined:
        return f"nadie: {access.email} dijo que la cuenta no es suya"
    return "nadie"


# ── How long the folios last ──────────────────────────────────────────────────────


def duration_label(forecast: Forecast) -> str:
    """How long the folios last: days up to 90, then months, then years."""
    days = forecast.days_left
    if days is None:
        return "sin consumo" if forecast.pace.is_known else ""
    if days == 0:
        return "hoy"
    if days <= 90:
        return f"~{counted(days, 'día')}"
    if days < 730:
        return f"~{days // 30} meses"
    return f"~{days // 365} años"


def forecast_sentence(forecast: Forecast) -> str:
    """The forecast as a sentence, with the pace it is based on."""
    pace, expires_on = forecast.pace, forecast.expires_on
    if forecast.ran_out_on:
        spent = f" Gastaba {per_day(forecast)}." if pace.is_known and pace.spent else ""
        ago = relative_day(forecast.ran_out_on, forecast.today)
        day = spoken_day(forecast.ran_out_on, forecast.today)
        return f"Se agotaron el {day}, {ago}.{spent}"
    if not pace.is_known:
        had = counted(pace.days, "día")
        return (
            "Todavía hay poco historial para un pronóstico: hacen falta "
            f"{MIN_DAYS} días con folios y lleva {had}."
        )
    if forecast.runs_out_on is None:
        return f"No ha gastado folios en {WINDOW_DAYS // 7} semanas."
    until = f"{forecast.runs_out_on:%d/%m/%Y}"
    if forecast.outlasts_term:
        return (
            f"No se agotan antes de la vigencia ({expires_on:%d/%m/%Y}): a este ritmo, "
            f"{per_day(forecast)}, durarían hasta el {until}."
        )
    return f"A este ritmo, {per_day(forecast)}, se agotan el {until}."


def paused_sentence(forecast: Forecast) -> str:
    """Of a client with folios that can't stamp: they do not run out meanwhile."""
    if not forecast.pace.is_known or forecast.days_left is None:
        return "Mientras no pueda timbrar no gasta folios."
    lasts = counted(forecast.days_left, "día")
    return (
        f"Mientras no pueda timbrar no gasta folios. A su ritmo de antes, "
        f"{per_day(forecast)}, le durarían {lasts}."
    )


def per_day(forecast: Forecast) -> str:
    folios = forecast.pace.per_day
    return "menos de 0.1 al día" if folios < 0.1 else f"{folios:,.1f} al día"


def stop_label(stop: Stop, today: date) -> str:
    """«sello: 14 ene» and «sello vencido»: a stop in the words of a cell."""
    what = _WHAT_ENDS[stop.cause]
    if stop.on < today:  # of somebody with folios and term that is a seal
        return f"{what} vencido"
    return f"{what}: {date_format(stop.on, 'j b').lower()}"


_WHAT_ENDS = {Cause.SEAL: "sello", Cause.TERM: "vigencia", Cause.FOLIOS: "folios"}


def stop_sentence(stop: Stop, today: date) -> str:
    """When a client that may stamp will no longer be able to, and why."""
    day = spoken_day(stop.on, today)
    if stop.on < today:  # of somebody with folios and term that is a seal
        return f"No factura desde el {day}: venció su sello."
    return f"Deja de facturar el {day}: {stop.cause.value}."
