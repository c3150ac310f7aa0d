"""The visits to a client's account, as the client sees them.

They come from the append-only events. A visit without a recorded end ran out, so it
lasted as long as a visit may.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Subquery

from accounts.models import User
from clients.models import Client, ClientEvent, EventKind
from portal.models import GRANT_LASTS

PAGE = 25


@dataclass(frozen=True)
class Visit:
    seq: int
    by: User | None
    reason: str
    since: datetime
    left_at: datetime | None
    now: datetime

    @property
    def until(self) -> datetime:
        return self.left_at or self.since + GRANT_LASTS

    @property
    def is_open(self) -> bool:
        return self.left_at is None and self.now < self.until

    @property
    def minutes(self) -> int:
        """Rounded up: a short visit is one minute, not none."""
        return -(-int((self.until - self.since).total_seconds()) // 60) or 1


@dataclass(frozen=True)
class VisitsPage:
    """A page, newest first; `older` is `before` of the next page, None at the end."""

    visits: list[Visit]
    older: int | None


def visits_page(
    client: Client, *, now: datetime, before: int | None = None, size: int = PAGE
) -> VisitsPage:
    left = ClientEvent.objects.filter(
        client=client, kind=EventKind.LEFT, by=OuterRef("by"), seq__gt=OuterRef("seq")
    ).order_by("seq")
    entered = (
        client.events.filter(kind=EventKind.ENTERED)
        .select_related("by")
        .annotate(left_at=Subquery(left.values("created_at")[:1]))
        .order_by(F("seq").desc())
    )
    if before is not None:
        entered = entered.filter(seq__lt=before)
    visits = [
        Visit(
            seq=event.seq,
            by=event.by,
            reason=event.reason,
            since=event.created_at,
            left_at=event.left_at,
            now=now,
        )
        for event in entered[: size + 1]
    ]
    has_older = len(visits) > size
    return VisitsPage(visits[:size], visits[size - 1].seq if has_older else None)
