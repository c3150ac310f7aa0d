"""The past: a client and the list as they were at the end of a day, from the history.

Law: domain.md, "The past". Random verbs over many days are remembered evening by
evening, as the ordinary functions said then, and asked of the past afterwards.
"""

import re
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from clients import lifecycle, past
from clients.filters import ClientFilter
from clients.management.commands import audit_past
from clients.models import Client
from clients.past_filters import ONLY_TODAY, PastFilter
from demo import crowd
from packages.models import Package
from reseller_panel.refusals import Refused
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.programs import Program, refusal

LIST = reverse("clients:list")
NOON = datetime(2026, 1, 5, 18, tzinfo=UTC)  # in Mexico City
HX = {"HX-Request": "true", "HX-Target": "results"}


def said_today(client: Client, day: date) -> dict[str, Any]:
    """What the ordinary functions say of a client on the day that it is."""
    return audit_past.stored(factories.fresh(client), day)


def said_of(clients: Any, day: date, alicia: User) -> dict[int, dict[str, Any]]:
    """What the past says of that day, by client."""
    assert alicia.reseller is not None
    found = past.facts(clients, past.end_of(day, alicia.reseller))
    return {
        one.client.pk: audit_past.told_of(one, day) for one in past.as_they_were(found)
    }


def then_of(client: Client, day: date) -> past.Past:
    one = Client.objects.filter(pk=client.pk)
    (found,) = past.as_they_were(past.facts(one, past.end_of(day, client.reseller)))
    return found


# ── Against what was true ─────────────────────────────────────────────────────────


