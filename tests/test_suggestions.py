"""Suggestions: every rule on both sides of its threshold; Python and SQL must agree.

Law: domain.md, "Follow-up"; the thresholds are in clients/forecast/suggestions.py.
"""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from clients import lifecycle
from clients.forecast import suggestions
from clients.forecast.keeping import keep_fresh
from clients.forecast.outlook import outlooks
from clients.forecast.pace import Forecast, Pace
from clients.forecast.suggestions import Situation, kind_of
from clients.forecast.wording import Suggestion, suggest
from clients.models import Client, Standing
from packages import catalogue
from packages.models import Package
from reseller_panel.refusals import Refused
from tests import factories
from tests.cast import MakeClient, MakePackage

TODAY = date(2026, 11, 25)


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def _package(name: str, folios: int, **terms: Any) -> Package:
    return Package(name=name, folios=folios, **{"term_count": None} | terms)


YEAR = {"term_count": 1, "term_unit": "year"}
PLAN = _package("Anual 300", 300, **YEAR)
SALE = [
    _package("Cien", 100),
    PLAN,
    _package("Anual 600", 600, **YEAR),
    _package("Anual 2,000", 2000, **YEAR),
]


ONE_A_DAY = Pace(91, 91)
NO_PACE = Pace(5, 13)
NOTHING = Pace(0, 91)


def facts(
    *,
    left: int | None = 200,
    suspended: int | None = None,
    idle: int = 0,
    pace: Pace = ONE_A_DAY,
    balance: int = 100,
    **others: Any,
) -> Situation:
    """A client without a suggestion: it spends one folio a day and has a hundred left.
    `left` is in days of term; `suspended` and `idle` say how many days ago."""
    expires_on = None if left is None else _ago(-left)
    return Situation(
        **{
            "is_archived": False,
            "suspended_on": None if suspended is None else _ago(suspended),
            "expires_on": expires_on,
            "balance": balance,
            "granted": 391,
            "plan": PLAN,
            "is_trial": False,
            "assigned_on": _ago(100),
            "idle_since": _ago(idle),
            "has_stamped": True,
            "additions": 0,
            "forecast": Forecast.of(
                pace, balance=balance, expires_on=expires_on, today=TODAY
            ),
        }
        | others
    )


# The rules of domain.md, on both sides of each threshold: facts → kind, urgency.
TRUTH: list[tuple[dict[str, Any], tuple[str, int] | None]] = [
    ({}, None),
    # archived: no suggestion, whatever else is true
    ({"is_archived": True, "balance": 0}, None),
    # suspended for 30 days: activar o archivar, and no other suggestion
    ({"suspended": 29}, None),
    ({"suspended": 30}, ("review", 630)),
    ({"suspended": 29, "balance": 0, "left": 0}, None),
    ({"suspended": 900, "balance": 0, "left": 0}, ("review", 1000)),
    # term near its end, or ended not long ago: ofrecer renovación
    ({"left": 16}, None),
    ({"left": 15}, ("renewal", 15)),
    ({"left": 0}, ("renewal", 0)),
    ({"left": -1}, ("renewal", 1)),
    ({"left": -60, "idle": 61}, ("renewal", 60)),
    ({"left": -61, "idle": 61}, ("call", 161)),
    # near its end: the last 5 days of a term of 15, the last 10 of one of 30
    ({"left": 15, "assigned_on": TODAY}, None),
    ({"left": 6, "assigned_on": _ago(9)}, None),
    ({"left": 5, "assigned_on": _ago(10)}, ("renewal", 5)),
    ({"left": 11, "assigned_on": _ago(19)}, None),
    ({"left": 10, "assigned_on": _ago(20)}, ("renewal", 10)),
    ({"left": 1, "assigned_on": _ago(0)}, None),
    ({"left": 0, "assigned_on": _ago(1)}, ("renewal", 0)),
    # near its end, a renewal goes before folios and before a call
    ({"left": 15, "balance": 0}, ("renewal", 15)),
    ({"left": 15, "idle": 90}, ("renewal", 15)),
    # the seal ends within 30 days, or ended not long ago: avisar del sello
    ({"seal_ends_on": _ago(-31)}, None),
    ({"seal_ends_on": _ago(-30)}, ("seal", 30)),
    ({"seal_ends_on": _ago(60), "balance": 0}, ("seal", 60)),
    ({"seal_ends_on": _ago(61)}, None),
    ({"seal_ends_on": _ago(-1), "left": 15}, ("renewal", 15)),
    ({"seal_ends_on": _ago(-1), "idle": 90}, ("seal", 1)),
    ({"seal_ends_on": _ago(-1), "suspended": 2}, None),
    # no stamps for 60 days: llamar
    ({"idle": 59}, None),
    ({"idle": 60}, ("call", 160)),
    ({"idle": 60, "left": None}, ("call", 160)),
    ({"idle": 60, "balance": 0}, ("call", 160)),
    ({"idle": 900}, ("call", 500)),
    # few folios left, no term or far from it: ofrecer folios
    ({"balance": 11}, None),
    ({"balance": 10}, ("folios", 10)),
    ({"balance": 10, "left": None}, ("folios", 10)),
    ({"balance": 10, "left": 16}, ("folios", 10)),
    ({"balance": 1}, ("folios", 1)),
    ({"balance": 0}, ("folios", 0)),
    ({"balance": 0, "idle": 59, "pace": NO_PACE}, ("folios", 0)),
    # without a pace, few is a tenth of the plan; with a pace of zero, no number is few
    ({"balance": 31, "pace": NO_PACE}, None),
    ({"balance": 30, "pace": NO_PACE}, ("folios", 10)),
    ({"balance": 1, "pace": NOTHING, "idle": 59}, None),
    # runs out again and again, well before the term: ofrecer un paquete mayor
    ({"balance": 10, "additions": 1}, ("folios", 10)),
    ({"balance": 10, "additions": 2}, ("bigger", 10)),
    ({"balance": 0, "additions": 2}, ("bigger", 0)),
    ({"balance": 10, "additions": 2, "left": 30}, ("folios", 10)),
    ({"balance": 10, "additions": 2, "left": 31}, ("bigger", 10)),
    ({"balance": 10, "additions": 2, "left": None}, ("bigger", 10)),
    ({"balance": 11, "additions": 9}, None),
]


