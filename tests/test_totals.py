"""Folios stamped and sold per day and per client: what counts, on which day, and that
all ways of adding them up agree."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from io import StringIO
from random import Random
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Reseller, User
from clients import lifecycle
from clients.management.commands import audit_ledger
from clients.models import Client, FolioLedger
from followup import totals
from followup.management.commands.audit_days import add_up
from followup.models import ResellerDay
from followup.months import Month
from followup.totals import Totals
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.environment import GENEROUS_SECONDS

MEXICO = ZoneInfo("America/Mexico_City")
OCTOBER = Month(date(2026, 10, 1))


def at(text: str, zone: ZoneInfo = MEXICO) -> datetime:
    """The moment `10-05 23:59` of 2026 in that zone."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=zone)


def stamp(client: Client, quantity: int, when: str, reference: str = "") -> None:
    lifecycle.consume(
        client,
        reference=reference or factories.reference(),
        quantity=quantity,
        now=at(when),
    )


def of(reseller: Reseller, since: str, now: str) -> dict[date, Totals]:
    first, last = (at(f"{day} 00:00").date() for day in (since, now.split()[0]))
    found = totals.by_day(reseller, first=first, last=last, now=at(now))
    return {day: one for day, one in found.items() if one != Totals()}


@pytest.fixture
def reseller(alicia: User) -> Reseller:
    assert alicia.reseller is not None
    return alicia.reseller


# ── What counts ───────────────────────────────────────────────────────────────────


def test_sold_is_what_was_bought_and_stamped_is_without_what_was_given_back(
    reseller: Reseller, make_package: MakePackage, soporte: User
) -> None:
    losing = make_package(name="Sin sobrantes", leftover_rule="lose")
    client = factories.make_client(package=losing, now=at("10-05 09:00"))
    stamp(client, 30, "10-05 10:00", "a")
    stamp(client, 5, "10-05 11:00", "b")
    ref = factories.reference
    now = at("10-05 12:00")
    lifecycle.reverse(client, reference="b", by=None, now=now)
    lifecycle.add_folios(client, quantity=50, reference=ref(), by=None, now=now)
    lifecycle.adjust(
        client, quantity=7, reason="Cortesía", reference=ref(), by=soporte, now=now
    )
    lifecycle.renew(client, reference=ref(), by=None, now=now)  # 127 expire
    kinds = set(client.entries.values_list("kind", flat=True))
    assert {"expiry", "adjustment", "reversal"} <= kinds
    assert of(reseller, "10-01", "10-05 13:00") == {
        date(2026, 10, 5): Totals(stamped=30, sold=100 + 50 + 100)
    }


def test_a_day_ends_at_the_midnight_of_the_reseller(beto: User) -> None:
    """At 23:59 in Tijuana it is already the next day in Mexico City and in UTC."""
    assert beto.reseller is not None
    package = factories.PackageFactory(reseller=beto.reseller)
    tijuana = beto.reseller.zone
    client = factories.make_client(package=package, now=at("10-05 23:59", tijuana))
    for when, quantity in (("10-05 23:59", 1), ("10-06 00:00", 2)):
        lifecycle.consume(
            client, reference=when, quantity=quantity, now=at(when, tijuana)
        )
    now = at("10-06 12:00", tijuana)
    found = totals.by_day(
        beto.reseller, first=OCTOBER.first, last=OCTOBER.last, now=now
    )
    assert found[date(2026, 10, 5)] == Totals(1, 100)
    assert found[date(2026, 10, 6)] == Totals(2, 0)


def test_what_is_given_back_later_is_taken_off_that_day(
    reseller: Reseller, make_client: MakeClient
) -> None:
    client = make_client(now=at("10-05 09:00"))
    stamp(client, 9, "10-05 10:00", "a")
    lifecycle.reverse(client, reference="a", by=None, now=at("10-07 10:00"))
    found = of(reseller, "10-01", "10-08 12:00")
    assert [found[date(2026, 10, day)].stamped for day in (5, 7)] == [9, -9]


