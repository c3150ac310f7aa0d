"""The columns of Clientes: chosen, ordered, kept by person, sent in an address."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts import lists
from accounts.models import ListSettings, User
from clients import columns, lifecycle
from clients.arrangement import Arrangement, Draft
from clients.columns import COLUMNS, USUAL, table_rows
from clients.forecast.consumption import FolioHistory
from clients.models import Client
from clients.paging import clients_of
from tests import factories
from tests.cast import MakeClient

URL = reverse("clients:list")
CHOOSE = reverse("clients:columns")
ALL = ",".join(COLUMNS)
USUAL_LABELS = [column.label for column in USUAL]


def heads(response: HttpResponse) -> list[str]:
    """The headings between the name and the actions."""
    html = response.content.decode()
    head = html[html.index("<thead") : html.index("</thead")]
    cells = re.findall(r"<th.*?</th>", head, re.DOTALL)
    found = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
    assert found[0].startswith("Razón social")
    assert found[-1] == "Acciones"
    return found[1:-1]


def cells(response: HttpResponse) -> dict[str, str]:
    """The texts of the first row by the label of their column."""
    html = response.content.decode()
    body = html[html.index("<tbody>") :].partition("</tr>")[0]
    found = re.findall(
        r'<td class="[^"]*" data-label="([^"]*)".*?>(.*?)</td>', body, 16
    )
    return {
        label: " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for label, cell in found
    }


def chosen(*names: str, **more: Any) -> dict[str, Any]:
    """What the dialog posts: all columns in this order, these shown."""
    rest = [name for name in COLUMNS if name not in names]
    return {"order": [*names, *rest], "shown": names, "save": "always"} | more


@pytest.fixture
def colleague(alicia: User) -> User:
    return factories.UserFactory(reseller=alicia.reseller)


@pytest.fixture
def as_colleague(colleague: User) -> Browser:
    browser = Browser()
    browser.force_login(colleague)
    return browser


# ── What an address says ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("correo,folios", ["Correo", "Folios"]),
        ("folios,folios,nada,<script>,correo", ["Folios", "Correo"]),
        ("razon_social", []),
        ("razon_social,vigencia", ["Vigencia"]),
        ("acciones,__class__", USUAL_LABELS),
        (",,,", USUAL_LABELS),
        ("", USUAL_LABELS),
        ("FOLIOS", USUAL_LABELS),
        ("folios," * 900, ["Folios"]),
    ],
)
def test_an_address_says_the_columns_and_what_is_none_is_left_out(
    as_alicia: Browser, clara: Client, said: str, shown: list[str]
) -> None:
    assert heads(as_alicia.get(URL, {"columnas": said})) == shown


def test_links_and_the_filter_form_keep_the_columns_of_the_address(
    as_alicia: Browser, clara: Client
) -> None:
    page = as_alicia.get(URL, {"columnas": "correo,vigencia"})
    assertContains(page, 'name="columnas" value="correo,vigencia"')
    assertContains(page, "columnas=correo%2Cvigencia&amp;estatus=activo")
    assertContains(page, "columnas=correo%2Cvigencia&amp;orden=vigencia")
    assertNotContains(as_alicia.get(URL), 'name="columnas"')


# ── What the columns say ──────────────────────────────────────────────────────────


def test_every_column_says_its_value(as_alicia: Browser, clara: Client) -> None:
    lifecycle.consume(clara, reference="a", quantity=7)
    said = cells(as_alicia.get(URL, {"columnas": ALL}))
    assert list(said) == ["Razón social", *[one.label for one in COLUMNS.values()]]
    assert said["Régimen"] == "601 · General de Ley Personas Morales"
    assert said["Correo"] == "clara@kemper.mx"
    assert said["Teléfono"] == "771 123 4567"
    assert said["Último timbrado"].endswith(" hoy")
    assert said["Gastados este mes"] == "7"
    assert said["Asignado"].endswith(" hoy")
    assert said["Servicios"] == "Correo personalizado y Multiempresa: 2 RFC adicionales"


def test_what_there_is_none_of_says_so_or_nothing(
    as_alicia: Browser, make_client: MakeClient, make_package: Callable[..., Any]
) -> None:
    make_client(package=make_package(term_count=None, term_unit=""), contact_phone="")
    page = as_alicia.get(URL, {"columnas": ALL})
    said = cells(page)
    assert (said["Último timbrado"], said["Teléfono"]) == ("nunca", "")
    assert (said["Vigencia"], said["Servicios"]) == ("sin vigencia", "")
    assert said["Gastados este mes"] == "0"
    # On a telephone there is no line for what is empty.
    assertContains(page, 'is-empty" data-label="Teléfono"')
    assertNotContains(page, 'is-empty" data-label="Último timbrado"')


def test_the_folios_of_this_month_are_those_of_the_history(
    make_client: MakeClient,
) -> None:
    today = timezone.localdate()
    first = today.replace(day=1)
    clients = [make_client(now=timezone.now() - timedelta(days=90)) for _ in range(3)]
    for client, days in zip(clients, ([70, 40], [40, 1], [0]), strict=True):
        for day in days:
            moment = timezone.now() - timedelta(days=day)
            lifecycle.consume(
                client, reference=factories.reference(), quantity=3, now=moment
            )
    found = clients_of([client.pk for client in clients])
    with CaptureQueriesContext(connection) as queries:
        rows = table_rows(found, [COLUMNS["gastados_este_mes"]], today)
    assert len(queries) == 1
    spent = [row.cells[1].value for row in rows]
    assert spent == [FolioHistory.of(one).spent(first, today) for one in clients]
    assert spent[0] == 0
    assert spent[2] == 3


def test_each_cell_has_a_plain_value_for_a_file(clara: Client) -> None:
    today = timezone.localdate()
    (row,) = table_rows(clients_of([clara.pk]), [*COLUMNS.values()], today)
    values = {cell.column.name: cell.value for cell in row.cells}
    assert values["razon_social"] == "ESCUELA KEMPER URGATE"
    assert values["vigencia"] == clara.expires_on
    assert values["folios"] == 100
    assert values["estatus"] == "activo"
    assert values["asignado"] == today
    assert values["ultimo_timbrado"] is None
    for value in values.values():
        assert value is None or isinstance(value, str | int | date)


def test_markup_in_a_value_is_text(as_alicia: Browser, make_client: MakeClient) -> None:
    make_client(contact_email='"<b>x</b>"@kemper.mx')
    page = as_alicia.get(URL, {"columnas": ALL})
    assertNotContains(page, "<b>x</b>")


def test_a_row_that_was_changed_has_the_columns_of_its_page(
    as_alicia: Browser, clara: Client
) -> None:
    url = reverse("clients:suspend", args=[clara.public_id])
    htmx = {
        "HX-Request": "true",
        "HX-Target": f"row-{clara.public_id}",
        "HX-Current-URL": f"http://testserver{URL}?columnas=correo,servicios",
    }
    row = as_alicia.post(url, {"reason": "No ha pagado"}, headers=htmx)
    labels = re.findall(r'data-label="([^"]*)"', row.content.decode())
    assert labels == ["Razón social", "Correo", "Servicios"]


# ── What it costs ─────────────────────────────────────────────────────────────────


def test_one_row_and_fifty_cost_the_same_queries_with_every_column(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    counted = []
    asked = {"columnas": ALL, "por_pagina": "50"}
    for many in (1, 49):
        for _ in range(many):
            lifecycle.consume(make_client(), reference="a")
        as_alicia.get(URL, asked)  # keeps the outlooks
        with CaptureQueriesContext(connection) as queries:
            page = as_alicia.get(URL, asked)
        counted.append(len(queries))
    assert page.content.count(b'class="c-name"') == 51  # and the heading
    # Two for the services, one for what was spent.
    assert counted == [19, 19]


def test_what_no_shown_column_needs_is_not_read(clara: Client) -> None:
    found = clients_of([clara.pk])
    with CaptureQueriesContext(connection) as queries:
        (row,) = table_rows(
            found, columns.named(["paquete", "correo"]), timezone.localdate()
        )
        assert [cell.value for cell in row.cells][1:] == ["PYME", "clara@kemper.mx"]
    assert len(queries) == 0


# ── Kept by person ────────────────────────────────────────────────────────────────


def test_the_choice_is_kept_for_the_person_on_every_machine(
    as_alicia: Browser, alicia: User, as_colleague: Browser, clara: Client
) -> None:
    sent = chosen("telefono", "folios", page_size="50", density="compact")
    response = as_alicia.post(CHOOSE, sent)
    assert (response.status_code, response["Location"]) == (302, URL)
    elsewhere = Browser()
    elsewhere.force_login(alicia)
    page = elsewhere.get(URL)
    assert heads(page) == ["Teléfono", "Folios"]
    assertContains(page, "is-compact")
    assert heads(as_colleague.get(URL)) == USUAL_LABELS
    assertNotContains(as_colleague.get(URL), "is-compact")


def test_the_page_size_is_kept_and_an_address_may_say_another(
    as_alicia: Browser, alicia: User, make_client: MakeClient
) -> None:
    for _ in range(30):
        make_client()
    page = as_alicia.get(URL)
    assertContains(page, '<button class="btn small" name="page_size" value="50">')
    came_from = f"http://testserver{URL}?orden=folios&pagina=2&por_pagina=25"
    response = as_alicia.post(
        reverse("clients:page_size"),
        {"page_size": "50"},
        headers={"Referer": came_from},
    )
    assert response["Location"] == f"{URL}?orden=folios"
    assert as_alicia.get(URL).content.count(b'<td class="c-name"') == 30
    assert as_alicia.get(URL, {"por_pagina": 25}).content.count(b'<td class="c-n') == 25
    assert lists.settings_of(alicia).page_size == 50
    assert lists.settings_of(alicia).columns is None


def test_the_usual_columns_are_kept_as_the_usual_ones(
    as_alicia: Browser, alicia: User
) -> None:
    """So that a column that is usual later is seen by them too."""
    as_alicia.post(CHOOSE, chosen(*[column.name for column in USUAL]))
    assert lists.settings_of(alicia).columns is None
    as_alicia.post(CHOOSE, chosen())
    assert lists.settings_of(alicia).columns == []


def test_what_is_kept_of_a_column_that_is_gone_is_ignored(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    lists.set_columns(alicia, ["color", "folios"])
    ListSettings.objects.update(page_size=33)
    assert heads(as_alicia.get(URL)) == ["Folios"]
    assert Arrangement.of({}, lists.settings_of(alicia)).page_size == 25


def test_an_address_that_was_sent_shows_the_same_and_changes_nothing(
    as_alicia: Browser, as_colleague: Browser, colleague: User, clara: Client
) -> None:
    lists.set_columns(colleague, ["creado"])
    address = {"q": "kemper", "orden": "-folios", "columnas": "correo,telefono"}
    mine, theirs = (one.get(URL, address) for one in (as_alicia, as_colleague))
    assert heads(mine) == heads(theirs) == ["Correo", "Teléfono"]
    assert "orden=" in mine.content.decode()
    assert lists.settings_of(colleague).columns == ["creado"]
    assert heads(as_colleague.get(URL)) == ["Creado"]


# ── The dialog ────────────────────────────────────────────────────────────────────


def _order(response: HttpResponse) -> list[str]:
    return re.findall(r'name="order" value="(\w+)"', response.content.decode())


def _shown(response: HttpResponse) -> list[str]:
    html = response.content.decode()
    return re.findall(r'name="shown" value="(\w+)" checked', html)


def test_the_dialog_begins_with_what_the_page_shows(
    as_alicia: Browser, alicia: User
) -> None:
    lists.set_columns(alicia, ["correo", "folios"])
    assert _shown(as_alicia.get(CHOOSE)) == ["correo", "folios"]
    came_from = {"Referer": f"http://testserver{URL}?columnas=vigencia"}
    sent = as_alicia.get(CHOOSE, headers=came_from)
    assert _shown(sent) == ["vigencia"]
    carried = as_alicia.get(CHOOSE, {"desde": f"{URL}?columnas=creado"})
    assert _shown(carried) == ["creado"]
    assert sorted(_order(carried)) == sorted(COLUMNS)


def test_moving_a_column_keeps_what_was_chosen_and_saves_nothing(
    as_alicia: Browser, alicia: User
) -> None:
    sent = chosen("paquete", "correo", move="correo:up", page_size="100")
    response = as_alicia.post(CHOOSE, sent | {"density": "compact"})
    assert response.status_code == 200
    assert _order(response)[:2] == ["correo", "paquete"]
    assert _shown(response) == ["correo", "paquete"]
    assertContains(response, 'name="page_size" value="100" checked')
    assertContains(response, 'name="density" value="compact" checked')
    assert not ListSettings.objects.exists()


def test_the_focus_stays_on_the_column_that_was_moved(as_alicia: Browser) -> None:
    """At an end, on the only way that is left."""
    names = [*COLUMNS]
    for move, focused in (
        (f"{names[2]}:up", f"{names[2]}:up"),
        (f"{names[1]}:up", f"{names[1]}:down"),
        (f"{names[-2]}:down", f"{names[-2]}:up"),
    ):
        page = as_alicia.post(CHOOSE, chosen(*names, move=move)).content.decode()
        assert re.findall(r'value="([\w:]+)"[^>]* autofocus', page) == [focused]


def test_restablecer_shows_the_usual_ones_to_be_saved(
    as_alicia: Browser, alicia: User
) -> None:
    lists.set_columns(alicia, ["correo"])
    response = as_alicia.post(CHOOSE, chosen("correo", reset="1", density="compact"))
    assert _shown(response) == [column.name for column in USUAL]
    assertContains(response, 'value="comfortable" checked')
    assert lists.settings_of(alicia).columns == ["correo"]


def test_of_a_list_with_its_own_columns_the_address_changes_and_not_the_person(
    as_alicia: Browser, alicia: User
) -> None:
    came_from = {"Referer": f"http://testserver{URL}?estatus=activo&columnas=folios"}
    dialog = as_alicia.get(CHOOSE, headers=came_from)
    assertContains(dialog, "Aplicar aquí")
    assertContains(dialog, "Usar siempre")
    here = as_alicia.post(
        CHOOSE, chosen("correo", "folios", save="here"), headers=came_from
    )
    assert here["Location"] == f"{URL}?estatus=activo&columnas=correo%2Cfolios"
    assert lists.settings_of(alicia).columns is None
    none = as_alicia.post(CHOOSE, chosen(save="here"), headers=came_from)
    assert none["Location"] == f"{URL}?estatus=activo&columnas=razon_social"
    always = as_alicia.post(CHOOSE, chosen("correo"), headers=came_from)
    assert always["Location"] == f"{URL}?estatus=activo"
    assert lists.settings_of(alicia).columns == ["correo"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"order": ["x"] * 400, "shown": ["x", "__class__", ""]},
        {"order": "folios", "shown": "folios", "move": "folios:sideways"},
        {"move": "x:up"},
        {"move": ":"},
        {"page_size": "1000000", "density": "enormous"},
        {"page_size": "٢٥"},
    ],
)
def test_what_the_dialog_never_sends_changes_nothing_else(
    as_alicia: Browser, alicia: User, clara: Client, sent: dict[str, Any]
) -> None:
    assert as_alicia.post(CHOOSE, sent).status_code in {200, 302}
    kept = lists.settings_of(alicia)
    assert set(kept.columns or []) <= {"folios"}
    assert kept.page_size in (None, 25)
    assert as_alicia.get(URL).status_code == 200


def test_a_draft_moves_no_column_over_an_end() -> None:
    draft = Draft.of(Arrangement())
    first, last = draft.order[0].name, draft.order[-1].name
    assert draft.move(f"{first}:up").order == draft.order
    assert draft.move(f"{last}:down").order == draft.order


# ── Sorting ───────────────────────────────────────────────────────────────────────


def test_a_heading_says_how_it_sorts_now_and_next(
    as_alicia: Browser, clara: Client
) -> None:
    page = as_alicia.get(URL, {"orden": "vigencia", "columnas": ALL})
    assertContains(page, 'aria-sort="ascending"', 1)
    assertContains(
        page,
        'title="Ordenado por vigencia, de la más cercana a la más lejana. '
        'Pulse para ordenar de la más lejana a la más cercana."',
        1,
    )
    for other in (
        "razón social, de la A a la Z",
        "folios, de menor a mayor",
        "día de alta, primero los más antiguos",
        "estatus, primero los que no timbran",
        "el día en que se agotan los folios, del más cercano al más lejano",
    ):
        assertContains(page, f'title="Ordenar por {other}"')


def test_the_new_columns_have_no_sort(as_alicia: Browser, clara: Client) -> None:
    html = as_alicia.get(URL, {"columnas": "correo,servicios"}).content.decode()
    head = html[html.index("<thead") : html.index("</thead")]
    assert re.findall(r"orden=-?(\w+)", head) == ["razon_social"] * 2


def test_sorting_goes_to_the_first_page(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    """Not to the place after the client where the open page began."""
    for _ in range(30):
        last = make_client()
    page = as_alicia.get(URL, {"pagina": 2, "despues": last.public_id})
    html = page.content.decode()
    head = html[html.index("<thead") : html.index("</thead")]
    assert "orden=folios" in head
    assert "despues" not in head


def test_the_day_of_creation_folds_under_the_name_only_if_it_is_shown(
    as_alicia: Browser, clara: Client
) -> None:
    assertContains(as_alicia.get(URL), "c-folded", 2)
    for asked in ("folios,vigencia", "creado,correo"):  # not shown; moved sideways
        assertNotContains(as_alicia.get(URL, {"columnas": asked}), "c-folded")


def test_a_column_has_one_definition() -> None:
    assert len({column.label for column in COLUMNS.values()}) == len(COLUMNS)
    assert columns.said(columns.named(COLUMNS)) == ALL
    assert all(re.fullmatch(r"[a-z_]{1,40}", name) for name in COLUMNS)
