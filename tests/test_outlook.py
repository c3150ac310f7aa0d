"""Forecast and suggestion on screen: in the rows, the filters and the detail with its
chart. How they are computed: test_forecast.py and test_suggestions.py."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from clients import lifecycle
from clients.models import Client
from tests import factories
from tests.cast import MakeClient, MakePackage

URL = reverse("clients:list")


def _spend(client: Client, per_day: int, days: int, since: int) -> Client:
    """Spend `per_day` folios on each of `days` days, the first `since` days ago."""
    for day in range(days):
        lifecycle.consume(
            client,
            reference=f"F-{day}",
            quantity=per_day,
            now=timezone.now() - timedelta(days=since - day),
        )
    return factories.fresh(client)


@pytest.fixture
def spender(make_client: MakeClient) -> Client:
    """Has spent 1 of 100 folios a day for 20 days: 80 are left, for 80 days."""
    client = make_client(
        legal_name="Gasta Uno", now=timezone.now() - timedelta(days=19)
    )
    return _spend(client, 1, 20, 19)


@pytest.fixture
def nearly(make_client: MakeClient) -> Client:
    """Has spent 4 of 100 folios a day for 24 days: 4 are left, for one day."""
    client = make_client(
        legal_name="Casi Agota", now=timezone.now() - timedelta(days=23)
    )
    return _spend(client, 4, 24, 23)


def _names(response: HttpResponse) -> list[str]:
    html = response.content.decode()
    return re.findall(r'class="c-name"[^>]*>\s*<a [^>]*>([^<]+)</a>', html)


def test_the_row_says_how_long_the_folios_last(
    as_alicia: Browser, spender: Client, nearly: Client
) -> None:
    response = as_alicia.get(URL)
    assertContains(response, "~80 días")
    assertContains(response, "~1 día<")
    assertContains(response, "A este ritmo, 1.0 al día, se agotan el")


def test_folios_that_do_not_last_the_day_are_out_today(
    as_alicia: Browser, nearly: Client
) -> None:
    lifecycle.consume(nearly, reference="last", quantity=3)
    assertContains(as_alicia.get(URL), ">hoy</span></td>")


def test_with_too_little_history_the_row_says_nothing(
    as_alicia: Browser, clara: Client
) -> None:
    assertNotContains(as_alicia.get(URL), "~")
    url = clara.get_absolute_url()
    assertContains(as_alicia.get(url), "hacen falta 14 días con folios y lleva 1 día.")


def test_who_may_not_stamp_has_no_forecast_in_the_row(
    as_alicia: Browser, spender: Client
) -> None:
    lifecycle.suspend(spender, reason="No ha pagado", by=None)
    assertNotContains(as_alicia.get(URL), "~80 días")


def test_the_row_offers_what_to_do_next_with_the_dialog_filled_in(
    as_alicia: Browser, nearly: Client
) -> None:
    response = as_alicia.get(URL)
    assertContains(response, "Ofrecer folios")
    url = reverse("clients:add_folios", args=[nearly.public_id])
    assertContains(response, f'href="{url}?quantity=400"')


def test_a_call_leads_to_the_client_and_its_telephone(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(now=timezone.now() - timedelta(days=60))
    response = as_alicia.get(URL)
    assertContains(response, f'class="hint" href="{client.get_absolute_url()}"')


def test_running_out_and_idle_are_filters(
    as_alicia: Browser, spender: Client, nearly: Client, make_client: MakeClient
) -> None:
    make_client(legal_name="Callada", now=timezone.now() - timedelta(days=60))

    def found(**query: int | str) -> set[str]:
        return set(_names(as_alicia.get(URL, query)))

    assert found(se_agotan=7) == {"Casi Agota"}
    assert found(se_agotan=80) == {"Casi Agota", "Gasta Uno"}
    assert found(se_agotan=0) == set()
    assert found(sin_timbrar=60) == {"Callada"}
    assert found(sin_timbrar=61) == set()
    assert found(sin_timbrar=0) == {"Callada", "Casi Agota", "Gasta Uno"}


def test_only_who_may_stamp_can_run_out(as_alicia: Browser, nearly: Client) -> None:
    lifecycle.suspend(nearly, reason="No ha pagado", by=None)
    assert _names(as_alicia.get(URL, {"se_agotan": 30})) == []


def test_the_table_sorts_by_how_long_they_last_with_the_unknown_last(
    as_alicia: Browser, spender: Client, nearly: Client, make_client: MakeClient
) -> None:
    make_client(legal_name="Nueva")
    ascending = _names(as_alicia.get(URL, {"orden": "se_agotan"}))
    assert ascending == ["Casi Agota", "Gasta Uno", "Nueva"]
    descending = _names(as_alicia.get(URL, {"orden": "-se_agotan"}))
    assert descending == ["Nueva", "Gasta Uno", "Casi Agota"]


@pytest.mark.parametrize("value", ["-1", "x", "1e3", "9" * 40])
@pytest.mark.parametrize("name", ["se_agotan", "sin_timbrar"])
def test_a_wrong_number_of_days_is_no_error_of_the_server(
    as_alicia: Browser, spender: Client, name: str, value: str
) -> None:
    assert as_alicia.get(URL, {name: value}).status_code == 200


# --- The detail -----------------------------------------------------------------


def test_the_detail_says_when_they_run_out_how_sure_that_is_and_draws_it(
    as_alicia: Browser, spender: Client
) -> None:
    response = as_alicia.get(spender.get_absolute_url())
    assertContains(response, "A este ritmo, 1.0 al día, se agotan el")
    assertContains(response, "Certeza alta")
    assertContains(response, "Consumo de folios por día")
    assertContains(response, "Proyección")
    today = timezone.localdate()
    assertContains(response, f"{today.year}: 1 timbrado, saldo 80, proyección 80")


def test_the_chart_is_by_day_or_by_month(as_alicia: Browser, spender: Client) -> None:
    response = as_alicia.get(spender.get_absolute_url(), {"grafica": "meses"})
    assertContains(response, "Consumo de folios por mes")
    html = response.content.decode()
    table = html[html.index("<table") : html.index("</table")]
    spent = re.findall(r"<td[^>]*>([\d,]+)</td>\s*<td[^>]*>[\d,]+</td>", table)
    assert sum(map(int, spent)) == 20


def test_the_chart_of_a_client_of_today_is_folded_away(
    as_alicia: Browser, clara: Client
) -> None:
    response = as_alicia.get(clara.get_absolute_url())
    assertContains(response, "No ha timbrado en 60 días: ver la gráfica")
    assertContains(response, "Consumo de folios por día")


def test_a_bar_leads_to_the_movements_of_its_days(
    as_alicia: Browser, spender: Client
) -> None:
    page = reverse("clients:statement", args=[spender.public_id])
    today = timezone.localdate()
    by_day = as_alicia.get(spender.get_absolute_url())
    assertContains(by_day, f'<a class="slot now" href="{page}?dia={today}"')
    by_month = as_alicia.get(spender.get_absolute_url(), {"grafica": "meses"})
    first = today.replace(day=1)
    assertContains(by_month, f'href="{page}?fecha_desde={first}&amp;fecha_hasta=')


def test_a_term_that_ends_before_the_folios_do_is_said(
    as_alicia: Browser, make_client: MakeClient, make_package: MakePackage
) -> None:
    package = make_package(name="Corto", folios=500, term_count=60, term_unit="day")
    client = make_client(package=package, now=timezone.now() - timedelta(days=19))
    _spend(client, 1, 20, 19)
    response = as_alicia.get(client.get_absolute_url())
    assertContains(response, "No se agotan antes de la vigencia")
    assertNotContains(response, "Certeza")