class Life:
    """A client to which a random verb happens now and then; refusals are lived with."""

    def __init__(self, client: Client, random: Random, packages: list[Package]) -> None:
        self.client, self.random, self.packages = client, random, packages
        self.last = 0
        self.stamps: list[str] = []

    def act(self, now: datetime) -> None:
        client, verb = self.client, self.random.choice(self.VERBS)
        try:
            verb(self, client, now)
        except Refused:
            pass

    def _consume(self, client: Client, now: datetime) -> None:
        self.stamps.append(factories.reference())
        most = max(1, factories.fresh(client).balance)
        quantity = self.random.choice((1, 3, most))
        lifecycle.consume(client, reference=self.stamps[-1], quantity=quantity, now=now)

    def _reverse(self, client: Client, now: datetime) -> None:
        if self.stamps:
            lifecycle.reverse(client, reference=self.stamps.pop(), by=None, now=now)

    def _add(self, client: Client, now: datetime) -> None:
        lifecycle.add_folios(
            client,
            quantity=self.random.randint(1, 20),
            reference=factories.reference(),
            activate=self.random.random() < 0.3,
            by=None,
            now=now,
        )

    def _renew(self, client: Client, now: datetime) -> None:
        done = lifecycle.renew(
            client,
            reference=factories.reference(),
            package=self.random.choice([None, *self.packages]),
            activate=self.random.random() < 0.3,
            by=None,
            now=now,
        )
        self.last = done.seq

    def _undo(self, client: Client, now: datetime) -> None:
        lifecycle.undo_renewal(client, seq=self.last, by=None, now=now)

    def _edit(self, client: Client, now: datetime) -> None:
        number = self.random.randint(1, 99)
        lifecycle.edit_plan(
            client,
            changes={"contact_name": f"Contacto {number}"},
            services={} if number % 3 else None,
            by=None,
            now=now,
        )

    def _suspend(self, client: Client, now: datetime) -> None:
        lifecycle.suspend(client, reason="No ha pagado", by=None, now=now)

    def _activate(self, client: Client, now: datetime) -> None:
        lifecycle.activate(client, by=None, now=now)

    def _archive(self, client: Client, now: datetime) -> None:
        lifecycle.archive(client, by=None, now=now)

    def _restore(self, client: Client, now: datetime) -> None:
        lifecycle.restore(client, by=None, now=now)

    def _note(self, client: Client, now: datetime) -> None:
        lifecycle.add_note(client, text="Llamé", by=None, now=now)

    VERBS = (
        *(_consume, _consume, _consume, _reverse, _add, _add, _renew, _undo),
        *(
            _edit,
            _suspend,
            _activate,
            _activate,
            _activate,
            _archive,
            _restore,
            _restore,
            _note,
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_every_evening_of_random_lives_is_said_as_it_was(
    seed: int, alicia: User, make_package: MakePackage, make_client: MakeClient
) -> None:
    assert alicia.reseller is not None
    random = Random(seed)
    packages = [
        make_package(name="Mensual", folios=20, term_count=1, term_unit="month"),
        make_package(name="Sin vigencia", folios=5, term_count=None),
        make_package(name="Dos días", folios=30, term_count=2, term_unit="day"),
        make_package(name="Se pierden", folios=9, leftover_rule="lose"),
        make_package(name="Con servicios", services={"multiempresa": 3}),
    ]
    lives: list[Life] = []
    evenings: dict[tuple[int, date], dict[str, Any]] = {}
    for number in range(45):
        now = NOON + timedelta(days=number)
        if number % 6 == 0:
            new = make_client(package=random.choice(packages), now=now)
            lives.append(Life(new, random, packages))
        # Until a second before midnight; some things happen in one instant.
        moments = sorted(random.choice((0, 1, 6 * 3600 - 1)) for _ in range(4))
        for seconds in moments:
            life = random.choice(lives)
            for _ in range(3):
                life.act(now + timedelta(seconds=seconds))
        day = alicia.reseller.local_date(now)
        for life in lives:
            evenings[life.client.pk, day] = said_today(life.client, day)
    everybody = Client.objects.visible_to(alicia)
    for number in range(-1, 45):
        day = NOON.date() + timedelta(days=number)
        found = said_of(everybody, day, alicia)
        assert found == {pk: said for (pk, on), said in evenings.items() if on == day}
    statuses = {said["status"] for said in evenings.values()}
    assert len(statuses) == 4
    assert len({said["plan_name"] for said in evenings.values()}) > 3


def test_a_replay_of_random_days_agrees(
    alicia: User, make_package: MakePackage, make_client: MakeClient
) -> None:
    random = Random(9)
    packages = [make_package(name="Otro", folios=7, leftover_rule="lose")]
    start = timezone.now() - timedelta(days=40)
    lives = [
        Life(make_client(now=start + timedelta(days=n)), random, packages)
        for n in range(5)
    ]
    for hours in range(6 * 24, 40 * 24, 5):
        random.choice(lives).act(start + timedelta(hours=hours))
    compared, alive, wrong = audit_past.compare(200, seed=3)
    assert compared == 200
    assert alive > 100
    assert wrong == []
    call_command("audit_past", pairs=50, seed=4)


def test_a_crowd_is_said_as_a_replay_says_it(alicia: User) -> None:
    assert alicia.reseller is not None
    crowd.make(alicia.reseller, 300)
    compared, alive, wrong = audit_past.compare(300, seed=1)
    assert (compared, wrong) == (300, [])
    assert alive > 50


# ── Where a day ends ──────────────────────────────────────────────────────────────


def test_a_day_ends_at_midnight_of_the_reseller(
    make_client: MakeClient, alicia: User
) -> None:
    client = make_client(now=NOON)
    midnight = datetime(2026, 1, 10, 6, tzinfo=UTC)  # in Mexico City
    for moment in (midnight - timedelta(microseconds=1), midnight):
        lifecycle.consume(client, reference=f"{moment}", quantity=10, now=moment)
    balances = [then_of(client, date(2026, 1, n)).client.balance for n in (8, 9, 10)]
    assert balances == [100, 90, 80]


def test_an_expiry_is_judged_on_the_day_that_is_asked_for(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    month = make_package(term_count=1, term_unit="month")
    client = make_client(package=month, now=NOON)
    assert client.expires_on == date(2026, 2, 5)
    said = {
        day: then_of(client, date(2026, 2, day)).client.status_on(date(2026, 2, day))
        for day in (5, 6)
    }
    assert said == {5: "active", 6: "expired"}


def test_a_clock_that_stepped_back_over_midnight_leaves_a_state_that_was(
    make_client: MakeClient, pyme: Package
) -> None:
    client = make_client(now=NOON)
    midnight = datetime(2026, 1, 10, 6, tzinfo=UTC)
    after, before = midnight + timedelta(minutes=5), midnight - timedelta(minutes=5)
    lifecycle.renew(client, reference="r", by=None, now=after)
    lifecycle.consume(client, reference="s", quantity=10, now=before)
    was = then_of(client, date(2026, 1, 9))
    # What came before the last record of that day was true that day, term and all.
    assert (was.client.balance, was.client.expires_on) == (190, date(2028, 1, 5))
    assert was.then == then_of(client, date(2026, 1, 10)).then
    assert then_of(client, date(2026, 1, 8)).client.balance == 100


def test_what_a_renewal_replaced_is_said_also_after_it_was_undone(
    make_client: MakeClient, make_package: MakePackage, pyme: Package
) -> None:
    client = make_client(now=NOON)
    other = make_package(name="Otro", folios=7, leftover_rule="lose", term_count=2)
    days = [NOON + timedelta(days=n) for n in range(4)]
    done = lifecycle.renew(client, reference="r", package=other, by=None, now=days[1])
    lifecycle.undo_renewal(client, seq=done.seq, by=None, now=days[3])
    told = []
    for moment in days:
        was = then_of(client, moment.date())
        plan = was.client.plan
        assert was.not_kept == []
        told.append((plan.name, plan.package.name, plan.folios, plan.leftover_rule))
    keeps, loses = ("PYME", "PYME", 100, "keep"), ("Otro", "Otro", 7, "lose")
    assert told == [keeps, loses, loses, keeps]


def test_of_an_old_renewal_that_kept_nothing_it_is_said_that_it_was_not_kept(
    make_client: MakeClient, as_alicia: Browser
) -> None:
    client = make_client(now=NOON)
    lifecycle.renew(client, reference="r", by=None, now=NOON + timedelta(days=3))
    # As an event of before the former plan was kept.
    with pgtrigger.ignore("clients.ClientEvent:append_only"):
        client.events.filter(kind="renewed").update(before={"plan": "PYME"})
    was = then_of(client, NOON.date())
    assert was.not_kept == ["package"]
    assert (was.client.plan.name, was.client.expires_on) == ("PYME", date(2027, 1, 5))
    page = as_alicia.get(client.get_absolute_url(), {"al": "2026-01-05"})
    assertContains(page, "no se guardó")


def test_additional_rfcs_are_those_of_the_day(make_client: MakeClient) -> None:
    client = make_client(now=NOON)
    for n, rfc in ((1, "XIA190128J61"), (2, "URE180429TM6")):
        lifecycle.add_rfc(client, rfc=rfc, by=None, now=NOON + timedelta(days=n))
    for rfc in client.additional_rfcs.order_by("starts_on"):
        lifecycle.end_rfc(rfc, by=None, now=NOON + timedelta(days=4))
    counted = []
    for n in range(6):
        then = then_of(client, NOON.date() + timedelta(days=n)).then
        found = past.rfcs_at([then])[client.pk]
        counted.append([one.ends_on and one.ends_on.day for one in found])
    assert counted == [[], [None], [None, None], [None, None], [9, 9], [9, 9]]


def test_services_are_found_by_the_text_that_was_kept(pyme: Package) -> None:
    everything = list(factories.services().values())
    texts = [str(one) for one in pyme.inclusions.select_related("service")]
    found = past.services_named(texts, everything)
    assert found is not None
    assert [(one.service.code, one.quantity) for one in found] == [
        ("correo-personalizado", None),
        ("multiempresa", 2),
    ]
    assert past.services_named(["Otro nombre: 2 cosas"], everything) is None


# ── The pages ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def stories(make_client: MakeClient, make_package: MakePackage) -> dict[str, Client]:
    """Four clients whose state on 31 January 2026 is none of today's."""
    month = make_package(name="Mensual", folios=10, term_count=1, term_unit="month")
    cast = {
        "changed": make_client(legal_name="Cambiada SA", now=NOON, package=month),
        "dry": make_client(legal_name="Agotada SA", now=NOON),
        "away": make_client(legal_name="Archivada SA", now=NOON),
        "late": make_client(legal_name="Tardía SA", now=NOON + timedelta(days=40)),
    }
    lifecycle.consume(cast["dry"], reference="a", quantity=100, now=NOON)
    lifecycle.suspend(cast["away"], reason="No pagó", by=None, now=NOON)
    lifecycle.archive(cast["away"], by=None, now=NOON)
    later = NOON + timedelta(days=60)
    lifecycle.renew(cast["changed"], reference="r", by=None, now=later)
    lifecycle.consume(cast["changed"], reference="s", quantity=4, now=later)
    lifecycle.edit_plan(cast["changed"], changes={}, services={}, by=None, now=later)
    lifecycle.add_folios(cast["dry"], quantity=500, reference="f", by=None, now=later)
    lifecycle.restore(cast["away"], by=None, now=later)
    lifecycle.activate(cast["away"], by=None, now=later)
    return cast


DAY = "2026-01-31"


def rows(page: Any) -> list[str]:
    html = page.content.decode()
    return re.findall(r'<td class="c-name"[^>]*>\s*<a [^>]*>(.*?)</a>', html)


def chips(page: Any) -> list[tuple[str, int]]:
    found = re.findall(
        r'<a class="chip[^>]*>(?:<svg.*?</svg>)?(.*?)<b>(\d+)</b>',
        page.content.decode(),
    )
    return [(label, int(number)) for label, number in found]


def test_the_list_shows_the_clients_folios_and_counts_of_the_day(
    as_alicia: Browser, stories: dict[str, Client]
) -> None:
    page = as_alicia.get(LIST, {"al": DAY, "orden": "razon_social"})
    assert rows(page) == ["Agotada SA", "Cambiada SA"]
    assert chips(page) == [
        ("Todos", 2),
        ("Activos", 1),
        ("Folios agotados", 1),
        ("Expirados", 0),
        ("Suspendidos", 0),
        ("Archivados", 1),
    ]
    assertContains(page, "Así estaba el 31 de enero de 2026")
    assertContains(page, "Mensual")
    assertContains(page, 'datetime="2026-02-05"')
    assertContains(page, f'<a class="btn pri" href="{LIST}">Volver a hoy</a>')
    away = as_alicia.get(LIST, {"al": DAY, "archivados": "1"})
    assert rows(away) == ["Archivada SA"]
    assertContains(away, "también suspendido")


def test_nothing_can_be_done_on_a_page_of_the_past(
    as_alicia: Browser, stories: dict[str, Client]
) -> None:
    for url in (LIST, stories["changed"].get_absolute_url()):
        html = as_alicia.get(url, {"al": DAY}).content.decode()
        main = html[html.index("<main") : html.index("</main")]
        assert 'method="post"' not in main
        assert "hx-post" not in main
        assert "data-dialog" not in main


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"estatus": "folios-agotados"}, ["Agotada SA"]),
        ({"estatus": "activo"}, ["Cambiada SA"]),
        ({"estatus": "expirado"}, []),
        ({"q": "cambi"}, ["Cambiada SA"]),
        ({"q": "tardia"}, []),
        ({"folios_max": "9"}, ["Agotada SA"]),
        ({"folios_max": "10"}, ["Cambiada SA", "Agotada SA"]),
        ({"vence_desde": "2026-02-05", "vence_hasta": "2026-02-05"}, ["Cambiada SA"]),
        ({"vence_desde": "2026-02-06"}, ["Agotada SA"]),
        ({"creado_desde": "2026-01-06"}, []),
        ({"orden": "folios"}, ["Agotada SA", "Cambiada SA"]),
        ({"orden": "-folios"}, ["Cambiada SA", "Agotada SA"]),
        ({"orden": "vigencia"}, ["Cambiada SA", "Agotada SA"]),
        ({"orden": "-vigencia"}, ["Agotada SA", "Cambiada SA"]),
        ({"orden": "estatus"}, ["Agotada SA", "Cambiada SA"]),
        ({"orden": "paquete"}, ["Cambiada SA", "Agotada SA"]),
        ({"orden": "creado"}, ["Agotada SA", "Cambiada SA"]),
        # No order of then: as if none was asked for.
        ({"orden": "se_agotan"}, ["Agotada SA", "Cambiada SA"]),
        ({"orden": "-deja_de_facturar"}, ["Agotada SA", "Cambiada SA"]),
        ({"orden": "-sin_timbrar"}, ["Agotada SA", "Cambiada SA"]),
    ],
)
def test_filters_and_sorts_are_answered_from_the_day(
    asked: dict[str, str],
    found: list[str],
    as_alicia: Browser,
    stories: dict[str, Client],
) -> None:
    page = as_alicia.get(LIST, {"al": DAY, **asked})
    in_order = "orden" in asked
    assert (rows(page) if in_order else sorted(rows(page))) == (
        found if in_order else sorted(found)
    )
    # As HTMX asks for it: only the rows and the counts.
    part = as_alicia.get(LIST, {"al": DAY, **asked}, headers=HX)
    assert rows(part) == rows(page)
    assertNotContains(part, "<main")


