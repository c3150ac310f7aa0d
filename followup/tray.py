"""The tray: the clients of a reseller that need attention today, most urgent first.

Law: domain.md, "Follow-up". A client is in it because of a task that is due, or of a
suggestion that nobody has answered. clients/forecast/suggestions.py makes suggestions,
clients/lifecycle records the answers. Only the order is decided here: due tasks first,
then by urgency, then by worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import connection
from django.utils.text import slugify

from accounts.models import Reseller
from clients.actions import ACTIONS, IN_BULK, Action, ActionLink
from clients.forecast.keeping import keep_fresh, made
from clients.forecast.wording import Suggestion
from clients.models import HOLDS_SQL, Client, SuggestionKind, Task
from clients.paging import COUNT_MAX, Total
from clients.rows import Row, TaskLine, rows_of
from reseller_panel.limits import SEARCH_LENGTH_MAX

PAGE = 25
FIRST = 5  # rows on the home page

TASKS = "pendientes"
KIND_BY_SLUG = {slugify(kind.label): kind for kind in SuggestionKind}


# ── Who is in it ──────────────────────────────────────────────────────────────────

_WAITING = f"""
  WITH due AS MATERIALIZED (
SELECT task.client_id, min(task.due_on) AS due_on
  FROM clients_task AS task
  JOIN clients_standing AS client ON client.client_id = task.client_id
 WHERE task.done_at IS NULL AND task.due_on <= %(today)s
   AND client.reseller_id = %(reseller)s AND NOT client.is_archived
   AND {{task_matches}}
 GROUP BY task.client_id),
       unanswered AS NOT MATERIALIZED (
SELECT suggested.*
  FROM clients_standing AS suggested
  LEFT JOIN clients_followup AS answer
    ON answer.client_id = suggested.client_id AND {HOLDS_SQL}
 WHERE suggested.reseller_id = %(reseller)s AND suggested.kind <> ''
   AND NOT suggested.is_archived AND answer.client_id IS NULL
   AND {{suggested_matches}})"""  # noqa: S608

# No more than %(most)s are counted of anything.
_COUNT = "SELECT count(*) FROM (SELECT FROM unanswered WHERE {} LIMIT %(most)s) AS them"
_NOT_DUE = "client_id NOT IN (SELECT client_id FROM due)"
_DUE = "SELECT count(*) FROM due"
_KINDS = [_COUNT.format(f"kind = '{kind}'") for kind in SuggestionKind]
_COUNTS = ", ".join([f"({_DUE}) + ({_COUNT.format(_NOT_DUE)})", f"({_DUE})"])
_COUNTS += "".join(f", ({kind})" for kind in _KINDS)

# The counts, joined to one row for each client of the page; one row if it has none. Of
# those without a task, the first in the order of an index.
_PAGE_SQL = f"""{_WAITING},
       first AS (
SELECT due.client_id, due_on, kind, urgency, worth
  FROM due LEFT JOIN unanswered USING (client_id)
 UNION ALL
(SELECT client_id, NULL, kind, urgency, worth FROM unanswered
  WHERE {_NOT_DUE} AND {{suggested}}
  ORDER BY urgency, worth DESC, client_id LIMIT %(offset)s + %(limit)s))
