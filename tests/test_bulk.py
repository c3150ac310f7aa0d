"""Acting on many clients: what is chosen is fixed at the preview, and done once."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import User
from clients import lifecycle
from clients.bulk import choosing, execution
from clients.bulk.preview import Preview
from clients.bulk.verbs import BULK, UNDO
from clients.models import BulkRun, Client, EventKind, RowState
from jobs import running
from jobs.models import Job, JobState
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.workers import kill, until, worker

CHOOSE = reverse("clients:choose")


@pytest.fixture
def twelve(make_client: MakeClient) -> list[Client]:
    return [make_client(legal_name=f"CLIENTE {number:02}") for number in range(12)]


def chosen(by: User, verb: str, clients: list[Client], **asked: Any) -> BulkRun:
    """A run whose preview was seen."""
    run = choosing.choose(by, verb, [client.pk for client in clients])
    for name, value in asked.items():
        setattr(run, name, value)
    choosing.show_anew(run, today(run))
    return run


def today(run: BulkRun) -> Any:
    return run.reseller.local_date(timezone.now())


def preview_of(run: BulkRun, **asked: Any) -> Preview:
    return Preview(run, today(run), **asked)


def states(run: BulkRun) -> dict[str, int]:
    return {state.value: n for state, n in execution.counts_of(run).items()}


def facts(client: Client) -> Client:
    return Client.objects.with_facts().get(pk=client.pk)


# ── The preview ───────────────────────────────────────────────────────────────────


def test_nothing_happens_before_it_is_accepted(
    alicia: User, twelve: list[Client]
) -> None:
    before = [facts(client).account.last_seq for client in twelve]
    run = chosen(alicia, "renew", twelve)
    shown = preview_of(run)
    assert (shown.number, shown.folios) == (12, 1_200)
    assert [facts(client).account.last_seq for client in twelve] == before
    assert not Job.objects.exists()


def test_who_would_not_change_is_counted_with_the_reason(
    alicia: User, twelve: list[Client]
) -> None:
    for client in twelve[:3]:
        lifecycle.suspend(client, reason="No pagó", by=alicia)
    lifecycle.archive(twelve[0], by=alicia)
    shown = preview_of(chosen(alicia, "suspend", twelve))
    assert shown.number == 9
    assert [(group.number, group.why) for group in shown.groups] == [
        (2, "ya están suspendidos"),
        (1, "archivado"),
    ]


def test_the_preview_adds_up_folios_losses_and_money(
    alicia: User, make_package: MakePackage, make_client: MakeClient
) -> None:
    dear = make_package(name="CARO", folios=500, price="900", leftover_rule="lose")
    free = make_package(name="PRUEBA", folios=10, price=None)
    clients = [make_client(package=one) for one in (dear, dear, free)]
    shown = preview_of(chosen(alicia, "renew", clients))
    assert shown.folios == 1_010
    assert shown.lost == 1_000
    assert (shown.price, shown.unpriced) == (Decimal(1_800), 1)
    other = preview_of(chosen(alicia, "renew", clients), package=free)
    assert (other.folios, other.lost, other.price) == (30, 1_000, None)


def test_the_preview_shows_a_sample_before_and_after(
    alicia: User, twelve: list[Client]
) -> None:
    shown = preview_of(chosen(alicia, "add_folios", twelve), quantity=50)
    assert [one.client for one in shown.sample.clients] == twelve[:8]
    folios = shown.sample.clients[0].cells[0]
    assert folios
    assert (folios.before, folios.after) == ("100", "150")
    assert shown.sample_caption == "Los primeros; hay 4 más"


def test_the_preview_asks_as_much_for_many_as_for_few(
    alicia: User, twelve: list[Client], django_assert_num_queries: Any
) -> None:
    few, many = chosen(alicia, "renew", twelve[:8]), chosen(alicia, "renew", twelve)

    def look(run: BulkRun) -> None:
        shown = preview_of(run)
        assert shown.sample.clients
        assert shown.price is not None or shown.button

    with django_assert_num_queries(11) as asked:
        look(few)
    with django_assert_num_queries(len(asked)):
        look(many)


# ── The run ───────────────────────────────────────────────────────────────────────


def test_a_run_renews_each_of_them_once(alicia: User, twelve: list[Client]) -> None:
    run = chosen(alicia, "renew", twelve)
    job = execution.begin(run)
    assert (job.state, job.done, job.summary) == (JobState.DONE, 12, "12 renovados.")
    assert [facts(client).balance for client in twelve] == [200] * 12
    with pytest.raises(execution.AlreadyBegun):
        execution.begin(run)
    running.run(job.pk)
    assert [facts(client).balance for client in twelve] == [200] * 12


@pytest.mark.parametrize("verb", sorted(BULK))
def test_every_verb_is_done_by_the_function_of_its_row_action(
    alicia: User, make_client: MakeClient, verb: str
) -> None:
    client, fit = make_client(), make_client(legal_name="OTRO")
    for one in (client, fit):
        if verb in ("activate", "archive", "restore"):
            lifecycle.suspend(one, reason="No pagó", by=alicia)
        if verb == "restore":
            lifecycle.archive(one, by=alicia)
    asked = {
        "add_folios": {"quantity": 7, "reason": "Promoción"},
        "suspend": {"reason": "No pagó", "message": "Llámenos."},
    }.get(verb, {})
    run = chosen(alicia, verb, [client, fit], **asked)
    execution.begin(run)
    assert states(run) == {"done": 2}
    alone = {
        "renew": lambda: lifecycle.renew(fit, reference="x", by=alicia),
        "add_folios": lambda: lifecycle.add_folios(
            fit, quantity=7, reason="Promoción", reference="x", by=alicia
        ),
    }.get(verb)
    if alone:
        alone()
        assert facts(fit).balance > facts(client).balance
    again = chosen(alicia, verb, [client], **asked)
    if verb not in ("renew", "add_folios"):
        execution.begin(again)
        assert states(again) == {"skipped": 1}


def test_a_record_of_the_client_names_its_run(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "renew", twelve)
    execution.begin(run)
    page = as_alicia.get(reverse("clients:statement", args=[twelve[3].public_id]))
    assert run.get_absolute_url() in page.content.decode()
    assert "Renovar 12 clientes" in page.content.decode()


def test_who_changed_meanwhile_is_skipped_and_said(
    alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "renew", twelve)
    lifecycle.add_folios(twelve[0], quantity=5, reference="x", by=alicia)
    lifecycle.suspend(twelve[1], reason="No pagó", by=alicia)
    lifecycle.suspend(twelve[2], reason="No pagó", by=alicia)
    lifecycle.archive(twelve[2], by=alicia)
    # Stamps and notes change nothing that the preview has shown.
    lifecycle.consume(twelve[3], quantity=1, reference="F-1", by=alicia)
    lifecycle.add_note(twelve[4], text="Llamó", by=alicia)
    job = execution.begin(run)
    assert job.summary == "9 renovados, 3 sin cambio."
    skipped = run.rows.filter(state=RowState.SKIPPED).order_by("place")
    assert [row.client for row in skipped] == twelve[:3]
    assert "Algo cambió" in skipped[0].said
    assert "archivado" in skipped[2].said


def test_a_package_that_changed_meanwhile_renews_nobody(
    alicia: User, twelve: list[Client], pyme: Package
) -> None:
    run = chosen(alicia, "renew", twelve)
    Package.objects.filter(pk=pyme.pk).update(folios=1_000)
    execution.begin(run)
    assert states(run) == {"skipped": 12}


def test_a_stranger_is_never_chosen(
    as_alicia: Browser, alicia: User, beto: User, clara: Client
) -> None:
    package = factories.PackageFactory(reseller=beto.reseller)
    strange = factories.make_client(package=package, by=beto)
    boxes = [strange.public_id, clara.public_id, "no-es-un-id"]
    response = as_alicia.post(CHOOSE, {"verbo": "renew", "cliente": boxes})
    run = BulkRun.objects.get()
    assert response["Location"].startswith(run.get_absolute_url())
    assert [row.client for row in run.rows.all()] == [clara]


def test_a_person_who_was_dismissed_meanwhile_changes_nobody(
    alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "renew", twelve)
    alicia.is_active = False
    alicia.save()
    job = execution.begin(BulkRun.objects.get(pk=run.pk))
    assert job.state is JobState.FAILED
    assert states(run) == {"": 12}


def test_a_contended_client_fails_alone_and_can_be_tried_again(
    alicia: User, twelve: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = chosen(alicia, "suspend", twelve[:3], reason="No pagó")
    lifecycle.suspend(twelve[0], reason="Ya", by=alicia)
    execution.begin(run)
    assert states(run) == {"done": 2, "skipped": 1}
    new = choosing.again(run, alicia)
    assert [row.client for row in new.rows.all()] == twelve[:1]
    assert (new.verb, new.reason, new.is_preview) == ("suspend", "No pagó", True)


# ── Taking it back ────────────────────────────────────────────────────────────────


def test_every_verb_of_many_can_be_taken_back() -> None:
    assert BULK.keys() == UNDO.keys()


@pytest.mark.parametrize("verb", sorted(BULK))
def test_undo_puts_back_what_the_run_did(
    alicia: User, make_client: MakeClient, verb: str
) -> None:
    clients = [make_client(legal_name=f"CLIENTE {n}") for n in range(3)]
    for one in clients:
        if verb in ("activate", "archive", "restore"):
            lifecycle.suspend(one, reason="No pagó", by=alicia)
        if verb == "restore":
            lifecycle.archive(one, by=alicia)

    def seen() -> list[Any]:
        return [
            (one.balance, one.expires_on, one.is_suspended, one.is_archived)
            for one in map(facts, clients)
        ]

    before = seen()
    run = chosen(alicia, verb, clients, quantity=7, reason="Motivo")
    execution.begin(run)
    assert seen() != before
    if verb in ("renew", "add_folios"):
        lifecycle.consume(clients[0], quantity=1, reference="F-1", by=alicia)
    elif verb == "archive":
        lifecycle.restore(clients[0], by=alicia)
        lifecycle.archive(clients[0], by=alicia)
    else:
        lifecycle.add_folios(clients[0], quantity=1, reference="F-1", by=alicia)
    taken_back = execution.undo(run, alicia)
    assert states(taken_back) == {"done": 2, "skipped": 1}
    assert seen()[1:] == before[1:]
    assert taken_back.job
    assert "Deshacer «" in taken_back.job.title


# ── Through the pages ─────────────────────────────────────────────────────────────


def test_from_the_list_to_the_result(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    boxes = [client.public_id for client in twelve[:4]]
    response = as_alicia.post(
        CHOOSE,
        {"verbo": "add_folios", "cliente": boxes, "desde": "/clientes/?q=CLIENTE"},
        follow=True,
    )
    page = response.content.decode()
    assert "Todavía no se ha hecho nada" in page
    assert "/clientes/?q=CLIENTE" in page
    run = BulkRun.objects.get()
    url = run.get_absolute_url()
    asked = {"quantity": "50", "version": run.version}
    part = as_alicia.get(
        url, asked, headers={"HX-Request": "true", "HX-Target": "preview"}
    )
    assert "Agregar folios a 4 clientes" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert as_alicia.post(url, {"version": run.version}).status_code == 422
    page = as_alicia.post(url, asked, follow=True).content.decode()
    assert "4 con folios agregados" in page
    assert [facts(client).balance for client in twelve[:5]] == [150] * 4 + [100]
    # Back, and the same button once more.
    page = as_alicia.post(url, asked, follow=True).content.decode()
    assert "4 con folios agregados" in page
    assert facts(twelve[0]).balance == 150
    csv = b"".join(as_alicia.get(reverse("clients:result_csv", args=[run.public_id])))
    assert csv.decode().count("Hecho") == 4
    page = as_alicia.post(
        reverse("clients:undo_run", args=[run.public_id]), follow=True
    ).content.decode()
    assert "4 deshechos" in page
    assert facts(twelve[0]).balance == 100


def test_all_of_the_list_are_those_of_its_filters(
    as_alicia: Browser, alicia: User, twelve: list[Client], clara: Client
) -> None:
    lifecycle.suspend(twelve[5], reason="No pagó", by=alicia)
    as_alicia.post(
        CHOOSE,
        {
            "verbo": "renew",
            "todos": "1",
            "desde": "/clientes/?q=CLIENTE&estatus=activo&orden=razon_social",
        },
    )
    run = BulkRun.objects.get()
    assert [row.client for row in run.rows.order_by("place")] == [
        client for client in twelve if client != twelve[5]
    ]


def test_another_preview_than_the_one_that_was_seen_is_not_accepted(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    """In another tab the preview was shown anew, of clients that had changed."""
    run = chosen(alicia, "archive", twelve)
    seen = run.version
    as_alicia.get(run.get_absolute_url())
    response = as_alicia.post(run.get_absolute_url(), {"version": seen})
    assert response.status_code == 409
    assert "Algo cambió" in response.content.decode()
    assert BulkRun.objects.get().is_preview


def test_an_unusual_quantity_is_asked_a_second_time(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "add_folios", twelve)
    asked = {"quantity": "600", "version": run.version}
    response = as_alicia.post(run.get_absolute_url(), asked)
    assert response.status_code == 422
    assert "Sí, esa cantidad" in response.content.decode()
    asked |= {"sure": "on", "asked": "600"}
    assert as_alicia.post(run.get_absolute_url(), asked).status_code == 302
    assert facts(twelve[0]).balance == 700


def test_nobody_chosen_is_said_on_the_list(as_alicia: Browser, alicia: User) -> None:
    page = as_alicia.post(CHOOSE, {"verbo": "renew"}, follow=True).content.decode()
    assert "Elija al menos un cliente" in page
    assert as_alicia.post(CHOOSE, {"verbo": "borrar"}).status_code == 404


def test_suspended_ones_are_activated_too_if_that_is_asked(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    lifecycle.suspend(twelve[0], reason="No pagó", by=alicia)
    run = chosen(alicia, "renew", twelve[:2])
    url = run.get_absolute_url()
    page = as_alicia.get(url).content.decode()
    assert "1 cliente está suspendido." in page
    run.refresh_from_db()
    as_alicia.post(url, {"version": run.version, "activate": "on"})
    client = facts(twelve[0])
    assert not client.is_suspended
    assert client.balance == 200
    assert client.events.filter(kind=EventKind.ACTIVATED).count() == 1


def test_the_tray_chooses_too(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    for client in twelve[:2]:
        lifecycle.consume(client, quantity=100, reference="F-1", by=alicia)
    page = as_alicia.get(reverse("followup:tray")).content.decode()
    assert page.count('name="cliente"') == 2
    assert "Los 2 de la lista" in page
    assert 'name="cliente"' not in as_alicia.get(reverse("home")).content.decode()
    asked = {"verbo": "add_folios", "todos": "1", "desde": "/seguimiento/"}
    response = as_alicia.post(reverse("followup:choose"), asked)
    run = BulkRun.objects.get()
    assert {row.client for row in run.rows.all()} == set(twelve[:2])
    page = as_alicia.get(response["Location"]).content.decode()
    assert 'href="/seguimiento/"' in page
    assert as_alicia.post(reverse("followup:choose"), {"verbo": "x"}).status_code == 404


def test_a_message_to_many_is_a_list_of_ready_links(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    boxes = [client.public_id for client in twelve[:3]]
    url = as_alicia.post(CHOOSE, {"verbo": "write", "cliente": boxes})["Location"]
    page = as_alicia.get(url).content.decode()
    assert "Mensaje para 3 clientes" in page
    assert "mailto:" not in page
    words = {"subject": "Aviso", "text": "{cliente} tiene {folios} folios."}
    page = as_alicia.post(url, words).content.decode()
    assert page.count("mailto:") == 3
    assert "CLIENTE%2001%20tiene%20100%20folios." in page
    assert as_alicia.post(url, words | {"text": "{nada}"}).status_code == 422
    assert not Job.objects.exists()


def test_those_that_are_chosen_can_be_exported(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    boxes = [twelve[4].public_id, twelve[2].public_id]
    asked = {"verbo": "export", "cliente": boxes, "desde": "/clientes/?columnas=folios"}
    response = as_alicia.post(CHOOSE, asked)
    assert response["Content-Disposition"].startswith("attachment")
    sheet = CalamineWorkbook.from_object(BytesIO(response.content)).get_sheet_by_index(
        0
    )
    names = [row[0] for row in sheet.to_python()[1:]]
    assert names == ["CLIENTE 04", "CLIENTE 02"]
    nobody = as_alicia.post(CHOOSE, {"verbo": "export"}, follow=True)
    assert "Elija al menos un cliente" in nobody.content.decode()


# ── In a job ──────────────────────────────────────────────────────────────────────


def test_many_are_a_workers(
    as_alicia: Browser,
    alicia: User,
    twelve: list[Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(execution, "IN_REQUEST", 11)
    run = chosen(alicia, "renew", twelve)
    job = execution.begin(run)
    assert job.state is JobState.WAITING
    page = as_alicia.get(run.get_absolute_url()).content.decode()
    assert "manage.py work" in page
    assert 'hx-trigger="every 1s"' in page
    assert facts(twelve[0]).balance == 100
    running.run(job.pk)
    page = as_alicia.get(run.get_absolute_url()).content.decode()
    assert "12 renovados." in page
    assert "every 1s" not in page


@pytest.mark.django_db(transaction=True)
def test_a_run_whose_workers_are_killed_renews_each_exactly_once(
    alicia: User, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "IN_REQUEST", 0)
    clients = [make_client(legal_name=f"CLIENTE {n:03}") for n in range(120)]
    run = chosen(alicia, "renew", clients)
    job = execution.begin(run)

    def done() -> int:
        return Job.objects.get(pk=job.pk).done

    for goal in (10, 40, 80):
        with worker() as process:
            until(lambda goal=goal: done() >= goal)  # type: ignore[misc]
            kill(process)
    with worker():
        until(lambda: not Job.objects.get(pk=job.pk).is_unfinished)
    assert Job.objects.get(pk=job.pk).summary == "120 renovados."
    for client in map(facts, clients):
        assert client.balance == 200
        assert client.events.filter(kind=EventKind.RENEWED).count() == 1


# ── Two at once, and in a wrong order ─────────────────────────────────────────────


def test_trying_an_undo_again_takes_nothing_else_back(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "add_folios", twelve[:2], quantity=50)
    execution.begin(run)
    lifecycle.add_folios(twelve[0], quantity=30, reference="F-1", by=alicia)
    undone = execution.undo(run, alicia)
    assert states(undone) == {"done": 1, "skipped": 1}
    url = reverse("clients:again", args=[undone.public_id])
    page = as_alicia.post(url, follow=True).content.decode()
    # Undoing shows no preview, also the second time.
    assert "Todavía no se ha hecho nada" not in page
    assert [facts(client).balance for client in twelve[:2]] == [180, 100]


def test_an_undo_that_failed_can_be_tried_again(
    alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "suspend", twelve[:2], reason="No pagó")
    execution.begin(run)
    lifecycle.archive(twelve[0], by=alicia)
    undone = execution.undo(run, alicia)
    assert states(undone) == {"done": 1, "skipped": 1}
    undone.rows.filter(state=RowState.SKIPPED).update(state=RowState.FAILED)
    again = execution.undo_again(undone, alicia)
    assert [row.client for row in again.rows.all()] == [twelve[0]]
    assert (again.undoes, states(again)) == (run, {"skipped": 1})


def test_a_run_that_has_not_ended_is_not_undone(
    as_alicia: Browser,
    alicia: User,
    twelve: list[Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(execution, "SECONDS", -1)
    run = chosen(alicia, "renew", twelve)
    execution.begin(run)
    page = as_alicia.post(
        reverse("clients:undo_run", args=[run.public_id]), follow=True
    ).content.decode()
    assert "Todavía no termina" in page
    assert not run.undone_by.exists()


def test_what_was_undone_does_not_go_on(alicia: User, twelve: list[Client]) -> None:
    run = chosen(alicia, "renew", twelve)
    job = execution.begin(run)
    # As if it had been cancelled before the last one.
    run.rows.filter(client=twelve[11]).update(state=RowState.WAITING, done_seq=None)
    Job.objects.filter(pk=job.pk).update(done=11, cancelled_at=timezone.now())
    execution.undo(run, alicia)
    job.refresh_from_db()
    running.retry(job)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.error == "Este cambio ya se deshizo."
    assert states(run)[""] == 1


def test_undoing_twice_at_once_undoes_once(alicia: User, twelve: list[Client]) -> None:
    run = chosen(alicia, "suspend", twelve, reason="No pagó")
    execution.begin(run)
    first = execution.undo(BulkRun.objects.get(pk=run.pk), alicia)
    assert execution.undo(BulkRun.objects.get(pk=run.pk), alicia) == first
    assert run.undone_by.count() == 1


def test_a_preview_shown_anew_in_another_tab_is_not_accepted_in_this_one(
    alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "renew", twelve)
    choosing.show_anew(BulkRun.objects.get(pk=run.pk), today(run))
    with pytest.raises(lifecycle.PreviewChanged):
        execution.begin(run)
    assert BulkRun.objects.get(pk=run.pk).is_preview


def test_a_run_that_was_begun_is_not_shown_anew(
    alicia: User, twelve: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "IN_REQUEST", 0)
    run = chosen(alicia, "renew", twelve)
    in_another_tab = BulkRun.objects.get(pk=run.pk)
    job = execution.begin(run)
    lifecycle.add_folios(twelve[0], quantity=1, reference="F-1", by=alicia)
    choosing.show_anew(in_another_tab, today(run))
    running.run(job.pk)
    assert states(run) == {"done": 11, "skipped": 1}


def test_whoever_accepts_a_preview_is_who_did_it(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    colleague = User.objects.create_user(
        email="colega@demo.mx", password=None, reseller=alicia.reseller
    )
    run = chosen(colleague, "suspend", twelve[:1])
    as_alicia.post(run.get_absolute_url(), {"reason": "x", "version": run.version})
    event = twelve[0].events.get(kind=EventKind.SUSPENDED)
    assert event.by == alicia
    assert Job.objects.get().by == alicia


def test_trying_again_asks_with_what_was_asked_before(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "add_folios", twelve[:2], quantity=37, reason="Promoción")
    lifecycle.add_folios(twelve[0], quantity=1, reference="F-1", by=alicia)
    execution.begin(run)
    url = reverse("clients:again", args=[run.public_id])
    page = as_alicia.post(url, follow=True).content.decode()
    assert 'value="37"' in page
    assert 'value="Promoción"' in page
    assert "Agregar folios a 1 cliente" in page


def test_who_was_skipped_is_told_in_the_past(
    alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "renew", twelve[:1])
    lifecycle.add_folios(twelve[0], quantity=1, reference="F-1", by=alicia)
    execution.begin(run)
    said = run.rows.get().said
    assert "cambió después de la vista previa" in said
    assert "acéptelo" not in said


def test_the_csv_is_named_by_the_day_of_the_reseller(
    as_alicia: Browser, alicia: User, twelve: list[Client]
) -> None:
    run = chosen(alicia, "renew", twelve[:1])
    execution.begin(run)
    # Seven in the evening of the 3rd in Mexico.
    BulkRun.objects.filter(pk=run.pk).update(created_at="2026-11-04T01:00:00Z")
    url = reverse("clients:result_csv", args=[run.public_id])
    assert "renew-2026-11-03" in as_alicia.get(url)["Content-Disposition"]


def test_a_run_that_was_stopped_goes_on_from_its_result(
    as_alicia: Browser,
    alicia: User,
    twelve: list[Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(execution, "IN_REQUEST", 0)
    run = chosen(alicia, "renew", twelve)
    job = execution.begin(run)
    running.cancel(job)
    retry = reverse("jobs:retry", args=[job.public_id])
    assert retry in as_alicia.get(run.get_absolute_url()).content.decode()
    as_alicia.post(retry)
    running.run(job.pk)
    assert retry not in as_alicia.get(run.get_absolute_url()).content.decode()
    assert states(run) == {"done": 12}


@pytest.mark.parametrize(
    "desde", ["", "/seguimiento/", "/clientes/?q=NADIE&paquete=" + "x" * 2_000]
)
def test_all_of_a_list_that_is_not_known_are_not_all_clients(
    as_alicia: Browser, twelve: list[Client], desde: str
) -> None:
    asked = {"verbo": "suspend", "todos": "1", "desde": desde}
    page = as_alicia.post(CHOOSE, asked, follow=True).content.decode()
    assert "No se sabe qué lista" in page
    assert not BulkRun.objects.exists()
