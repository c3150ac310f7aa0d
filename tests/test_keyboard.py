"""*Teclado*: the page of the keys and the switch of the letters, without a browser.
What a key does in one is browser/test_keys.py."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.keyboard import use_letters
from accounts.models import User
from clients.actions import ACTIONS, ANSWERS, letters
from clients.models import Client
from tests import factories

URL = reverse("keyboard")
LIST = reverse("clients:list")
PAGE_KEYS = set("jkn/?")


def test_every_action_has_a_letter_and_no_two_of_a_row_the_same() -> None:
    """Two that never stand in one row together may share one: suspender, activar."""
    for actions in (ACTIONS.values(), ANSWERS):
        assert all(len(action.letter) == 1 for action in actions)
    of_verbs = dict(letters(ACTIONS.values()))
    of_answers = dict(letters(ANSWERS))
    assert not PAGE_KEYS & {*of_verbs, *of_answers}
    assert not of_verbs.keys() & of_answers.keys()
    shared = {label for label in of_verbs.values() if " o " in label}
    assert shared == {"Suspender o activar", "Archivar o restaurar"}


def test_the_page_lists_every_key(as_alicia: Browser) -> None:
    page = as_alicia.get(URL)
    for letter, label in letters([*ACTIONS.values(), *ANSWERS]):
        assertContains(page, f"<kbd>{letter.upper()}</kbd></dt><dd>{label}")
    for key in ("J", "K", "Enter", "N", "/", "?", "Esc"):
        assertContains(page, f"<kbd>{key}</kbd>")


def test_the_switch_is_kept_for_the_person(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    assertContains(as_alicia.get(LIST), " data-letters")
    assertContains(as_alicia.get(LIST), "Renovar (tecla R)")
    response = as_alicia.post(URL, {"letras": "0"}, follow=True)
    assertContains(response, "Las teclas de una letra quedaron apagadas.")
    assertContains(response, "<strong>apagadas</strong>")
    assert not User.objects.get(pk=alicia.pk).uses_letters
    page = as_alicia.get(LIST)
    assertNotContains(page, " data-letters")
    assertNotContains(page, "(tecla")
    as_alicia.post(URL, {"letras": "1"})
    assertContains(as_alicia.get(LIST), " data-letters")


def test_a_colleague_keeps_the_own_switch(alicia: User, clara: Client) -> None:
    colleague = factories.UserFactory(reseller=alicia.reseller)
    use_letters(alicia, on=False)
    assert not alicia.uses_letters
    assert User.objects.get(pk=colleague.pk).uses_letters


def test_switching_ends_no_session(as_alicia: Browser, alicia: User) -> None:
    use_letters(alicia, on=False)
    assert as_alicia.get(URL).status_code == 200


def test_with_htmx_the_open_page_is_loaded_anew(as_alicia: Browser) -> None:
    answer = as_alicia.post(URL, {"letras": "0"}, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assertContains(as_alicia.get(LIST), "quedaron apagadas")


@pytest.mark.parametrize("letras", [None, "", "2", "on", "0 ", "9" * 5_000])
def test_anything_else_switches_nothing(
    letras: str | None, as_alicia: Browser, alicia: User
) -> None:
    sent = {} if letras is None else {"letras": letras}
    assert as_alicia.post(URL, sent).status_code == 422
    assert User.objects.get(pk=alicia.pk).uses_letters


def test_who_has_no_switch_has_no_letters(
    as_clara: Browser, as_soporte: Browser, anonymous: Browser
) -> None:
    for browser, url in (
        (as_clara, "/mi-cuenta/"),
        (as_soporte, "/ayuda/"),
        (anonymous, "/ayuda/"),
    ):
        assertNotContains(browser.get(url), " data-letters")
        assertNotContains(browser.get(url), URL)


def test_who_may_switch(
    as_clara: Browser, as_soporte: Browser, anonymous: Browser, as_beto: Browser
) -> None:
    assert as_clara.post(URL, {"letras": "0"}).status_code == 404
    assert as_soporte.post(URL, {"letras": "0"}).status_code == 404
    assert anonymous.post(URL, {"letras": "0"}).status_code == 302
    assert as_beto.post(URL, {"letras": "0"})["Location"] == URL
    assert User.objects.filter(uses_letters=False).count() == 1


def test_the_manual_lists_the_same_keys(as_alicia: Browser) -> None:
    page = as_alicia.get(reverse("manual:start"))
    for letter, label in letters(ACTIONS.values()):
        assertContains(page, f"<kbd>{letter.upper()}</kbd></dt><dd>{label}")
