"""The manual: it agrees with the code, its links work, and its search finds it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Scope, User
from clients.actions import ACTIONS
from clients.columns import COLUMNS
from clients.models import Answer, Client, EntryKind, EventKind, SuggestionKind
from clients.status import Status
from manual.chapters import CHAPTERS, Chapter, open_to
from manual.contents import Section, read
from manual.pictures import PICTURES, file_of
from manual.search import search, words_of
from packages.models import Package

ROOT = Path(settings.BASE_DIR)
CONTENTS = "/ayuda/"
CHAPTER = {chapter.key: chapter for chapter in CHAPTERS}
HEAVIEST = 100_000  # bytes of a picture


def titles(key: str) -> list[str]:
    return [section.title for section in read(CHAPTER[key]).sections]


def words(key: str) -> str:
    return " ".join(section.text for section in read(CHAPTER[key]).sections)


def html_of(chapter: Chapter) -> str:
    text = read(chapter)
    return text.introduction + "".join(section.html for section in text.sections)


# --- It agrees with the code ----------------------------------------------------


def test_every_status_has_its_section() -> None:
    assert {status.slug for status in Status} <= {
        section.anchor for section in read(CHAPTER["statuses"]).sections
    }


def test_every_action_has_its_section() -> None:
    assert {action.label for action in ACTIONS.values()} <= set(titles("actions"))


def test_every_kind_of_movement_has_its_section() -> None:
    assert {kind.label.capitalize() for kind in EntryKind} <= set(titles("statement"))


def test_every_other_event_is_named() -> None:
    assert [kind for kind in EventKind if kind.label not in words("statement")] == []


def test_every_suggestion_has_its_section() -> None:
    labels = {kind.label.capitalize() for kind in SuggestionKind}
    assert labels <= set(titles("followup"))


def test_every_number_of_the_home_page_is_explained(
    as_alicia: Browser, clara: Client
) -> None:
    page = as_alicia.get("/").content.decode()
    cards = re.findall(r'<a class="kpi".*?</span>', page, re.DOTALL)
    labels = [re.sub(r"<[^>]*>", "", card).strip() for card in cards]
    assert labels
    assert [label for label in labels if label not in words("followup")] == []


def test_every_answer_to_a_suggestion_is_explained() -> None:
    said = words("followup")
    assert [one for one in Answer if one.label.capitalize() not in said] == []


def test_every_permission_of_a_key_is_explained() -> None:
    assert [scope for scope in Scope if scope.label not in words("programs")] == []


def test_every_column_of_the_list_has_its_section(
    as_alicia: Browser, clara: Client
) -> None:
    columns = _columns(as_alicia, "/clientes/")
    assert columns
    assert [name for name in columns if name not in titles("clients")] == []


def test_every_column_that_may_be_chosen_is_explained() -> None:
    said = words("clients") + " ".join(titles("clients"))
    assert [one for one in COLUMNS.values() if one.label not in said] == []


def test_every_column_of_the_packages_is_explained(
    as_alicia: Browser, pyme: Package
) -> None:
    known = {"Paquete", "Acciones"}  # the package itself; the buttons
    columns = set(_columns(as_alicia, "/paquetes/")) - known
    assert columns
    assert {name for name in columns if name not in words("packages")} == set()


def _columns(browser: Browser, address: str) -> list[str]:
    """The column names in a table's head; one cell may have two, to sort by."""
    page = browser.get(address).content.decode()
    heads = re.findall(r"<th\b[^>]*>(.*?)</th>", page, re.DOTALL)
    said = re.split(r"<[^>]*>", "<br>".join(heads))
    return [name.strip() for name in said if name.strip()]


# --- Its links ------------------------------------------------------------------


