"""Exportar: what is on screen, cell by cell, in a file; at once, or by a job that may
be killed anywhere. No cell of it is a formula."""

import csv
import io
import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from html import unescape
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import User
from clients import exporting, lifecycle
from clients.columns import COLUMNS, USUAL
from clients.exporting import asking, making, tables
from clients.models import Client
from demo import crowd
from jobs import files, running
from jobs.models import Job, JobState
from reseller_panel import csv_files, xlsx_files
from reseller_panel.jobs import HandedBack
from reseller_panel.spreadsheets import Format
from tests import factories
from tests.cast import MakeClient
from tests.workers import kill, until, worker

LIST = reverse("clients:list")
EXPORT = reverse("clients:export")
ENTRIES = reverse("clients:entries")
ALL = ",".join(COLUMNS)
HOSTILE = (
    "=HYPERLINK(1)",
    "+52 55",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "＠A",
    "'comilla",
    'Con "comillas", coma; y <b>marca</b>',
    "{=1}",
    "Ñandú Ágil & Cía 😀",
    "http://x.mx/a",
)


def body(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


def rows_of_csv(data: bytes) -> list[list[str]]:
    assert data.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rows_of_xlsx(data: bytes) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_index(0).to_python()


def export(browser: Browser, query: str = "", form: str = "csv") -> HttpResponse:
    return browser.post(f"{EXPORT}{query}", {"formato": form})


def names(response: HttpResponse) -> list[str]:
    return [row[0] for row in rows_of_csv(body(response))[1:]]


def file_of(job: Job) -> bytes:
    (shown,) = job.files.filter(is_hidden=False)
    return b"".join(files.read(shown))


@pytest.fixture
def hostile(make_client: MakeClient, clara: Client) -> None:
    """Clients in every state, with names that spreadsheets take for something else."""
    states: list[dict[str, Any]] = [
        {"exhausted": True},
        {"expired": True},
        {"suspended": True},
        {"expired": True, "suspended": True, "exhausted": True},
    ]
    for place, name in enumerate(HOSTILE):
        client = make_client(legal_name=name, **states[place % 4] if place < 8 else {})
        if place == 9:
            lifecycle.consume(client, reference="a", quantity=30)


# ── Equal to the screen ───────────────────────────────────────────────────────────


def _text(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def _shown(label: str, cell: str) -> Any:
    """What a cell of the page says, as the file is to say it."""
    if found := re.search(r'<time datetime="(\d{4}-\d{2}-\d{2})', cell):
        return date.fromisoformat(found[1])
    if label == "Razón social":
        return unescape(re.findall(r'title="(.*?)"', cell)[0])
    if label == "Estatus":
        marks = re.findall(r'<span class="badge (?!plus)[^"]*">(.*?)</span>', cell, 16)
        also = re.findall(r'<span class="says">también (.*?)</span></span>', cell)
        said = [_text(marks[0]).lower(), *(_text(also[0]).split(" y ") if also else ())]
        return " y ".join(", ".join(said).rsplit(", ", 1))
    if label == "Folios":
        return int(re.findall(r"<b>(.*?)</b>", cell)[0].replace(",", ""))
    if label == "Gastados este mes":
        return int(_text(cell).replace(",", ""))
    first = re.match(r"\s*<(div|span|a)[^>]*>(.*?)</\1>", cell, re.DOTALL)
    return _text(first[2]) if first else _text(cell)


def on_screen(page: str) -> list[list[Any]]:
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    found = []
    for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
        cells = re.findall(
            r'<td class="[^"]*" data-label="([^"]*)"[^>]*>(.*?)</td>', row, re.DOTALL
        )
        rfc = re.findall(r'<span class="mono">(.*?)</span>', row)[0]
        said = [_shown(label, cell) for label, cell in cells]
        found.append([said[0], rfc, *said[1:]])
    return found


def _as_csv(row: list[Any]) -> list[str]:
    return [csv_files.cell(value) for value in row]


def test_a_file_says_what_is_on_screen_cell_by_cell(
    as_alicia: Browser, hostile: None
) -> None:
    query = f"?columnas={ALL}&orden=razon_social"
    page = as_alicia.get(f"{LIST}{query}").content.decode()
    shown = on_screen(page)
    assert len(shown) == len(HOSTILE) + 1
    assert {len(row) for row in shown} == {len(COLUMNS) + 2}
    header, *rows = rows_of_csv(body(export(as_alicia, query)))
    labels = [column.label for column in COLUMNS.values()]
    assert header == ["Razón social", "RFC", *labels]
    assert rows == [_as_csv(row) for row in shown]
    header, *cells = rows_of_xlsx(body(export(as_alicia, query, "xlsx")))
    assert header == ["Razón social", "RFC", *labels]
    assert cells == shown


def test_no_cell_can_become_a_formula(as_alicia: Browser, hostile: None) -> None:
    cells = [cell for row in rows_of_csv(body(export(as_alicia))) for cell in row]
    assert not [one for one in cells if one.startswith(tuple("=+-@\t\r＝＋－＠"))]
    assert "'=HYPERLINK(1)" in cells
    data = body(export(as_alicia, form="xlsx"))
    with ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert not re.findall(r"<f[ >]", sheet)
        assert "<hyperlink" not in sheet
        assert not any("calcChain" in name for name in book.namelist())
    assert "=HYPERLINK(1)" in [row[0] for row in rows_of_xlsx(data)]


def test_a_name_with_marks_of_the_format_stays_one_cell(
    as_alicia: Browser, hostile: None
) -> None:
    found = names(export(as_alicia, "?orden=razon_social"))
    assert sorted(found) == sorted(
        csv_files.cell(name) for name in (*HOSTILE, "ESCUELA KEMPER URGATE")
    )


def test_an_xlsx_has_real_numbers_and_days_and_a_head_that_stays(
    as_alicia: Browser, clara: Client
) -> None:
    data = body(export(as_alicia, "?columnas=folios,vigencia", "xlsx"))
    (row,) = rows_of_xlsx(data)[1:]
    assert row == [clara.legal_name, clara.rfc, 100, clara.expires_on]
    with ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:D2"/>' in sheet
    assert "<cols>" in sheet


# ── What is exported ──────────────────────────────────────────────────────────────


def test_the_filters_the_chip_and_the_order_are_those_of_the_list(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for name in ("Ana", "Berta", "Carla"):
        make_client(legal_name=name)
    make_client(legal_name="Zoe", suspended=True)
    make_client(legal_name="Yago", archived=True)
    assert names(export(as_alicia, "?orden=razon_social")) == [
        *("Ana", "Berta", "Carla", "Zoe")
    ]
    assert names(export(as_alicia, "?orden=-razon_social&estatus=activo")) == [
        *("Carla", "Berta", "Ana")
    ]
    assert names(export(as_alicia, "?q=bert")) == ["Berta"]
    assert names(export(as_alicia, "?archivados=1")) == ["Yago"]
    assert names(export(as_alicia, "?q=nadie")) == []
    by_status = export(as_alicia, "?orden=estatus")
    assert names(by_status)[0] == "Zoe"


def test_it_has_all_pages_and_not_only_the_open_one(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    for n in range(30):
        make_client(legal_name=f"Empresa {n:02}")
    found = names(export(as_alicia, "?orden=razon_social&pagina=2&por_pagina=25"))
    assert found == [f"Empresa {n:02}" for n in range(30)]


def test_the_columns_are_those_of_the_person_or_of_the_address(
    as_alicia: Browser, clara: Client
) -> None:
    usual = rows_of_csv(body(export(as_alicia)))[0]
    assert usual == ["Razón social", "RFC", *(column.label for column in USUAL)]
    asked = rows_of_csv(body(export(as_alicia, "?columnas=correo")))
    assert asked == [
        ["Razón social", "RFC", "Correo"],
        [clara.legal_name, clara.rfc, "clara@kemper.mx"],
    ]


def test_the_menu_sends_what_is_on_screen(as_alicia: Browser, clara: Client) -> None:
    query = "q=kemper&orden=folios&columnas=folios"
    page = as_alicia.get(f"{LIST}?{query}&pagina=1").content.decode()
    (action,) = re.findall(rf'action="({EXPORT}[^"]*)" data-download', page)
    assert unescape(action) == f"{EXPORT}?{query}"


def test_a_stranger_exports_only_its_own(as_beto: Browser, hostile: None) -> None:
    assert names(export(as_beto)) == []


def test_a_choice_is_exported_in_its_order_without_strangers(
    alicia: User, beto: User, make_client: MakeClient
) -> None:
    ours = [make_client(legal_name=name) for name in ("Uno", "Dos", "Tres")]
    package = factories.PackageFactory(reseller=beto.reseller)
    strange = factories.make_client(package=package)
    ids = [ours[2].pk, strange.pk, ours[0].pk, 10**9, ours[1].pk]
    made = exporting.some(ids, columns=USUAL, form=Format.CSV, by=alicia)
    assert not isinstance(made, Job)
    assert [row[0] for row in rows_of_csv(body(made))[1:]] == ["Tres", "Uno", "Dos"]


def test_a_piece_costs_the_same_for_one_client_and_for_fifty(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            body(export(as_alicia, f"?columnas={ALL}"))
        return len(queries)

    make_client()
    cost()
    one = cost()
    for _ in range(49):
        make_client()
    cost()
    assert cost() == one


# ── By a job ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows at once, two in a step."""
    make_few(monkeypatch)


def make_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking, "AT_ONCE", 3)
    patch.setattr(making, "pieces", lambda items, n=2: tables.pieces(items, n))


def job_of(response: HttpResponse) -> Job:
    assert response.status_code == 302
    job = Job.objects.get()
    assert response["Location"] == job.get_absolute_url()
    return job


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "query", [f"?columnas={ALL}&orden=razon_social", "?orden=estatus", "?q=ejemplo"]
)
def test_a_job_makes_the_file_that_a_response_would_be(
    as_alicia: Browser,
    hostile: None,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    query: str,
) -> None:
    at_once = body(export(as_alicia, query, form))
    make_few(monkeypatch)
    job = job_of(export(as_alicia, query, form))
    running.run(job.pk)
    job.refresh_from_db()
    read = rows_of_csv if form == "csv" else rows_of_xlsx
    assert read(file_of(job)) == read(at_once)
    assert job.done == job.total == len(read(at_once)) - 1
    assert str(job.state.label) == "terminado"
    (shown,) = job.files.filter(is_hidden=False)
    assert shown.name == f"clientes-{timezone.localdate()}.{form}"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_killed_after_any_step_it_goes_on_with_every_row_once(
    as_alicia: Browser, hostile: None, few: None, form: str
) -> None:
    read = rows_of_csv if form == "csv" else rows_of_xlsx
    job = job_of(export(as_alicia, "?orden=razon_social", form))
    starts = 0
    while job.is_unfinished and starts < 50:
        starts += 1
        looks = iter([False, False, True])  # two steps, and then it is killed
        with suppress(HandedBack):
            running.run(job.pk, partial(next, looks))
        job.refresh_from_db()
    assert 4 < starts < 50
    whole = export(as_alicia, "?orden=razon_social", form)
    other = Job.objects.exclude(pk=job.pk).get()
    running.run(other.pk)
    assert whole.status_code == 302
    assert read(file_of(job)) == read(file_of(other))
    assert len(read(file_of(job))) == len(HOSTILE) + 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_leaves_every_row_once(
    alicia: User,
) -> None:
    """A real one, by the kernel; another goes on with what it left."""
    assert alicia.reseller
    for _ in crowd.pieces(alicia.reseller, 6_000):
        pass
    wanted = making.Wanted("list", Format.CSV, "folios", "orden=razon_social")
    job = making.start(wanted, by=alicia, title="Exportar")
    with worker() as first:
        until(lambda: Job.objects.get(pk=job.pk).done >= tables.PIECE)
        kill(first)
    job.refresh_from_db()
    assert job.is_unfinished
    assert 0 < job.done < (job.total or 0)
    with worker():
        until(lambda: not Job.objects.get(pk=job.pk).is_unfinished)
    job.refresh_from_db()
    rfcs = [row[1] for row in rows_of_csv(file_of(job))[1:]]
    listed = Client.objects.visible_to(alicia).listed()
    by_name = listed.order_by("sort_name", "pk").values_list("rfc", flat=True)
    assert rfcs == [*by_name]
    assert job.attempt == 2


def test_a_file_that_is_not_whole_is_not_offered(
    as_alicia: Browser, hostile: None, few: None
) -> None:
    job = job_of(export(as_alicia))
    looks = iter([False] * 4 + [True])
    with pytest.raises(HandedBack):
        running.run(job.pk, partial(next, looks))
    assert job.files.filter(name__endswith=".csv").exists()
    assert not job.files.filter(is_hidden=False).exists()


def test_the_ids_of_a_choice_are_kept_with_the_job(
    alicia: User, make_client: MakeClient, few: None
) -> None:
    ids = [make_client(legal_name=f"Número {n}").pk for n in (4, 1, 3, 2, 5)]
    job = exporting.some(ids, columns=USUAL, form=Format.CSV, by=alicia)
    assert isinstance(job, Job)
    make_client(legal_name="Más nueva")
    running.run(job.pk)
    found = [row[0] for row in rows_of_csv(file_of(job))[1:]]
    assert found == [f"Número {n}" for n in (4, 1, 3, 2, 5)]


def test_whoever_left_meanwhile_gets_no_rows(
    as_alicia: Browser, alicia: User, hostile: None, few: None, beto: User
) -> None:
    job = job_of(export(as_alicia))
    alicia.reseller = beto.reseller
    alicia.save()
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state is JobState.FAILED
    assert "ya no tiene acceso" in job.error
    assert not job.files.filter(is_hidden=False).exists()


def test_more_rows_than_a_sheet_has_end_the_job_in_words(
    as_alicia: Browser, hostile: None, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_files, "ROWS_MAX", 5)
    job = job_of(export(as_alicia, form="xlsx"))
    running.run(job.pk)
    job.refresh_from_db()
    assert job.error == (
        "Son 12 renglones, y una hoja de Excel tiene a lo más 5. Expórtelos a CSV, o "
        "filtre antes la lista."
    )


def test_a_row_in_two_parts_of_a_file_is_read_as_one(
    as_alicia: Browser, hostile: None, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", 16)
    job = job_of(export(as_alicia, form="xlsx"))
    running.run(job.pk)
    assert len(rows_of_xlsx(file_of(job))) == len(HOSTILE) + 2


# ── Movements ─────────────────────────────────────────────────────────────────────


def at(days: int) -> datetime:
    """Noon of so many days ago."""
    now = timezone.localtime() - timedelta(days=days)
    return now.replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def moved(make_client: MakeClient, alicia: User) -> list[Client]:
    """Two clients of 30 days ago, who stamped 20, 10 and 1 days ago; Berta bought."""
    berta = make_client(legal_name="Berta", now=at(30))
    ana = make_client(legal_name="Ana =1", now=at(30))
    for days in (20, 10, 1):
        for client in (berta, ana):
            lifecycle.consume(client, reference=f"F-{days}", quantity=2, now=at(days))
        if days == 10:
            bought = {"quantity": 50, "reference": "compra", "reason": "=A1"}
            lifecycle.add_folios(berta, **bought, by=alicia, now=at(10))
    return [ana, berta]


def days(since: int, until: int) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "since": f"{today - timedelta(days=since)}",
        "until": f"{today - timedelta(days=until)}",
        "formato": "csv",
    }


def test_the_movements_of_all_between_two_days(
    as_alicia: Browser, moved: list[Client]
) -> None:
    ana, berta = moved
    header, *rows = rows_of_csv(body(as_alicia.post(ENTRIES, days(10, 2))))
    assert header[:7] == [
        *("Cliente", "RFC", "Núm.", "Fecha", "Movimiento", "Folios", "Saldo")
    ]
    assert [row[:2] + row[4:8] for row in rows] == [
        ["Ana =1", ana.rfc, "timbrado", "-2", "96", "F-10"],
        ["Berta", berta.rfc, "timbrado", "-2", "96", "F-10"],
        ["Berta", berta.rfc, "recarga", "50", "146", "compra"],
    ]
    assert rows[2][8:10] == ["'=A1", "Alicia Gómez"]
    assert rows[0][3] == f"{at(10):%Y-%m-%d %H:%M:%S}"


def test_they_add_up_to_the_balances(as_alicia: Browser, moved: list[Client]) -> None:
    rows = rows_of_csv(body(as_alicia.post(ENTRIES, days(40, 0))))[1:]
    for client in moved:
        own = [row for row in rows if row[1] == client.rfc]
        balance = factories.fresh(client).balance
        assert sum(int(row[5]) for row in own) == balance == int(own[-1][6])
        assert len(own) == client.entries.count()


def test_movements_as_xlsx_have_real_moments(
    as_alicia: Browser, moved: list[Client]
) -> None:
    sent = days(10, 2) | {"formato": "xlsx"}
    rows = rows_of_xlsx(body(as_alicia.post(ENTRIES, sent)))
    assert rows[1][3] == at(10).replace(tzinfo=None)
    assert rows[1][5] == -2


def test_a_stranger_reads_no_movement(as_beto: Browser, moved: list[Client]) -> None:
    assert rows_of_csv(body(as_beto.post(ENTRIES, days(40, 0))))[1:] == []


def test_many_movements_are_a_job_with_the_same_rows(
    as_alicia: Browser, moved: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    for form, read in (("csv", rows_of_csv), ("xlsx", rows_of_xlsx)):
        sent = days(40, 0) | {"formato": form}
        at_once = body(as_alicia.post(ENTRIES, sent))
        with monkeypatch.context() as patch:
            make_few(patch)
            job = job_of(as_alicia.post(ENTRIES, sent))
            running.run(job.pk)
        assert read(file_of(job)) == read(at_once)
        job.delete()


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("", "2026-01-01", "Este campo es obligatorio"),
        ("2026-02-01", "2026-01-01", "Elija el mismo día de Desde, o uno posterior."),
        ("2999-01-01", "2999-01-02", "Ese día todavía no llega."),
        ("2020-01-01", "2026-01-01", "Elija a lo más un año: 366 días."),
        ("x", "0001-01-01", "Introduzca una fecha válida"),
    ],
)
def test_days_that_make_no_sense_are_said(
    as_alicia: Browser, since: str, until: str, said: str
) -> None:
    response = as_alicia.post(ENTRIES, {"since": since, "until": until})
    assert response.status_code == 422
    assert said in response.content.decode()


def test_at_first_the_days_are_those_of_last_month(as_alicia: Browser) -> None:
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    page = as_alicia.get(ENTRIES).content.decode()
    assert f'value="{last.replace(day=1)}"' in page
    assert f'value="{last}"' in page


def test_the_statement_of_one_client_is_of_the_days_that_are_shown(
    as_alicia: Browser, moved: list[Client]
) -> None:
    berta = moved[1]
    asked = {"fecha_desde": days(10, 2)["since"], "fecha_hasta": days(10, 2)["until"]}
    page = as_alicia.get(reverse("clients:statement", args=[berta.public_id]), asked)
    (url,) = re.findall(r'href="([^"]*movimientos\.csv[^"]*)"', page.content.decode())
    rows = rows_of_csv(body(as_alicia.get(unescape(url))))[1:]
    assert [row[2] for row in rows] == ["timbrado", "recarga"]
    whole = reverse("clients:statement_csv", args=[berta.public_id])
    assert len(rows_of_csv(body(as_alicia.get(whole)))) == 6
