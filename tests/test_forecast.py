"""When the folios run out, by the pace of thirteen weeks; Python and SQL must agree.

Law: domain.md, "Follow-up"; clients/forecast/pace.py describes the estimator.
"""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from clients import lifecycle
from clients.forecast.outlook import outlooks
from clients.forecast.pace import DaysLeft, Forecast, Pace, Spread, window_start
from clients.models import Client, FolioAccount, FolioDay
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage

TODAY = date(2026, 11, 25)
CREATED = date(2025, 1, 1)
START = datetime(2026, 1, 2, 18, tzinfo=UTC)  # noon in Mexico City


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def _account(**facts: object) -> FolioAccount:
    return FolioAccount(**{"balance": 50, "moved_on": TODAY} | facts)


def _mark(days_ago: int, **facts: int) -> FolioDay:
    return FolioDay(day=_ago(days_ago), **{"spent": 0, "balance": 9, "dry": 0} | facts)


def _pace(
    account: FolioAccount, mark: FolioDay | None = None, created_on: date = CREATED
) -> tuple[int, int]:
    pace = Pace.of(account, mark, created_on=created_on, today=TODAY)
    return pace.spent, pace.days


# --- The pace -------------------------------------------------------------------


def test_the_window_is_thirteen_whole_weeks_and_ends_today() -> None:
    assert window_start(TODAY) == _ago(90)


def test_what_was_spent_in_the_window_is_a_difference_of_totals() -> None:
    assert _pace(_account(spent=300), _mark(91, spent=118)) == (182, 91)


def test_a_client_younger_than_the_window_is_measured_since_its_first_day() -> None:
    assert _pace(_account(spent=30), created_on=_ago(9)) == (30, 10)
    assert _pace(_account(spent=30), created_on=TODAY) == (30, 1)


def test_days_without_folios_are_left_out() -> None:
    assert _pace(_account(spent=60, dry=25), _mark(100, dry=5)) == (60, 71)


def test_of_a_drought_that_began_before_the_window_only_the_part_inside_counts() -> (
    None
):
    """The client ran out of folios 100 days ago and bought some 50 days ago: 49 whole
    days without folios, of which 9 are before the window."""
    account = _account(spent=60, dry=49)
    assert _pace(account, _mark(100, balance=0, dry=0)) == (60, 91 - 40)


def test_the_days_since_the_folios_ran_out_are_left_out_too() -> None:
    account = _account(balance=0, spent=60, moved_on=_ago(11))
    assert _pace(account, _mark(95)) == (60, 91 - 10)


def test_who_has_had_no_folios_all_along_has_no_pace() -> None:
    account = _account(balance=0, spent=60, moved_on=_ago(200))
    pace = Pace.of(
        account, _mark(200, balance=0, spent=60), created_on=CREATED, today=TODAY
    )
    assert (pace.spent, pace.is_known) == (0, False)


def test_stamps_given_back_never_make_it_negative() -> None:
    assert _pace(_account(spent=10), _mark(95, spent=14)) == (0, 91)


# --- How long the folios last ---------------------------------------------------


def _forecast(spent: int, days: int, balance: int, left: int | None = None) -> Forecast:
    expires_on = None if left is None else TODAY + timedelta(days=left)
    return Forecast.of(
        Pace(spent, days), balance=balance, expires_on=expires_on, today=TODAY
    )


@pytest.mark.parametrize(
    ("spent", "days", "balance", "left"),
    [
        (91, 91, 12, 12),
        (182, 91, 13, 6),  # two a day: the seventh day begins with one folio
        (1, 91, 1, 91),
        (91, 91, 0, 0),
        (20, 14, 10, 7),
        (20, 13, 10, None),  # too little history
        (0, 91, 10, None),  # nothing is spent
        (1, 91, 10**9, 3650),  # no forecast goes further
    ],
)
def test_days_left_are_the_balance_over_the_pace(
    spent: int, days: int, balance: int, left: int | None
) -> None:
    forecast = _forecast(spent, days, balance)
    assert forecast.days_left == left
    expected = None if left is None else TODAY + timedelta(days=left)
    assert forecast.runs_out_on == expected


@pytest.mark.parametrize(
    ("left", "outlasts"), [(None, False), (11, True), (12, False), (13, False)]
)
def test_folios_that_run_out_after_the_last_day_outlast_the_term(
    left: int | None, outlasts: bool
) -> None:
    assert _forecast(91, 91, 12, left).outlasts_term is outlasts


def test_folios_that_nobody_spends_outlast_any_term() -> None:
    assert _forecast(0, 91, 12, 200).outlasts_term


@pytest.mark.parametrize(("days", "folios"), [(30, 61), (91, 184), (0, 0), (1, 3)])
def test_what_a_time_needs_is_rounded_up(days: int, folios: int) -> None:
    assert Pace(184, 91).needed_for(days) == folios


@pytest.mark.parametrize(
    ("weeks", "label"),
    [([10] * 13, "alta"), ([0, 20] * 6, "media"), ([0, 0, 0, 90], "baja")],
)
def test_how_sure_it_is_follows_from_how_the_weeks_differ(
    weeks: list[int], label: str
) -> None:
    spread = Spread.of(weeks)
    assert spread is not None
    assert spread.label == label
    early, late = spread.around(30)
    assert early <= 30 <= late


def test_nothing_is_said_of_weeks_without_stamps() -> None:
    assert Spread.of([0] * 13) is None
    assert Spread.of([5]) is None


# --- Python and SQL -------------------------------------------------------------


def _live(client: Client, chance: random.Random, days: int) -> None:
    """Some months of a client's life: stamps, droughts, additions, reversals."""
    per_day = chance.choice([0, 1, 3, 9])
    for day in range(chance.randrange(days), days):
        now = START + timedelta(days=day)
        if now.date() == START.date():
            continue
        fresh = factories.fresh(client)
        stamps = min(chance.randint(0, per_day), fresh.balance)
        if stamps and fresh.status_on(now.date()) == "active":
            lifecycle.consume(client, reference=f"F-{day}", quantity=stamps, now=now)
            if chance.random() < 0.1:
                lifecycle.reverse(client, reference=f"F-{day}", by=None, now=now)
        if chance.random() < 0.03:
            lifecycle.add_folios(
                client, quantity=20, reference=f"A-{day}", by=None, now=now
            )


@pytest.fixture
def lives(make_client: MakeClient, make_package: MakePackage) -> list[Client]:
    seed = random.randrange(2**32)
    print(f"seed = {seed}")
    chance = random.Random(seed)
    package: Package = make_package(folios=60)
    clients = [
        make_client(package=package, now=START + timedelta(days=chance.choice([0, 60])))
        for _ in range(8)
    ]
    for client in clients:
        _live(client, chance, days=160)
    return [factories.fresh(client) for client in clients]


def test_sql_and_python_agree_on_every_life_and_day(lives: list[Client]) -> None:
    for later in (158, 160, 175, 200, 251, 300):
        today = (START + timedelta(days=later)).date()
        by_sql = dict(
            Client.objects.annotate(left=DaysLeft(today)).values_list("pk", "left")
        )
        for client in lives:
            forecast = outlooks([client], today)[client.pk].forecast
            assert by_sql[client.pk] == forecast.days_left, (client, today)
