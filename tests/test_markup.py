"""Whatever somebody typed is text on every page, and inert should it ever not be.

Law: quality.md, "Markup in names is text everywhere". Two nets: nothing prints a text
unescaped, and where the texts of people stand `hx-disable` keeps htmx from reading
attributes there. tests/browser/test_markup.py looks at the same pages in Chromium.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client as Browser

from accounts.models import User
from tests import hostile as world
from tests.cast import MakeClient
from tests.hostile import MARK, Hostile
from tests.programs import MakeProgram

ROOT = settings.BASE_DIR
APPS = [
    *("accounts", "api", "clients", "demo", "followup", "manual", "packages"),
    *("portal", "reseller_panel", "sat"),
]
UNESCAPED = {
    "templates": r"\|\s*safe(seq)?\b|autoescape off|\bas_(div|p|ul|table)\b",
    "code": r"mark_safe|SafeString\(|SafeText|html_safe|__html__|allow_tags"
    r"|format_html\(\s*f[\"']",
}
# With the reason why no text of a person gets there.
DECIDED = {
    "manual/contents.py": "the manual's own chapters",
    "manual/templatetags/manual.py": "the manual's own chapters",
    "templates/clients/mail/welcome.txt": "plain text: nothing is markup there",
    "templates/clients/mail/access.txt": "plain text, likewise",
    "templates/accounts/mail/access_changed.txt": "plain text, likewise",
    "templates/account/email/base_message.txt": "plain text, likewise",
    "templates/admin/ask.html": "the help of these forms is written by us",
}


def _files() -> list[tuple[str, Path]]:
    templates = [p for p in (ROOT / "templates").rglob("*") if p.is_file()]
    code = [p for app in APPS for p in (ROOT / app).rglob("*.py")]
    return [*(("templates", p) for p in templates), *(("code", p) for p in code)]


def test_no_text_is_printed_unescaped() -> None:
    found = {
        str(path.relative_to(ROOT))
        for kind, path in _files()
        if re.search(UNESCAPED[kind], path.read_text())
    }
    assert found == set(DECIDED)


def test_no_script_of_ours_writes_markup() -> None:
    for path in (ROOT / "static").glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(",
            path.read_text(),
        ), path.name


class Reader(HTMLParser):
    """Collects what stands where: texts with the mark that htmx would read around,
    and tags or attributes that only the texts of people could have brought."""

    # What htmx never looks into, for nothing in there is an element.
    QUIET = ("title", "textarea", "option", "script")
    VOID = ("meta", "link", "input", "img", "br", "hr", "use", "path", "col", "wbr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.unguarded: list[str] = []
        self.broken_out: list[str] = []
        self.muted: list[str] = []  # of ours, where htmx would not hear them

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        tag_text = self.get_starttag_text() or ""
        if "onerror" in names or "onload" in names or names.get("src") == "/trampa/":
            self.broken_out.append(tag_text)
        if any(key.startswith("hx-on") for key in names) or (
            (names.get("hx-get") or "").startswith("/trampa")
        ):
            self.broken_out.append(tag_text)
        if (names.get("href") or "").strip().lower().startswith("javascript:"):
            self.broken_out.append(tag_text)
        if any(guard for _, guard in self.open) and {"hx-get", "hx-post"} & set(names):
            self.muted.append(tag_text)
        if tag not in self.VOID:
            self.open.append((tag, "hx-disable" in names))

    def handle_endtag(self, tag: str) -> None:
        if any(tag == opened for opened, _ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.open]
        guarded = any(is_guard for _, is_guard in self.open)
        if MARK in data and not guarded and not set(tags) & set(self.QUIET):
            self.unguarded.append(f"{'>'.join(tags[-3:])}: {data.strip()[:40]}")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_the_reader_sees_what_it_is_there_to_see() -> None:
    """The control of the tests below."""
    for bad in ("<img src=/trampa/ onerror=x>", "<a href=' JavaScript:x'>x</a>"):
        assert read(bad).broken_out
    assert read("<i hx-get=/trampa/>x</i>").broken_out
    assert read(f"<p>{MARK}</p>").unguarded
    assert not read(f"<p hx-disable><b/><br>{MARK}</p>").unguarded
    assert read(f"<p hx-disable>x</p><br>{MARK}").unguarded
    assert read("<p hx-disable><a hx-get=/>x</a></p>").muted


@pytest.fixture
def hostile(
    alicia: User, soporte: User, make_client: MakeClient, make_program: MakeProgram
) -> Hostile:
    return world.build(alicia, soporte, make_client, make_program)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
@pytest.mark.parametrize("role", ["alicia", "clara", "soporte"])
def test_on_no_page_does_it_become_markup(
    hostile: Hostile, role: str, headers: dict[str, str]
) -> None:
    person = {"alicia": hostile.alicia, "soporte": hostile.soporte}
    browser = Browser()
    browser.force_login(person.get(role, hostile.clients[0].user))
    seen, unguarded = 0, set()
    for url in hostile.pages(role):
        response = browser.get(url, headers=headers)
        assert response.status_code in {200, 302, 409, 404}, url
        if not response.get("Content-Type", "").startswith("text/html"):
            continue
        html = response.content.decode()
        reader = read(html)
        assert not reader.broken_out, (url, reader.broken_out[:3])
        assert not reader.muted, (url, reader.muted[:3])
        seen += MARK in html
        if "htmx" in html or headers:
            where = url.partition("?")[0]
            unguarded |= {f"{where} {one}" for one in reader.unguarded}
    assert seen > 5, "the texts of people are on these pages"
    if role != "soporte":  # the admin has no htmx
        assert not unguarded, "\n".join(sorted(unguarded))
