"""At the second at which a day ends in the reseller's zone the chips, the list, Inicio
and Seguimiento say the same as before it and after it, though no job has run."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser

from accounts.models import Reseller
from clients import lifecycle
from clients.forecast import keeping
from clients.models import Client
from clients.status import Status
from tests import factories
from tests.test_keeping import with_very_many  # noqa: F401

DAY = date(2027, 3, 10)
SECOND = timedelta(seconds=1)
LIST, HOME, TRAY = "/clientes/", "/", "/seguimiento/"


@pytest.fixture(params=["America/Mexico_City", "America/Tijuana"])
def midnight(request: pytest.FixtureRequest) -> datetime:
    """The end of DAY in a zone, in which the reseller is."""
    following = DAY + timedelta(days=1)
    zone = ZoneInfo(request.param)
    begins = datetime(following.year, following.month, following.day, tzinfo=zone)
    return begins.astimezone(UTC)


@pytest.fixture
def reseller(db: None, request: pytest.FixtureRequest) -> Reseller:
    zone = request.node.callspec.params["midnight"]
    return factories.ResellerFactory(time_zone=zone)


@pytest.fixture
def as_owner(reseller: Reseller, midnight: datetime) -> Browser:
    browser = Browser()
    with time_machine.travel(midnight - 2 * SECOND, tick=False):
        browser.force_login(factories.UserFactory(reseller=reseller))
    return browser


@pytest.fixture
def clients(reseller: Reseller, midnight: datetime) -> dict[str, Client]:
    """One whose last day is DAY, one that ends a day later, one without folios and one
    that is suspended."""
    made = {}
    for name, days in {"hoy": 30, "mañana": 31, "sin folios": 90, "no": 90}.items():
        package = factories.PackageFactory(
            reseller=reseller,
            term_count=days,
            term_unit="day",
            name=f"De {days} {name}",
        )
        since = midnight - timedelta(days=30, hours=12)
        made[name] = factories.make_client(package=package, now=since)
    assert made["hoy"].expires_on == DAY
    soon = midnight - timedelta(days=1)
    lifecycle.consume(
        made["sin folios"],
        reference="F-1",
        quantity=made["sin folios"].account.balance,
        now=soon,
    )
    lifecycle.suspend(made["no"], reason="No ha pagado", by=None, now=soon)
    return made


def seen(browser: Browser, moment: datetime) -> dict[Status, set[int]]:
    """Who has each status on that second. Chips, lists and Inicio must agree."""
    with time_machine.travel(moment, tick=False):
        chips = browser.get(LIST).context["filter"].chips
        listed = {}
        for chip in chips:
            rows = browser.get(LIST, {"estatus": chip.status.slug}).context["rows"]
            assert {row.badge.label for row in rows} <= {chip.status.label}
            assert chip.count == len(rows)
            listed[chip.status] = {row.client.pk for row in rows}
        home = browser.get(HOME).context["home"]
        assert [card.number for card in home.statuses] == [one.count for one in chips]
        in_tray = {row.client.pk for row in browser.get(TRAY).context["tray"].rows}
        first = {row.client.pk for row in browser.get(HOME).context["tray"].rows}
        assert first == in_tray != set()
        for row in browser.get(TRAY).context["tray"].rows:
            [status] = [one for one, pks in listed.items() if row.client.pk in pks]
            assert row.row.badge.label == status.label
    return listed


@pytest.mark.parametrize("has_very_many", [False, True])
def test_everything_agrees_on_both_sides_of_midnight(
    as_owner: Browser,
    clients: dict[str, Client],
    midnight: datetime,
    reseller: Reseller,
    has_very_many: bool,
    request: pytest.FixtureRequest,
) -> None:
    if has_very_many:
        # What depends on the pace is of a moment before it, and stays so.
        before = midnight - timedelta(minutes=1)
        keeping.refresh_all(reseller, DAY, before)
        request.getfixturevalue("with_very_many")
    today, tomorrow = clients["hoy"].pk, clients["mañana"].pk
    always = {
        Status.EXHAUSTED: {clients["sin folios"].pk},
        Status.SUSPENDED: {clients["no"].pk},
    }
    assert seen(as_owner, midnight - SECOND) == {
        Status.ACTIVE: {today, tomorrow},
        Status.EXPIRED: set(),
        **always,
    }
    after = {Status.ACTIVE: {tomorrow}, Status.EXPIRED: {today}, **always}
    assert seen(as_owner, midnight) == after
    # A clock that steps back is believed, too.
    assert seen(as_owner, midnight - SECOND)[Status.ACTIVE] == {today, tomorrow}
