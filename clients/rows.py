"""One client as a row or a heading shows it: everything derived once, in one place.

Templates hold no rule; what they need to know of a client today is a property here.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from clients.actions import Offer, offered
from clients.models import Client
from clients.status import Status

_LOOK = {  # badge colour and icon; never colour alone
    Status.ACTIVE: ("ok", "circle-check"),
    Status.EXHAUSTED: ("bad", "circle-x"),
    Status.EXPIRED: ("warn", "clock"),
    Status.SUSPENDED: ("mute", "ban"),
}


SOON = 15  # days before the end of the term in which a renewal is worth a call


@dataclass(frozen=True)
class Badge:
    status: Status
    tone: str
    icon: str

    @classmethod
    def of(cls, status: Status) -> "Badge":
        return cls(status, *_LOOK[status])


@dataclass(frozen=True)
class Row:
    """A client on a day."""

    client: Client
    today: date

    @cached_property
    def badges(self) -> list[Badge]:
        """The status and, behind it, the secondary facts."""
        return [Badge.of(status) for status in self.client.statuses_on(self.today)]

    @property
    def badge(self) -> Badge:
        return self.badges[0]

    @property
    def secondary(self) -> list[Badge]:
        return self.badges[1:]

    @cached_property
    def offers(self) -> list[Offer]:
        return offered(self.client, self.today)

    @property
    def expires_soon(self) -> bool:
        """Whether the last day is today or within SOON days."""
        last = self.client.expires_on
        return last is not None and 0 <= (last - self.today).days <= SOON

    # The meter: how much is left of what the plan grants. More than the plan (a top-up,
    # leftovers) is a full meter, not a broken one.
    @property
    def meter_max(self) -> int:
        return max(self.client.plan.folios, self.client.balance)

    @property
    def meter_low(self) -> float:
        return self.client.plan.folios * 0.1

    @property
    def meter_high(self) -> float:
        return self.client.plan.folios * 0.25
