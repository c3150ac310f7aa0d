"""The outlook of the clients on a page: forecast, suggestion and the answer to it, in
four queries.

It reads what pace.py, suggestions.py and wording.py need, and decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Sum
from django.db.models.functions import Coalesce

from clients.forecast.pace import SUSPENDED_SQL, WINDOW_DAYS, Forecast, Pace
from clients.forecast.stops import Stop, stop_of
from clients.forecast.suggestions import Situation, is_trial
from clients.forecast.wording import Suggestion, suggest
from clients.models import Client, EntryKind, FolioDay, FolioLedger, FollowUp
from packages.models import Package


@dataclass(frozen=True)
class Outlook:
    """`stop`: when and why the client will no longer be able to stamp. `received`: the
    folios that the plan gave and that were added since. `answer`: the answer to this
    suggestion, or None if it no longer applies."""

    forecast: Forecast
    stop: Stop | None
    seal_ends_on: date | None
    received: int
    suggestion: Suggestion | None
    answer: FollowUp | None

    @property
    def unanswered(self) -> Suggestion | None:
        return None if self.answer else self.suggestion


def outlooks(clients: Sequence[Client], today: date) -> dict[int, Outlook]:
    """Outlooks by client id. All clients must be of one reseller, and fetched with
    their facts (ClientQuerySet.with_facts)."""
    if not clients:
        return {}
    ids = [client.pk for client in clients]
    zone = clients[0].reseller.time_zone
    histories, additions = _histories(ids, today, zone), _additions(ids)
    answers = FollowUp.objects.select_related("by").in_bulk(ids)
    catalogue = list(
        Package.objects.on_sale()
        .filter(reseller=clients[0].reseller_id)
        .order_by("folios", "id")
    )
    found = {}
    for client in clients:
        times, added = additions.get(client.pk, (0, 0))
        situation = _situation(client, histories[client.pk], times, today)
        made = suggest(situation, today, catalogue)
        answer = answers.get(client.pk)
        holds = bool(answer and made and answer.holds(made.basis, today))
        found[client.pk] = Outlook(
            situation.forecast,
            _stop(situation),
            situation.seal_ends_on,
            client.plan.folios + added,
            made,
            answer if holds else None,
        )
    return found


def _stop(situation: Situation) -> Stop | None:
    return stop_of(
        seal_ends_on=situation.seal_ends_on,
        expires_on=situation.expires_on,
        runs_out_on=situation.forecast.runs_out_on,
    )


def _situation(
    client: Client, history: "_History", additions: int, today: date
) -> Situation:
    local, account, plan = client.reseller.local_date, client.account, client.plan
    created_on = local(client.known_since)
    pace = Pace.of(
        account,
        history.mark,
        created_on=created_on,
        today=today,
        suspended=history.suspended,
    )
    return Situation(
        is_archived=client.is_archived,
        suspended_on=local(client.suspended_at) if client.suspended_at else None,
        expires_on=client.expires_on,
        balance=account.balance,
        granted=account.balance + account.spent,
        plan=plan,
        is_trial=is_trial(plan.package, today),
        assigned_on=local(plan.assigned_at),
        idle_since=account.stamped_on or created_on,
        has_stamped=account.stamped_on is not None,
        additions=additions,
        seal_ends_on=history.seal_ends_on,
        forecast=Forecast.of(
            pace,
            balance=account.balance,
            expires_on=client.expires_on,
            today=today,
            moved_on=account.moved_on,
        ),
    )


@dataclass(frozen=True)
class _History:
    """The newest day before the window, if any, what Pace.of calls `suspended`, and the
    last day of the seal of the client's own RFC, if it is known."""

    mark: FolioDay | None
    suspended: int
    seal_ends_on: date | None


_SUSPENDED = SUSPENDED_SQL.format(
    client="asked.client_id", today="%(today)s::date", zone="%(zone)s"
)
_HISTORIES = f"""
SELECT asked.client_id, ({_SUSPENDED}) AS suspended,
       timezone(%(zone)s, seal.ends_at)::date AS seal_ends_on,
       day.day, day.spent, day.balance, day.dry
  FROM unnest(%(ids)s::bigint[]) AS asked (client_id)
  JOIN clients_client AS client ON client.id = asked.client_id
  LEFT JOIN clients_seal AS seal
    ON seal.client_id = client.id AND seal.rfc = client.rfc
  LEFT JOIN LATERAL (
       SELECT * FROM clients_folioday AS day
        WHERE day.client_id = asked.client_id AND day.day <= %(today)s::date - %(days)s
        ORDER BY day.day DESC LIMIT 1) AS day ON true"""  # noqa: S608


def _histories(ids: Sequence[int], today: date, zone: str) -> dict[int, _History]:
    """Raw SQL, so that a client costs a few index lookups instead of its whole
    history."""
    asked: dict[str, Any] = {
        "ids": list(ids),
        "today": today,
        "zone": zone,
        "days": WINDOW_DAYS,
    }
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORIES, asked)
        for one, suspended, seal_ends_on, day, spent, balance, dry in cursor:
            mark = day and FolioDay(
                client_id=one, day=day, spent=spent, balance=balance, dry=dry
            )
            found[one] = _History(mark, suspended, seal_ends_on)
    return found


def _additions(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many additions each client has had under its present plan, and their folios
    without those that were undone."""
    # An undo is refused once something else happened, so it is one of the next records.
    undone = FolioLedger.objects.filter(
        client=OuterRef("client"),
        seq__gt=OuterRef("seq"),
        seq__lte=OuterRef("seq") + 3,
        kind=EntryKind.WITHDRAWAL,
        quantity=-OuterRef("quantity"),
    )
    found = (
        FolioLedger.objects.filter(
            client__in=ids,
            kind=EntryKind.ADDITION,
            created_at__gte=F("client__plan__assigned_at"),
        )
        .values_list("client")
        .annotate(
            times=Count("id"),
            added=Coalesce(Sum("quantity", filter=~Exists(undone)), 0),
        )
        .order_by()
    )
    return {client: (times, added) for client, times, added in found}