def test_the_package_of_then_is_filtered_by(
    as_alicia: Browser, stories: dict[str, Client], pyme: Package, alicia: User
) -> None:
    assert alicia.reseller is not None
    month = alicia.reseller.packages.get(name="Mensual")
    lifecycle.renew(stories["changed"], reference="p", package=pyme, by=alicia)
    today = as_alicia.get(LIST, {"paquete": month.public_id})
    assert rows(today) == []
    then = as_alicia.get(LIST, {"al": DAY, "paquete": month.public_id})
    assert rows(then) == ["Cambiada SA"]


def test_a_filter_that_only_today_has_is_said_not_to_apply(
    as_alicia: Browser, stories: dict[str, Client]
) -> None:
    asked = dict.fromkeys(ONLY_TODAY, "7")
    page = as_alicia.get(LIST, {"al": DAY, **asked})
    assert len(rows(page)) == 2
    assertContains(page, "sólo existe en la lista de hoy", count=len(ONLY_TODAY))


def test_a_wrong_filter_is_said_and_not_applied(
    as_alicia: Browser, stories: dict[str, Client]
) -> None:
    page = as_alicia.get(LIST, {"al": DAY, "vence_desde": "mañana", "folios_max": "x"})
    assert len(rows(page)) == 2
    assertContains(page, "este filtro no se aplicó", count=2)


