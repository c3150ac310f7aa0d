"""Importar clientes: from a file to clients, each line once, and nothing unseen."""

import csv
import io
import random
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import User
from clients import lifecycle
from clients.importing import staging, templates, workbooks, working
from clients.importing.recognition import FIELDS, KEYS
from clients.management.commands.audit_ledger import add_up
from clients.models import (
    Client,
    Fate,
    Import,
    ImportLine,
    ImportRow,
    PackageAlias,
)
from clients.models.imports import DRAFTS_MAX
from jobs import files, running
from jobs.models import Job, JobState
from packages import catalogue
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.imports import HEADERS, as_csv, imported, row, rows, staged
from tests.workers import worker

# ── From the file to the clients, in the panel ────────────────────────────────────


def send(browser: Browser, content: bytes, name: str = "clientes.csv") -> str:
    """Upload; returns the address of the import."""
    file = SimpleUploadedFile(name, content)
    response = browser.post("/clientes/importar/", {"document": file})
    assert response.status_code == 302, response.text
    return response["Location"].removesuffix("columnas/")


def as_it_is(browser: Browser, url: str, **changes: Any) -> dict[str, Any]:
    """What the form of the columns sends if nothing is corrected."""
    form = browser.get(f"{url}columnas/").context["form"]
    return {one.html_name: one.value() or "" for one in form} | changes


def check(browser: Browser, url: str, **changes: Any) -> Any:
    """Accept the columns; returns the page of what would become of each line."""
    response = browser.post(f"{url}columnas/", as_it_is(browser, url, **changes))
    assert response.status_code == 302, response.text
    return browser.get(url)


def test_a_file_is_looked_at_and_then_imported(
    as_alicia: Browser, alicia: User, pyme: Package, mailoutbox: list[Any]
) -> None:
    url = send(as_alicia, as_csv([*rows(3), ["", "SIN RFC", "PYME", "5", ""]]))
    page = check(as_alicia, url)
    assert "Importar 3 clientes" in page.text
    assert "RFC: la celda está vacía, y es obligatorio." in page.text
    assert not Client.objects.exists()
    response = as_alicia.post(f"{url}confirmar/", follow=True)
    assert "3 clientes creados; 1 renglón sin importar." in response.text
    assert Client.objects.count() == 3
    assert [client.balance for client in Client.objects.with_facts()] == [50] * 3
    assert mailoutbox == []
    job = Job.objects.get()
    result = b"".join(files.read(job.files.get())).decode("utf-8-sig")
    lines = [*csv.reader(io.StringIO(result))]
    assert [line[3] for line in lines[1:]] == ["creado"] * 3 + ["con errores"]
    assert lines[4][0] == "5"
    assert "obligatorio" in lines[4][4]


