"""The one thing to offer a client next, and why: from facts to at most one suggestion.

Law: domain.md, "Follow-up". Pure, like status.py: facts and a day in. The rule is here
twice, in Python and, for whole lists, as SQL; tests/test_suggestions.py proves them
equal at every edge. In what words and with what to offer is said in wording.py. What
the reseller has answered to a suggestion (postponed,
dismissed, contacted) is not asked here: `basis` says which facts it was about, and
whoever keeps answers compares it.
"""

from dataclasses import dataclass
from datetime import date

from clients.forecast.pace import MIN_DAYS, PACE_SQL, Forecast
from clients.models import SuggestionKind
from packages.models import Package, Terms

# Each with its source: domain.md gives QUIET_DAYS and STALE_DAYS, the rest is our
# reading of it.
NEAR_DAYS = 15  # "term near its end": the last days of it,
NEAR_PART = 3  # but of a short one not more than a third
FEW_DAYS = 10  # "few folios left": for so many days
QUIET_DAYS = 60  # "no stamps for 60 days"
STALE_DAYS = 30  # "suspended for 30 days"
GONE_DAYS = 60  # expired for longer: nothing to renew by mail any more
WELL_BEFORE_DAYS = 30  # "well before the term"
# Where there is no pace yet, few is a part of the plan: one tenth.
FEW_PART = 10
TRIAL_MAX_DAYS = 31  # at most: what has no price and lasts no longer is a trial
AGAIN = 2  # "again and again": additions since the plan was assigned


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a suggestion is made of. `suspended_on` and `idle_since` (the last stamp,
    or the creation) are days of the reseller; `additions` those since `assigned_on`."""

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
    """The first rule that matches. `has_bigger`: more folios than this plan's are on
    sale."""
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
    """What orders suggestions, smaller first: days until, or since, the client is
    without folios or term. Calls and reviews come behind all of those."""
    match kind:
        case SuggestionKind.RENEWAL:
            assert situation.expires_on
            return abs((situation.expires_on - today).days)
        case SuggestionKind.FOLIOS | SuggestionKind.BIGGER:
            days = situation.forecast.days_left
            if situation.balance == 0:
                return 0
            return FEW_DAYS if days is None else days
        case SuggestionKind.CALL:
            return 100 + min((today - situation.idle_since).days, 400)
    assert situation.suspended_on
    return 600 + min((today - situation.suspended_on).days, 400)


def basis_of(kind: SuggestionKind, situation: Situation, today: date) -> str:
    """The facts that a suggestion is about, as text. While they stay the same, what
    was answered to it still holds."""
    match kind:
        case SuggestionKind.RENEWAL:
            assert situation.expires_on
            state = "expired" if situation.expires_on < today else "ending"
            return f"{kind.value}:{situation.expires_on}:{state}"
        case SuggestionKind.FOLIOS | SuggestionKind.BIGGER:
            state = "few" if situation.balance else "none"
            return f"{kind.value}:{situation.granted}:{state}"
        case SuggestionKind.CALL:
            return f"{kind.value}:{situation.idle_since}"
    return f"{kind.value}:{situation.suspended_on}"


# ── The same as SQL ───────────────────────────────────────────────────────────────

_PACE = PACE_SQL.format(
    arguments="client.id, account.balance, account.spent, account.dry,"
    " account.moved_on, timezone(reseller.time_zone, client.created_at)::date,"
    " %(today)s::date"
)

# One row for each client of %(reseller)s that has a suggestion on %(today)s: client_id,
# kind, urgency, basis, and worth: what its consumption of the window is sold for.
SUGGESTED_SQL = f"""
SELECT client_id, kind, worth,
       CASE kind WHEN 'renewal' THEN abs(days_of_term)
            WHEN 'call' THEN 100 + LEAST(today - idle_since, 400)
            WHEN 'review' THEN 600 + LEAST(today - suspended_on, 400)
            ELSE CASE WHEN balance = 0 THEN 0
                      ELSE coalesce(days_left, {FEW_DAYS}) END
            END AS urgency,
       kind || ':' || CASE kind
            WHEN 'renewal' THEN to_char(expires_on, 'YYYY-MM-DD')
                 || CASE WHEN days_of_term < 0 THEN ':expired' ELSE ':ending' END
            WHEN 'call' THEN to_char(idle_since, 'YYYY-MM-DD')
            WHEN 'review' THEN to_char(suspended_on, 'YYYY-MM-DD')
            ELSE granted || CASE WHEN balance = 0 THEN ':none' ELSE ':few' END
            END AS basis
  FROM (
SELECT situation.*, CASE
       WHEN suspended_on IS NOT NULL
       THEN CASE WHEN today - suspended_on >= {STALE_DAYS} THEN 'review' END
       WHEN days_of_term <= LEAST({NEAR_DAYS}, (expires_on - assigned_on) / {NEAR_PART})
       THEN CASE WHEN days_of_term >= -{GONE_DAYS} THEN 'renewal' ELSE 'call' END
       WHEN today - idle_since >= {QUIET_DAYS} THEN 'call'
       WHEN balance = 0 OR CASE WHEN days >= {MIN_DAYS} THEN days_left <= {FEW_DAYS}
                                ELSE balance * {FEW_PART} <= folios END
       THEN CASE WHEN (days_of_term IS NULL OR days_of_term > {WELL_BEFORE_DAYS})
                  AND folios < (SELECT max(package.folios)
                                  FROM packages_package AS package
                                 WHERE package.reseller_id = %(reseller)s
                                   AND package.withdrawn_at IS NULL)
                  AND (SELECT count(*) FROM clients_folioledger AS entry
                        WHERE entry.client_id = situation.client_id
                          AND entry.kind = 'addition'
                          AND entry.created_at >= assigned_at) >= {AGAIN}
                 THEN 'bigger' ELSE 'folios' END
       END AS kind
  FROM (
SELECT client.id AS client_id, %(today)s::date AS today, client.expires_on,
       client.expires_on - %(today)s::date AS days_of_term,
       timezone(reseller.time_zone, client.suspended_at)::date AS suspended_on,
       coalesce(account.stamped_on,
                timezone(reseller.time_zone, client.created_at)::date) AS idle_since,
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
 CROSS JOIN LATERAL ({_PACE}) AS pace
 WHERE client.reseller_id = %(reseller)s AND client.archived_at IS NULL
       ) AS situation
       ) AS judged
 WHERE kind IS NOT NULL"""  # noqa: S608
