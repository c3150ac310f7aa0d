"""The rule of status: derived from facts, never stored.

Law: domain.md, "Status". First match wins, in the order of the enum. The rule is here
twice, in Python and as SQL, one right below the other; tests/test_status.py proves
them equal. `today` is always the reseller's local date, given by the caller.
"""

from datetime import date, datetime

from django.db.models import Case, CharField, Q, TextChoices, Value, When
from django.db.models.expressions import Combinable
from django.utils.text import slugify


class Status(TextChoices):
    SUSPENDED = "suspended", "suspendido"
    EXPIRED = "expired", "expirado"
    EXHAUSTED = "exhausted", "folios agotados"
    ACTIVE = "active", "activo"

    @property
    def slug(self) -> str:
        """The name in a URL: `folios-agotados`."""
        return slugify(self.label)


def true_statuses(
    *,
    suspended_at: datetime | None,
    expires_on: date | None,
    balance: int,
    today: date,
) -> list[Status]:
    """Every status whose facts are true, strongest first.

    The first is the status; the others are the secondary facts a screen shows too.
    `expires_on` is the last usable day.
    """
    statuses = []
    if suspended_at is not None:
        statuses.append(Status.SUSPENDED)
    if expires_on is not None and expires_on < today:
        statuses.append(Status.EXPIRED)
    if balance == 0:
        statuses.append(Status.EXHAUSTED)
    return statuses or [Status.ACTIVE]


def derive_status(
    *,
    suspended_at: datetime | None,
    expires_on: date | None,
    balance: int,
    today: date,
) -> Status:
    return true_statuses(
        suspended_at=suspended_at, expires_on=expires_on, balance=balance, today=today
    )[0]


def _facts(today: date | Combinable) -> dict[Status, Q]:
    """The same facts over rows of Standing, strongest first."""
    return {
        Status.SUSPENDED: Q(is_suspended=True),
        Status.EXPIRED: Q(last_day__lt=today),
        Status.EXHAUSTED: Q(is_exhausted=True),
    }


def status_sql(today: date | Combinable) -> Case:
    """The status of each row."""
    return Case(
        *(
            When(holds, then=Value(status.value))
            for status, holds in _facts(today).items()
        ),
        default=Value(Status.ACTIVE.value),
        output_field=CharField(),
    )


def has_status(status: Status, today: date) -> Q:
    """The condition that a row has this status, which indexes can answer."""
    stronger = Q()
    for other, holds in _facts(today).items():
        if other is status:
            return stronger & holds
        stronger &= ~holds
    return stronger
