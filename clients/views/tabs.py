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
from clients.forms import NoteForm, TaskForm
from clients.models import Client, EventKind, membership_of, suspension_of
from clients.movements.asked import CHANGES, KINDS, Asked
from clients.movements.months import months_of
from clients.movements.reader import movements_of
from clients.rfc_forms import AdditionalRfcForm
from clients.rows import Row, TaskLine, rows_of
from clients.views import swap_targets
from clients.views.chart import Around, chart_of
from clients.views.scope import client_of, today_of
from reseller_panel import way_back, web

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
        "statement_url": _url(MOVEMENTS, client),
        "csv_url": _csv_url(client, asked),
        "tasks_waiting": client.tasks.pending().count(),
        **tab.fill(client, today, asked),
    }


def _csv_url(client: Client, asked: QueryDict) -> str:
    """The statement of the days that are shown."""
    url = reverse("clients:statement_csv", args=[client.public_id])
    days = Asked.of(asked).period
    return f"{url}?{urlencode(days)}" if days else url


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
        **chart_of(
            client,
            row.outlook.forecast,
            Around(
                client.get_absolute_url(),
                _url(MOVEMENTS, client),
                asked,
                kept=way_back.PARAMETER,
            ),
        ),
    }


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
