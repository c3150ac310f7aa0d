"""The tabs of a client's page: their addresses, and what each of them shows.

Each is a page of its own around the same head. After an action `detail_again` renders
the tab from which it came. No rules here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.urls import Resolver404, resolve, reverse

from accounts.access import ResellerRequest
from clients import rules
from clients import statement as history
from clients.explanations import explain, explain_access
from clients.forecast import consumption
from clients.forecast.pace import Forecast
from clients.forms import NoteForm, TaskForm
from clients.models import Client, EventKind, membership_of, suspension_of
from clients.movements.asked import CHANGES, KINDS, Asked
from clients.movements.months import months_of
from clients.movements.reader import movements_of
from clients.rfc_forms import AdditionalRfcForm
from clients.rows import Row, TaskLine, rows_of
from clients.views import swap_targets
from clients.views.scope import client_of, today_of
from reseller_panel import way_back, web
from reseller_panel.spanish import counted

Context = dict[str, Any]
LATEST_DAYS = 5  # of movements on the first tab


@dataclass(frozen=True)
class Tab:
    view_name: str
    label: str
    template: str
    fill: Callable[[Client, date, QueryDict], Context]


def context_of(client: Client, request: ResellerRequest, tab: Tab) -> Context:
    """What the page of a client needs when this tab of it is open."""
    today, asked = today_of(request), way_back.query_of(request)
    return {
        "row": Row(client, today),
        "client": client,
        "asked": asked,
        "way_back": way_back.list_of(request),
        "today": today,
        "tab": tab,
        "tabs": [(one, _url(one, client)) for one in TABS.values()],
        "tasks_waiting": client.tasks.pending().count(),
        **tab.fill(client, today, asked),
    }


def _url(tab: Tab, client: Client) -> str:
    return reverse(tab.view_name, args=[client.public_id])


# ── Resumen ───────────────────────────────────────────────────────────────────────


def _summary(client: Client, today: date, asked: QueryDict) -> Context:
    access = membership_of(client)
    (row,) = rows_of([client], today)
    assert row.outlook
    return {
        "row": row,
        "explanations": explain(client, today),
        "suspension": suspension_of(client),
        "access": explain_access(access),
        "may_welcome": bool(access and access.is_pending)
        and rules.why_not("welcome_again", client, today) is None,
        "refusals": client.refusals.select_related("api_key").order_by("-last_at")[:5],
        "seals": [
            (seal.rfc, client.reseller.local_date(seal.ends_at))
            for seal in client.seals.order_by("rfc")
        ],
        "services": client.plan.inclusions.select_related("service"),
        "latest": movements_of(client, Asked(), size=LATEST_DAYS),
        "rfcs": [*client.additional_rfcs.not_over(today)],
        "rfcs_included": client.plan.rfcs_included,
        "rfc_form": AdditionalRfcForm(initial={"starts_on": today}),
        **_consumption(client, row.outlook.forecast, asked),
    }


def _consumption(client: Client, forecast: Forecast, asked: QueryDict) -> Context:
    """The chart, and the range of days in which the folios will probably run out."""
    days = consumption.FolioHistory.of(client)
    spread = days.spread(forecast.today)
    early = late = None
    may_stamp = client.may_stamp_on(forecast.today)
    if may_stamp and spread and forecast.days_left and not forecast.outlasts_term:
        early, late = (
            forecast.today + timedelta(days=days)
            for days in spread.around(forecast.days_left)
        )
    by_month = asked.get("grafica") == "meses"
    return {
        "chart": consumption.chart(
            days,
            forecast,
            by_month=by_month,
            may_stamp=may_stamp,
            url_of=_links_of(client, asked),
        ),
        "choices": [
            _choice("Por día", client, asked, None, is_current=not by_month),
            _choice("Por mes", client, asked, "meses", is_current=by_month),
        ],
        "chart_span": counted(consumption.MONTHS_SHOWN, "mes", "meses")
        if by_month
        else counted(consumption.SHOWN_DAYS, "día"),
        "spread": spread,
        "early": early,
        "late": late,
    }


def _choice(
    label: str, client: Client, asked: QueryDict, value: str | None, *, is_current: bool
) -> Context:
    query = {name: v for name, v in asked.items() if name != "grafica"}
    query |= {"grafica": value} if value else {}
    url = f"{client.get_absolute_url()}?{urlencode(query)}#forecast"
    return {"label": label, "url": url, "is_current": is_current}


def _links_of(client: Client, asked: QueryDict) -> Callable[[date, date], str]:
    """From a bar of the chart to the movements of its days."""
    page = _url(MOVEMENTS, client)
    came = asked.get(way_back.PARAMETER, "")
    kept = {way_back.PARAMETER: came} if came else {}

    def link(first: date, last: date) -> str:
        days: dict[str, object] = {"fecha_desde": first, "fecha_hasta": last}
        query = {"dia": first} if first == last else days
        return f"{page}?{urlencode(query | kept)}"

    return link


# ── Movimientos ───────────────────────────────────────────────────────────────────


def _movements(client: Client, today: date, query: QueryDict) -> Context:
    asked = Asked.of(query)
    labels = {slug: kind.label for slug, kind in KINDS.items()}
    return {
        "movements": movements_of(client, asked),
        "narrowed": asked,
        "kinds": labels | {CHANGES: "lo que no movió folios"},
        "months": months_of(client, asked, today),
    }


# ── Notas y pendientes ────────────────────────────────────────────────────────────


def _notes(client: Client, today: date, asked: QueryDict) -> Context:
    return {
        "notes": history.events_page(
            client, EventKind.NOTE, before=history.seq_of(asked.get("antes")), size=20
        ),
        "tasks": [
            TaskLine(task, today)
            for task in client.tasks.pending().select_related("created_by")
        ],
        "tasks_done": client.tasks.done().select_related("done_by")[:10],
        "note_form": NoteForm(),
        "task_form": TaskForm(initial={"due_on": today + timedelta(days=1)}),
    }


SUMMARY = Tab("clients:detail", "Resumen", "clients/_summary.html", _summary)
MOVEMENTS = Tab(
    "clients:statement", "Movimientos", "clients/_movements.html", _movements
)
NOTES = Tab("clients:notes", "Notas y pendientes", "clients/_notes.html", _notes)
TABS = {tab.view_name: tab for tab in (SUMMARY, MOVEMENTS, NOTES)}


# ── After an action ───────────────────────────────────────────────────────────────


def detail_again(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    """Render the open tab again, after an action on it."""
    fresh = client_of(request, client.public_id)
    context = context_of(fresh, request, _open_tab(request))
    return web.changed(request, "clients/_detail.html", context, toast)


def _open_tab(request: ResellerRequest) -> Tab:
    try:
        return TABS.get(resolve(web.page_path(request)).view_name, SUMMARY)
    except Resolver404:
        return SUMMARY


for _tab in TABS.values():
    way_back.register(_tab.view_name, "", is_list=False)
    swap_targets.renders(_tab.view_name, element="client")(detail_again)
