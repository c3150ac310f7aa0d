"""What a suggestion says and offers: the reason in a sentence of numbers, and the
package or quantity, from the reseller's catalogue and the client's own consumption.

Law: domain.md, "Follow-up". Pure. Which suggestion it is, is decided in suggestions.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clients.suggestions import Facts, Kind, basis_of, kind_of, urgency_of
from packages.models import Package, Terms

# Days of consumption that an addition should last.
ADDITION_LASTS = 90


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said and offered. `verb` is the action that answers it, filled in with
    `quantity` or `package` (None: the same); a call has none."""

    reason: str
    offer: str
    verb: str = ""
    quantity: int | None = None
    package: Package | None = None


@dataclass(frozen=True, kw_only=True)
class Suggestion(Words):
    kind: Kind
    urgency: int
    basis: str


def suggest(
    facts: Facts, today: date, catalogue: Sequence[Package]
) -> Suggestion | None:
    """`catalogue`: what the reseller has on sale, fewest folios first."""
    larger = [package for package in catalogue if package.folios > facts.plan.folios]
    kind = kind_of(facts, today, has_bigger=bool(larger))
    if kind is None:
        return None
    match kind:
        case Kind.RENEWAL:
            words = _renewal(facts, today, larger)
        case Kind.FOLIOS:
            words = _folios(facts, today)
        case Kind.BIGGER:
            words = _bigger(facts, today, larger)
        case Kind.CALL:
            words = _call(facts, today)
        case Kind.REVIEW:
            words = _review(facts, today)
    return Suggestion(
        kind=kind,
        urgency=urgency_of(kind, facts, today),
        basis=basis_of(kind, facts, today),
        **vars(words),
    )


# ── What each says and offers ─────────────────────────────────────────────────────


def _renewal(facts: Facts, today: date, larger: Sequence[Package]) -> Words:
    assert facts.expires_on
    left = (facts.expires_on - today).days
    on = f"{facts.expires_on:%d/%m/%Y}"
    when = {
        -1: f"Su vigencia terminó ayer, {on}",
        0: f"Su vigencia termina hoy, {on}",
        1: f"Su vigencia termina mañana, {on}",
    }.get(
        left,
        f"Su vigencia termina el {on}, en {left} días"
        if left > 0
        else f"Su vigencia terminó el {on}, hace {-left} días",
    )
    is_short = bool(larger) and _is_short(facts, today)
    needs = (
        f", y su paquete se le queda corto: gasta {_monthly(facts)} al mes"
        if is_short
        else _and_spends(facts)
    )
    # A trial is over when it is over: what comes next is sold.
    moves_up = is_short or facts.is_trial
    package = _that_holds(facts, today, larger) if moves_up else None
    return Words(
        reason=f"{when}{needs}.",
        verb="renew",
        package=package,
        offer=f"Renovar con {package.name if package else facts.plan.name}",
    )


def _folios(facts: Facts, today: date) -> Words:
    quantity = _quantity(facts, today)
    return Words(
        reason=f"{_what_is_left(facts)}.",
        verb="add_folios",
        quantity=quantity,
        offer=f"{quantity:,} folios",
    )


def _bigger(facts: Facts, today: date, larger: Sequence[Package]) -> Words:
    package = _that_holds(facts, today, larger)
    assert package  # has_bigger
    return Words(
        reason=f"Ya recargó {facts.additions} veces desde el "
        f"{facts.assigned_on:%d/%m/%Y}. {_what_is_left(facts)}.",
        verb="renew",
        package=package,
        offer=f"{package.name}, de {package.folios:,} folios",
    )


def _call(facts: Facts, today: date) -> Words:
    idle = (today - facts.idle_since).days
    since = f"{facts.idle_since:%d/%m/%Y}"
    if facts.has_stamped:
        reason = f"No timbra desde el {since}, hace {idle} días"
    else:
        reason = f"Se dio de alta el {since}, hace {idle} días, y nunca ha timbrado"
    if facts.expires_on and facts.expires_on < today:
        reason += f". Su vigencia terminó el {facts.expires_on:%d/%m/%Y}"
    elif facts.balance:
        reason += f". Le quedan {_count(facts.balance)}"
    else:
        reason += "; no le quedan folios"
    return Words(
        reason=f"{reason}.",
        offer="Preguntar qué pasó",
    )


def _review(facts: Facts, today: date) -> Words:
    assert facts.suspended_on
    days = (today - facts.suspended_on).days
    return Words(
        reason=f"Lleva {days} días suspendido, desde el {facts.suspended_on:%d/%m/%Y}.",
        verb="activate",
        offer="Activarlo o archivarlo",
    )


def _what_is_left(facts: Facts) -> str:
    forecast = facts.forecast
    if facts.balance == 0:
        return f"No le quedan folios{_and_spends(facts)}"
    left = f"Le queda{'' if facts.balance == 1 else 'n'} {_count(facts.balance)}"
    if forecast.days_left is None:
        return f"{left} de los {facts.plan.folios:,} de su plan"
    days = forecast.days_left
    when = "para hoy" if days == 0 else f"para {days} día{'' if days == 1 else 's'}"
    return f"{left}, a este ritmo {when}{_and_spends(facts)}"


def _and_spends(facts: Facts) -> str:
    pace = facts.forecast.pace
    return f"; gasta {_monthly(facts)} al mes" if pace.is_known and pace.spent else ""


def _monthly(facts: Facts) -> str:
    return _count(facts.forecast.pace.needed_for(30))


def _count(folios: int) -> str:
    return f"{folios:,} folio{'' if folios == 1 else 's'}"


def _term_days(terms: Terms, today: date) -> int:
    """Of a term from today; a year where there is none."""
    end = terms.expiry_from(today)
    return (end - today).days if end else 365


def _is_short(facts: Facts, today: date) -> bool:
    """Whether the plan holds less than its whole term takes, by a fifth or more."""
    pace = facts.forecast.pace
    if not pace.is_known:
        return False
    need = pace.needed_for(_term_days(facts.plan, today))
    return need * 5 >= facts.plan.folios * 6


def _that_holds(facts: Facts, today: date, larger: Sequence[Package]) -> Package | None:
    """The smallest of the larger packages that lasts its own term at this pace, or
    the largest of them; without a pace, the next one."""
    pace = facts.forecast.pace
    for package in larger:
        enough = pace.needed_for(_term_days(package, today)) <= package.folios
        if enough or not pace.is_known:
            return package
    return larger[-1] if larger else None


def _quantity(facts: Facts, today: date) -> int:
    """Folios for a quarter, or until the term ends, less what is left; as round as
    people sell them. Without a pace, as many as the plan has."""
    pace = facts.forecast.pace
    if not pace.is_known or not pace.spent:
        return facts.plan.folios
    days = ADDITION_LASTS
    if facts.expires_on:
        days = min(days, (facts.expires_on - today).days)
    return _round_up(max(1, pace.needed_for(days) - facts.balance))


def _round_up(folios: int) -> int:
    step = 10 if folios <= 100 else 50 if folios <= 1_000 else 100
    return -(-folios // step) * step
