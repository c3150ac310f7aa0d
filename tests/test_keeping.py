"""What is kept of each client's pace: fresh at each look for few clients, and of a
moment that is said for very many."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from clients import lifecycle
from clients.forecast import keeping
from clients.models import Client, Standing
from followup import totals
from tests.cast import MakeClient
from tests.factories import reference

TRAY, LIST = "/seguimiento/", "/clientes/"


@pytest.fixture
def with_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every reseller had too many clients to make fresh at each look."""
    for name in ("_IF_FEW", "_MADE"):
        query = getattr(keeping, name).replace("count(*) <= 5000", "count(*) < 0")
        assert "count(*) < 0" in query
        monkeypatch.setattr(keeping, name, query)


def kept(client: Client) -> Standing:
    return Standing.objects.get(client=client)


def test_of_few_clients_a_list_is_of_this_moment(
    as_alicia: Browser, clara: Client
) -> None:
    assertNotContains(as_alicia.get(TRAY), clara.legal_name)
    lifecycle.consume(clara, reference=reference(), quantity=clara.account.balance)
    assertContains(as_alicia.get(TRAY), clara.legal_name)
    assertNotContains(as_alicia.get(TRAY), "se calcularon")


def test_of_very_many_a_list_says_of_when_it_is(
    with_very_many: None, as_alicia: Browser, clara: Client, make_client: MakeClient
) -> None:
    assertContains(as_alicia.get(TRAY), "todavía se están calculando")
    call_command("refresh_outlook")
    assertContains(as_alicia.get(TRAY), "se calcularon el")
    assertContains(as_alicia.get(LIST, {"orden": "se_agotan"}), "se calcularon el")
    assertNotContains(as_alicia.get(LIST), "se calcularon el")
    lifecycle.consume(clara, reference=reference(), quantity=clara.account.balance)
    assertNotContains(as_alicia.get(TRAY), clara.legal_name)
    # Who looks at the client makes it fresh, and the lists agree with what was seen.
    as_alicia.get(clara.get_absolute_url())
    assertContains(as_alicia.get(TRAY), clara.legal_name)


def test_who_has_nothing_to_say_any_more_is_not_in_the_tray(
    with_very_many: None, as_alicia: Browser, make_client: MakeClient, alicia: User
) -> None:
    client = make_client(exhausted=True)
    call_command("refresh_outlook")
    lifecycle.add_folios(client, quantity=900, reference=reference(), by=alicia)
    assertNotContains(as_alicia.get(TRAY), client.legal_name)


def test_a_refresh_computes_again_only_what_changed(
    make_client: MakeClient, alicia: User
) -> None:
    assert alicia.reseller is not None
    clients = [make_client() for _ in range(5)]
    now = timezone.now()
    today = alicia.reseller.local_date(now)
    assert keeping.refresh_all(alicia.reseller, today, now) == 5
    assert keeping.refresh_all(alicia.reseller, today, now) == 0
    lifecycle.consume(clients[0], reference=reference())
    assert keeping.refresh_all(alicia.reseller, today, now) == 1
    tomorrow = today + timedelta(days=1)
    assert keeping.refresh_all(alicia.reseller, tomorrow, now) == 5


def test_what_was_stopped_goes_on_where_it_was(
    make_client: MakeClient, alicia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alicia.reseller is not None
    for _ in range(5):
        make_client()
    now = timezone.now()
    today = alicia.reseller.local_date(now)
    two = keeping._NEXT.replace(f"LIMIT {keeping.PIECE}", "LIMIT 2")
    monkeypatch.setattr(keeping, "_NEXT", two)
    real, asked = keeping._ids, []

    def stops_after_two_pieces(query: str, given: dict[str, object]) -> list[int]:
        asked.append(given["after"])
        if len(asked) == 3:
            raise KeyboardInterrupt
        return real(query, given)

    monkeypatch.setattr(keeping, "_ids", stops_after_two_pieces)
    with pytest.raises(KeyboardInterrupt):
        keeping.refresh_all(alicia.reseller, today, now)
    assert Standing.objects.exclude(day=None).count() == 4
    assert keeping.made(alicia.reseller).at is None
    monkeypatch.setattr(keeping, "_ids", real)
    assert keeping.refresh_all(alicia.reseller, today, now) == 1
    assert Standing.objects.exclude(day=None).count() == 5


def test_a_larger_package_on_sale_makes_outlooks_stale(
    clara: Client, make_package: object, alicia: User
) -> None:
    assert alicia.reseller is not None
    today = alicia.reseller.local_date(timezone.now())
    keeping.keep_fresh(alicia.reseller, today)
    before = kept(clara).largest
    make_package(name="Enorme", folios=before + 1)  # type: ignore[operator]
    keeping.keep_fresh(alicia.reseller, today)
    assert kept(clara).largest == before + 1


def test_folios_of_today_are_kept_for_minutes_where_clients_are_very_many(
    with_very_many: None, clara: Client, alicia: User
) -> None:
    reseller = alicia.reseller
    assert reseller is not None
    now = timezone.now()
    today = reseller.local_date(now)

    def stamped(at: timedelta) -> int:
        found = totals.by_day(reseller, first=today, last=today, now=now + at)
        return found[today].stamped

    assert stamped(timedelta()) == 0
    lifecycle.consume(clara, reference=reference(), quantity=3)
    assert stamped(timedelta(minutes=1)) == 0
    assert totals.counted_at(reseller, now) == now
    totals.count_open_days(reseller, now)
    assert stamped(timedelta(minutes=1)) == 3
    lifecycle.consume(clara, reference=reference(), quantity=3)
    assert stamped(timedelta(minutes=11)) == 6


def test_inicio_says_of_when_the_folios_of_today_are(
    with_very_many: None, clara: Client, as_alicia: Browser
) -> None:
    assertContains(as_alicia.get("/"), "Los folios de hoy se contaron a las")


def test_inicio_of_few_clients_counts_at_each_look(
    clara: Client, as_alicia: Browser
) -> None:
    assertNotContains(as_alicia.get("/"), "se contaron a las")
