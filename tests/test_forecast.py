"""When the folios run out, by the pace of thirteen weeks; Python and SQL must agree.

Law: domain.md, "Follow-up"; clients/forecast/pace.py describes the estimator.
"""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from clients import explanations, lifecycle
from clients.forecast.keeping import keep_fresh
from clients.forecast.outlook import outlooks
from clients.forecast.pace import Forecast, Pace, Spread, window_start
from clients.models import NEVER, Client, FolioAccount, FolioDay, Standing
from clients.rows import rows_of
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage

TODAY = date(2026, 11, 25)
CREATED = date(2025, 1, 1)
START = datetime(2026, 1, 2, 18, tzinfo=UTC)  # noon in Mexico City
ZONE = ZoneInfo("America/Mexico_City")


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
        if fresh.is_suspended and chance.random() < 0.1:
            lifecycle.activate(client, by=None, now=now)
        elif not fresh.is_suspended and chance.random() < 0.02:
            lifecycle.suspend(client, reason="No pagó", by=None, now=now)


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
        keep_fresh(lives[0].reseller, today)
        by_sql = dict(Standing.objects.values_list("client", "runs_out_on"))
        for client in lives:
            forecast = outlooks([client], today)[client.pk].forecast
            expected = forecast.runs_out_on if client.may_stamp_on(today) else None
            assert by_sql[client.pk] == (expected or NEVER), (client, today)


def _on(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _counted(client: Client, today: date) -> int:
    """The days of the window, one by one, on which the client could have spent."""
    moves = {one.day: one.balance for one in client.days.all()}
    changes = client.events.filter(kind__in=("suspended", "activated")).order_by("seq")
    turns = [_on(one.created_at) for one in changes]
    first = max(window_start(today), _on(client.created_at))
    found = 0
    for ahead in range((today - first).days + 1):
        day = first + timedelta(days=ahead)
        before = [one for one in moves if one < day]
        is_dry = bool(before) and moves[max(before)] == 0 and day not in moves
        since = [n for n, turn in enumerate(turns) if turn < day]
        # Suspended and activated alternate: an odd number of turns before is suspended.
        is_off = len(since) % 2 == 1 and day not in turns
        found += day == today or not (is_dry or is_off)
    return max(1, found)


def test_a_day_counts_if_the_client_could_have_spent_on_it(
    lives: list[Client],
) -> None:
    for later in (160, 175, 200, 251):
        today = (START + timedelta(days=later)).date()
        for client in lives:
            pace = outlooks([client], today)[client.pk].forecast.pace
            assert pace.days == _counted(client, today), (client, today)


# --- Days without folios and days suspended -------------------------------------


def _at(day: int) -> datetime:
    return START + timedelta(days=day)


def _pace_on(client: Client, day: int) -> Pace:
    fresh = factories.fresh(client)
    return outlooks([fresh], _on(_at(day)))[client.pk].forecast.pace


@pytest.fixture
def steady(make_client: MakeClient, make_package: MakePackage) -> Client:
    """One folio a day for thirty days, of five hundred."""
    client = make_client(package=make_package(folios=500), now=START)
    for day in range(30):
        lifecycle.consume(client, reference=f"F-{day}", now=_at(day))
    return client


def test_whole_days_of_a_suspension_are_left_out(steady: Client) -> None:
    assert _pace_on(steady, 29) == Pace(30, 30)
    lifecycle.suspend(steady, reason="No pagó", by=None, now=_at(30))
    # The days it was suspended and activated on count, like today.
    assert _pace_on(steady, 40) == Pace(30, 41 - 9)
    lifecycle.activate(steady, by=None, now=_at(45))
    assert _pace_on(steady, 49) == Pace(30, 50 - 14)


def test_of_a_suspension_only_the_part_in_the_window_counts(steady: Client) -> None:
    lifecycle.suspend(steady, reason="No pagó", by=None, now=_at(30))
    lifecycle.activate(steady, by=None, now=_at(60))
    # The window begins on day 40, and days 40 to 59 were suspended.
    assert _pace_on(steady, 130).days == 91 - 20


def test_a_day_that_is_suspended_and_without_folios_is_left_out_once(
    steady: Client,
) -> None:
    lifecycle.suspend(steady, reason="No pagó", by=None, now=_at(30))
    lifecycle.add_folios(steady, quantity=1, reference="a", by=None, now=_at(31))
    lifecycle.activate(steady, by=None, now=_at(40))
    lifecycle.consume(steady, reference="b", quantity=471, now=_at(40))
    lifecycle.suspend(steady, reason="No pagó", by=None, now=_at(45))
    # Days 31 to 39 suspended; 41 to 49 without folios, some of them suspended too.
    assert _pace_on(steady, 50).days == 51 - 9 - 9


# --- Of a client that has none left ---------------------------------------------


def test_of_a_client_without_folios_it_says_since_when(steady: Client) -> None:
    lifecycle.consume(steady, reference="all", quantity=470, now=_at(40))
    today = _on(_at(60))
    outlook = outlooks([factories.fresh(steady)], today)[steady.pk]
    assert outlook.forecast.ran_out_on == _on(_at(40))
    assert explanations.forecast_sentence(outlook.forecast) == (
        "Se agotaron el 11 de febrero, hace 20 días. Gastaba 11.9 al día."
    )
    assert outlook.suggestion
    assert "Sus folios se agotaron el 11 de febrero" in outlook.suggestion.reason


def test_the_year_is_said_if_it_is_another(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package(term_count=None), now=START)
    lifecycle.consume(client, reference="all", quantity=100, now=_at(40))
    outlook = outlooks([factories.fresh(client)], date(2027, 3, 1))[client.pk]
    sentence = explanations.forecast_sentence(outlook.forecast)
    assert sentence == "Se agotaron el 11 de febrero de 2026, hace 12 meses."
    assert outlook.suggestion
    assert "; sus folios se agotaron el 11 de febrero de 2026." in (
        outlook.suggestion.reason
    )


def test_folios_taken_away_ran_out_that_day_too(steady: Client, soporte: User) -> None:
    lifecycle.adjust(
        steady, quantity=-470, reason="x", reference="w", by=soporte, now=_at(35)
    )
    forecast = outlooks([factories.fresh(steady)], _on(_at(60)))[steady.pk].forecast
    assert forecast.ran_out_on == _on(_at(35))


def test_of_one_with_folios_it_says_no_such_day(steady: Client) -> None:
    forecast = outlooks([factories.fresh(steady)], _on(_at(31)))[steady.pk].forecast
    assert forecast.ran_out_on is None


@pytest.mark.parametrize("state", ["suspended", "expired", "archived"])
def test_folios_of_a_client_that_can_not_stamp_do_not_run_out(
    steady: Client, state: str
) -> None:
    day = 30
    if state == "expired":
        day = 400
    else:
        lifecycle.suspend(steady, reason="No pagó", by=None, now=_at(30))
    if state == "archived":
        lifecycle.archive(steady, by=None, now=_at(30))
    (row,) = rows_of([factories.fresh(steady)], _on(_at(day)))
    assert row.forecast_sentence.startswith("Mientras no pueda timbrar no gasta")
    assert "se agotan" not in row.forecast_sentence
