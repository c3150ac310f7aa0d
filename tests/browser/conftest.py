"""What the browser tests share: a page that tolerates no error, axe, and the log-in."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Response, expect

from accounts.models import User
from tests import factories
from tests.environment import GENEROUS_SECONDS

# Of five seconds: a busy machine may need longer for a page.
expect.set_options(timeout=GENEROUS_SECONDS * 1_000)

THEMES = ("light", "dark")
# A refused log-in, 409 and 422 are answers that the page shows; the browser logs them
# all the same.
EXPECTED = (
    "status of 403",
    "status of 409",
    "status of 422",
    # A newer request took the place of an older one that was still on its way.
    "htmx:sendAbort",
    "htmx:afterRequest",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page on which a console error, a broken script, a refused resource (CSP) or a
    5xx fails the test."""
    page.context.set_default_timeout(GENEROUS_SECONDS * 1_000)
    problems: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        known = any(text in message.text for text in EXPECTED)
        if message.type in ("error", "warning") and not known:
            problems.append(f"console {message.type}: {message.text}")

    def look(response: Response) -> None:
        if response.status >= 500:
            problems.append(f"{response.status} {response.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("response", look)
    yield page
    assert not problems


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Assert that axe finds nothing against WCAG 2.2 AA, in light and in dark."""
    axe = Axe()
    options = {"runOnly": {"type": "tag", "values": RULES}}

    def check(page: Page) -> None:
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            found = axe.run(page, options=options)
            assert found.violations_count == 0, (
                f"{page.url} in {theme}:\n{found.generate_report()}"
            )

    return check


def log_in(page: Page, user: User) -> None:
    page.goto("/cuenta/login/")
    page.get_by_label("Correo").fill(user.email)
    page.get_by_label("Contraseña", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()


def from_menu(page: Page, name: str) -> None:
    """Press an action in the menu beside the buttons of a client's page."""
    page.get_by_role("button", name="Más acciones").click()
    page.locator("#menu").get_by_text(name, exact=True).click()
