"""Which suggestion a client gets, if any: at most one, derived from facts.

Law: domain.md, "Follow-up". Pure, like status.py: it depends on facts and a day only.
The rule is here twice, in Python and, for whole lists, as SQL;
tests/test_suggestions.py proves them equal at every edge. wording.py chooses the words
and the offer. The reseller's answers are not read here: an answer is stored with the
`basis` of its suggestion, and FollowUp.holds compares that with the present one.
"""

from dataclasses import dataclass
from datetime import date

from clients.forecast.pace import MIN_DAYS, PACE_SQL, Forecast
from clients.models import SuggestionKind
from packages.models import Package, Terms

# Each with its source: domain.md gives QUIET_DAYS and STALE_DAYS, the others are our
# interpretation of it.
NEAR_DAYS = 15  # "term near its end": at most so many days before it,
NEAR_PART = 3  # and no earlier than its last third
SEAL_DAYS = 30  # a new one is asked of SAT in a day, but not by everybody
FEW_DAYS = 10  # "few folios left": they last at most so many days
QUIET_DAYS = 60  # "no stamps for 60 days"
STALE_DAYS = 30  # "suspended for 30 days"
GONE_DAYS = 60  # expired for longer: call instead of offering a renewal
WELL_BEFORE_DAYS = 30  # "well before the term"
# While the pace is unknown, few folios are at most a tenth of the plan.
FEW_PART = 10
TRIAL_MAX_DAYS = 31  # a package without price that lasts no longer is a trial
AGAIN = 2  # "again and again": additions since the plan was assigned


@dataclass(frozen=True, kw_only=True)
class Situation:
    """The facts behind a suggestion. `suspended_on`, `seal_ends_on` and `idle_since`
    (the last stamp, or creation) are days in the reseller's zone; `additions` is since
    `assigned_on`."""

    is_archived: bool
    suspended_on: date | None
    expires_on: date | None
    balance: int
    granted: int  # folios ever received: changes when more come, not when they go
    plan: Terms
    is_trial: bool  # of the package that the plan was taken from
    assigned_on: date
    idle_since: date
    has_stamped: bool
    additions: int
    forecast: Forecast
    seal_ends_on: date | None = None


def is_trial(package: Package, today: date) -> bool:
    end = package.expiry_from(today)
    return (
        package.price is None
        and end is not None
        and (end - today).days <= TRIAL_MAX_DAYS
    )