@pytest.mark.parametrize(("case", "expected"), TRUTH)
def test_the_first_rule_that_matches_wins(
    case: dict[str, Any], expected: tuple[str, int] | None
) -> None:
    found = suggest(facts(**case), TODAY, SALE)
    assert (found and (found.kind, found.urgency)) == expected


def test_without_a_bigger_package_on_sale_folios_are_offered() -> None:
    often = facts(balance=5, additions=4)
    assert kind_of(often, TODAY, has_bigger=True) == "bigger"
    assert kind_of(often, TODAY, has_bigger=False) == "folios"
    assert _suggested(often, SALE[:2]).kind == "folios"


# --- What is offered ------------------------------------------------------------


def _suggested(case: Situation, sale: list[Package] | None = None) -> Suggestion:
    found = suggest(case, TODAY, SALE if sale is None else sale)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("case", "quantity"),
    [
        ({}, 90),  # 90 days at one folio a day; none is left
        ({"pace": Pace(455, 91)}, 450),
        ({"pace": Pace(910, 91)}, 900),
        ({"pace": Pace(920, 91)}, 950),  # 910, rounded up
        ({"pace": Pace(1365, 91)}, 1400),
        ({"left": 40}, 40),  # only until the end of the term
        ({"pace": NO_PACE}, 300),  # as many as the plan has
        ({"pace": NOTHING}, 300),
    ],
)
def test_an_addition_lasts_a_quarter_or_until_the_term(
    case: dict[str, Any], quantity: int
) -> None:
    found = _suggested(facts(balance=0, **case))
    assert (found.verb, found.quantity) == ("add_folios", quantity)
    assert found.offer == f"{quantity:,} folios"


@pytest.mark.parametrize(
    ("pace", "name"),
    [
        (Pace(45, 91), "Anual 600"),  # half a folio a day is enough for the smallest
        (Pace(150, 91), "Anual 2,000"),  # 602 a year
        (Pace(9_000, 91), "Anual 2,000"),  # none is enough: the largest
        (NO_PACE, "Anual 600"),  # no pace is known: the next larger one
    ],
)
def test_the_bigger_package_is_the_smallest_that_lasts_its_term(
    pace: Pace, name: str
) -> None:
    found = _suggested(facts(balance=0, additions=2, pace=pace))
    assert found.package is not None
    assert (found.verb, found.package.name) == ("renew", name)