SELECT counts.*, page.client_id
  FROM (SELECT {_COUNTS}) AS counts
  LEFT JOIN (SELECT *, row_number() OVER (
               ORDER BY due_on, urgency, worth DESC NULLS LAST, client_id) AS place
               FROM first
              WHERE {{wanted}}
              ORDER BY place LIMIT %(limit)s OFFSET %(offset)s) AS page ON true
 ORDER BY page.place"""  # noqa: S608
ANYBODY, HAS_A_TASK = "true", "due_on IS NOT NULL"


@dataclass(frozen=True)
class Chip:
    label: str
    count: Total
    url: str
    is_current: bool


@dataclass(frozen=True)
class TrayRow:
    """A client in the tray: its due tasks, its suggestion, and the actions for it."""

    row: Row
    tasks: list[TaskLine]

    @property
    def client(self) -> Client:
        return self.row.client

    @property
    def suggestion(self) -> Suggestion | None:
        """The suggestion to answer; None if the client is here only for its tasks."""
        return self.row.outlook.unanswered if self.row.outlook else None

    @property
    def actions(self) -> list[ActionLink]:
        """The actions that do what is suggested, with what it offers filled in."""
        made = self.suggestion
        if made is None or not made.verb:
            return []
        if self.row.suggestion_opens:
            return [ActionLink(ACTIONS[made.verb], self.row.suggestion_url)]
        verbs = (made.verb, "archive")  # SuggestionKind.REVIEW offers both
        return [
            ActionLink(ACTIONS[verb], ACTIONS[verb].url(self.client)) for verb in verbs
        ]


@dataclass(frozen=True)
class Counts:
    """How many clients wait: in all, for a task, and for each kind of suggestion."""

    total: Total
    due: Total
    kinds: dict[SuggestionKind, Total]


class Tray:
    """A page of the tray for the parameters of a URL: `q`, `accion`, `pagina`."""

    def __init__(
        self,
        reseller: Reseller,
        today: date,
        asked: Mapping[str, str],
        size: int = PAGE,
    ) -> None:
        self.reseller, self.today, self.size = reseller, today, size
        self.words = asked.get("q", "").strip()[:SEARCH_LENGTH_MAX]
        self.action = asked.get("accion", "")
        self.kind = KIND_BY_SLUG.get(self.action)
        number = asked.get("pagina", "")
        place = int(number) if number.isdecimal() and len(number) < 6 else 1
        self.counts, ids = self._read(place)
        last = max(1, -(-self.matched.number // size))
        if place > last:
            # The rows of the last page were answered: show the page before it.
            place = last
            self.counts, ids = self._read(place)
        self.page = Paginator(range(self.matched.number), size).page(place or 1)
        # What is looked at is made fresh by the look, and may have nothing to say now.
        self.rows = [row for row in _rows(ids, today) if row.suggestion or row.tasks]
        self.made = made(reseller)

    def _read(self, place: int, size: int = 0) -> tuple[Counts, list[int]]:
        size = size or self.size
        wanted = ANYBODY
        if self.action == TASKS:
            wanted = HAS_A_TASK
        elif self.kind:
            wanted = f"kind = '{self.kind.value}'"
        return waiting(
            self.reseller,
            self.today,
            words=self.words,
            wanted=wanted,
            limit=size,
            offset=size * max(0, place - 1),
        )

    @property
    def matched(self) -> Total:
        """How many the list has. Of more than are counted, it has the most urgent."""
        if self.kind:
            return self.counts.kinds[self.kind]
        return self.counts.due if self.action == TASKS else self.counts.total

    def ids(self, most: int) -> list[int]:
        """The clients of all pages together, at most so many, in their order."""
        return self._read(1, most)[1]

    @property
    def verbs(self) -> Sequence[Action]:
        """What may be done with many of them."""
        return IN_BULK

    @property
    def everyone(self) -> str:
        """What a choice of all of them is called."""
        if self.matched.is_more:
            return f"Todos los de la lista ({self.matched})"
        return f"Los {self.matched} de la lista"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.kind or self.action == TASKS)

    @property
    def url(self) -> str:
        """The query string of what is shown, without empty parameters."""
        return self._url(self.action, self.page.number)

    def _url(self, action: str, number: int = 1) -> str:
        page = number if number > 1 else ""
        query = {"q": self.words, "accion": action, "pagina": page}
        return f"?{urlencode({name: value for name, value in query.items() if value})}"

    @property
    def chips(self) -> list[Chip]:
        """The count of each is what a click on it shows. A client with a due task and a
        suggestion counts in both, so they may add up to more than *Todo*."""
        known = self.kind is not None or self.action == TASKS
        return [
            Chip("Todo", self.counts.total, self._url(""), not known),
            Chip(
                TASKS.capitalize(),
                self.counts.due,
                self._url(TASKS),
                self.action == TASKS,
            ),
            *(
                Chip(
                    kind.label.capitalize(),
                    self.counts.kinds[kind],
                    self._url(slug),
                    kind is self.kind,
                )
                for slug, kind in KIND_BY_SLUG.items()
            ),
        ]


def waiting(
    reseller: Reseller,
    today: date,
    *,
    words: str = "",
    wanted: str = ANYBODY,
    limit: int = 0,
    offset: int = 0,
) -> tuple[Counts, list[int]]:
    """The counts of clients that match `words`, and the ids of a page of them: those
    that fulfil the SQL condition `wanted`."""
    keep_fresh(reseller, today)
    params: dict[str, Any] = {
        "reseller": reseller.pk,
        "today": today,
        "limit": limit,
        "offset": offset,
        "most": COUNT_MAX + 1,
    }
    matches = ANYBODY
    if words:
        matches = "{}.client_id = ANY (%(named)s)"
        named = Client.objects.filter(reseller=reseller).matching(words).order_by()
        params["named"] = list(named.values_list("id", flat=True))
    with connection.cursor() as cursor:
        # Whom no task brings here is wanted for a suggestion, or not at all.
        suggested = "false" if wanted == HAS_A_TASK else wanted
        cursor.execute(
            _PAGE_SQL.format(
                task_matches=matches.format("task"),
                suggested_matches=matches.format("suggested"),
                wanted=wanted,
                suggested=suggested,
            ),
            params,
        )
        lines = cursor.fetchall()
    total, due, *of_kinds = (Total.capped(number) for number in lines[0][:-1])
    counts = Counts(total, due, dict(zip(SuggestionKind, of_kinds, strict=True)))
    return counts, [line[-1] for line in lines if line[-1] is not None]


def _rows(ids: list[int], today: date) -> list[TrayRow]:
    """The rows of these clients, in that order, in a constant number of queries."""
    clients = Client.objects.with_facts().filter(pk__in=ids)
    rows = {row.client.pk: row for row in rows_of(list(clients), today)}
    tasks: dict[int, list[TaskLine]] = {}
    for task in Task.objects.due(today).filter(client__in=ids):
        task.client = rows[task.client_id].client
        tasks.setdefault(task.client_id, []).append(TaskLine(task, today))
    return [TrayRow(rows[pk], tasks.get(pk, [])) for pk in ids]


def example_of(reseller: Reseller, today: date, kind: SuggestionKind) -> Client | None:
    """A client with this suggestion in the tray, or else the newest unarchived one."""
    wanted = f"kind = '{kind.value}'"
    _, ids = waiting(reseller, today, wanted=wanted, limit=1)
    clients = Client.objects.with_facts().filter(reseller=reseller)
    return clients.filter(pk__in=ids).first() or clients.listed().first()


def first_rows(reseller: Reseller, today: date) -> Tray:
    """The first rows of the tray, for the start page."""
    return Tray(reseller, today, {}, size=FIRST)
