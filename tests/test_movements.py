"""The movements of a client by day: every group equals a replay of the whole history,
and a page costs the same however long that is.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from clients import lifecycle
from clients.models import Client, EntryKind
from clients.movements.asked import CHANGES, KINDS, Asked
from clients.movements.days import Day, Tally
from clients.movements.reader import DAYS, INLINE, day_of_records, movements_of
from tests import factories
from tests.cast import MakeClient
from tests.hostile_requests import VALUES

START = datetime(2026, 8, 3, 18, tzinfo=UTC)  # noon in Mexico City
TODAY = datetime(2026, 11, 28, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client(now=START)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def day(days: int) -> date:
    return (START + timedelta(days=days)).date()


def url(client: Client) -> str:
    return reverse("clients:statement", args=[client.public_id])


def get(browser: Browser, client: Client, **query: object) -> str:
    return browser.get(url(client), query).content.decode()


def lines(html: str) -> list[str]:
    """The lines of the days as they are read, without the records."""
    found = re.findall(r"<summary>(.*?)</summary>", html, re.DOTALL)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", line).split())
        for line in found
        if "when" in line
    ]


def live(client: Client, seed: int) -> None:
    """A random story of four months, through the verbs."""
    chance, moment = random.Random(seed), START  # noqa: S311
    for number in range(160):
        moment += timedelta(hours=chance.choice((0, 0, 1, 5, 30, 60)))
        match chance.randrange(12):
            case 0:
                lifecycle.add_note(client, text=f"Nota {number}", by=None, now=moment)
            case 1:
                lifecycle.add_folios(
                    client, quantity=9, reference=f"a{number}", by=None, now=moment
                )
            case 2:
                key = f"r{number}"
                lifecycle.renew(client, reference=key, by=None, now=moment)
            case 3:
                lifecycle.suspend(client, reason="Debe", by=None, now=moment)
                lifecycle.activate(client, by=None, now=moment + timedelta(minutes=5))
            case 4:
                for one in client.entries.filter(
                    kind=EntryKind.STAMP, reversed_by=None
                )[:1]:
                    assert one.reference
                    lifecycle.reverse(
                        client, reference=one.reference, by=None, now=moment
                    )
            case _:
                if factories.fresh(client).balance:
                    lifecycle.consume(client, reference=f"s{number}", now=moment)


def replayed(client: Client, kind: str = "") -> list[tuple[date, int, list[int]]]:
    """Each day with what it moved and the numbers of its records, newest first."""
    by_day: dict[date, tuple[int, list[int]]] = defaultdict(lambda: (0, []))
    records: list[Any] = [*client.entries.all(), *client.events.all()]
    for record in sorted(records, key=lambda one: -one.seq):
        is_entry = hasattr(record, "quantity")
        wanted = {"": True, CHANGES: not is_entry}
        if wanted.get(kind, is_entry and record.kind == KINDS.get(kind)):
            on = client.reseller.local_date(record.created_at)
            moved, numbers = by_day[on]
            folios = record.quantity if is_entry else 0
            by_day[on] = moved + folios, [*numbers, record.seq]
    return [(on, *by_day[on]) for on in sorted(by_day, reverse=True)]


def all_days(client: Client, **asked: Any) -> list[Day]:
    """The days of all pages."""
    days: list[Day] = []
    before = None
    while True:
        page = movements_of(client, Asked(**asked, before=before))
        days += page.days
        if page.older is None:
            return days
        before = page.older


def numbers_of(client: Client, one: Day, kind: str) -> list[int]:
    """Of a day whose records are not on the page, those that it fetches."""
    records = list(one.records or ())
    older = one.older
    if one.records is None:
        read = day_of_records(client, Asked(kind=kind, day=one.day))
        records, older = list(read.records or ()), read.older
    while older:
        read = day_of_records(client, Asked(kind=kind, day=one.day, number=older))
        records += read.records or ()
        older = read.older
    return [record.seq for record in records]


# ── The groups ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", [1, 2])
def test_the_days_equal_a_replay_of_the_whole_history(
    client: Client, seed: int
) -> None:
    print(f"seed {seed}")
    live(client, seed)
    client = factories.fresh(client)
    for kind in ("", CHANGES, *KINDS):
        days = all_days(client, kind=kind)
        shown = [(d.day, d.change, numbers_of(client, d, kind)) for d in days]
        assert shown == replayed(client, kind), kind
        ends = {
            client.reseller.local_date(entry.created_at): entry.balance_after
            for entry in client.entries.order_by("seq")
        }
        for one in days:
            if one.balance is not None and one.day in ends:
                assert one.balance == ends[one.day]


def test_a_day_is_told_in_a_line_and_opens_to_its_references(
    as_alicia: Browser, client: Client
) -> None:
    for number in range(2):
        lifecycle.consume(client, reference=f"CFDI-{number}", now=at(10))
    lifecycle.add_folios(
        client, quantity=50, reference="k", reason="Pidió más", by=None, now=at(12)
    )
    lifecycle.consume(client, reference="CFDI-9", quantity=3, now=at(12))
    lifecycle.suspend(client, reason="Debe agosto", by=None, now=at(12))
    html = get(as_alicia, client)
    assert lines(html) == [
        "15 ago 2026 3 timbrados −3 · 1 recarga +50 · suspendido +47 saldo 145",
        "13 ago 2026 2 timbrados −2 saldo 98",
        "3 ago 2026 1 asignación · alta +100 saldo 100",
    ]
    for text in ("CFDI-0", "CFDI-1", "CFDI-9", "Pidió más", "Debe agosto"):
        assert text in html


def test_the_day_on_which_they_ran_out_is_marked(
    as_alicia: Browser, client: Client
) -> None:
    lifecycle.consume(client, reference="all", quantity=100, now=at(20))
    assert lines(get(as_alicia, client))[0].endswith("saldo 0 Se agotaron")


def test_a_day_is_that_of_the_reseller_and_not_of_london(client: Client) -> None:
    late = datetime(2026, 9, 2, 5, 59, tzinfo=UTC)  # 23:59 of 1 September
    lifecycle.consume(client, reference="a", now=late)
    lifecycle.consume(client, reference="b", now=late + timedelta(minutes=1))
    days = movements_of(client, Asked()).days
    assert [one.day for one in days[:2]] == [date(2026, 9, 2), date(2026, 9, 1)]
    assert [one.change for one in days[:2]] == [-1, -1]


def test_many_days_come_in_pages_without_a_gap(
    as_alicia: Browser, client: Client
) -> None:
    for number in range(2 * DAYS):
        lifecycle.consume(client, reference=f"{number}", now=at(number + 1))
    first = get(as_alicia, client)
    assert len(lines(first)) == DAYS
    older = re.search(r'antes=([\d-]+)"', first)
    assert older is not None
    second = get(as_alicia, client, antes=older[1])
    assert "Lo más reciente" in second
    seen = [line.split(" 1 timbrado")[0] for line in lines(first) + lines(second)]
    assert len(set(seen)) == 2 * DAYS


def test_a_long_day_fetches_its_records_and_goes_on_in_pages(
    as_alicia: Browser, client: Client
) -> None:
    for number in range(INLINE + 5):
        lifecycle.add_folios(
            client, quantity=1, reference=f"k{number}", by=None, now=at(5)
        )
    html = get(as_alicia, client)
    assert f'hx-get="{url(client)}?dia=2026-08-08"' in html
    assert "k104" not in html
    headers = {"HX-Request": "true", "HX-Target": "day-2026-08-08"}
    part = as_alicia.get(url(client), {"dia": "2026-08-08"}, headers=headers)
    text = part.content.decode()
    assert text.strip().startswith('<div id="day-2026-08-08"')
    assert "<html" not in text
    assert "HX-Request" in part["Vary"]
    # Without HTMX the same address is the whole page with that day open.
    whole = get(as_alicia, client, dia="2026-08-08")
    assert re.search(r'<details class="day" id="d-2026-08-08" open>', whole)
    assert text.count(">12:00<") == whole.count(">12:00<") == 50
    rest = re.search(r'href="([^"]*num=\d+)#', text)
    assert rest is not None
    older = as_alicia.get(rest[1].replace("&amp;", "&")).content.decode()
    assert "Lo último del día" in older


# ── Finding ───────────────────────────────────────────────────────────────────────


def test_a_month_says_why_the_folios_ran_out(
    as_alicia: Browser, client: Client
) -> None:
    lifecycle.consume(client, reference="a", quantity=55, now=at(40))
    lifecycle.consume(client, reference="b", quantity=30, now=at(60))  # 2 October
    lifecycle.consume(client, reference="c", quantity=15, now=at(74))  # 16 October
    html = get(as_alicia, client, fecha_desde="2026-10-01", fecha_hasta="2026-10-31")
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Saldo 45 0 : 45 timbrados." in text
    assert "Se agotaron el 16 oct 2026 ." in text
    assert lines(html) == [
        "16 oct 2026 15 timbrados −15 saldo 0 Se agotaron",
        "2 oct 2026 30 timbrados −30 saldo 15",
    ]
    assert 'aria-current="true">oct 2026</a>' in html


def test_the_way_to_october_is_three_clicks_from_the_list(
    as_alicia: Browser, client: Client
) -> None:
    lifecycle.consume(client, reference="c", quantity=100, now=at(74))
    page = as_alicia.get("/clientes/").content.decode()
    steps = []
    for pattern in (
        rf'href="({client.get_absolute_url()})"',
        rf'href="({url(client)})"[^>]*>Movimientos',
        r'href="([^"]*)"[^>]*>oct 2026',
    ):
        found = re.search(pattern, page)
        assert found is not None, pattern
        steps.append(found[1].replace("&amp;", "&"))
        page = as_alicia.get(steps[-1]).content.decode()
    assert "Se agotaron el" in page
    assert len(steps) == 3


def test_a_day_is_jumped_to_and_opened(as_alicia: Browser, client: Client) -> None:
    for number in range(5):
        lifecycle.consume(client, reference=f"{number}", now=at(number * 10 + 1))
    html = get(as_alicia, client, dia=day(21))
    assert lines(html)[0].startswith("24 ago 2026 1 timbrado")
    assert html.count('<details class="day"') == 4
    assert re.search(rf'id="d-{day(21)}" open>', html)
    none = get(as_alicia, client, dia=day(25))
    assert "El 28 ago 2026 no hubo nada que mostrar. Lo anterior:" in none
    assert lines(none)[0].startswith("24 ago 2026")


def test_kinds_are_filtered_and_the_filter_is_taken_off(
    as_alicia: Browser, client: Client
) -> None:
    lifecycle.consume(client, reference="a", now=at(10))
    lifecycle.add_note(client, text="Paga los 15", by=None, now=at(10))
    lifecycle.add_folios(client, quantity=5, reference="k", by=None, now=at(11))
    assert lines(get(as_alicia, client, clase="recarga")) == [
        "14 ago 2026 1 recarga +5 saldo 104"
    ]
    assert lines(get(as_alicia, client, clase="timbrado")) == [
        "13 ago 2026 1 timbrado −1 saldo 99"
    ]
    html = get(as_alicia, client, clase="cambios")
    assert lines(html) == ["13 ago 2026 nota", "3 ago 2026 alta"]
    assert f'<a href="{url(client)}?">Quitar filtros</a>' in html
    assert "Quitar filtros" not in get(as_alicia, client)
    empty = get(as_alicia, client, clase="ajuste")
    assert "No hay nada que mostrar con estos filtros." in empty


@pytest.mark.parametrize(
    "name", ["clase", "fecha_desde", "fecha_hasta", "dia", "antes", "num", "desde"]
)
def test_what_cannot_be_read_was_not_asked_for(
    as_alicia: Browser, client: Client, name: str
) -> None:
    for value in VALUES.values():
        text = value.decode("latin-1").replace("\0", "")
        response = as_alicia.get(url(client), {name: text[:3_000]})
        assert response.status_code == 200, value
        assertContains(response, "1 asignación")


def test_the_address_holds_no_day_before_the_panel_or_after_its_time() -> None:
    for text in ("1999-12-31", "2100-01-01", "9999-12-31", "2026-W01-1", "20261016"):
        assert Asked.of(QueryDict(f"dia={text}")).day is None


def test_markup_in_a_reason_or_reference_stays_text(
    as_alicia: Browser, client: Client
) -> None:
    lifecycle.add_note(client, text="<img src=x onerror=alert(1)>", by=None)
    lifecycle.consume(client, reference="<img src=x>", now=timezone.now())
    assertNotContains(as_alicia.get(url(client)), "<img")


# ── What a page costs ─────────────────────────────────────────────────────────────


def test_a_page_costs_the_same_queries_for_1_stamp_and_for_50(
    as_alicia: Browser,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    lifecycle.consume(client, reference="first", now=at(0.1))
    with django_assert_num_queries(12):
        get(as_alicia, client)
    for number in range(50):
        lifecycle.consume(client, reference=f"{number}", now=at(number + 1))
    with django_assert_num_queries(12):
        get(as_alicia, client)


def test_no_statement_of_a_page_reads_the_history_of_stamps(
    as_alicia: Browser, client: Client
) -> None:
    """Each reads a page at most, by the plan that PostgreSQL makes for it."""
    lifecycle.add_folios(client, quantity=5_000, reference="k", by=None, now=at(1))
    for number in range(20):
        for hour in range(15):
            reference = f"{number}-{hour}"
            lifecycle.consume(
                client, reference=reference, now=at(number + 2 + hour / 24)
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE clients_folioledger; SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        page = movements_of(client, Asked())
    assert page.days
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        if "clients_folioledger" in plan:
            read = [int(float(n)) for n in re.findall(r"actual .*rows=([\d.]+)", plan)]
            assert max(read) <= INLINE + 1, plan


def test_a_tally_says_how_often_in_spanish() -> None:
    said = [Tally.of_entries(kind, 2, 5).label for kind in EntryKind]
    assert said == [
        "2 asignaciones",
        "2 renovaciones",
        "2 recargas",
        "2 timbrados",
        "2 reversos",
        "2 vencimientos",
        "2 retiros",
        "2 ajustes",
    ]
