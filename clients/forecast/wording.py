"""What a suggestion says and offers: a sentence with the reason, and the package or
quantity, from the reseller's catalogue and the client's own consumption.

Law: domain.md, "Follow-up". Pure. suggestions.py decides which suggestion it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clients.forecast.suggestions import Situation, basis_of, kind_of, urgency_of
from clients.models import SuggestionKind
from packages.models import Package, Terms
from reseller_panel.spanish import agree, counted, spoken_day

# Days of consumption that an addition should last.
ADDITION_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The reason and the offer. `verb` is the action that carries it out, filled in
    with `quantity` or `package` (None: the same one); a call has none."""

    reason: str
    offer: str
    verb: str = ""
    quantity: int | None = None
    package: Package | None = None


@dataclass(frozen=True, kw_only=True)
class Suggestion(Wording):
    kind: SuggestionKind
    urgency: int
    basis: str


def suggest(
    situation: Situation, today: date, catalogue: Sequence[Package]
) -> Suggestion | None:
    """The suggestion, or None. `catalogue`: what is on sale, fewest folios first."""
    larger = [
        package for package in catalogue if package.folios > situation.plan.folios
    ]
    kind = kind_of(situation, today, has_bigger=bool(larger))
    if kind is None:
        return None
    match kind:
        case SuggestionKind.RENEWAL:
            wording = _renewal(situation, today, larger)
        case SuggestionKind.FOLIOS:
            wording = _folios(situation, today)
        case SuggestionKind.BIGGER:
            wording = _bigger(situation, today, larger)
        case SuggestionKind.SEAL:
            wording = _seal(situation, today)
        case SuggestionKind.CALL:
            wording = _call(situation, today)
        case SuggestionKind.REVIEW:
            wording = _review(situation, today)
    return Suggestion(
        kind=kind,
        urgency=urgency_of(kind, situation, today),
        basis=basis_of(kind, situation, today),
        **vars(wording),
    )


# ── What each says and offers ─────────────────────────────────────────────────────


def _renewal(situation: Situation, today: date, larger: Sequence[Package]) -> Wording:
    assert situation.expires_on
    left = (situation.expires_on - today).days
    on = f"{situation.expires_on:%d/%m/%Y}"
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
    is_short = bool(larger) and _is_short(situation, today)
    needs = (
        f", y su paquete se le queda corto: gasta {_monthly(situation)} al mes"
        if is_short
        else _and_spends(situation)
    )
    # A trial is not renewed: its client is offered a larger package.
    moves_up = is_short or situation.is_trial
    package = _that_holds(situation, today, larger) if moves_up else None
    return Wording(
        reason=f"{when}{needs}.",
        verb="renew",
        package=package,
        offer=f"Renovar con {package.name if package else situation.plan.name}",
    )


def _folios(situation: Situation, today: date) -> Wording:
    quantity = _quantity(situation, today)
    return Wording(
        reason=f"{_what_is_left(situation)}.",
        verb="add_folios",
        quantity=quantity,
        offer=f"{quantity:,} folios",
    )


def _bigger(situation: Situation, today: date, larger: Sequence[Package]) -> Wording:
    package = _that_holds(situation, today, larger)
    assert package  # ensured by has_bigger
    return Wording(
        reason=f"Ya recargó {situation.additions} veces desde el "
        f"{situation.assigned_on:%d/%m/%Y}. {_what_is_left(situation)}.",
        verb="renew",
        package=package,
        offer=f"{package.name}, de {package.folios:,} folios",
    )


def _seal(situation: Situation, today: date) -> Wording:
    assert situation.seal_ends_on
    day = spoken_day(situation.seal_ends_on, today)
    reason = (
        f"Su sello venció el {day}: no puede facturar aunque tenga folios."
        if situation.seal_ends_on < today
        else f"Su sello vence el {day}: no podrá facturar aunque tenga folios."
    )
    return Wording(reason=reason, offer="Avisarle que renueve su CSD en el SAT")


