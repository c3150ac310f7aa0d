"""Reads the movements of a client by day: what a page costs, however long the history.

The days and their balances come from FolioDay, so no stamp is counted one by one: what
was stamped on a day is what its other movements do not explain. Records are read by
`seq`, which is the order; a day is a stretch of it. No status and no rule here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate

from clients.models import (
    BulkRow,
    Client,
    ClientEvent,
    EntryKind,
    EventKind,
    FolioLedger,
)
from clients.movements.asked import CHANGES, Asked
from clients.movements.days import Day, Movements, Period, Tally
from clients.statement import PAGE, Page

DAYS = 31  # on a page: a whole month fits
INLINE = (
    100  # records that a page brings along; the other days bring theirs when opened
)

Tallies = dict[date, list[Tally]]


def movements_of(client: Client, asked: Asked, *, size: int = DAYS) -> Movements:
    return _Reader(client, asked, size).page()


def day_of_records(client: Client, asked: Asked) -> Day:
    """The records of the day that is asked for, without its totals."""
    assert asked.day
    return _Reader(client, asked, 1).opened(Day(asked.day, ()))


@dataclass(frozen=True)
class _Reader:
    client: Client
    asked: Asked
    size: int
    tallies: Tallies = field(default_factory=lambda: defaultdict(list))
    balances: dict[date, int] = field(default_factory=dict)

    def page(self) -> Movements:
        goes_on_at = self._read_days()
        found = sorted(self.tallies, reverse=True)
        shown = found[: self.size]
        days = [Day(d, self.tallies[d], self._balance(d)) for d in shown]
        return Movements(
            days=self._with_records(days),
            older=shown[-1] if len(found) > self.size else goes_on_at,
            period=self._period(),
            missed=self.asked.day not in [None, *shown[:1]],
        )

    # The days of a page. Each fills `tallies` and `balances` with what is on it and, if
    # it is full, with a day more.

    def _read_days(self) -> date | None:
        """The oldest day that was read, if there are older ones to read."""
        kind = self.asked.entry_kind
        if self.asked.kind == CHANGES:
            self._read_events(self.asked.since)
        elif kind and kind is not EntryKind.STAMP:
            self._read_kind(kind)
        else:
            return self._read_folios()
        return None

    def _read_folios(self) -> date | None:
        """Everything, or only the stamps."""
        since, last, is_all = self.asked.since, self.asked.last, not self.asked.kind
        read = self.client.days.order_by("-day")
        days = list((read.filter(day__lte=last) if last else read)[: self.size + 1])
        self.balances.update({one.day: one.balance for one in days})
        shown = [one for one in days[: self.size] if not since or one.day >= since]
        goes_on = len(days) > self.size and (not since or days[-1].day >= since)
        floor = shown[-1].day if goes_on else since
        moved: dict[date, int] = defaultdict(int)
        for day, kind, times, folios in self._sums(floor, last) if shown else ():
            moved[day] += folios
            if is_all:
                tally = Tally.of_entries(EntryKind(kind), times, folios)
                self.tallies[day].append(tally)
        for place, one in enumerate(shown):
            earlier = days[place + 1].balance if place + 1 < len(days) else 0
            if spent := earlier + moved[one.day] - one.balance:
                self.tallies[one.day].insert(0, Tally.of_stamps(spent))
        if is_all:
            self._read_events(floor)
        return floor if goes_on else None

    def _read_kind(self, kind: EntryKind) -> None:
        rows = self._sums(self.asked.since, self.asked.last).filter(kind=kind)
        for day, _, times, folios in rows[: self.size + 1]:
            self.tallies[day].append(Tally.of_entries(kind, times, folios))
        ends = self.client.days.filter(day__in=list(self.tallies))
        self.balances.update(ends.values_list("day", "balance"))

    def _read_events(self, first: date | None) -> None:
        if self.asked.folios_only:
            return
        rows = (
            self._within(self.client.events.all(), first, self.asked.last)
            .annotate(on=TruncDate("created_at", tzinfo=self._zone))
            .values_list("on", "kind")
            .annotate(Count("pk"))
            .order_by("-on", "kind")
        )
        # No day has more kinds than there are, so this is at least `size` + 1 days.
        for day, kind, times in rows[: (self.size + 1) * len(EventKind)]:
            self.tallies[day].append(Tally.of_events(EventKind(kind), times))

    def _sums(self, first: date | None, last: date | None) -> QuerySet[Any, Any]:
        """(day, kind, times, folios) of every movement but stamps, newest day first.
        They are few, and have an index of their own (entry_not_stamps)."""
        entries = self._within(
            self.client.entries.exclude(kind=EntryKind.STAMP), first, last
        )
        return (
            entries.annotate(on=TruncDate("created_at", tzinfo=self._zone))
            .values_list("on", "kind")
            .annotate(Count("pk"), Sum("quantity"))
            .order_by("-on", "kind")
        )

    def _balance(self, day: date) -> int | None:
        """At the end of a day, also of one without movements; None if not read."""
        earlier = [one for one in self.balances if one <= day]
        return self.balances[max(earlier)] if earlier else None

    # The records of days.

    def _with_records(self, days: Sequence[Day]) -> list[Day]:
        """Give the newest days their records, as far as INLINE reaches, and open the
        one that was asked for."""
        if not days:
            return []
        records = self._records(days[-1].day, days[0].day, size=INLINE)
        by_day: dict[date, list[FolioLedger | ClientEvent]] = defaultdict(list)
        for record in records.records:
            by_day[record.created_at.astimezone(self._zone).date()].append(record)
        if records.older is not None:  # the last day of these may go on
            by_day.pop(min(by_day))
        return [
            self.opened(one)
            if one.day == self.asked.day
            else replace(one, records=by_day.get(one.day))
            for one in days
        ]

    def opened(self, one: Day) -> Day:
        page = self._records(one.day, one.day, before=self.asked.number)
        return replace(one, records=page.records, older=page.older, is_open=True)

    def _records(
        self, first: date, last: date, *, size: int = PAGE, before: int | None = None
    ) -> Page:
        """Records of these days, newest first, in the one order of `seq`."""
        low, high = self._bounds(self._start(first), self._start(last, after=1))
        high = min(high, before - 1) if before else high
        kind = self.asked.entry_kind
        entries = self.client.entries.filter(seq__gt=low, seq__lte=high)
        if kind:
            entries = entries.filter(kind=kind)
        if kind not in (None, EntryKind.STAMP):
            entries = self._within(entries, first, last)
        events = self._within(self.client.events.all(), first, last)
        events = events.filter(seq__lt=before) if before else events
        page = Page.of(
            _newest(
                () if self.asked.kind == CHANGES else _whole(entries, "cfdi", size),
                () if kind or self.asked.folios_only else _whole(events, "", size),
            ),
            size,
        )
        if not self.asked.folios_only:
            self._name_runs(page)
        return page

    def _name_runs(self, page: Page) -> None:
        """Say of each record which change of many clients it is of, if it is."""
        seqs = [record.seq for record in page.records]
        rows = BulkRow.objects.filter(client=self.client, done_seq__in=seqs)
        rows = rows.select_related("run__job").order_by()
        runs = {row.done_seq: row.run for row in rows}
        for record in page.records:
            record.run = runs.get(record.seq)

    def _bounds(self, *moments: datetime) -> tuple[int, ...]:
        """For each moment the last `seq` of an entry before it."""
        with connection.cursor() as cursor:
            cursor.execute(_BOUNDS, {"client": self.client.pk, "at": list(moments)})
            found = dict(cursor.fetchall())
        return tuple(found.get(moment, 0) for moment in moments)

    # The period.

    def _period(self) -> Period | None:
        since, until = self.asked.since, self.asked.until
        if not (since or until) or self.asked.kind:
            return None
        opening = self._stood(since - timedelta(days=1)) if since else 0
        closing = self._stood(until) if until else self.client.balance
        sums: dict[EntryKind, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for _, kind, times, folios in self._sums(since, until):
            had = sums[EntryKind(kind)]
            sums[EntryKind(kind)] = (had[0] + times, had[1] + folios)
        spent = opening + sum(folios for _, folios in sums.values()) - closing
        others = [Tally.of_entries(kind, *of) for kind, of in sums.items()]
        dry = self.client.days.filter(balance=0).order_by("day")
        dry = dry.filter(day__gte=since) if since else dry
        dry = dry.filter(day__lte=until) if until else dry
        return Period(
            opening,
            closing,
            [Tally.of_stamps(spent), *others],
            dry.values_list("day", flat=True).first(),
        )

    def _stood(self, day: date) -> int:
        ends = self.client.days.filter(day__lte=day).order_by("-day")
        return ends.values_list("balance", flat=True).first() or 0

    # Days as moments of the reseller's zone.

    @cached_property
    def _zone(self) -> Any:
        return self.client.reseller.zone

    def _start(self, day: date, *, after: int = 0) -> datetime:
        return datetime.combine(day + timedelta(days=after), time.min, self._zone)

    def _within(self, records: Any, first: date | None, last: date | None) -> Any:
        if first:
            records = records.filter(created_at__gte=self._start(first))
        if last:
            records = records.filter(created_at__lt=self._start(last, after=1))
        return records


def _whole(records: Any, more: str, size: int) -> Iterable[Any]:
    """The newest records with the people and keys that they name."""
    names = ["by", "on_behalf_of", "api_key"]
    names += [f"{more}__by", f"{more}__api_key"] if more else []
    return records.select_related(*names).order_by("-seq")[: size + 1]


def _newest(*lists: Iterable[Any]) -> list[Any]:
    return sorted((one for some in lists for one in some), key=lambda one: -one.seq)


# Halving: a day of a client with 100,000 stamps is found with 17 lookups in the index
# of `seq`. Times of one client rise with it, because both are given under its lock.
_BOUNDS = """
WITH RECURSIVE search (at, low, high) AS (
    SELECT moment, 0::bigint, last_seq + 1
      FROM unnest(%(at)s::timestamptz[]) AS moment,
           (SELECT last_seq FROM clients_folioaccount WHERE client_id = %(client)s) AS a
  UNION ALL
    SELECT at,
           CASE WHEN probe.created_at < at THEN probe.seq ELSE low END,
           CASE WHEN probe.created_at < at THEN high ELSE (low + high) / 2 END
      FROM search
      LEFT JOIN LATERAL (
           SELECT seq, created_at FROM clients_folioledger
            WHERE client_id = %(client)s
              AND seq >= (low + high) / 2 AND seq < high
            ORDER BY seq LIMIT 1) AS probe ON true
     WHERE high - low > 1)
SELECT at, max(low) FROM search GROUP BY at"""