def kind_of(
    situation: Situation, today: date, *, has_bigger: bool
) -> SuggestionKind | None:
    """The kind by the first rule that matches; None if none does. `has_bigger`: a
    package with more folios than the plan is on sale."""
    if situation.is_archived:
        return None
    if situation.suspended_on:
        stale = (today - situation.suspended_on).days >= STALE_DAYS
        return SuggestionKind.REVIEW if stale else None
    left = None
    if situation.expires_on:
        left = (situation.expires_on - today).days
        term = (situation.expires_on - situation.assigned_on).days
        if left <= min(NEAR_DAYS, term // NEAR_PART):
            return SuggestionKind.RENEWAL if left >= -GONE_DAYS else SuggestionKind.CALL
    if situation.seal_ends_on:
        if -GONE_DAYS <= (situation.seal_ends_on - today).days <= SEAL_DAYS:
            return SuggestionKind.SEAL
    if (today - situation.idle_since).days >= QUIET_DAYS:
        return SuggestionKind.CALL
    if not _has_few(situation):
        return None
    often = situation.additions >= AGAIN and (left is None or left > WELL_BEFORE_DAYS)
    return SuggestionKind.BIGGER if often and has_bigger else SuggestionKind.FOLIOS


def _has_few(situation: Situation) -> bool:
    if situation.balance == 0:
        return True
    if situation.forecast.pace.is_known:
        days = situation.forecast.days_left
        return days is not None and days <= FEW_DAYS
    return situation.balance * FEW_PART <= situation.plan.folios


def urgency_of(kind: SuggestionKind, situation: Situation, today: date) -> int:
    """The sort key of suggestions, smallest first: days until, or since, the client is
    without folios or term. Calls and reviews come after all of those."""
    match kind:
        case SuggestionKind.RENEWAL:
            assert situation.expires_on
            return abs((situation.expires_on - today).days)
        case SuggestionKind.FOLIOS | SuggestionKind.BIGGER:
            days = situation.forecast.days_left
            if situation.balance == 0:
                return 0
            return FEW_DAYS if days is None else days
        case SuggestionKind.SEAL:
            assert situation.seal_ends_on
            return abs((situation.seal_ends_on - today).days)
        case SuggestionKind.CALL:
            return 100 + min((today - situation.idle_since).days, 400)
    assert situation.suspended_on
    return 600 + min((today - situation.suspended_on).days, 400)


def basis_of(kind: SuggestionKind, situation: Situation, today: date) -> str:
    """The facts that a suggestion is based on, as text. While it stays the same, an
    answer to the suggestion still applies."""
    match kind:
        case SuggestionKind.RENEWAL:
            assert situation.expires_on
            state = "expired" if situation.expires_on < today else "ending"
            return f"{kind.value}:{situation.expires_on}:{state}"
        case SuggestionKind.FOLIOS | SuggestionKind.BIGGER:
            state = "few" if situation.balance else "none"
            return f"{kind.value}:{situation.granted}:{state}"
        case SuggestionKind.SEAL:
            return f"{kind.value}:{situation.seal_ends_on}"
        case SuggestionKind.CALL:
            return f"{kind.value}:{situation.idle_since}"
    return f"{kind.value}:{situation.suspended_on}"


# ── The same as SQL ───────────────────────────────────────────────────────────────

_PACE = PACE_SQL.format(
    arguments="client.id, account.balance, account.spent, account.dry,"
    " account.moved_on, timezone(reseller.time_zone,"
    " coalesce(client.history_from, client.created_at))::date,"
    " %(today)s::date, reseller.time_zone"
)

# The most folios of a package that is on sale, 0 without one.
LARGEST_SQL = """
SELECT coalesce(max(package.folios), 0) FROM packages_package AS package
 WHERE package.reseller_id = %(reseller)s AND package.withdrawn_at IS NULL"""

# One row per client of %(reseller)s among %(clients)s, an array of ids, on %(today)s:
# client_id, kind (NULL without a suggestion), urgency, basis, and worth: the folios
# spent in the window at their package's price; and what else a list is sorted by. Of a
# client that may not stamp nothing ends, as no row says when it would.
JUDGED_SQL = f"""
SELECT client_id, kind, worth, seq, largest, idle_since,
       CASE WHEN may_stamp THEN today + days_left END AS runs_out_on,
       CASE WHEN may_stamp THEN LEAST(seal_ends_on, expires_on, today + days_left) END
       AS stops_on,
       CASE kind WHEN 'renewal' THEN abs(days_of_term)
            WHEN 'seal' THEN abs(seal_ends_on - today)
            WHEN 'call' THEN 100 + LEAST(today - idle_since, 400)
            WHEN 'review' THEN 600 + LEAST(today - suspended_on, 400)
            ELSE CASE WHEN balance = 0 THEN 0
                      ELSE coalesce(days_left, {FEW_DAYS}) END
            END AS urgency,
       kind || ':' || CASE kind
            WHEN 'renewal' THEN to_char(expires_on, 'YYYY-MM-DD')
                 || CASE WHEN days_of_term < 0 THEN ':expired' ELSE ':ending' END
            WHEN 'seal' THEN to_char(seal_ends_on, 'YYYY-MM-DD')
            WHEN 'call' THEN to_char(idle_since, 'YYYY-MM-DD')
            WHEN 'review' THEN to_char(suspended_on, 'YYYY-MM-DD')
            ELSE granted || CASE WHEN balance = 0 THEN ':none' ELSE ':few' END
            END AS basis
  FROM (
SELECT situation.*,
       archived_at IS NULL AND suspended_on IS NULL AND balance > 0
       AND (expires_on IS NULL OR expires_on >= today) AS may_stamp, CASE
       WHEN archived_at IS NOT NULL THEN NULL
       WHEN suspended_on IS NOT NULL
       THEN CASE WHEN today - suspended_on >= {STALE_DAYS} THEN 'review' END
       WHEN days_of_term <= LEAST({NEAR_DAYS}, (expires_on - assigned_on) / {NEAR_PART})
       THEN CASE WHEN days_of_term >= -{GONE_DAYS} THEN 'renewal' ELSE 'call' END
       WHEN seal_ends_on - today BETWEEN -{GONE_DAYS} AND {SEAL_DAYS} THEN 'seal'
       WHEN today - idle_since >= {QUIET_DAYS} THEN 'call'
       WHEN balance = 0 OR CASE WHEN days >= {MIN_DAYS} THEN days_left <= {FEW_DAYS}
                                ELSE balance * {FEW_PART} <= folios END
       THEN CASE WHEN (days_of_term IS NULL OR days_of_term > {WELL_BEFORE_DAYS})
                  AND folios < largest
                  AND (SELECT count(*) FROM clients_folioledger AS entry
                        WHERE entry.client_id = situation.client_id
                          AND entry.kind = 'addition'
                          AND entry.created_at >= assigned_at) >= {AGAIN}
                 THEN 'bigger' ELSE 'folios' END
       END AS kind
  FROM (
SELECT client.id AS client_id, %(today)s::date AS today, client.expires_on,
       client.archived_at, account.last_seq AS seq, ({LARGEST_SQL}) AS largest,
       client.expires_on - %(today)s::date AS days_of_term,
       timezone(reseller.time_zone, client.suspended_at)::date AS suspended_on,
       timezone(reseller.time_zone, seal.ends_at)::date AS seal_ends_on,
       coalesce(account.stamped_on,
                timezone(reseller.time_zone, coalesce(client.history_from,
                         client.created_at))::date) AS idle_since,
       account.balance, account.balance + account.spent AS granted,
       plan.folios, plan.assigned_at,
       timezone(reseller.time_zone, plan.assigned_at)::date AS assigned_on,
       pace.days, pace.days_left,
       pace.spent * coalesce(package.price / package.folios, 1) AS worth
  FROM clients_client AS client
  JOIN clients_folioaccount AS account ON account.client_id = client.id
  JOIN clients_plan AS plan ON plan.client_id = client.id
  JOIN packages_package AS package ON package.id = plan.package_id
  JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
  LEFT JOIN clients_seal AS seal
    ON seal.client_id = client.id AND seal.rfc = client.rfc
 CROSS JOIN LATERAL ({_PACE}) AS pace
 WHERE client.reseller_id = %(reseller)s AND client.id = ANY (%(clients)s)
OFFSET 0) AS situation
OFFSET 0) AS judged"""  # noqa: S608
