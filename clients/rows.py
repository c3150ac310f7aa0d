"""What a row or a heading shows of one client, each value derived once, here.

Templates contain no rules; what they need to know of a client today is a property here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString

from clients import explanations
from clients.actions import (
    ACTIONS,
    ANSWERS,
    OF_THE_HEAD,
    ActionLink,
    available,
)
from clients.forecast.keeping import keep_fresh_of
from clients.forecast.outlook import Outlook, outlooks
from clients.forecast.stops import Cause, Stop, is_near
from clients.forecast.suggestions import NEAR_DAYS
from clients.models import Client, Task
from clients.status import Status

_LOOK = {  # badge colour and icon; never colour alone
    Status.ACTIVE: ("ok", "circle-check"),
    Status.EXHAUSTED: ("bad", "circle-x"),
    Status.EXPIRED: ("warn", "clock"),
    Status.SUSPENDED: ("mute", "ban"),
}


@dataclass(frozen=True)
class Badge:
    label: str
    tone: str
    icon: str

    @classmethod
    def of(cls, status: Status) -> "Badge":
        return cls(status.label, *_LOOK[status])


# Archived is not a status, but it alone decides that the client can't stamp.
ARCHIVED = Badge("archivado", "mute", "archive")


# The actions that come first.
_MAIN_VERBS = ("activate", "restore", "renew", "add_folios")


@dataclass(frozen=True)
class Row:
    """A client as of `today`. Without `outlook` it has no forecast or suggestion."""

    client: Client
    today: date
    outlook: Outlook | None = None
    main_count: ClassVar[int] = 2

    @cached_property
    def badges(self) -> list[Badge]:
        """The status first, then the secondary facts; of an archived client, that it is
        archived, then what else keeps it from stamping."""
        shown = [Badge.of(one) for one in self.client.shown_statuses_on(self.today)]
        return [ARCHIVED, *shown] if self.client.is_archived else shown

    @property
    def badge(self) -> Badge:
        return self.badges[0]

    @property
    def secondary(self) -> list[Badge]:
        return self.badges[1:]

    @cached_property
    def actions(self) -> list[ActionLink]:
        return available(self.client, self.today)

    @cached_property
    def ordered_actions(self) -> list[ActionLink]:
        """The main ones first; a narrow row names `main_count` of them."""
        found = {link.action.verb: link for link in self.actions}
        verbs = [verb for verb in _MAIN_VERBS if verb in found]
        return [found.pop(verb) for verb in verbs] + [*found.values()]

    @property
    def has_more_actions(self) -> bool:
        """Whether a narrow row needs a menu for the others."""
        return len(self.actions) > self.main_count

    @property
    def head_actions(self) -> list[ActionLink]:
        """The buttons of the client's page, the recommended one first."""
        found = {link.action.verb: link for link in self.actions}
        return [found[verb] for verb in OF_THE_HEAD if verb in found]

    @property
    def menu_actions(self) -> list[ActionLink]:
        return [link for link in self.actions if link.action.verb not in OF_THE_HEAD]

    @property
    def folios_last(self) -> str:
        """«~12 días» for a client that may stamp; empty if it may not or if unknown."""
        if self.outlook is None or not self.client.may_stamp_on(self.today):
            return ""
        return explanations.duration_label(self.outlook.forecast)

    @property
    def _stop(self) -> Stop | None:
        """None if it cannot stamp today anyway, or if nothing is known to end."""
        stop = self.outlook.stop if self.outlook else None
        return stop if self.client.may_stamp_on(self.today) else None

    @property
    def stop_sentence(self) -> str:
        """«Deja de facturar el 14 de enero: vence su sello.»; empty without a stop."""
        return explanations.stop_sentence(self._stop, self.today) if self._stop else ""

    @property
    def stop_label(self) -> str:
        """«sello: 14 ene», if folios or seal end soon and before the term does."""
        stop = self._stop
        if stop is None or stop.cause is Cause.TERM or not is_near(stop, self.today):
            return ""
        return explanations.stop_label(stop, self.today)

    @property
    def forecast_sentence(self) -> str:
        """The forecast; of a client that can't stamp, what would hold if it could."""
        assert self.outlook
        forecast = self.outlook.forecast
        if self.client.balance and not self.client.may_stamp_on(self.today):
            return explanations.paused_sentence(forecast)
        return explanations.forecast_sentence(forecast)

    @property
    def suggestion_opens(self) -> bool:
        """Whether the suggestion opens the dialog of an action."""
        found = self.outlook.suggestion if self.outlook else None
        return bool(found and found.verb and ACTIONS[found.verb].asks)

    @property
    def suggestion_url(self) -> str:
        """The URL of that dialog, filled in; otherwise of the client's page, which has
        the telephone and all actions."""
        found = self.outlook.suggestion if self.outlook else None
        if not found or not self.suggestion_opens:
            return self.client.get_absolute_url()
        asked = {
            "quantity": found.quantity,
            "package": found.package and found.package.public_id,
        }
        given = {name: value for name, value in asked.items() if value}
        url = ACTIONS[found.verb].url(self.client)
        return f"{url}?{urlencode(given)}" if given else url

    @property
    def answers(self) -> list[ActionLink]:
        """The ways of answering the suggestion."""
        return [action.link(self.client) for action in ANSWERS]

    @property
    def has_expired(self) -> bool:
        return Status.EXPIRED in self.client.statuses_on(self.today)

    @property
    def expires_soon(self) -> bool:
        """Whether the last day is today or within NEAR_DAYS days."""
        last = self.client.expires_on
        return last is not None and 0 <= (last - self.today).days <= NEAR_DAYS

    # The meter shows the balance as part of what was received since the last renewal. A
    # balance above it (leftovers) raises the maximum, so that the meter is full.
    @property
    def received(self) -> int:
        return self.outlook.received if self.outlook else self.client.plan.folios

    @property
    def meter(self) -> SafeString:
        """The attributes of the meter, with numbers as HTML writes them."""
        most = max(self.received, self.client.balance)
        return format_html(
            'min="0" max="{}" low="{}" high="{}" optimum="{}" value="{}"',
            most,
            self.received * 0.1,
            self.received * 0.25,
            most,
            self.client.balance,
        )


def rows_of(clients: Sequence[Client], today: date) -> list[Row]:
    """A row with its outlook per client; all clients must be of one reseller."""
    if not clients:
        return []
    keep_fresh_of([one.pk for one in clients], clients[0].reseller, today)
    found = outlooks(clients, today)
    return [Row(client, today, found[client.pk]) for client in clients]


@dataclass(frozen=True)
class TaskLine:
    """A task as of `today`."""

    task: Task
    today: date

    @property
    def is_late(self) -> bool:
        return self.task.due_on < self.today