def test_the_page_of_a_client_says_that_day_beside_today_and_what_made_it(
    as_alicia: Browser, stories: dict[str, Client]
) -> None:
    url = stories["dry"].get_absolute_url()
    page = as_alicia.get(url, {"al": DAY})
    for text in ("Folios agotados", "Asignación", "+100", "−100", "<strong>= 0"):
        assertContains(page, text)
    assertContains(page, "500")  # today's
    assertNotContains(page, "Recarga")
    assertContains(page, f'<a class="btn pri" href="{url}">Volver a hoy</a>')
    statement = reverse("clients:statement", args=[stories["dry"].public_id])
    assertContains(page, f'href="{statement}?fecha_hasta={DAY}"')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2999-12-31", "El 31 de diciembre de 2999 todavía no llega"),
        ("2026-01-04", "todavía no tenía clientes: el primero es del 5 de enero"),
        ("0001-01-01", "todavía no tenía clientes"),
        ("", "Elija un día"),
        ("mañana", "Elija un día"),
        ("2026-02-30", "Elija un día"),
        ("9" * 500, "Elija un día"),
    ],
)
def test_a_day_of_which_nothing_can_be_said_is_refused_in_words(
    text: str, said: str, as_alicia: Browser, stories: dict[str, Client]
) -> None:
    for url in (LIST, stories["dry"].get_absolute_url()):
        page = as_alicia.get(url, {"al": text})
        assertContains(page, said)
        assertContains(page, "Esto es lo de hoy")
        assertNotContains(page, "Volver a hoy")


