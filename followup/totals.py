"""Folios stamped and sold: of a reseller per day, and of its clients in a month.

Stamped is stamps minus reversals. Sold is what clients received for buying: an
assignment, a renewal or an addition. Adjustments, expiries and withdrawals are neither.

Days that are over are stored (ResellerDay); the others are counted on each request.
Stamped folios come from FolioDay, sold folios from the ledger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic, sleep

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import Reseller, User
from clients.forecast import keeping
from clients.models import SALES, Client, ClientQuerySet, FolioDay, FolioLedger
from followup.models import OpenDay, ResellerDay
from followup.months import Month
from followup.sorts import DEFAULT_SORT, ordering

# An entry is written within seconds of its created_at, or not at all. So one hour after
# a day ends, it can get no more entries.
_SETTLED = timedelta(hours=1)
_DAY = timedelta(days=1)
# Days closed by one statement: there may be months of them if nobody opened the page,
# and each statement must be short (reseller_panel/database.py).
_AT_ONCE = 7
# Seconds to wait for movements that are being written. Without success the days are
# counted on each request until the next one that closes them.
_WRITERS_MAX = 0.3
# How long a count of days that are not closed holds, where there are many clients.
_OPEN_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Totals:
    stamped: int = 0
    sold: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(self.stamped + other.stamped, self.sold + other.sold)


# ── Per day ───────────────────────────────────────────────────────────────────────


def by_day(
    reseller: Reseller, *, first: date, last: date, now: datetime
) -> dict[date, Totals]:
    """Totals by day, both days included; a day without movements may be missing.

    It also closes the days that are over: their first reader writes the rows.
    """
    close_days(reseller, now)
    kept = reseller.days.filter(day__gte=first, day__lte=last, is_counted=True)
    totals = {row.day: Totals(row.stamped, row.sold) for row in kept}
    opened = max(totals) + _DAY if totals else first
    return totals | _open(reseller, opened, last, now) if opened <= last else totals


def count_open_days(reseller: Reseller, now: datetime) -> None:
    """Close the days that are over and count the others, before anybody asks."""
    close_days(reseller, now)
    today = reseller.local_date(now)
    closed = reseller.days.filter(is_counted=True).aggregate(last=Max("day"))["last"]
    _count_open(reseller, closed + _DAY if closed else today, today, now)


def counted_at(reseller: Reseller, now: datetime) -> datetime | None:
    """Of when the folios of today are; None if they are of this moment."""
    found = reseller.open_days.filter(at__gte=now - _OPEN_FOR).aggregate(at=Min("at"))
    at: datetime | None = found["at"]
    return at


def _open(
    reseller: Reseller, first: date, last: date, now: datetime
) -> dict[date, Totals]:
    """Totals of days that are not closed, as counted some minutes ago at most."""
    if not keeping.made(reseller).at_intervals:
        return _counted(reseller, first, last)
    kept = reseller.open_days.filter(
        day__gte=first, day__lte=last, at__gte=now - _OPEN_FOR, at__lte=now
    )
    totals = {row.day: Totals(row.stamped, row.sold) for row in kept}
    if all(day in totals for day in _days(first, last)):
        return totals
    return _count_open(reseller, first, last, now)


def _count_open(
    reseller: Reseller, first: date, last: date, now: datetime
) -> dict[date, Totals]:
    totals = _counted(reseller, first, last)
    rows = [
        OpenDay(
            reseller=reseller,
            day=day,
            stamped=totals.get(day, Totals()).stamped,
            sold=totals.get(day, Totals()).sold,
            at=now,
        )
        for day in _days(first, last)
    ]
    OpenDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("reseller", "day"),
        update_fields=("stamped", "sold", "at"),
    )
    reseller.open_days.filter(day__lt=first).delete()
    return totals


def of_month(reseller: Reseller, month: Month, now: datetime) -> Totals:
    days = by_day(reseller, first=month.first, last=month.last, now=now)
    return sum(days.values(), Totals())


def close_days(reseller: Reseller, now: datetime) -> None:
    """Store the totals of the days that ended over an hour ago, if not stored yet.

    The rows are inserted before they are counted. A movement dated in one of these days
    (the clock of a server stepped back) is then either waited for and counted, or its
    trigger finds the row and deletes it. Two requests at the same time count the same.
    """
    first = _first_open_day(reseller)
    last = reseller.local_date(now - _SETTLED) - _DAY
    if first is None or first > last:
        return
    ResellerDay.objects.bulk_create(
        (
            ResellerDay(reseller=reseller, day=day, stamped=0, sold=0)
            for day in _days(first, last)
        ),
        ignore_conflicts=True,
    )
    if not _writers_have_ended():
        return
    for start in _days(first, last, step=_AT_ONCE):
        _count(reseller, start, min(start + _DAY * (_AT_ONCE - 1), last))


def _count(reseller: Reseller, first: date, last: date) -> None:
    rows = list(reseller.days.filter(day__gte=first, day__lte=last, is_counted=False))
    totals = _counted(reseller, first, last)
    for row in rows:
        of = totals.get(row.day, Totals())
        row.stamped, row.sold, row.is_counted = of.stamped, of.sold, True
    ResellerDay.objects.bulk_update(rows, ["stamped", "sold", "is_counted"])


# A movement locks its account until its transaction ends.
_WRITERS = """
SELECT virtualtransaction FROM pg_locks
 WHERE relation = 'clients_folioaccount'::regclass AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND mode IN ('RowShareLock', 'RowExclusiveLock') AND pid <> pg_backend_pid()"""


def _writers_have_ended() -> bool:
    """Wait until the movements that are being written now are committed."""
    give_up_at = monotonic() + _WRITERS_MAX
    writers = _writers()
    while writers and monotonic() < give_up_at:
        sleep(0.01)
        writers &= _writers()
    return not writers


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return {transaction for (transaction,) in cursor}


def _first_open_day(reseller: Reseller) -> date | None:
    """The day after the last counted one, or that of the first client; None without."""
    born = reseller.clients.history_begins_at()
    if born is None:
        return None
    first = reseller.local_date(born)
    counted = reseller.days.filter(is_counted=True, day__gte=first)
    found = counted.aggregate(last=Max("day"), rows=Count("id"))
    if found["last"] is None:
        return first
    last: date = found["last"]
    if (last - first).days + 1 > found["rows"]:
        return _reopen_from_gap(reseller, first)
    return last + _DAY


def _reopen_from_gap(reseller: Reseller, day: date) -> date:
    """The first day without a row; the later rows are deleted. There is a gap if days
    were closed while a movement reopened the ones before."""
    counted = reseller.days.filter(is_counted=True)
    known = set(counted.values_list("day", flat=True))
    while day in known:
        day += _DAY
    reseller.days.filter(day__gt=day).delete()
    return day


def _days(first: date, last: date, *, step: int = 1) -> Iterator[date]:
    return (first + _DAY * n for n in range(0, (last - first).days + 1, step))


def _counted(reseller: Reseller, first: date, last: date) -> dict[date, Totals]:
    """Totals by day, counted from FolioDay and the ledger; both days included."""
    stamped = _stamped_by_day(reseller, first, last)
    sold = _sold_by_day(reseller, first, last)
    return {
        day: Totals(int(stamped.get(day, 0)), int(sold.get(day, 0)))
        for day in stamped.keys() | sold.keys()
    }


def _stamped_by_day(reseller: Reseller, first: date, last: date) -> dict[date, int]:
    moved = FolioDay.objects.filter(
        client__reseller=reseller, day__gte=first, day__lte=last
    )
    stamped = Sum(F("spent") - _spent_before(OuterRef("client"), OuterRef("day")))
    days = moved.order_by().values("day").annotate(stamped=stamped)
    return dict(days.values_list("day", "stamped"))


def _sold_by_day(reseller: Reseller, first: date, last: date) -> dict[date, int]:
    sales = FolioLedger.objects.filter(
        client__reseller=reseller, kind__in=SALES, **_moments(reseller, first, last)
    )
    days = sales.order_by().values(day=TruncDate("created_at", tzinfo=reseller.zone))
    return dict(days.annotate(sold=Sum("quantity")).values_list("day", "sold"))


def _spent_before(client: OuterRef, day: OuterRef | date) -> Coalesce:
    """The folios that a client had spent in all when this day began."""
    days = FolioDay.objects.filter(client=client, day__lt=day).order_by("-day")
    return Coalesce(Subquery(days.values("spent")[:1]), 0)


def _moments(
    reseller: Reseller, first: date, last: date, prefix: str = ""
) -> dict[str, datetime]:
    """A filter of created_at: from the first midnight to the one after the last day."""
    zone = reseller.zone
    return {
        f"{prefix}created_at__gte": datetime.combine(first, time.min, zone),
        f"{prefix}created_at__lt": datetime.combine(last + _DAY, time.min, zone),
    }


# ── Per client ────────────────────────────────────────────────────────────────────


def who_moved(user: User, month: Month) -> ClientQuerySet:
    """The clients whose folios moved in the month, archived ones included."""
    moved = FolioDay.objects.filter(
        client=OuterRef("pk"), day__gte=month.first, day__lte=month.last
    )
    return Client.objects.visible_to(user).filter(Exists(moved))


def by_client(
    user: User, reseller: Reseller, month: Month, sort: str = DEFAULT_SORT
) -> ClientQuerySet:
    """who_moved, annotated with `stamped` and `sold`, which add up to of_month, in the
    order of a key of sorts.py."""
    moments = _moments(reseller, month.first, month.last, "entries__")
    bought = FilteredRelation(
        "entries", condition=Q(entries__kind__in=SALES, **moments)
    )
    me = OuterRef("pk")
    stamped = _spent_before(me, month.last + _DAY) - _spent_before(me, month.first)
    return (
        who_moved(user, month)
        .annotate(bought=bought, sold=Coalesce(Sum("bought__quantity"), 0))
        .annotate(stamped=stamped)
        .order_by(*ordering(sort))
    )
