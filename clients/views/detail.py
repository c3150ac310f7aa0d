"""The page of one client and its statement, only to read. No rules here.

The views that change a client are in verbs.py and tasks.py.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import ResellerRequest, reseller_only
from clients import rules
from clients import statement as history
from clients.actions import ACTIONS, ActionLink
from clients.explanations import Explanation, explain, explain_access
from clients.forecast import consumption
from clients.forecast.pace import Forecast
from clients.forms import NoteForm, TaskForm
from clients.models import Client, EventKind, membership_of, suspension_of
from clients.rfc_forms import AdditionalRfcForm
from clients.rows import TaskLine, rows_of
from clients.views import past, swap_targets
from clients.views.scope import client_of, today_of
from reseller_panel import way_back, web

way_back.register("clients:detail", "", is_list=False)
way_back.register("clients:statement", "", is_list=False)


@require_GET
@reseller_only
def detail(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    client = client_of(request, public_id)
    asked = past.day_of(request, client)
    if asked.day:
        return past.past_detail(request, client, asked.day)
    context = detail_context(client, request) | {"past_refused": asked.refused}
    return render(request, "clients/detail.html", context)


def detail_context(client: Client, request: ResellerRequest) -> dict[str, Any]:
    today, asked = today_of(request), way_back.query_of(request)
    explanations = explain(client, today)
    access = membership_of(client)
    (row,) = rows_of([client], today)
    assert row.outlook
    return {
        "row": row,
        "client": client,
        "asked": asked,
        "way_back": way_back.list_of(request),
        "today": today,
        "explanations": explanations,
        "next_actions": _next_actions(client, explanations),
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
        "history": history.history_page(
            client, before=history.seq_of(asked.get("antes")), size=20
        ),
        "notes": client.events.filter(kind=EventKind.NOTE)
        .select_related("by")
        .order_by("-seq")[:5],
        "tasks": [
            TaskLine(task, today)
            for task in client.tasks.pending().select_related("created_by")
        ],
        "tasks_done": client.tasks.done().select_related("done_by")[:5],
        "rfcs": [*client.additional_rfcs.not_over(today)],
        "rfcs_included": client.plan.rfcs_included,
        "rfc_form": AdditionalRfcForm(initial={"starts_on": today}),
        "note_form": NoteForm(),
        "task_form": TaskForm(initial={"due_on": today + timedelta(days=1)}),
        **_consumption(
            client, row.outlook.forecast, by_month=asked.get("grafica") == "meses"
        ),
    }


def _consumption(
    client: Client, forecast: Forecast, *, by_month: bool
) -> dict[str, Any]:
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
    return {
        "by_month": by_month,
        "chart": consumption.chart(
            days, forecast, by_month=by_month, may_stamp=may_stamp
        ),
        "spread": spread,
        "early": early,
        "late": late,
    }


@swap_targets.renders("clients:detail", element="client")
def detail_again(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    """Render the detail again, after an action on its page."""
    fresh = client_of(request, client.public_id)
    return web.changed(
        request, "clients/_detail.html", detail_context(fresh, request), toast
    )


def _next_actions(client: Client, explanations: list[Explanation]) -> list[ActionLink]:
    """The recommended next actions for the status, without repeats, in order."""
    verbs = dict.fromkeys(verb for e in explanations for verb in e.next_verbs)
    return [ACTIONS[verb].link(client) for verb in verbs]


@require_GET
@reseller_only
def statement(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Every movement with the balance after it; made to be printed."""
    client = client_of(request, public_id)
    page = history.entries_page(client, before=history.seq_of(request.GET.get("antes")))
    context = {"client": client, "page": page, "today": today_of(request)}
    return render(request, "clients/statement.html", context)


@require_GET
@reseller_only
def statement_csv(request: ResellerRequest, public_id: UUID) -> HttpResponseBase:
    return history.statement_csv(client_of(request, public_id))