class Links(HTMLParser):
    """Collects the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == "href"]


def anchors() -> set[str]:
    """The address of every chapter and every section."""
    found = set()
    for chapter in CHAPTERS:
        url = reverse(f"manual:{chapter.key}")
        found |= {url, *(f"{url}#{one.anchor}" for one in read(chapter).sections)}
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.key)
def test_a_chapter_leads_to_what_there_is(chapter: Chapter) -> None:
    links = [link for link in Links(html_of(chapter)).found if "/ayuda/" in link]
    assert [link for link in links if link not in anchors()] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.key)
def test_no_two_sections_of_a_chapter_have_one_address(chapter: Chapter) -> None:
    found = [section.anchor for section in read(chapter).sections]
    assert len(found) == len(set(found))
    assert all(found)


HELP = re.compile(r'_help\.html" with page="(\w+)" about="[^"]+"(?: at="([\w-]+)")? %}')
LINK = re.compile(r'{% url "manual:(\w+)" %}(?:#([\w-]+))?')
TEMPLATES = ROOT / "templates"
PAGES = set(TEMPLATES.rglob("*.html")) - set((TEMPLATES / "manual").rglob("*.html"))


def _helps() -> Iterator[tuple[str, str]]:
    for path in PAGES:
        source = path.read_text()
        helps = HELP.findall(source)
        assert source.count("_help.html") == len(helps), path
        yield from helps
        yield from LINK.findall(source)


def test_every_help_beside_a_question_leads_to_its_answer() -> None:
    found = list(_helps())
    assert {page for page, _ in found} >= set(CHAPTER) - {"visits"}
    for page, at in found:
        url = reverse(f"manual:{page}")
        assert (f"{url}#{at}" if at else url) in anchors(), (page, at)


# --- The pictures ---------------------------------------------------------------


def test_pictures_files_and_text_are_the_same_list() -> None:
    files = {path.name for path in (ROOT / "static" / "manual").iterdir()}
    said = "".join(html_of(chapter) for chapter in CHAPTERS)
    named = {Path(source).name for source in re.findall(r'<img src="([^"]+)"', said)}
    assert files == named == {Path(file_of(name)).name for name in PICTURES}


def test_a_picture_is_light_and_says_what_it_shows() -> None:
    for path in (ROOT / "static" / "manual").iterdir():
        assert path.stat().st_size < HEAVIEST, path
    for chapter in CHAPTERS:
        alts = re.findall(r'<img [^>]*alt="([^"]*)"', html_of(chapter))
        assert all(len(alt) > 20 for alt in alts), chapter


# --- Who reads what -------------------------------------------------------------


def test_a_client_reads_about_its_account_and_not_how_one_sells_to_it(
    as_clara: Browser, clara: Client
) -> None:
    page = as_clara.get(CONTENTS)
    assertContains(page, "Por qué no puedo timbrar")
    assertNotContains(page, CHAPTER["followup"].title)
    assertNotContains(as_clara.get("/ayuda/completo/"), "las-acciones")
    assert as_clara.get(reverse("manual:followup")).status_code == 404


def test_a_client_finds_nothing_of_the_resellers_chapters(
    as_clara: Browser, clara: Client
) -> None:
    assertContains(as_clara.get(CONTENTS, {"q": "sobrantes"}), "Nada en la ayuda dice")


def test_whoever_cannot_enter_is_helped_too(anonymous: Browser, db: None) -> None:
    assertContains(anonymous.get("/cuenta/login/"), reverse("manual:account"))
    assertContains(anonymous.get(reverse("manual:account")), "Entrar por primera vez")
    response = anonymous.get(reverse("manual:actions"))
    assert response["Location"].startswith("/cuenta/login/?next=/ayuda/")


def test_resellers_and_support_read_everything(alicia: User, soporte: User) -> None:
    assert open_to(alicia) == open_to(soporte) == list(CHAPTERS)
    assert 0 < len(open_to(AnonymousUser())) < len(CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.key)
def test_in_the_menu_only_the_manual_is_open(
    chapter: Chapter, as_alicia: Browser
) -> None:
    page = as_alicia.get(reverse(f"manual:{chapter.key}")).content.decode()
    menu = page[page.index('id="side"') : page.index("</nav>")]
    open_ones = [
        item for item in re.findall(r"<a class=.*?</a>", menu) if "current" in item
    ]
    assert len(open_ones) == 1
    assert open_ones[0].endswith("Ayuda</a>")


def test_reading_asks_the_database_for_the_reader_only(
    as_alicia: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for address in (CONTENTS, f"{CONTENTS}?q=renovar", "/ayuda/completo/"):
        with django_assert_num_queries(2):  # session, user
            as_alicia.get(address)


# --- Search ---------------------------------------------------------------------


def first(asked: str) -> str:
    return search(CHAPTERS, asked)[0].section.title


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("RENOVACION", "Renovar"),
        ("¿Cómo renuevo a un cliente?", "Renovar"),
        ("suspendidos", "Suspendido"),
        ("vencido", "Expirado"),
        ("cómo borro a un cliente", "Archivar"),
        ("quiero cambiar el precio", "Editar un paquete no toca lo ya vendido"),
        ("olvidé mi contraseña", "Entrar por primera vez"),
        ("suplantar", "Entrar como cliente"),
        ("folios perdidos", "Vencimiento"),
        ("reverso", "Reverso"),
    ],
)
def test_the_words_people_use_find_the_section(asked: str, title: str) -> None:
    assert first(asked) == title


def test_every_section_is_found_by_its_own_title() -> None:
    for chapter in CHAPTERS:
        for section in read(chapter).sections:
            found = search([chapter], section.title)
            assert section in [one.section for one in found], section.title


def test_the_words_found_are_marked_whole() -> None:
    (found,) = search([CHAPTER["statuses"]], "caducado 00:00:00")
    assert "<mark>00</mark>:<mark>00</mark>:<mark>00</mark>" in found.excerpt


def test_what_is_asked_stays_text(as_alicia: Browser) -> None:
    response = as_alicia.get(CONTENTS, {"q": '"><script>alert(1)</script>'})
    assertNotContains(response, "<script>alert")


@pytest.mark.parametrize("asked", ["%%%", "ﬁ", "İ", "𝔣", "de la", "a" * 5000])
def test_anything_may_be_asked(as_alicia: Browser, asked: str) -> None:
    assert as_alicia.get(CONTENTS, {"q": asked}).status_code == 200


def test_a_question_of_nothing_but_small_words_is_still_a_question() -> None:
    assert words_of("de la") == ["de", "la"]


def test_what_is_not_there_offers_the_way_on(as_alicia: Browser) -> None:
    response = as_alicia.get(CONTENTS, {"q": "criptomonedas"})
    assertContains(response, "Nada en la ayuda dice «criptomonedas»")
    assertContains(response, "Ver el contenido")


def test_htmx_gets_the_answers_alone_and_the_address_follows(
    as_alicia: Browser,
) -> None:
    response = as_alicia.get(CONTENTS, {"q": "folios"}, headers={"HX-Request": "true"})
    assertNotContains(response, "<html")
    assertContains(response, 'id="results"')
    assert response["HX-Replace-Url"] == "/ayuda/?q=folios"


def test_the_text_of_a_section_is_its_words() -> None:
    section = Section("Uno", "<p>Hola, <em>mundo</em>.</p><p>Y &amp; más</p>")  # type: ignore[arg-type]
    assert section.text == "Hola, mundo. Y & más"