def test_a_client_that_was_none_yet_has_no_page_of_the_day(
    as_alicia: Browser, stories: dict[str, Client]
) -> None:
    page = as_alicia.get(stories["late"].get_absolute_url(), {"al": DAY})
    assertContains(page, "todavía no era su cliente: lo es desde el 14 de febrero")


def test_the_day_that_it_is_shows_the_ordinary_pages(
    as_alicia: Browser, clara: Client
) -> None:
    today = f"{clara.reseller.local_date(timezone.now())}"
    for url in (LIST, clara.get_absolute_url()):
        page = as_alicia.get(url, {"al": today})
        assertContains(page, "Renovar")
        assertNotContains(page, "Volver a hoy")


def test_without_clients_there_is_no_past(as_beto: Browser) -> None:
    page = as_beto.get(LIST, {"al": "2026-01-31"})
    assertContains(page, "no hay pasado que ver")


def test_another_reseller_sees_nothing_of_the_past_either(
    as_beto: Browser, beto: User, stories: dict[str, Client]
) -> None:
    factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller), now=NOON
    )
    assert len(rows(as_beto.get(LIST, {"al": DAY}))) == 1
    page = as_beto.get(stories["dry"].get_absolute_url(), {"al": DAY})
    assert page.status_code == 404


