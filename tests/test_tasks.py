"""Notas y pendientes over HTTP: a tab of the client's page, with and without HTMX."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from clients import lifecycle
from clients.models import Client, EventKind, Task
from tests.cast import MakeClient

HX = {"HX-Request": "true", "HX-Target": "client"}


def hx(client: Client) -> dict[str, str]:
    return HX | {"HX-Current-URL": f"http://testserver{notes_tab(client)}"}


def today(client: Client):  # type: ignore[no-untyped-def]
    return client.reseller.local_date(timezone.now())


def notes_tab(client: Client) -> str:
    return reverse("clients:notes", args=[client.public_id])


def note_url(client: Client) -> str:
    return reverse("clients:add_note", args=[client.public_id])


def task_url(client: Client) -> str:
    return reverse("clients:add_task", args=[client.public_id])


def task_data(client: Client, **given: str) -> dict[str, str]:
    day = today(client) + timedelta(days=3)
    return {"text": "Llamar", "due_on": day.isoformat(), "key": str(uuid4())} | given


def make_task(client: Client, text: str = "Llamar", late: int = 0) -> Task:
    key = uuid4()
    now = timezone.now() - timedelta(days=late)
    day = client.reseller.local_date(now)
    lifecycle.add_task(client, text=text, due_on=day, key=key, by=None, now=now)
    return Task.objects.get(public_id=key)


def test_a_note_answers_the_tab_with_it(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    response = as_alicia.post(
        note_url(clara), {"text": "Paga los 15"}, headers=hx(clara)
    )
    assert response.content.decode().strip().startswith('<div id="client"')
    assertContains(response, "Paga los 15</p>")
    assertContains(response, "Nota guardada")
    assert clara.events.latest("seq").by == alicia


def test_a_task_answers_the_tab_with_it(as_alicia: Browser, clara: Client) -> None:
    response = as_alicia.post(task_url(clara), task_data(clara), headers=hx(clara))
    assert response.content.decode().strip().startswith('<div id="client"')
    assertContains(response, "en 3 días")
    assertContains(response, "Pendiente para el")


def test_without_javascript_both_go_back_to_the_tab(
    as_alicia: Browser, clara: Client
) -> None:
    for url, data in (
        (note_url(clara), {"text": "Paga los 15"}),
        (task_url(clara), task_data(clara)),
    ):
        response = as_alicia.post(url, data)
        assertRedirects(response, f"{notes_tab(clara)}#notes")


@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_wrong_is_said_beside_the_field(
    as_alicia: Browser, clara: Client, htmx: bool
) -> None:
    headers = hx(clara) if htmx else {}
    empty = as_alicia.post(note_url(clara), {"text": " "}, headers=headers)
    assertContains(empty, "Escriba la nota.", status_code=422)
    assertContains(empty, "autofocus aria-invalid", status_code=422, count=1)
    wrong = task_data(clara, text="", due_on="ayer")
    response = as_alicia.post(task_url(clara), wrong, headers=headers)
    assertContains(response, "Escriba qué hay que hacer.", status_code=422)
    assert ("<html" in response.content.decode()) is not htmx
    assert not Task.objects.exists()


def test_a_day_that_is_past_is_refused_and_what_was_typed_stays(
    as_alicia: Browser, clara: Client
) -> None:
    yesterday = (today(clara) - timedelta(days=1)).isoformat()
    data = task_data(clara, due_on=yesterday)
    response = as_alicia.post(task_url(clara), data, headers=hx(clara))
    assertContains(response, "Elija hoy o un día que venga.", status_code=409)
    assertContains(response, 'value="Llamar"', status_code=409)


def test_control_characters_are_refused(as_alicia: Browser, clara: Client) -> None:
    response = as_alicia.post(note_url(clara), {"text": "a\u202eb"}, headers=hx(clara))
    assert response.status_code == 422


def test_a_double_click_adds_one(as_alicia: Browser, clara: Client) -> None:
    data = task_data(clara)
    for _ in range(2):
        as_alicia.post(note_url(clara), {"text": "Paga los 15"}, headers=hx(clara))
        as_alicia.post(task_url(clara), data, headers=hx(clara))
    assert clara.events.filter(kind=EventKind.NOTE).count() == 1
    assert clara.tasks.count() == 1


def test_a_task_is_finished_with_one_click_and_the_undo_reopens_it(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    task = make_task(clara)
    url = reverse("clients:finish_task", args=[task.public_id])
    response = as_alicia.post(url, headers=hx(clara))
    mark = Task.objects.get().done_mark
    undo = reverse("clients:reopen_task", args=[task.public_id])
    undo = f"{undo}?deshacer={mark}"
    assertContains(response, f'hx-post="{undo}" hx-target="#client"')
    assertContains(response, "Hecho: Llamar")
    task.refresh_from_db()
    assert task.done_by == alicia
    again = as_alicia.post(url, headers=hx(clara))
    assertNotContains(again, "Deshacer")
    assertContains(
        as_alicia.post(undo, headers=hx(clara)), "Otra vez pendiente: Llamar"
    )
    task.refresh_from_db()
    assert not task.is_done


def test_without_javascript_finishing_goes_back_and_offers_the_undo(
    as_alicia: Browser, clara: Client
) -> None:
    task = make_task(clara)
    url = reverse("clients:finish_task", args=[task.public_id])
    response = as_alicia.post(url, follow=True)
    assert response.redirect_chain == [(f"{notes_tab(clara)}#notes", 302)]
    assertContains(response, "Deshacer")


def test_late_ones_are_marked_and_come_first(as_alicia: Browser, clara: Client) -> None:
    make_task(clara, "Para hoy")
    make_task(clara, "De antes", late=4)
    html = as_alicia.get(notes_tab(clara)).content.decode()
    card = html[html.index('id="notes"') :]
    assert card.index("De antes") < card.index("Para hoy")
    assert card.count("Atrasado") == 1
    assert "hace 4 días" in card


def test_of_an_archived_client_notes_and_tasks_are_only_read(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    task = make_task(client)
    lifecycle.archive(client, by=None)
    page = as_alicia.get(notes_tab(client))
    assertContains(page, "Llamar")
    assertNotContains(page, "Agregar nota")
    assertNotContains(page, 'aria-label="Hecho')
    seq = client.events.latest("seq").seq
    for url, data in (
        (note_url(client), {"text": "Paga los 15"}),
        (task_url(client), task_data(client)),
        (reverse("clients:finish_task", args=[task.public_id]), {}),
        (reverse("clients:reopen_task", args=[task.public_id]), {}),
    ):
        response = as_alicia.post(url, data, headers=hx(client))
        assertContains(response, "está archivado. Restáurelo", status_code=409)
        assert as_alicia.post(url, data).status_code == 302
    assert client.events.latest("seq").seq == seq


def test_to_a_stranger_neither_client_nor_task_exists(
    as_beto: Browser, as_clara: Browser, clara: Client
) -> None:
    task = make_task(clara)
    for browser in (as_beto, as_clara):
        for url, data in (
            (note_url(clara), {"text": "x"}),
            (task_url(clara), task_data(clara)),
            (reverse("clients:finish_task", args=[task.public_id]), {}),
            (reverse("clients:reopen_task", args=[task.public_id]), {}),
        ):
            assert browser.post(url, data).status_code == 404
    assert clara.tasks.pending().count() == 1


def test_the_history_tells_notes_and_tasks(as_alicia: Browser, clara: Client) -> None:
    as_alicia.post(note_url(clara), {"text": "Paga los 15"}, headers=hx(clara))
    task = make_task(clara)
    lifecycle.finish_task(task, by=None)
    statement = reverse("clients:statement", args=[clara.public_id])
    html = as_alicia.get(statement).content.decode()
    kinds = re.findall(r'<td class="kind">([^<]+)', html)
    assert kinds[:3] == ["Pendiente hecho", "Pendiente agregado", "Nota"]


def test_markup_stays_text(as_alicia: Browser, clara: Client) -> None:
    text = "<img src=x onerror=alert(1)>"
    as_alicia.post(note_url(clara), {"text": text}, headers=hx(clara))
    make_task(clara, text)
    assertNotContains(as_alicia.get(notes_tab(clara)), "<img")


def test_the_card_costs_the_same_however_much_is_written(
    as_alicia: Browser, clara: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_task(clara)
    lifecycle.add_note(clara, text="1", by=None)
    with django_assert_num_queries(8):
        as_alicia.get(notes_tab(clara))
    for number in range(20):
        task = make_task(clara, f"{number}")
        if number % 2:
            lifecycle.finish_task(task, by=None)
        lifecycle.add_note(clara, text=f"{number}", by=None)
    with django_assert_num_queries(8):
        as_alicia.get(notes_tab(clara))