def _call(situation: Situation, today: date) -> Wording:
    idle = (today - situation.idle_since).days
    since = f"{situation.idle_since:%d/%m/%Y}"
    if situation.has_stamped:
        reason = f"No timbra desde el {since}, hace {idle} días"
    else:
        reason = f"Se dio de alta el {since}, hace {idle} días, y nunca ha timbrado"
    if situation.expires_on and situation.expires_on < today:
        reason += f". Su vigencia terminó el {situation.expires_on:%d/%m/%Y}"
    elif situation.balance:
        reason += f". Le quedan {counted(situation.balance, 'folio')}"
    else:
        ran_out = _ran_out(situation)
        reason += f"; {ran_out[0].lower()}{ran_out[1:]}"
    return Wording(
        reason=f"{reason}.",
        offer="Preguntar qué pasó",
    )


def _review(situation: Situation, today: date) -> Wording:
    assert situation.suspended_on
    days, since = (today - situation.suspended_on).days, situation.suspended_on
    return Wording(
        reason=f"Lleva {days} días suspendido, desde el {since:%d/%m/%Y}.",
        verb="activate",
        offer="Activarlo o archivarlo",
    )


def _what_is_left(situation: Situation) -> str:
    forecast = situation.forecast
    if situation.balance == 0:
        return f"{_ran_out(situation)}{_and_spends(situation)}"
    verb = agree(situation.balance, "queda", "quedan")
    left = f"Le {verb} {counted(situation.balance, 'folio')}"
    if forecast.days_left is None:
        return f"{left} de los {situation.plan.folios:,} de su plan"
    days = forecast.days_left
    when = "para hoy" if days == 0 else f"para {counted(days, 'día')}"
    return f"{left}, a este ritmo {when}{_and_spends(situation)}"


def _ran_out(situation: Situation) -> str:
    forecast = situation.forecast
    if forecast.ran_out_on is None:
        return "No le quedan folios"
    day = spoken_day(forecast.ran_out_on, forecast.today)
    return f"Sus folios se agotaron el {day}"


def _and_spends(situation: Situation) -> str:
    pace = situation.forecast.pace
    return (
        f"; gasta {_monthly(situation)} al mes" if pace.is_known and pace.spent else ""
    )


def _monthly(situation: Situation) -> str:
    return counted(situation.forecast.pace.needed_for(30), "folio")


def _term_days(terms: Terms, today: date) -> int:
    """The length of a term from today; a year where there is none."""
    end = terms.expiry_from(today)
    return (end - today).days if end else 365


def _is_short(situation: Situation, today: date) -> bool:
    """Whether the whole term takes at least a fifth more folios than the plan has."""
    pace = situation.forecast.pace
    if not pace.is_known:
        return False
    need = pace.needed_for(_term_days(situation.plan, today))
    return need * 5 >= situation.plan.folios * 6


def _that_holds(
    situation: Situation, today: date, larger: Sequence[Package]
) -> Package | None:
    """The smallest of the larger packages that lasts its own term at this pace, or
    else the largest; the first of them while the pace is unknown."""
    pace = situation.forecast.pace
    for package in larger:
        enough = pace.needed_for(_term_days(package, today)) <= package.folios
        if enough or not pace.is_known:
            return package
    return larger[-1] if larger else None


def _quantity(situation: Situation, today: date) -> int:
    """Folios for ADDITION_DAYS, or until the term ends, minus the balance, rounded up.
    As many as the plan has while the pace is unknown or nothing is spent."""
    pace = situation.forecast.pace
    if not pace.is_known or not pace.spent:
        return situation.plan.folios
    days = ADDITION_DAYS
    if situation.expires_on:
        days = min(days, (situation.expires_on - today).days)
    return _round_up(max(1, pace.needed_for(days) - situation.balance))


def _round_up(folios: int) -> int:
    step = 10 if folios <= 100 else 50 if folios <= 1_000 else 100
    return -(-folios // step) * step