def test_both_pages_ask_the_same_number_of_questions_for_1_row_and_for_50(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    day = {"al": "2026-01-06", "por_pagina": "100"}
    counted = []
    for many in (1, 49):
        for _ in range(many):
            client = make_client(now=NOON)
            lifecycle.consume(client, reference="a", now=NOON)
        with CaptureQueriesContext(connection) as queries:
            page = as_alicia.get(LIST, day)
        counted.append(len(queries))
    assert len(rows(page)) == 50
    assert counted == [10, 10]
    with CaptureQueriesContext(connection) as queries:
        as_alicia.get(client.get_absolute_url(), day)
    assert len(queries) == 17


def test_pages_and_links_keep_the_day(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for _ in range(27):
        make_client(now=NOON)
    page = as_alicia.get(LIST, {"al": DAY, "pagina": "2"})
    assert len(rows(page)) == 2
    html = page.content.decode()
    links = re.findall(r'<td class="c-name"[^>]*>\s*<a href="([^"]*)"', html)
    assert all(f"?al={DAY}&amp;desde=" in link for link in links)
    assert f"?al={DAY}&amp;pagina=1" in html or f"?al={DAY}" in html
    assert f'name="al" value="{DAY}"' in html


# ── The API ───────────────────────────────────────────────────────────────────────


def test_the_api_answers_as_of_a_day(
    program: Program, stories: dict[str, Client]
) -> None:
    client = stories["changed"]
    then = program.get(f"/clients/{client.public_id}", as_of=DAY).json()
    now = program.get(f"/clients/{client.public_id}").json()
    assert then | {"legal_name": "", "rfc": ""} == {
        "id": str(client.public_id),
        "rfc": "",
        "legal_name": "",
        "status": "active",
        "may_stamp": True,
        "reason": None,
        "folio_balance": 10,
        "expires_on": "2026-02-05",
        "additional_rfcs": [],
        "plan": {"name": "Mensual", "services": []},
        "as_of": DAY,
        "not_kept": [],
    }
    assert (now["folio_balance"], now["status"]) == (16, "expired")
    assert "as_of" not in now


def test_the_api_lists_as_of_a_day_with_the_filters_of_the_table(
    program: Program, stories: dict[str, Client], pyme: Package
) -> None:
    everyone = program.get("/clients", as_of=DAY, orden="razon_social").json()
    assert [one["legal_name"] for one in everyone["clients"]] == [
        "Agotada SA",
        "Cambiada SA",
    ]
    first = everyone["clients"][0]
    assert everyone["total"] == 2
    assert (first["reason"], first["package"]) == (
        "folios_exhausted",
        str(pyme.public_id),
    )
    assert [service["code"] for service in first["plan"]["services"]] == [
        "correo-personalizado",
        "multiempresa",
    ]
    away = program.get("/clients", as_of=DAY, archivados="1").json()["clients"]
    assert [one["reason"] for one in away] == ["client_archived"]
    assert away[0]["archived_at"].startswith("2026-01-05")
    second = program.get("/clients", as_of=DAY, por_pagina="1", pagina="2").json()
    assert (len(second["clients"]), second["total"]) == (1, 2)
    assert "as_of" not in program.get("/clients").json()["clients"][0]


@pytest.mark.parametrize("text", ["2999-12-31", "2026-01-04", "mañana", "2026-1-5"])
def test_the_api_refuses_a_day_of_which_nothing_can_be_said(
    text: str, program: Program, stories: dict[str, Client]
) -> None:
    for path in ("/clients", f"/clients/{stories['dry'].public_id}"):
        response = program.get(path, as_of=text)
        assert refusal(response) == (422, "validation")
        assert response.json()["errors"][0]["field"] == "as_of"


def test_the_api_refuses_a_client_that_was_none_yet_and_what_only_today_has(
    program: Program, stories: dict[str, Client]
) -> None:
    late = program.get(f"/clients/{stories['late'].public_id}", as_of=DAY)
    assert refusal(late) == (422, "validation")
    for asked in (
        *({name: "7"} for name in ONLY_TODAY),
        {"orden": "-se_agotan"},
        {"orden": "deja_de_facturar"},
    ):
        response = program.get("/clients", as_of=DAY, **asked)
        assert refusal(response) == (422, "validation")
        assert [one["field"] for one in response.json()["errors"]] == [*asked]


def test_the_api_answers_today_as_without_a_day(
    program: Program, clara: Client
) -> None:
    today = f"{clara.reseller.local_date(timezone.now())}"
    one = f"/clients/{clara.public_id}"
    told = program.get(one, as_of=today).json()
    assert told == program.get(one).json() | {"as_of": today, "not_kept": []}
    listed = program.get("/clients", as_of=today).json()["clients"]
    assert listed[0]["as_of"] == today


def test_the_table_of_today_and_of_the_past_have_the_same_filters() -> None:
    assert {*ClientFilter.base_filters} - {*PastFilter.base_filters} == {*ONLY_TODAY}