def test_the_same_file_again_adds_nobody(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    content = as_csv(rows(3))
    imported(alicia, content)
    page = check(as_alicia, send(as_alicia, content))
    assert page.context["shown"].new == 0
    assert "Ya existen" in page.text
    assert "Importar 3 clientes" not in page.text
    assert as_alicia.post(f"{page.request['PATH_INFO']}confirmar/").status_code == 409
    assert Client.objects.count() == 3


def test_a_file_imported_half_by_somebody_else_is_not_doubled(
    alicia: User, pyme: Package
) -> None:
    """Both were looked at before either was confirmed."""
    first, second = staged(alicia, as_csv(rows(3))), staged(alicia, as_csv(rows(5)))
    working.confirm(first, by=alicia, updates_existing=False, url="/")
    job = working.confirm(second, by=alicia, updates_existing=False, url="/")
    assert job.summary == "2 clientes creados; 3 renglones sin importar."
    assert Client.objects.count() == 5
    skipped = ImportRow.objects.filter(batch=second, result="skipped")
    assert all("Ya tiene un cliente" in one.reason for one in skipped)
    assert add_up().wrong == []


def test_confirming_twice_is_one_job(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    url = send(as_alicia, as_csv(rows(3)))
    check(as_alicia, url)
    for _ in range(2):
        assert as_alicia.post(f"{url}confirmar/").status_code == 302
    assert Job.objects.count() == 1
    assert Client.objects.count() == 3


def test_it_is_a_link_away(as_alicia: Browser, pyme: Package) -> None:
    for page in ("/clientes/", "/clientes/nuevo/"):
        assert 'href="/clientes/importar/"' in as_alicia.get(page).text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_template_can_be_imported_as_it_is(
    kind: str, as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    response = as_alicia.get(f"/clientes/importar/plantilla.{kind}")
    content = response.content
    assert f"plantilla-clientes.{kind}" in response["Content-Disposition"]
    batch = staged(alicia, content)
    assert batch.columns == KEYS
    assert [one.fate for one in batch.rows.all()] == [Fate.NEW, Fate.NEW]
    assert [one.warnings for one in batch.rows.all()] == [[], []]
    assert [one.is_suspended for one in batch.rows.order_by("line")] == [False, True]


def test_before_there_is_a_package_the_page_says_so(as_alicia: Browser) -> None:
    assert "Primero, un paquete" in as_alicia.get("/clientes/importar/").text


def test_nothing_sent_is_said(as_alicia: Browser, pyme: Package) -> None:
    response = as_alicia.post("/clientes/importar/", {"text": " "})
    assert response.status_code == 422
    assert "Elija un archivo o pegue la tabla." in response.text


# ── Columns ───────────────────────────────────────────────────────────────────────


def test_columns_are_recognised_by_their_names_and_by_what_is_in_them(
    alicia: User, pyme: Package
) -> None:
    far = timezone.now().date() + timedelta(days=400)
    table = [
        ["x1", "Nombre", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10"],
        *(
            [
                factories.rfc(n),
                f"EMPRESA {n}",
                f"a{n}@ejemplo.mx",
                "pyme",
                str(n + 10),
                f"{far:%d/%m/%Y}",
                "15/03/2021",
                "activo",
                f"55123456{n:02}",
                "601",
                f"0{n}000",
            ]
            for n in range(5)
        ),
    ]
    batch = staged(alicia, as_csv(table))
    assert batch.columns == [
        *("rfc", "legal_name", "contact_email", "package", "folios", "expires_on"),
        *("created_on", "status", "contact_phone", "tax_regime", "postal_code"),
    ]
    assert {one.fate for one in batch.rows.all()} == {Fate.NEW}


def test_what_a_person_says_of_columns_is_remembered_for_the_reseller(
    as_alicia: Browser, as_beto: Browser, beto: User, alicia: User, pyme: Package
) -> None:
    """In whatever order the columns come next time; and not for another reseller."""
    table = [["Clave", "Nombre", "Contrato"], [factories.rfc(1), "UNO", "PYME"]]
    url = send(as_alicia, as_csv(table))
    check(as_alicia, url, columna_2="", columna_1="legal_name")
    turned = as_csv([line[::-1] for line in table])
    form = as_alicia.get(f"{send(as_alicia, turned)}columnas/").context["form"]
    assert [one.value() for one in form.column_fields] == ["", "legal_name", "rfc"]
    factories.PackageFactory(reseller=beto.reseller, name="PYME")
    form = as_beto.get(f"{send(as_beto, turned)}columnas/").context["form"]
    assert [one.value() for one in form.column_fields][0] == "package"


def test_a_field_is_of_one_column(as_alicia: Browser, pyme: Package) -> None:
    url = send(as_alicia, as_csv(rows(1)))
    sent = as_it_is(as_alicia, url, columna_1="rfc")
    response = as_alicia.post(f"{url}columnas/", sent)
    assert response.status_code == 422
    assert "Deje una sola" in response.text
    assert "Diga qué columna es la razón social." in response.text


# ── What would become of each line ────────────────────────────────────────────────


def test_each_row_has_its_fate_and_can_be_filtered(
    as_alicia: Browser, clara: Client, pyme: Package
) -> None:
    details = {"legal_name": clara.legal_name, "rfc": clara.rfc}
    same = [details["rfc"], details["legal_name"], "PYME", "9", clara.contact_email]
    other = factories.rfc(50)
    lines = [HEADERS, row(1), same, row(1), [other, "", "PYME", "9", ""]]
    url = send(as_alicia, as_csv(lines))
    page = check(as_alicia, url)
    chips = {chip.slug: chip.count for chip in page.context["shown"].chips}
    assert chips == {"nuevos": 1, "ya-existen": 1, "errores": 2}
    errors = as_alicia.get(f"{url}?destino=errores")
    rfc = factories.rfc(1)
    said = f"El RFC {rfc} está también en la línea 2. Deje uno solo."
    assert said in errors.text
    assert "Razón social: la celda está vacía" in errors.text
    assert "EMPRESA 1" not in as_alicia.get(f"{url}?destino=ya-existen").text
    assert as_alicia.get(f"{url}?destino=otra").status_code == 200


def test_what_is_unusual_of_an_rfc_is_a_warning(alicia: User, pyme: Package) -> None:
    wrong_digit = factories.rfc(1)[:-1] + "B"
    table = [HEADERS, [wrong_digit, "UNO", "PYME", "5", ""], row(2)]
    batch = staged(alicia, as_csv([*table, ["BUEI900317AB1", "DOS", "PYME", "", ""]]))
    first, second, third = batch.rows.order_by("line")
    assert [first.fate, second.fate, third.fate] == [Fate.NEW] * 3
    assert first.warnings == ["El último carácter no corresponde al resto del RFC."]
    assert second.warnings == []
    assert "palabras que el SAT evita" in third.warnings[-1]


def test_a_status_that_does_not_follow_from_the_facts_is_said(
    alicia: User, pyme: Package
) -> None:
    head = [*HEADERS, "Estatus", "Vigencia"]
    lines = [
        [*row(1), "activo", "31/01/2020"],
        [*row(2), "suspendido", ""],
        [*row(3), "expirado", "31/01/2020"],
    ]
    said = [one.warnings for one in staged(alicia, as_csv([head, *lines])).rows.all()]
    assert said == [
        [
            "Estatus: dice «activo» y quedará expirado, por su vigencia y sus folios.",
        ],
        [],
        [],
    ]


def test_a_name_that_no_package_has_is_asked_for_once(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    lines = [HEADERS, row(1, "Oro Viejo"), row(2, "ORO  viejo"), row(3, "pymé")]
    url = send(as_alicia, as_csv(lines))
    page = check(as_alicia, url)
    form = page.context["packages"]
    (field,) = {one.html_name for one in form}
    as_alicia.post(f"{url}paquetes/", {field: pyme.public_id})
    shown = as_alicia.get(url).context["shown"]
    assert (shown.new, shown.errors) == (3, 0)
    assert PackageAlias.objects.get().package == pyme
    next_one = staged(alicia, as_csv([HEADERS, row(4, "oro viejo")]))
    assert next_one.rows.get().package == pyme


def test_a_package_of_another_reseller_cannot_be_chosen(
    as_alicia: Browser, beto: User, pyme: Package
) -> None:
    foreign = factories.PackageFactory(reseller=beto.reseller)
    url = send(as_alicia, as_csv([HEADERS, row(1, "Oro")]))
    page = check(as_alicia, url)
    (field,) = (one.html_name for one in page.context["packages"])
    as_alicia.post(f"{url}paquetes/", {field: foreign.public_id})
    assert not PackageAlias.objects.exists()
    sent = as_it_is(as_alicia, url, default_package=foreign.public_id)
    assert as_alicia.post(f"{url}columnas/", sent).status_code == 422


def test_who_names_no_package_gets_the_chosen_one(
    as_alicia: Browser, pyme: Package, make_package: MakePackage
) -> None:
    other = make_package(name="Otro", folios=7, term_count=None)
    url = send(as_alicia, as_csv([["RFC", "Nombre"], row(1)[:2]]))
    page = check(as_alicia, url, default_package="")
    assert page.context["shown"].errors == 1
    check(as_alicia, url, default_package=other.public_id)
    as_alicia.post(f"{url}confirmar/")
    client = Client.objects.with_facts().get()
    assert (client.plan.name, client.balance, client.expires_on) == ("Otro", 7, None)


def test_a_line_is_corrected_where_it_is(as_alicia: Browser, pyme: Package) -> None:
    bad = [*row(2)]
    bad[0] = "EKU900317"
    url = send(as_alicia, as_csv([HEADERS, row(1), bad, row(3)]))
    check(as_alicia, url)
    form = as_alicia.get(f"{url}renglon/?linea=3").context["form"]
    sent = {one.html_name: one.value() for one in form}
    still = as_alicia.post(f"{url}renglon/?linea=3", sent)
    assert still.status_code == 422
    assert "El RFC no es válido" in still.text
    sent["celda_0"] = factories.rfc(1)
    again = as_alicia.post(f"{url}renglon/?linea=3", sent)
    assert "está también en la línea 2" in again.text
    sent["celda_0"] = factories.rfc(3)
    assert as_alicia.post(f"{url}renglon/?linea=3", sent).status_code == 302
    assert [one.fate for one in ImportRow.objects.order_by("line")] == [
        Fate.NEW,
        Fate.NEW,
        Fate.ERROR,
    ]
    sent["celda_0"] = factories.rfc(2)
    as_alicia.post(f"{url}renglon/?linea=3", sent)
    assert {one.fate for one in ImportRow.objects.all()} == {Fate.NEW}


def test_the_wrong_lines_come_as_a_file_to_correct(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    bad = ["=1+1", "MAL", "PYME", "5", ""]
    url = send(as_alicia, as_csv([HEADERS, row(1), bad]))
    check(as_alicia, url)
    response = as_alicia.get(f"{url}renglones.csv?destino=errores")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    head, line = csv.reader(io.StringIO(text))
    assert head == [*HEADERS, "Línea", "Qué corregir"]
    assert line[0] == "'=1+1"
    assert line[5] == "3"
    corrected = text.replace("'=1+1", factories.rfc(2)).encode()
    assert staged(alicia, corrected).rows.get().fate == Fate.NEW


def test_a_thing_that_changed_after_the_check_is_shown_before_it_is_done(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    url = send(as_alicia, as_csv(rows(2)))
    check(as_alicia, url)
    catalogue.withdraw(pyme, by=alicia)
    response = as_alicia.post(f"{url}confirmar/")
    assert response.status_code == 409
    assert "no se importó nada" in response.text
    assert response.context["shown"].errors == 2
    assert not Client.objects.exists()


def test_a_page_costs_the_same_for_one_row_and_for_fifty(
    as_alicia: Browser,
    alicia: User,
    pyme: Package,
    django_assert_num_queries: Any,
) -> None:
    small, large = staged(alicia, as_csv(rows(1))), staged(alicia, as_csv(rows(50)))
    for batch in (small, small):
        as_alicia.get(f"/clientes/importar/{batch.public_id}/")
    with django_assert_num_queries(14, exact=False) as first:
        as_alicia.get(f"/clientes/importar/{small.public_id}/")
    with django_assert_num_queries(len(first)):
        as_alicia.get(f"/clientes/importar/{large.public_id}/")


# ── Those that exist ──────────────────────────────────────────────────────────────


def lines_of(clara: Client) -> list[list[str]]:
    """Another e-mail and name for clara, and one that is new."""
    head = ["RFC", "Razón social", "Correo", "Contacto", "Folios"]
    return [
        head,
        [clara.rfc, clara.legal_name, "nueva@kemper.mx", "", "999"],
        [factories.rfc(1), "UNO", "uno@ejemplo.mx", "", "5"],
    ]


def test_who_exists_stays_as_it_is_unless_it_is_wanted(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    url = send(as_alicia, as_csv(lines_of(clara)))
    page = check(as_alicia, url)
    assert "clara@kemper.mx" in page.text
    as_alicia.post(f"{url}confirmar/")
    assert factories.fresh(clara).contact_email == "clara@kemper.mx"
    assert Client.objects.count() == 2


def test_updating_is_an_edit_of_what_differs_and_of_nothing_else(
    alicia: User, clara: Client, mailoutbox: list[Any]
) -> None:
    job = imported(alicia, as_csv(lines_of(clara)), updates=True)
    assert job.summary == "1 cliente creado, 1 actualizado."
    client = factories.fresh(clara)
    assert client.contact_email == "nueva@kemper.mx"
    assert client.contact_name == "Clara Kemper"
    assert client.balance == 100
    event = client.events.get(kind="plan_edited")
    assert set(event.after) == {"contact_email", "login_email", "plan"}
    assert mailoutbox == []


def test_who_changed_after_the_check_is_not_updated(
    alicia: User, clara: Client
) -> None:
    batch = staged(alicia, as_csv(lines_of(clara)))
    lifecycle.edit_plan(clara, changes={"contact_name": "Otra"}, by=alicia)
    working.confirm(batch, by=alicia, updates_existing=True, url="/")
    client = factories.fresh(clara)
    assert client.contact_email == "clara@kemper.mx"
    skipped = batch.rows.get(result="skipped")
    assert "Cambió después de la revisión" in skipped.reason


def test_an_archived_one_is_named_and_not_changed(
    alicia: User, make_client: MakeClient
) -> None:
    gone = make_client(archived=True)
    batch = staged(alicia, as_csv(lines_of(gone)))
    working.confirm(batch, by=alicia, updates_existing=True, url="/")
    assert "archivado" in batch.rows.get(result="skipped").reason


def test_an_additional_rfc_of_another_client_is_named(
    alicia: User, clara: Client
) -> None:
    lifecycle.add_rfc(clara, rfc=factories.rfc(1), by=alicia)
    batch = staged(alicia, as_csv(rows(2)))
    first, second = batch.rows.order_by("line")
    assert (first.fate, second.fate) == (Fate.NEW, Fate.ERROR)
    assert "RFC adicional de otro cliente" in second.problems[0]


def test_what_is_missing_may_be_asked_for_later(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    """And an import that has it fills it in."""
    imported(alicia, as_csv([["RFC", "Nombre"], row(1)[:2]]))
    client = Client.objects.get()
    assert client.missing == ["tax_regime", "postal_code", "contact_email"]
    assert (
        "Faltan régimen fiscal, código postal y correo"
        in as_alicia.get(client.get_absolute_url()).text
    )
    full = [["RFC", "Nombre", "CP", "Régimen", "Correo"]]
    full += [[*row(1)[:2], "1000", "601", "a@b.mx"]]
    imported(alicia, as_csv(full), updates=True)
    client = factories.fresh(client)
    assert (client.postal_code, client.tax_regime) == ("01000", "601")
    assert client.missing == []
    assert client.user is not None


# ── Jobs ──────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_a_large_file_is_checked_by_a_job_and_a_page_that_waits(
    as_alicia: Browser, alicia: User, pyme: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "SECONDS", 0)
    url = send(as_alicia, as_csv(rows(working.NOW_MAX + 1)))
    page = check(as_alicia, url)
    assert "Se están revisando los renglones" in page.text
    batch = Import.objects.get()
    assert batch.check_job is not None
    running.run(batch.check_job.pk)
    page = as_alicia.get(url)
    assert page.context["shown"].new == working.NOW_MAX + 1
    response = as_alicia.post(f"{url}confirmar/")
    job = Job.objects.get(kind=working.WRITE)
    assert response["Location"] == job.get_absolute_url()
    running.cancel(job)
    running.run(job.pk)
    assert "Se canceló" in as_alicia.get(url).text
    running.retry(job)
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.DONE, working.NOW_MAX + 1)
    assert Client.objects.count() == working.NOW_MAX + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["checked_line", "written_line", "reported_line"])
def test_killed_at_any_moment_and_resumed_each_is_done_once(
    moment: str, alicia: User, pyme: Package, clara: Client
) -> None:
    """While it checks, while it writes and while it finishes, twice each."""
    seed = random.randrange(10**6)
    print("seed", seed)
    count = 4_500 if moment == "checked_line" else 1_500
    lines = [*rows(count), [clara.rfc, "YA EXISTE", "PYME", "5", ""], row(0)]
    batch = _begun(alicia, as_csv(lines), checks=moment == "checked_line")
    job = batch.check_job or batch.job
    assert job is not None
    for again in range(2):
        words = ("-m", "tests.dying", str(job.pk), moment, str(seed + again))
        with worker(*words) as process:
            process.wait(60)
        assert process.returncode == -9 or again
    job.refresh_from_db()
    assert job.attempt >= 1
    running.run(job.pk)
    if batch.check_job:
        batch.refresh_from_db()
        job = working.confirm(batch, by=alicia, updates_existing=False, url="/")
        running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, count, count)
    assert Client.objects.exclude(pk=clara.pk).count() == count
    assert ImportRow.objects.filter(batch=batch).count() == count + 2
    report = b"".join(files.read(job.files.get())).decode().strip().splitlines()
    numbers = [int(line.split(",")[0]) for line in report[1:]]
    assert numbers == [*range(2, count + 4)]
    assert add_up().wrong == []
    assert add_up().wrong_counts == []


def _begun(alicia: User, content: bytes, *, checks: bool) -> Import:
    """An import whose check, or whose writing, has just been enqueued."""
    assert alicia.reseller is not None
    table = workbooks.of_bytes(content)
    batch = staging.store(alicia.reseller, table, by=alicia, name="clientes.csv")
    with transaction.atomic():
        staging.begin_check(batch)
        kind = working.CHECK if checks else working.WRITE
        if not checks:
            known, seen = staging.known_of(batch), dict[str, int]()
            while staging.check_portion(batch, known, seen):
                pass
            batch.checked_at = batch.confirmed_at = timezone.now()
        new = batch.rows.filter(fate=Fate.NEW).count()
        job = running.start(
            alicia.reseller,
            by=alicia,
            kind=kind,
            title="Importar",
            total=batch.lines if checks else new,
        )
        if checks:
            batch.check_job = job
        else:
            batch.job = job
        batch.save()
    return batch


# ── What is kept ──────────────────────────────────────────────────────────────────


def test_old_files_and_many_drafts_are_thrown_away(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=8), tick=True):
        imported(alicia, as_csv(rows(1)))
    for _ in range(DRAFTS_MAX + 2):
        staged(alicia, as_csv(rows(2)))
    assert Import.objects.count() == DRAFTS_MAX
    assert ImportLine.objects.count() == 2 * DRAFTS_MAX
    newest = Import.objects.first()
    assert newest is not None
    as_alicia.post(f"/clientes/importar/{newest.public_id}/descartar/")
    assert Import.objects.count() == DRAFTS_MAX - 1


def test_an_import_that_was_confirmed_cannot_be_changed(
    as_alicia: Browser, alicia: User, pyme: Package
) -> None:
    imported(alicia, as_csv(rows(1)))
    url = f"/clientes/importar/{Import.objects.get().public_id}"
    for page in ("columnas/", "renglon/"):
        assert as_alicia.get(f"{url}/{page}").status_code == 404
    assert as_alicia.post(f"{url}/descartar/").status_code == 404
    assert as_alicia.get(f"{url}/").status_code == 200


def test_examples_of_the_template_are_of_every_field() -> None:
    first, *others = templates.table("PYME")
    assert first == [field.label for field in FIELDS]
    assert [len(line) for line in others] == [len(FIELDS)] * 2


@pytest.mark.django_db(transaction=True)
def test_a_check_that_is_no_longer_wanted_ends(
    as_alicia: Browser, alicia: User, pyme: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because other columns were chosen, and because the file was discarded."""
    monkeypatch.setattr(working, "SECONDS", 0)
    url = send(as_alicia, as_csv(rows(working.NOW_MAX + 1)))
    for _ in range(2):
        check(as_alicia, url)
    first, second = Job.objects.order_by("pk")
    assert first.state is JobState.CANCELLED or first.cancelled_at
    as_alicia.post(f"{url}descartar/")
    for job in (first, second):
        running.run(job.pk)
        job.refresh_from_db()
        assert job.finished_at
    assert not Import.objects.exists()
    assert not ImportRow.objects.exists()


def test_cells_are_kept_as_they_are(alicia: User, pyme: Package) -> None:
    hostile = ['a"b', "a\\b", "{x}", "a,b", "NULL", "", "\\N", "a'b", 'x\\"y', "ñ→"]
    head = [f"columna {n}" for n in range(len(hostile))]
    batch = staged(alicia, as_csv([head, hostile]))
    assert ImportLine.objects.get(batch=batch).cells == hostile
