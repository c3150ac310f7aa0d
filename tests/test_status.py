"""The rule of status: domain.md's table in Python and in SQL, which must agree."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Reseller
from clients import lifecycle
from clients.models import Client, Standing
from clients.status import Status, derive_status, true_statuses
from packages.models import Package, TermUnit
from tests import factories
from tests.cast import MakeClient, MakePackage

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)  # 12:00 in Mexico City
TODAY = date(2026, 11, 23)
SUSPENDED = {"no": None, "sí": datetime(2026, 1, 1, tzinfo=UTC)}
EXPIRES = {
    "none": None,
    "yesterday": TODAY - timedelta(days=1),
    "today": TODAY,
    "tomorrow": TODAY + timedelta(days=1),
}

# By hand from the table in domain.md: (suspended, expires, balance) → status.
TRUTH = {
    ("sí", "none", 0): "suspended",
    ("sí", "none", 1): "suspended",
    ("sí", "yesterday", 0): "suspended",
    ("sí", "yesterday", 1): "suspended",
    ("sí", "today", 0): "suspended",
    ("sí", "today", 1): "suspended",
    ("sí", "tomorrow", 0): "suspended",
    ("sí", "tomorrow", 1): "suspended",
    ("no", "yesterday", 0): "expired",
    ("no", "yesterday", 1): "expired",
    ("no", "none", 0): "exhausted",
    ("no", "today", 0): "exhausted",
    ("no", "tomorrow", 0): "exhausted",
    ("no", "none", 1): "active",
    ("no", "today", 1): "active",
    ("no", "tomorrow", 1): "active",
}


def test_the_table_holds_every_combination() -> None:
    assert set(TRUTH) == set(product(SUSPENDED, EXPIRES, (0, 1)))


@pytest.mark.parametrize(("facts", "status"), TRUTH.items())
def test_the_first_rule_that_matches_wins(
    facts: tuple[str, str, int], status: str
) -> None:
    suspended, expires, balance = facts
    derived = derive_status(
        suspended_at=SUSPENDED[suspended],
        expires_on=EXPIRES[expires],
        balance=balance,
        today=TODAY,
    )
    assert derived == status


@pytest.mark.parametrize("facts", TRUTH)
def test_the_secondary_facts_stand_behind_the_status(
    facts: tuple[str, str, int],
) -> None:
    suspended, expires, balance = facts
    statuses = true_statuses(
        suspended_at=SUSPENDED[suspended],
        expires_on=EXPIRES[expires],
        balance=balance,
        today=TODAY,
    )
    assert statuses[0] == TRUTH[facts]
    assert (Status.SUSPENDED in statuses) is (suspended == "sí")
    assert (Status.EXPIRED in statuses) is (expires == "yesterday")
    assert (Status.EXHAUSTED in statuses) is (balance == 0)
    assert statuses == sorted(statuses, key=list(Status).index)


@pytest.fixture
def every_client(
    make_client: MakeClient, make_package: MakePackage
) -> dict[tuple[str, str, int], Client]:
    """One client for each line of TRUTH, brought into its state by the verbs."""
    one_day = make_package(name="Un día", folios=1, term_count=1, term_unit="day")
    no_term = make_package(name="Sin vigencia", folios=1, term_count=None)
    clients = {}
    for facts in TRUTH:
        suspended, expires, balance = facts
        last_day = EXPIRES[expires]
        client = make_client(
            package=one_day if last_day else no_term,
            now=_noon_of(last_day - timedelta(days=1) if last_day else TODAY),
            exhausted=balance == 0,
        )
        assert client.expires_on == last_day
        if suspended == "sí":
            lifecycle.suspend(client, reason="No ha pagado", by=None, now=NOON)
        clients[facts] = factories.fresh(client)
    return clients


def _noon_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def test_sql_and_python_agree_over_every_combination(
    every_client: dict[tuple[str, str, int], Client],
) -> None:
    by_sql = dict(Standing.objects.with_status(TODAY).values_list("pk", "status_value"))
    for facts, client in every_client.items():
        assert by_sql[client.pk] == client.status_on(TODAY) == TRUTH[facts], facts


def test_sql_and_python_agree_on_every_day_around(
    every_client: dict[tuple[str, str, int], Client],
) -> None:
    for days in range(-3, 4):
        today = TODAY + timedelta(days=days)
        by_sql = dict(
            Standing.objects.with_status(today).values_list("pk", "status_value")
        )
        by_python = {c.pk: c.status_on(today) for c in every_client.values()}
        assert by_sql == by_python


def test_the_status_can_be_filtered_and_counted_in_sql(
    every_client: dict[tuple[str, str, int], Client],
) -> None:
    clients = Standing.objects.with_status(TODAY)
    for status in Status:
        expected = sum(value == status for value in TRUTH.values())
        assert clients.filter(status_value=status).count() == expected


def test_archived_is_not_a_status(make_client: MakeClient) -> None:
    client = make_client(expired=True, archived=True)
    today = client.reseller.local_date(datetime.now(UTC))
    assert client.status_on(today) is Status.EXPIRED
    row = Standing.objects.with_status(today).get()
    assert row.status_value == Status.EXPIRED


@pytest.mark.parametrize(
    ("zone", "last_instant"),
    [
        ("America/Mexico_City", datetime(2027, 2, 1, 5, 59, 59, tzinfo=UTC)),
        ("America/Tijuana", datetime(2027, 2, 1, 7, 59, 59, tzinfo=UTC)),
        ("America/Cancun", datetime(2027, 2, 1, 4, 59, 59, tzinfo=UTC)),
        ("America/Hermosillo", datetime(2027, 2, 1, 6, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_business_day_ends_at_midnight_of_the_resellers_zone(
    zone: str, last_instant: datetime
) -> None:
    reseller = Reseller(name="Zona", slug="zona", time_zone=zone)
    last_day = date(2027, 1, 31)
    assert reseller.local_date(last_instant) == last_day
    assert reseller.local_date(last_instant + timedelta(seconds=1)) > last_day
    assert last_instant.astimezone(ZoneInfo(zone)).time().hour == 23


def test_at_the_same_instant_two_zones_may_be_on_two_days(
    make_client: MakeClient, beto: object
) -> None:
    instant = datetime(2027, 2, 1, 6, 30, tzinfo=UTC)  # 00:30 there, 22:30 in Tijuana
    month = {"term_count": 1, "term_unit": TermUnit.MONTH}
    created = datetime(2026, 12, 31, 20, tzinfo=UTC)
    here = make_client(package=_package_of("distribuidora-alicia", month), now=created)
    there = make_client(package=_package_of("timbres-beto", month), now=created)
    assert here.expires_on == there.expires_on == date(2027, 1, 31)
    statuses = [c.status_on(c.reseller.local_date(instant)) for c in (here, there)]
    assert statuses == [Status.EXPIRED, Status.ACTIVE]


def _package_of(slug: str, terms: dict[str, object]) -> Package:
    reseller = Reseller.objects.get(slug=slug)
    return factories.PackageFactory(reseller=reseller, **terms)


@pytest.mark.parametrize(
    ("status", "label", "slug"),
    [
        (Status.SUSPENDED, "suspendido", "suspendido"),
        (Status.EXPIRED, "expirado", "expirado"),
        (Status.EXHAUSTED, "folios agotados", "folios-agotados"),
        (Status.ACTIVE, "activo", "activo"),
    ],
)
def test_each_status_has_its_spanish_name_and_its_name_in_a_url(
    status: Status, label: str, slug: str
) -> None:
    assert (status.label, status.slug) == (label, slug)