@pytest.mark.parametrize(
    ("pace", "name"),
    [
        (Pace(75, 91), None),  # 301 a year, with 300: the same package again
        (Pace(89, 91), None),  # 357
        (Pace(90, 91), "Anual 600"),  # 361: a fifth more than it has
        (NO_PACE, None),
    ],
)
def test_a_renewal_is_with_the_same_unless_it_has_become_too_small(
    pace: Pace, name: str | None
) -> None:
    found = _suggested(facts(left=3, pace=pace))
    assert (found.package.name if found.package else None) == name
    assert found.offer == f"Renovar con {name or 'Anual 300'}"


@pytest.mark.parametrize(
    ("pace", "name"),
    [
        (Pace(75, 91), "Anual 600"),
        (Pace(900, 91), "Anual 2,000"),
        (NO_PACE, "Anual 600"),
    ],
)
def test_after_a_trial_comes_a_package_that_holds(pace: Pace, name: str) -> None:
    found = _suggested(facts(left=3, pace=pace, is_trial=True))
    assert found.package is not None
    assert found.package.name == name
    assert _suggested(facts(left=3, is_trial=True), SALE[:2]).package is None


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (
            {"left": 5},
            "Su vigencia termina el 30/11/2026, en 5 días, y su paquete se le queda "
            "corto: gasta 30 folios al mes.",
        ),
        ({"left": 0, "pace": NO_PACE}, "Su vigencia termina hoy, 25/11/2026."),
        ({"left": 1, "pace": NOTHING}, "Su vigencia termina mañana, 26/11/2026."),
        (
            {"left": -1, "pace": Pace(45, 91)},
            "Su vigencia terminó ayer, 24/11/2026; gasta 15 folios al mes.",
        ),
        (
            {"balance": 10},
            "Le quedan 10 folios, a este ritmo para 10 días; gasta 30 folios al mes.",
        ),
        (
            {"balance": 1},
            "Le queda 1 folio, a este ritmo para 1 día; gasta 30 folios al mes.",
        ),
        ({"balance": 9, "pace": NO_PACE}, "Le quedan 9 folios de los 300 de su plan."),
        ({"balance": 0}, "No le quedan folios; gasta 30 folios al mes."),
        (
            {"balance": 0, "additions": 3, "pace": NO_PACE},
            "Ya recargó 3 veces desde el 17/08/2026. No le quedan folios.",
        ),
        (
            {"idle": 75},
            "No timbra desde el 11/09/2026, hace 75 días. Le quedan 100 folios.",
        ),
        (
            {"idle": 75, "has_stamped": False, "balance": 0},
            "Se dio de alta el 11/09/2026, hace 75 días, y nunca ha timbrado; no le "
            "quedan folios.",
        ),
        (
            {"left": -90, "idle": 91},
            "No timbra desde el 26/08/2026, hace 91 días. Su vigencia terminó el "
            "27/08/2026.",
        ),
        (
            {"seal_ends_on": _ago(-9)},
            "Su sello vence el 4 de diciembre: no podrá facturar aunque tenga folios.",
        ),
        (
            {"seal_ends_on": _ago(1)},
            "Su sello venció el 24 de noviembre: no puede facturar aunque tenga "
            "folios.",
        ),
        ({"suspended": 47}, "Lleva 47 días suspendido, desde el 09/10/2026."),
    ],
)
def test_the_reason_is_one_sentence_of_numbers(
    case: dict[str, Any], reason: str
) -> None:
    assert _suggested(facts(**case)).reason == reason


# --- The basis ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ({"left": 3}, {"expires_on": _ago(-368)}),
        ({"balance": 5}, {"granted": 491}),
        ({"balance": 5}, {"balance": 0}),
        ({"idle": 70}, {"idle_since": _ago(61)}),
        ({"suspended": 40}, {"suspended_on": _ago(31)}),
    ],
)
def test_the_basis_changes_with_the_facts_it_is_about(
    case: dict[str, Any], change: dict[str, Any]
) -> None:
    before = facts(**case)
    kind = _suggested(before).kind
    after = replace(before, **change)
    assert suggestions.basis_of(kind, before, TODAY) != suggestions.basis_of(
        kind, after, TODAY
    )


def test_the_basis_of_a_renewal_changes_when_the_term_has_ended() -> None:
    ending = facts(left=0)
    tomorrow = TODAY + timedelta(days=1)
    later = suggest(ending, tomorrow, SALE)
    assert later is not None
    assert _suggested(ending).basis != later.basis