def test_strangers_folios_are_not_counted(
    reseller: Reseller, make_client: MakeClient, beto: User
) -> None:
    factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller), now=at("10-05 09:00")
    )
    assert of(reseller, "10-01", "10-06 12:00") == {}
    assert not totals.by_client(beto, reseller, OCTOBER).exclude(reseller=beto.reseller)


# ── When a day is closed ──────────────────────────────────────────────────────────


def days_of(reseller: Reseller) -> list[str]:
    return [f"{row.day:%m-%d} {row.stamped} {row.sold}" for row in reseller.days.all()]


def test_a_day_is_kept_an_hour_after_its_end_and_empty_ones_too(
    reseller: Reseller, make_client: MakeClient
) -> None:
    client = make_client(now=at("10-05 09:00"))
    stamp(client, 3, "10-07 23:59")
    totals.close_days(reseller, at("10-08 00:59"))
    assert days_of(reseller) == ["10-05 0 100", "10-06 0 0"]
    totals.close_days(reseller, at("10-08 01:00"))
    assert days_of(reseller) == ["10-05 0 100", "10-06 0 0", "10-07 3 0"]


@pytest.mark.parametrize("now", ["10-08 00:30", "10-08 01:30"])
def test_what_is_not_kept_yet_is_counted(
    reseller: Reseller, make_client: MakeClient, now: str
) -> None:
    client = make_client(now=at("10-05 09:00"))
    stamp(client, 3, "10-07 23:59")
    stamp(client, 4, "10-08 00:10")
    found = of(reseller, "10-06", now)
    assert found == {date(2026, 10, 7): Totals(3), date(2026, 10, 8): Totals(4)}


def test_a_kept_day_is_not_counted_again(
    reseller: Reseller, make_client: MakeClient
) -> None:
    make_client(now=at("10-05 09:00"))
    totals.close_days(reseller, at("10-08 12:00"))
    ResellerDay.objects.filter(day=date(2026, 10, 5)).update(sold=7)
    assert of(reseller, "10-01", "10-08 12:00")[date(2026, 10, 5)].sold == 7


def test_a_reseller_without_clients_has_no_days(reseller: Reseller) -> None:
    assert totals.of_month(reseller, OCTOBER, timezone.now()) == Totals()
    assert not reseller.days.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_keep_each_day_once(
    reseller: Reseller, make_client: MakeClient
) -> None:
    stamp(make_client(now=at("09-01 09:00")), 3, "10-07 10:00")

    def look(_: int) -> dict[date, Totals]:
        try:
            return of(reseller, "09-01", "10-09 12:00")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        seen = list(people.map(look, range(4)))
    assert seen[1:] == seen[:-1]
    assert len(days_of(reseller)) == len(set(days_of(reseller))) == 38  # until 8 Oct
    assert add_up() == (38, [])


# ── Every way of adding them up ───────────────────────────────────────────────────


@pytest.fixture
def story(make_client: MakeClient) -> int:
    """Six clients with random stamps, reversals, additions and renewals from August."""
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    random = Random(seed)
    for _ in range(6):
        now = at(f"08-{random.randint(1, 28):02} 08:00")
        client = make_client(now=now)
        while (now := now + timedelta(hours=random.expovariate(1 / 60))) < at(
            "11-03 12:00"
        ):
            _something(client, random, now)
    return seed


def _something(client: Client, random: Random, now: datetime) -> None:
    ref = factories.reference()
    match random.choice(["stamp"] * 6 + ["add", "renew", "reverse"]):
        case "stamp":
            left = factories.fresh(client).balance
            if left:
                quantity = random.randint(1, min(left, 20))
                lifecycle.consume(client, reference=ref, quantity=quantity, now=now)
        case "add":
            lifecycle.add_folios(client, quantity=40, reference=ref, by=None, now=now)
        case "renew":
            lifecycle.renew(client, reference=ref, by=None, now=now)
        case "reverse":
            spent = client.entries.filter(kind="stamp", reversed_by=None).last()
            if spent:
                lifecycle.reverse(client, reference=spent.reference, by=None, now=now)


