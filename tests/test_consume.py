"""Stamping (domain.md): every stamped CFDI spends a folio, if the client may stamp at
that instant. For midnight the clock is moved; no `now` is passed to the verb."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import User
from clients import lifecycle, refusals
from clients.ledger import InsufficientFolios, ReferenceConflict
from clients.models import Client, EntryKind
from packages.models import Package
from tests import factories
from tests.cast import MakeClient

MEXICO_CITY = ZoneInfo("America/Mexico_City")
TIJUANA = ZoneInfo("America/Tijuana")


def test_a_stamp_spends_one_folio(clara: Client, alicia: User) -> None:
    posted = lifecycle.consume(clara, reference="F-1", by=alicia)
    entry = clara.entries.latest("seq")
    assert posted.entry == entry
    assert not posted.is_repeat
    assert (entry.kind, entry.quantity, entry.balance_after) == ("stamp", -1, 99)
    assert (entry.reference, entry.by) == ("F-1", alicia)
    assert factories.fresh(clara).balance == 99


def test_several_folios_can_be_spent_under_one_reference(clara: Client) -> None:
    assert lifecycle.consume(clara, reference="F-1", quantity=7).entry.quantity == -7
    assert factories.fresh(clara).balance == 93


def test_a_stamp_writes_no_event(clara: Client) -> None:
    lifecycle.consume(clara, reference="F-1")
    assert clara.events.count() == 1


@pytest.mark.parametrize(
    ("state", "refusal", "code", "words"),
    [
        (
            {"suspended": True},
            refusals.ClientSuspended,
            "client_suspended",
            "Empresa está suspendido y no puede timbrar.",
        ),
        (
            {"expired": True, "now": datetime(2024, 1, 1, 18, tzinfo=UTC)},
            refusals.PackageExpired,
            "package_expired",
            "La vigencia de Empresa terminó el 01/01/2025.",
        ),
        (
            {"exhausted": True},
            InsufficientFolios,
            "folios_exhausted",
            "No quedan folios.",
        ),
        (
            {"archived": True},
            refusals.ClientArchived,
            "client_archived",
            "Empresa está archivado. Restáurelo primero.",
        ),
        (
            {"suspended": True, "expired": True, "exhausted": True},
            refusals.ClientSuspended,
            "client_suspended",
            "Empresa está suspendido y no puede timbrar.",
        ),
        (
            {"expired": True, "exhausted": True},
            refusals.PackageExpired,
            "package_expired",
            None,
        ),
    ],
)
def test_who_may_not_stamp_is_told_why(
    make_client: MakeClient,
    state: dict[str, Any],
    refusal: type[Exception],
    code: str,
    words: str | None,
) -> None:
    client = make_client(legal_name="Empresa", **state)
    before = factories.fresh(client).balance
    with pytest.raises(refusal) as caught:
        lifecycle.consume(client, reference="F-1")
    assert caught.value.code == code
    if words is not None:
        assert str(caught.value) == words
    assert factories.fresh(client).balance == before


# --- A retry gets its result before the status is checked -----------------------


@pytest.mark.parametrize("end", ["suspend", "archive", "expire", "exhaust"])
def test_what_was_stamped_stays_stamped_whatever_happened_since(
    clara: Client, end: str
) -> None:
    first = lifecycle.consume(clara, reference="F-1")
    if end in {"suspend", "archive"}:
        lifecycle.suspend(clara, reason="No ha pagado", by=None)
    if end == "archive":
        lifecycle.archive(clara, by=None)
    if end == "exhaust":
        lifecycle.consume(clara, reference="F-2", quantity=99)
    later = datetime(2050, 1, 1, tzinfo=UTC) if end == "expire" else None
    balance = factories.fresh(clara).balance
    again = lifecycle.consume(clara, reference="F-1", now=later)
    assert again.is_repeat
    assert again.entry == first.entry
    assert factories.fresh(clara).balance == balance


def test_a_conflict_is_said_before_the_status_too(clara: Client) -> None:
    lifecycle.consume(clara, reference="F-1")
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    with pytest.raises(ReferenceConflict):
        lifecycle.consume(clara, reference="F-1", quantity=2)


# --- Midnight -------------------------------------------------------------------

# The last usable day, and in UTC its last second and the first instant of the next day
# in that zone. Tijuana has daylight saving time: 14 March 2027 has 23 hours there,
# 7 November 25.
MIDNIGHTS = [
    (MEXICO_CITY, date(2027, 1, 31), "2027-02-01 05:59:59", "2027-02-01 06:00:00"),
    (MEXICO_CITY, date(2027, 7, 31), "2027-08-01 05:59:59", "2027-08-01 06:00:00"),
    (TIJUANA, date(2027, 1, 31), "2027-02-01 07:59:59", "2027-02-01 08:00:00"),
    (TIJUANA, date(2027, 7, 31), "2027-08-01 06:59:59", "2027-08-01 07:00:00"),
    (TIJUANA, date(2027, 3, 13), "2027-03-14 07:59:59", "2027-03-14 08:00:00"),
    (TIJUANA, date(2027, 3, 14), "2027-03-15 06:59:59", "2027-03-15 07:00:00"),
    (TIJUANA, date(2027, 11, 7), "2027-11-08 07:59:59", "2027-11-08 08:00:00"),
    (TIJUANA, date(2028, 2, 29), "2028-03-01 07:59:59", "2028-03-01 08:00:00"),
]


@pytest.fixture
def client_until(db: None) -> Callable[[ZoneInfo, date], Client]:
    """A client of a reseller in that zone, whose last usable day is the given one."""

    def make(zone: ZoneInfo, last_day: date) -> Client:
        reseller = factories.ResellerFactory(time_zone=zone.key)
        package: Package = factories.PackageFactory(reseller=reseller, term_count=2)
        created = last_day.replace(year=last_day.year - 2, day=min(last_day.day, 28))
        days = (last_day - created).days
        package.term_count, package.term_unit = days, "day"
        package.save()
        noon = datetime(created.year, created.month, created.day, 12, tzinfo=zone)
        return factories.make_client(package=package, now=noon)

    return make


@pytest.mark.parametrize(("zone", "last_day", "last_second", "midnight"), MIDNIGHTS)
def test_the_client_stamps_until_the_last_second_of_the_day_and_not_at_midnight(
    client_until: Callable[[ZoneInfo, date], Client],
    zone: ZoneInfo,
    last_day: date,
    last_second: str,
    midnight: str,
) -> None:
    client = client_until(zone, last_day)
    assert client.expires_on == last_day
    for instant, usable in [(last_second, True), (midnight, False)]:
        moment = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        local = moment.astimezone(zone)
        assert (local.date() == last_day) is usable
        assert f"{local:%H:%M:%S}" == ("23:59:59" if usable else "00:00:00")
        with time_machine.travel(moment, tick=False):
            if usable:
                assert not lifecycle.consume(client, reference=instant).is_repeat
            else:
                with pytest.raises(refusals.PackageExpired):
                    lifecycle.consume(client, reference=instant)
    assert client.entries.filter(kind=EntryKind.STAMP).count() == 1


def test_the_last_microsecond_is_still_the_day(
    client_until: Callable[[ZoneInfo, date], Client],
) -> None:
    client = client_until(TIJUANA, date(2027, 1, 31))
    with time_machine.travel(
        datetime(2027, 1, 31, 23, 59, 59, 999_999, tzinfo=TIJUANA), tick=False
    ):
        assert not lifecycle.consume(client, reference="F-1").is_repeat


def test_a_client_without_term_stamps_for_ever(
    make_client: MakeClient, make_package: Callable[..., Package]
) -> None:
    client = make_client(package=make_package(name="Sin vigencia", term_count=None))
    with time_machine.travel(datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)):
        assert not lifecycle.consume(client, reference="F-1").is_repeat


def test_renewed_at_midnight_the_client_stamps_on(
    client_until: Callable[[ZoneInfo, date], Client],
) -> None:
    client = client_until(MEXICO_CITY, date(2027, 1, 31))
    with time_machine.travel(datetime(2027, 2, 1, tzinfo=MEXICO_CITY), tick=False):
        with pytest.raises(refusals.PackageExpired):
            lifecycle.consume(client, reference="F-1")
        lifecycle.renew(client, reference="llave", by=None)
        assert not lifecycle.consume(client, reference="F-1").is_repeat