@pytest.mark.parametrize("case", [{"left": 3}, {"balance": 5}, {"idle": 70}])
def test_a_stamp_or_a_day_alone_do_not_change_the_basis(case: dict[str, Any]) -> None:
    before = facts(**case)
    found = _suggested(before)
    tomorrow = TODAY + timedelta(days=1)
    after = replace(before, balance=before.balance - 1)  # `granted` stays
    assert suggestions.basis_of(found.kind, after, tomorrow) == found.basis


# --- Python and SQL -------------------------------------------------------------

START = datetime(2026, 1, 2, 18, tzinfo=UTC)  # noon in Mexico City


def _by_sql(client: Client, today: date) -> dict[int, tuple[str, int, str]]:
    keep_fresh(client.reseller, today)
    kept = Standing.objects.filter(reseller=client.reseller).exclude(kind="")
    return {one.client_id: (one.kind, one.urgency, one.basis) for one in kept}


def _agree(clients: list[Client], today: date) -> set[str]:
    """Assert that SQL and Python agree for every client; return the kinds found."""
    by_sql = _by_sql(clients[0], today)
    fresh = [factories.fresh(client) for client in clients]
    case = {
        client_id: (found.kind.value, found.urgency, found.basis)
        for client_id, outlook in outlooks(fresh, today).items()
        if (found := outlook.suggestion)
    }
    assert by_sql == case, today
    return {kind for kind, _, _ in case.values()}


def _any_verb(client: Client, chance: random.Random, now: datetime, key: str) -> None:
    fresh = factories.fresh(client)
    verbs: list[Any] = [
        *[
            lambda: lifecycle.consume(
                client,
                reference=key,
                quantity=max(1, min(fresh.balance, chance.randint(1, 12))),
                now=now,
            )
        ]
        * 9,
        lambda: lifecycle.add_folios(
            client, quantity=15, reference=key, by=None, now=now
        ),
        lambda: lifecycle.add_folios(
            client, quantity=30, reference=key, by=None, now=now
        ),
        lambda: lifecycle.renew(client, reference=key, by=None, now=now),
        lambda: lifecycle.suspend(client, reason="No pagó", by=None, now=now),
        lambda: lifecycle.activate(client, by=None, now=now),
        lambda: lifecycle.archive(client, by=None, now=now),
    ]
    try:
        chance.choice(verbs)()
    except Refused:
        pass


def test_sql_and_python_agree_on_whatever_happens(
    make_client: MakeClient, make_package: MakePackage, alicia: User
) -> None:
    seed = random.randrange(2**32)
    print(f"seed = {seed}")
    chance = random.Random(seed)
    packages = [
        make_package(name="Mensual", folios=40, term_count=1, term_unit="month"),
        make_package(name="Bolsa", folios=60, term_count=None),
        make_package(name="Anual", folios=120),
    ]
    clients = [
        make_client(package=chance.choice(packages), now=START) for _ in range(14)
    ]
    # Three with fixed histories, so that their kinds are surely compared.
    monthly, quiet, dry = [make_client(package=one, now=START) for one in packages]
    certain = [monthly, quiet, dry]
    kinds: set[str] = set()
    for day in range(1, 150, 3):
        now = START + timedelta(days=day)
        for client in clients:
            if chance.random() < 0.5:
                _any_verb(client, chance, now, f"{client.pk}-{day}")
        if day % 4 == 0:
            kinds |= _agree(clients + certain, now.date())
    lifecycle.consume(dry, reference="all", quantity=dry.balance, now=now)
    catalogue.withdraw(packages[2], by=alicia, now=timezone.now())
    for later in (150, 165, 180, 240, 600):
        kinds |= _agree(clients + certain, (START + timedelta(days=later)).date())
    assert kinds >= {"call", "renewal", "folios"}


def test_sql_and_python_agree_on_who_needs_a_bigger_package(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    package = make_package(name="Chico", folios=20)
    make_package(name="Grande", folios=200)
    client = make_client(package=package, now=START)
    for number in range(3):
        now = START + timedelta(days=10 * number + 1)
        balance = factories.fresh(client).balance
        lifecycle.consume(client, reference=f"F-{number}", quantity=balance, now=now)
        assert _agree([client], now.date()) == {"folios" if number < 2 else "bigger"}
        lifecycle.add_folios(
            client, quantity=20, reference=f"A-{number}", by=None, now=now
        )
    lifecycle.renew(client, reference="R", by=None, now=now)
    assert outlooks([factories.fresh(client)], now.date())[client.pk].suggestion is None