def by_hand(month: Month) -> Totals:
    """The totals of a month, added up entry by entry."""
    total = Totals()
    for entry in FolioLedger.objects.all():
        if Month.of(entry.created_at.astimezone(MEXICO).date()) != month:
            continue
        if entry.kind in {"stamp", "reversal"}:
            total += Totals(stamped=-entry.quantity)
        elif entry.kind in {"assignment", "renewal", "addition"}:
            total += Totals(sold=entry.quantity)
    return total


def test_days_clients_and_the_ledger_add_up_to_the_same(
    story: int, alicia: User, reseller: Reseller
) -> None:
    """Whether no day is stored yet, or half of them, or all but today."""
    now = at("11-03 12:00")
    for closed in ("08-01 12:00", "09-15 12:00", "11-03 12:00"):
        totals.close_days(reseller, at(closed))
        for number in range(4):
            month = Month(date(2026, 8, 1)) + number
            clients = totals.by_client(alicia, reseller, month)
            total = totals.of_month(reseller, month, now)
            rows = (Totals(one.stamped, int(one.sold)) for one in clients)
            assert total == sum(rows, Totals()) == by_hand(month)
    assert add_up()[1] == []


# ── The audit ─────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_the_audit_names_the_first_wrong_day_and_its_status_says_so(
    reseller: Reseller, make_client: MakeClient
) -> None:
    stamp(make_client(now=at("10-05 09:00")), 3, "10-07 10:00")
    totals.close_days(reseller, at("10-09 12:00"))
    out = StringIO()
    call_command("audit_days", stdout=out)
    assert out.getvalue() == "Días: 4. Todo cuadra.\n"
    ResellerDay.objects.filter(day__in=[date(2026, 10, 7), date(2026, 10, 8)]).update(
        stamped=5
    )
    out = StringIO()
    with pytest.raises(CommandError, match="No cuadran: 1"):
        call_command("audit_days", stdout=out)
    assert out.getvalue() == (
        "distribuidora-alicia, 07/10/2026: dice 5 timbrados y 0 vendidos; "
        "la suma es 3 y 0.\n"
    )


def test_a_missing_day_on_which_something_moved_is_found(
    reseller: Reseller, make_client: MakeClient
) -> None:
    make_client(now=at("10-05 09:00"))
    totals.close_days(reseller, at("10-09 12:00"))
    ResellerDay.objects.filter(day=date(2026, 10, 5)).delete()
    _, (wrong,) = add_up()
    assert re.search("05/10/2026: dice 0 .* la suma es 0 y 100", str(wrong))


# ── A clock that steps back ───────────────────────────────────────────────────────


def test_a_movement_dated_in_a_closed_day_reopens_it(
    reseller: Reseller, make_client: MakeClient
) -> None:
    client, other = (make_client(now=at("10-05 09:00")) for _ in range(2))
    stamp(client, 3, "10-07 23:59")
    totals.close_days(reseller, at("10-09 01:05"))
    assert days_of(reseller)[2:] == ["10-07 3 0", "10-08 0 0"]
    stamp(other, 4, "10-07 23:50")
    assert days_of(reseller)[2:] == []
    assert of(reseller, "10-07", "10-09 12:00") == {date(2026, 10, 7): Totals(7)}
    assert days_of(reseller)[2:] == ["10-07 7 0", "10-08 0 0"]
    assert add_up() == (4, [])


def test_what_is_sold_after_the_clock_stepped_back_is_counted_once(
    reseller: Reseller, make_client: MakeClient
) -> None:
    """The client has moved on the next day already, when the clock steps back."""
    client = make_client(now=at("10-05 09:00"))
    stamp(client, 3, "10-08 00:30")
    totals.close_days(reseller, at("10-08 01:05"))
    ref = factories.reference()
    lifecycle.add_folios(
        client, quantity=40, reference=ref, by=None, now=at("10-07 23:50")
    )
    stamp(client, 5, "10-07 23:55")
    found = of(reseller, "10-06", "10-09 12:00")
    assert found == {
        date(2026, 10, 7): Totals(sold=40),
        date(2026, 10, 8): Totals(stamped=8),
    }
    assert add_up()[1] == []


