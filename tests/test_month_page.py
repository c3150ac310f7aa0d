"""The month page: who stamped and bought, the total of all pages, other months."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.http import StreamingHttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from clients import lifecycle
from clients.models import Client
from followup.months import Month
from tests import factories
from tests.cast import MakeClient

URL = reverse("followup:month")
HX = {"HX-Request": "true", "HX-Target": "month"}
# Session, user, reseller; the count, the page; the last stored day, the stored days,
# today's stamped and sold.
QUERIES = 11
ROW = re.compile(
    r'<td class="c-name"[^>]*>(?:<a [^>]*>)?(.*?)<.*?"Timbrados">([\d,-]+)<'
    r'.*?"Vendidos">([\d,-]+)<',
    re.DOTALL,
)


def rows(response: object) -> list[tuple[str, str, str]]:
    """Name, stamped and sold of each row; the last row is the total."""
    return ROW.findall(response.content.decode())  # type: ignore[attr-defined]


def stamp(client: Client, quantity: int, now: datetime | None = None) -> None:
    ref = factories.reference()
    lifecycle.consume(client, reference=ref, quantity=quantity, now=now)


def test_who_stamped_most_comes_first_and_the_total_is_last(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for name, quantity in (("Poco SA", 1), ("Mucho SA", 90), ("Nada SA", 0)):
        client = make_client(legal_name=name)
        if quantity:
            stamp(client, quantity)
    assert rows(as_alicia.get(URL)) == [
        ("Mucho SA", "90", "100"),
        ("Poco SA", "1", "100"),
        ("Nada SA", "0", "100"),
        ("Total del mes", "91", "300"),
    ]


def test_another_month_is_asked_for_by_its_name(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    """It shows only clients and movements of that month."""
    last = Month.of(timezone.localdate()) + -1
    midnight = timezone.make_aware(datetime.combine(last.last, datetime.min.time()))
    early = make_client(legal_name="Antigua SA", now=midnight - timedelta(days=20))
    stamp(early, 7, now=midnight)
    stamp(early, 50)
    make_client(legal_name="Nueva SA")
    response = as_alicia.get(URL, {"mes": str(last)})
    assert rows(response) == [("Antigua SA", "7", "100"), ("Total del mes", "7", "100")]
    assertContains(response, f"Folios de {last.name}")


def test_an_archived_client_still_counts_and_says_what_it_is(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    make_client(legal_name="Ida SA", archived=True)
    response = as_alicia.get(URL)
    assert rows(response)[0] == ("Ida SA", "0", "100")
    assertContains(response, "archivado")


def test_the_total_is_that_of_all_pages(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for _ in range(51):
        make_client()
    first, second = (rows(as_alicia.get(URL, {"pagina": n})) for n in (1, 2))
    assert (len(first), len(second)) == (51, 2)
    assert first[-1] == second[-1] == ("Total del mes", "0", "5,100")
    assert not set(first[:-1]) & set(second[:-1])


def test_htmx_gets_the_table_alone(as_alicia: Browser, clara: Client) -> None:
    response = as_alicia.get(URL, headers=HX)
    assertNotContains(response, "<html")
    assertContains(response, 'id="month"')


def test_the_neighbours_are_one_click_away_and_the_future_is_not(
    as_alicia: Browser, clara: Client
) -> None:
    this = Month.of(timezone.localdate())
    response = as_alicia.get(URL)
    assertContains(response, f'rel="prev" href="{(this + -1).url}"')
    assertNotContains(response, 'rel="next"')
    response = as_alicia.get((this + -1).url)
    assertContains(response, f'rel="next" href="{this.url}"')


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-1", "1999-12", "2099-12", "x", "2026-11-01", "²026-11"]
)
def test_a_month_that_is_none_does_not_exist(
    as_alicia: Browser, clara: Client, month: str
) -> None:
    assert as_alicia.get(URL, {"mes": month}).status_code == 404
    url = reverse("followup:month_csv")
    assert as_alicia.get(url, {"mes": month}).status_code == 404


def test_a_month_in_which_nothing_moved_says_so(as_alicia: Browser) -> None:
    response = as_alicia.get(URL)
    assertContains(response, "Nadie timbró ni compró folios")
    assertNotContains(response, "mes.csv")


def test_the_csv_has_every_row_and_no_formula(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    stamp(make_client(legal_name="=SUM(A1)", rfc="EKU9003173C9"), 3)
    make_client(legal_name="Otra SA", rfc="URE180429TM6")
    this = Month.of(timezone.localdate())
    response = as_alicia.get(reverse("followup:month_csv"), {"mes": str(this)})
    assert isinstance(response, StreamingHttpResponse)
    assert b"".join(response).decode("utf-8-sig").splitlines() == [  # type: ignore[arg-type]
        "Razón social,RFC,Timbrados,Vendidos",
        "'=SUM(A1),EKU9003173C9,3,100",
        "Otra SA,URE180429TM6,0,100",
    ]
    assert response["Content-Disposition"] == (
        f'attachment; filename="folios-{this}.csv"'
    )


# ── Its order ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def three(make_client: MakeClient) -> None:
    """Stamped and sold: Berta 1 and 150, Ana 5 and 100, Carla 3 and 100."""
    for name, stamped, added in (("Berta", 1, 50), ("Ana", 5, 0), ("Carla", 3, 0)):
        client = make_client(legal_name=name)
        stamp(client, stamped)
        if added:
            lifecycle.add_folios(
                client, quantity=added, reference=factories.reference(), by=None
            )


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", "Ana Carla Berta"),
        ("-timbrados", "Ana Carla Berta"),
        ("timbrados", "Berta Carla Ana"),
        ("-vendidos", "Berta Ana Carla"),
        ("vendidos", "Ana Carla Berta"),
        ("razon_social", "Ana Berta Carla"),
        ("-razon_social", "Carla Berta Ana"),
        ("password", "Ana Carla Berta"),
        ("--vendidos", "Ana Carla Berta"),
    ],
)
def test_it_sorts_by_client_stamped_and_sold_both_ways(
    as_alicia: Browser, three: None, sort: str, expected: str
) -> None:
    named = [name for name, *_ in rows(as_alicia.get(URL, {"orden": sort}))]
    assert named == [*expected.split(), "Total del mes"]
    this = Month.of(timezone.localdate())
    csv = as_alicia.get(
        reverse("followup:month_csv"), {"mes": str(this), "orden": sort}
    )
    lines = b"".join(csv).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]
    assert [line.partition(",")[0] for line in lines[1:]] == expected.split()


def test_a_heading_says_how_it_is_sorted_and_how_it_will_be(
    as_alicia: Browser, three: None
) -> None:
    sorted_by_sold = as_alicia.get(URL, {"orden": "-vendidos"})
    assertContains(
        sorted_by_sold,
        'title="Ordenado por vendidos, de mayor a menor. '
        'Pulse para ordenar de menor a mayor."',
        1,
    )
    assertContains(sorted_by_sold, 'aria-sort="descending"', 1)
    for other in ("timbrados, de mayor a menor", "cliente, de la A a la Z"):
        assertContains(sorted_by_sold, f'title="Ordenar por {other}"', 1)
    assertContains(sorted_by_sold, 'href="?orden=vendidos"', 1)
    assertContains(sorted_by_sold, 'value="-vendidos" selected', 1)


def test_the_order_goes_along_to_the_other_months_and_the_file(
    as_alicia: Browser, three: None
) -> None:
    last = Month.of(timezone.localdate()) + -1
    response = as_alicia.get(URL, {"orden": "vendidos"}, headers=HX)
    assertContains(response, f"{last.url}&amp;orden=vendidos", 2)
    assertContains(response, "mes.csv?mes=")
    assertContains(response, 'id="month-actions" hx-swap-oob="true"')
    assertNotContains(as_alicia.get(URL), "orden=vendidos&")


def test_the_menu_leads_to_it_and_names_it_alone(as_alicia: Browser) -> None:
    menu = as_alicia.get(URL).text.partition("<nav")[2].partition("</nav>")[0]
    here = re.findall(r'href="([^"]+)" aria-current="page"', menu)
    assert here == [URL]


def test_strangers_see_nothing_of_it(as_beto: Browser, clara: Client) -> None:
    assertNotContains(as_beto.get(URL), "KEMPER")


@pytest.mark.parametrize("sort", ["", "vendidos", "-razon_social"])
def test_one_row_and_fifty_cost_the_same_queries(
    as_alicia: Browser,
    make_client: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    sort: str,
) -> None:
    make_client(now=timezone.now() - timedelta(days=40))
    as_alicia.get(URL)  # the first request of a day stores the past days
    make_client()
    with django_assert_num_queries(QUERIES):
        as_alicia.get(URL, {"orden": sort})
    for _ in range(49):
        make_client()
    with django_assert_num_queries(QUERIES):
        response = as_alicia.get(URL, {"orden": sort})
    assert len(rows(response)) == 51


# ── Months ────────────────────────────────────────────────────────────────────────


def test_a_month_knows_its_days_its_neighbours_and_its_names() -> None:
    month = Month.parse("2028-02")
    assert month is not None
    assert (month.first, month.last) == (date(2028, 2, 1), date(2028, 2, 29))
    assert (str(month + -2), str(month + 11)) == ("2027-12", "2029-01")
    assert (month.name, month.word, month.tick) == ("febrero de 2028", "febrero", "feb")
    assert month.url == "/seguimiento/mes/?mes=2028-02"
