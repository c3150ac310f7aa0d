"""The day of the month does not drift (domain.md, "Term arithmetic"): the plan keeps
the day that its term was anchored to, and a renewal after the end anchors anew."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from clients import lifecycle
from clients.lifecycle import Outcome
from clients.models import Client, Plan
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


@pytest.fixture
def monthly(make_package: MakePackage) -> Package:
    return make_package(name="Mensual", term_count=1, term_unit="month")


def renew(client: Client, on: date, package: Package | None = None) -> Outcome:
    return lifecycle.renew(
        client, package=package, reference=factories.reference(), by=None, now=at(on)
    )


def ends_on(client: Client) -> date | None:
    return factories.fresh(client).expires_on


def anchor(client: Client) -> int | None:
    return factories.fresh(client).plan.anchor_day


def test_renewed_early_again_and_again_it_comes_back_to_its_day(
    make_client: MakeClient, monthly: Package
) -> None:
    """31 Oct → 30 Nov → 31 Dec → 31 Jan → 28 Feb → 31 Mar."""
    client = make_client(package=monthly, now=at(date(2026, 10, 31)))
    assert ends_on(client) == date(2026, 11, 30)
    for end in (
        date(2026, 12, 31),
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
    ):
        last = ends_on(client)
        assert last
        renew(client, last)  # its last day is still early
        assert ends_on(client) == end
    assert anchor(client) == 31


def test_renewed_all_at_once_it_is_the_same(
    make_client: MakeClient, monthly: Package
) -> None:
    day = date(2026, 10, 31)
    client = make_client(package=monthly, now=at(day))
    for _ in range(4):
        renew(client, day)
    assert ends_on(client) == date(2027, 3, 31)


def test_a_renewal_after_the_end_anchors_anew(
    make_client: MakeClient, monthly: Package
) -> None:
    client = make_client(package=monthly, now=at(date(2026, 10, 31)))
    renew(client, date(2026, 12, 5))
    assert (ends_on(client), anchor(client)) == (date(2027, 1, 5), 5)
    renew(client, date(2026, 12, 6))
    assert ends_on(client) == date(2027, 2, 5)


def test_29_february_comes_back_in_leap_years(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    yearly = make_package(name="Anual", term_count=1, term_unit="year")
    client = make_client(package=yearly, now=at(date(2028, 2, 29)))
    ends = [ends_on(client)]
    for _ in range(3):
        renew(client, date(2028, 2, 29))
        ends.append(ends_on(client))
    assert ends == [
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 28),
        date(2032, 2, 29),
    ]


def test_another_package_keeps_the_day(
    make_client: MakeClient, make_package: MakePackage, monthly: Package
) -> None:
    client = make_client(package=monthly, now=at(date(2026, 10, 31)))
    two = make_package(name="Bimestral", term_count=2, term_unit="month")
    renew(client, date(2026, 11, 1), two)
    assert ends_on(client) == date(2027, 1, 31)


def test_days_are_anchored_where_they_end(
    make_client: MakeClient, make_package: MakePackage, monthly: Package
) -> None:
    days = make_package(name="Días", term_count=30, term_unit="day")
    client = make_client(package=days, now=at(date(2026, 10, 31)))
    assert (ends_on(client), anchor(client)) == (date(2026, 11, 30), 30)
    renew(client, date(2026, 11, 1), monthly)
    assert ends_on(client) == date(2026, 12, 30)


def test_without_term_there_is_no_day(
    make_client: MakeClient, make_package: MakePackage, monthly: Package
) -> None:
    endless = make_package(name="Sin vigencia", term_count=None)
    client = make_client(package=endless, now=at(date(2026, 10, 31)))
    assert anchor(client) is None
    renew(client, date(2026, 11, 12), monthly)
    assert (ends_on(client), anchor(client)) == (date(2026, 12, 12), 12)


def test_the_preview_says_the_same(make_client: MakeClient, monthly: Package) -> None:
    client = make_client(package=monthly, now=at(date(2026, 10, 31)))
    said = lifecycle.plan_renewal(client, None, today=date(2026, 11, 2))
    renew(client, date(2026, 11, 2))
    assert said.expires_on == ends_on(client) == date(2026, 12, 31)


def test_editing_the_plan_keeps_the_day(
    make_client: MakeClient, monthly: Package
) -> None:
    client = make_client(package=monthly, now=at(date(2026, 10, 31)))
    lifecycle.edit_plan(client, changes={"contact_name": "Ana"}, by=None)
    assert anchor(client) == 31


# --- Plans from before ------------------------------------------------------------


@pytest.fixture
def backfill() -> Callable[[], None]:
    """What the migration does, of plans that have no day yet."""
    migration = import_module("clients.migrations.0010_anchor_day")

    def run() -> None:
        Plan.objects.update(anchor_day=None)
        with connection.cursor() as cursor:
            cursor.execute(migration.BACKFILL)

    return run


@pytest.mark.parametrize(
    ("begun", "renewals", "day"),
    [
        (date(2026, 10, 31), [], 31),
        (date(2026, 10, 31), [date(2026, 11, 2)], 31),
        (date(2026, 10, 31), [date(2026, 12, 5)], 5),
        (date(2026, 10, 31), [date(2026, 12, 5), date(2026, 12, 9)], 5),
        (date(2026, 11, 12), [date(2026, 11, 13)], 12),
        (date(2027, 1, 31), [], 31),
    ],
)
def test_plans_from_before_get_the_day_of_their_history(
    make_client: MakeClient,
    monthly: Package,
    backfill: Callable[[], None],
    begun: date,
    renewals: list[date],
    day: int,
) -> None:
    client = make_client(package=monthly, now=at(begun))
    for one in renewals:
        renew(client, one)
    assert anchor(client) == day
    backfill()
    assert anchor(client) == day


def test_a_day_that_has_drifted_comes_back(
    make_client: MakeClient, monthly: Package, backfill: Callable[[], None]
) -> None:
    client = make_client(package=monthly, now=at(date(2026, 10, 31)))
    Plan.objects.update(anchor_day=None)  # as it was renewed before
    renew(client, date(2026, 11, 2))
    assert ends_on(client) == date(2026, 12, 30)
    backfill()
    renew(client, date(2026, 11, 2))
    assert ends_on(client) == date(2027, 1, 31)


@pytest.mark.parametrize(
    "terms",
    [{"term_count": 30, "term_unit": "day"}, {"term_count": None}],
    ids=["days", "no term"],
)
def test_days_and_no_term_are_filled_in_too(
    make_client: MakeClient,
    make_package: MakePackage,
    backfill: Callable[[], None],
    terms: dict[str, Any],
) -> None:
    client = make_client(
        package=make_package(name="Otro", **terms), now=at(date(2026, 10, 31))
    )
    before = anchor(client)
    backfill()
    assert anchor(client) == before
