"""The day on which a client that may stamp will no longer be able to, and why.

Law: domain.md, "Follow-up". Pure. For whole lists the rule is in SQL too
(suggestions.JUDGED_SQL); tests/test_stops.py proves them equal.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from clients.forecast.suggestions import NEAR_DAYS, SEAL_DAYS


class Cause(Enum):
    """Of causes on the same day the first counts: with it nothing else helps."""

    SEAL = "vence su sello"
    TERM = "termina su vigencia"
    FOLIOS = "se agotan sus folios"


@dataclass(frozen=True)
class Stop:
    """The last day with folios, term and seal, and which of them ends first."""

    on: date
    cause: Cause


def stop_of(
    *, seal_ends_on: date | None, expires_on: date | None, runs_out_on: date | None
) -> Stop | None:
    """None if nothing ends: no term, no known seal, and folios that nobody spends."""
    ends = {
        Cause.SEAL: seal_ends_on,
        Cause.TERM: expires_on,
        Cause.FOLIOS: runs_out_on,
    }
    known = [Stop(on, cause) for cause, on in ends.items() if on]
    return min(known, key=lambda stop: stop.on, default=None)


def is_near(stop: Stop, today: date) -> bool:
    """Whether it is time to do something about it: as long before the end of a seal as
    the tray says so, and else as long as before the end of a term."""
    ahead = SEAL_DAYS if stop.cause is Cause.SEAL else NEAR_DAYS
    return (stop.on - today).days <= ahead
