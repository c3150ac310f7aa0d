"""The day on which a client that may stamp will no longer be able to, and why.

Law: domain.md, "Follow-up". Pure. The rule is here twice, in Python and as SQL;
tests/test_stops.py proves them equal. `today` is the reseller's local date.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from django.db.models import (
    DateField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Subquery,
    Value,
)
from django.db.models.expressions import OuterRef
from django.db.models.functions import Cast, Least

from clients.forecast.pace import DaysLeft
from clients.forecast.suggestions import NEAR_DAYS, SEAL_DAYS
from clients.models import Seal


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


# ── The same as SQL ───────────────────────────────────────────────────────────────


def seal_ends_on() -> Func:
    """Over Client: the day of the reseller's zone on which its own RFC's seal ends."""
    seal = Seal.objects.filter(client=OuterRef("pk"), rfc=OuterRef("rfc"))
    ends_at = Subquery(seal.values("ends_at")[:1])
    in_zone = Func(F("reseller__time_zone"), ends_at, function="timezone")
    return Cast(in_zone, DateField())


def stops_on(today: date) -> Any:
    """Stop.on as an SQL expression over Client; NULLs are left out by LEAST."""
    runs_out_on = ExpressionWrapper(
        Cast(Value(today), DateField()) + Cast(DaysLeft(today), IntegerField()),
        output_field=DateField(),
    )
    return Least(seal_ends_on(), F("expires_on"), runs_out_on, output_field=DateField())