def test_a_movement_of_another_reseller_reopens_nothing(
    reseller: Reseller, make_client: MakeClient, beto: User
) -> None:
    make_client(now=at("10-05 09:00"))
    totals.close_days(reseller, at("10-09 12:00"))
    package = factories.PackageFactory(reseller=beto.reseller)
    factories.make_client(package=package, now=at("10-06 09:00"))
    assert len(days_of(reseller)) == 4


def test_days_after_a_gap_are_closed_again(
    reseller: Reseller, make_client: MakeClient
) -> None:
    stamp(make_client(now=at("10-05 09:00")), 3, "10-07 10:00")
    totals.close_days(reseller, at("10-10 12:00"))
    ResellerDay.objects.filter(day=date(2026, 10, 7)).delete()
    totals.close_days(reseller, at("10-10 12:00"))
    assert days_of(reseller)[2:] == ["10-07 3 0", "10-08 0 0", "10-09 0 0"]


@pytest.mark.django_db(transaction=True)
def test_a_movement_that_is_being_written_is_waited_for(
    reseller: Reseller, make_client: MakeClient
) -> None:
    client = make_client(now=at("10-05 09:00"))
    written, go_on = Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                stamp(client, 3, "10-07 23:59")
                written.set()
                go_on.wait(GENEROUS_SECONDS)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert written.wait(GENEROUS_SECONDS)
        totals.close_days(reseller, at("10-08 01:05"))
        assert not reseller.days.filter(is_counted=True).exists()
        go_on.set()
        writing.result()
    assert of(reseller, "10-07", "10-08 01:05") == {date(2026, 10, 7): Totals(3)}
    assert add_up() == (3, [])


def test_without_its_first_day_the_others_are_closed_again(
    reseller: Reseller, make_client: MakeClient
) -> None:
    """As a movement that reopens the first day leaves them, while others are closed."""
    make_client(now=at("10-05 09:00"))
    totals.close_days(reseller, at("10-09 12:00"))
    reseller.days.filter(day__lte=date(2026, 10, 6)).delete()
    found = totals.by_day(
        reseller, first=OCTOBER.first, last=OCTOBER.last, now=at("10-09 12:00")
    )
    assert found[date(2026, 10, 5)].sold == 100
    assert reseller.days.filter(is_counted=True).count() == 4
    assert add_up()[1] == []


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_steps_back_over_midnight_under_load_loses_nothing(
    reseller: Reseller, make_client: MakeClient, make_package: MakePackage
) -> None:
    """Each midnight the clock reaches 01:05 and steps back; meanwhile four threads
    stamp and sell, and one looks at the totals by a clock that is ahead."""
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    package = make_package(folios=100_000)
    clients = [make_client(package=package, now=at("10-05 09:00")) for _ in range(6)]
    moments = [
        at(f"10-{day + later:02} {hour}")
        for day in range(5, 11)
        for later, hour in ((0, "23:50"), (1, "00:10"), (0, "23:55"), (1, "01:05"))
    ] + [at("10-05 23:59"), at("10-09 23:59")]

    def move(number: int) -> None:
        random = Random(seed + number)
        try:
            for moment in moments:
                one, ref = random.choice(clients), factories.reference()
                lifecycle.consume(one, reference=ref, quantity=1, now=moment)
                if random.random() < 0.3:
                    ref = factories.reference()
                    lifecycle.add_folios(
                        one, quantity=1, reference=ref, by=None, now=moment
                    )
        finally:
            connection.close()

    def look() -> None:
        try:
            for moment in moments * 2:
                totals.close_days(reseller, moment + timedelta(hours=2))
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        moving = [pool.submit(move, number) for number in range(4)]
        looking = pool.submit(look)
        for one in (*moving, looking):
            one.result()
    assert audit_ledger.add_up().wrong == []
    # Who looks next closes again what a late movement left open.
    found = totals.by_day(
        reseller, first=OCTOBER.first, last=OCTOBER.last, now=at("10-20 12:00")
    )
    assert sum(one.stamped for one in found.values()) == 4 * len(moments)
    assert add_up()[1] == []
