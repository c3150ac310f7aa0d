"""When a client's folios run out, at its pace of the last quarter of a year.

Law: domain.md, "Follow-up". Pure: it depends on facts and a day only. The rule is here
twice, in Python and as SQL, one below the other; tests/test_forecast.py proves them
equal. `today` is always the reseller's local date, given by the caller.

The estimator is the moving average of thirteen whole weeks over the days on which the
client had folios. A window that is a multiple of the season averages the season out
(Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 3.3), and 91
days contain thirteen of each weekday and about three ends of month. Counts of single
days, mostly small or zero, are forecast better when added up over long spans
(Nikolopoulos and others, "ADIDA", J. Oper. Res. Soc. 62, 2011). Whole days without
folios or of a suspension do not show what would have been spent, so they are left out.
The days of a suspension exist only as SQL (SUSPENDED_SQL), which Python asks for too.
`manage.py backtest_forecast` compares this estimator with the mean of thirty days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, stdev

from clients.models import FolioAccount, FolioDay

WINDOW_DAYS = 91
# With fewer days with folios there is too little history. They have two weekends.
MIN_DAYS = 14
# A forecast never looks further ahead than this.
MAX_AHEAD_DAYS = 3650


@dataclass(frozen=True)
class Pace:
    """Folios spent in the window, and the number of its days with folios to spend."""

    spent: int
    days: int

    @classmethod
    def of(
        cls,
        account: FolioAccount,
        mark: FolioDay | None,
        *,
        created_on: date,
        today: date,
        suspended: int = 0,
    ) -> "Pace":
        """`mark` is the newest FolioDay before `window_start`, or None; `suspended` the
        whole days of suspensions in the window on which the client had folios."""
        start = window_start(today)
        dry = account.dry
        if account.balance == 0 and account.moved_on:
            dry += max(0, (today - account.moved_on).days - 1)
        if mark:
            dry -= mark.dry
            if mark.balance == 0:  # leave out the days between it and the window
                dry -= (start - mark.day).days - 1
        age = max(1, (today - created_on).days + 1)
        return cls(
            spent=max(0, account.spent - (mark.spent if mark else 0)),
            days=max(1, min(WINDOW_DAYS, age) - dry - suspended),
        )

    @property
    def is_known(self) -> bool:
        return self.days >= MIN_DAYS

    @property
    def per_day(self) -> float:
        return self.spent / self.days

    def needed_for(self, days: int) -> int:
        """Folios that `days` days take at this pace, rounded up."""
        return -(-self.spent * days // self.days)

    def lasts(self, balance: int) -> int | None:
        """Whole days that `balance` folios last; None if unknown or none spent."""
        if not self.is_known or not self.spent:
            return None
        return min(balance * self.days // self.spent, MAX_AHEAD_DAYS)


@dataclass(frozen=True)
class Forecast:
    """How long the folios of a client that may stamp will last.

    `days_left` is None where there is too little history (`pace.is_known`) or where
    nothing is spent. `ran_out_on`: the day of the last movement, if it left no folios.
    """

    pace: Pace
    days_left: int | None
    today: date
    expires_on: date | None
    ran_out_on: date | None = None

    @classmethod
    def of(
        cls,
        pace: Pace,
        *,
        balance: int,
        expires_on: date | None,
        today: date,
        moved_on: date | None = None,
    ) -> "Forecast":
        ran_out_on = None if balance else moved_on
        return cls(pace, pace.lasts(balance), today, expires_on, ran_out_on)

    @property
    def runs_out_on(self) -> date | None:
        if self.days_left is None:
            return None
        return self.today + timedelta(days=self.days_left)

    @property
    def outlasts_term(self) -> bool:
        """Whether the term ends before the folios do."""
        return self.expires_on is not None and (
            self.runs_out_on is None or self.runs_out_on > self.expires_on
        )


def window_start(today: date) -> date:
    return today - timedelta(days=WINDOW_DAYS - 1)


# ── The same as SQL ───────────────────────────────────────────────────────────────

# The whole days without folios before {day}, of {client}.
_DRY_SQL = """
coalesce((SELECT day.dry + CASE WHEN day.balance = 0 THEN {day} - day.day - 1 ELSE 0 END
            FROM clients_folioday AS day
           WHERE day.client_id = {client} AND day.day < {day}
           ORDER BY day.day DESC LIMIT 1), 0)"""

# A number: the whole days of suspensions of {client} in the window that ends on
# {today}, without those on which it had no folios anyway. Most clients have none, and
# cost one probe of the index client_suspensions. {zone} is the reseller's.
SUSPENDED_SQL = f"""
SELECT coalesce(sum(pause.until - pause.since
         - {_DRY_SQL.format(client="{client}", day="pause.until")}
         + {_DRY_SQL.format(client="{client}", day="pause.since")}), 0)::int
  FROM (SELECT GREATEST(change.day + 1, {{today}} - {WINDOW_DAYS - 1}) AS since,
               LEAST(coalesce(change.next_day, {{today}}), {{today}}) AS until
          FROM (SELECT event.kind, timezone({{zone}}, event.created_at)::date AS day,
                       lead(timezone({{zone}}, event.created_at)::date)
                         OVER (ORDER BY event.seq) AS next_day
                  FROM clients_clientevent AS event
                 WHERE event.client_id = {{client}}
                   AND event.kind IN ('suspended', 'activated')) AS change
         WHERE change.kind = 'suspended') AS pause
 WHERE pause.until > pause.since"""  # noqa: S608

_SUSPENDED_NOW = SUSPENDED_SQL.format(
    client="now.client_id", today="now.today", zone="now.zone"
)

# One row: spent, days, days_left. {arguments} stands for SQL expressions: client id,
# balance, spent, dry, moved_on, day of creation, today, time zone. OFFSET 0 keeps the
# planner from computing a subquery again wherever a column of it is named.
PACE_SQL = f"""
SELECT pace.spent, pace.days,
       CASE WHEN pace.days >= {MIN_DAYS} AND pace.spent > 0
            THEN LEAST(pace.balance * pace.days / pace.spent, {MAX_AHEAD_DAYS})::int END
       AS days_left
  FROM (SELECT now.balance,
               GREATEST(0, now.spent - coalesce(mark.spent, 0)) AS spent,
               GREATEST(1, LEAST({WINDOW_DAYS}, GREATEST(1, today - created_on + 1))
                 - now.dry
                 - CASE WHEN now.balance = 0 AND moved_on IS NOT NULL
                        THEN GREATEST(0, today - moved_on - 1) ELSE 0 END
                 + coalesce(mark.dry
                            + CASE WHEN mark.balance = 0
                                   THEN today - {WINDOW_DAYS} - mark.day ELSE 0 END, 0)
                 - ({_SUSPENDED_NOW})
               ) AS days
          FROM (SELECT {{arguments}}) AS now
               (client_id, balance, spent, dry, moved_on, created_on, today, zone)
          LEFT JOIN LATERAL (
               SELECT * FROM clients_folioday AS day
                WHERE day.client_id = now.client_id
                  AND day.day <= now.today - {WINDOW_DAYS}
                ORDER BY day.day DESC LIMIT 1) AS mark ON true
        OFFSET 0) AS pace"""  # noqa: S608


# ── How certain it is ─────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Spread:
    """How far the pace may be off: the relative standard error of the weekly mean in
    the window."""

    error: float

    @classmethod
    def of(cls, weeks: Sequence[int]) -> "Spread | None":
        """`weeks`: folios spent in each. None with fewer than two, or no spending."""
        mean = fmean(weeks) if len(weeks) > 1 else 0
        return cls(stdev(weeks) / len(weeks) ** 0.5 / mean) if mean else None

    @property
    def label(self) -> str:
        if self.error <= 0.15:
            return "alta"
        return "media" if self.error <= 0.35 else "baja"

    def around(self, days: int) -> tuple[int, int]:
        """The fewest and most days that `days` may turn out to be in 8 of 10 cases."""
        off = 1.28 * self.error
        late = days / (1 - off) if off < 1 else MAX_AHEAD_DAYS
        return int(days / (1 + off)), min(MAX_AHEAD_DAYS, round(late))
