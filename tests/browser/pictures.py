"""Takes the pictures of the manual from the demo: `make pictures`, not a test.

They always show the same day in the same sizes (manual/pictures.py), so that a picture
changes only when the page does. Chromium encodes the WebP itself.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts.models import User
from clients.models import Client
from demo.stories import KEMPER
from manual.pictures import PICTURES, file_of
from tests import factories
from tests.browser.conftest import log_in

DAY = datetime.fromisoformat("2026-11-25T10:00:00-06:00")
STATIC = Path(settings.BASE_DIR) / "static"
SIDE = 210  # width of the menu beside `main`
SHARPNESS = 1.5
QUALITY = 0.8
AS_WEBP = """
async ([data, quality]) => {
  const picture = new Image()
  picture.src = "data:image/png;base64," + data
  await picture.decode()
  const canvas = document.createElement("canvas")
  canvas.width = picture.width
  canvas.height = picture.height
  canvas.getContext("2d").drawImage(picture, 0, 0)
  return canvas.toDataURL("image/webp", quality).split(",")[1]
}
"""


def page_of(name: str, rfc: str = KEMPER) -> Callable[[], str]:
    """A function that returns the address of a page about one client."""
    return lambda: reverse(name, args=[Client.objects.get(rfc=rfc).public_id])


def _renew(page: Page) -> None:
    page.get_by_label("Renovar:").first.click()
    page.locator("#preview").wait_for()


def _enter(page: Page) -> None:
    page.get_by_role("button", name="Entrar a la cuenta").click()
    page.get_by_role("button", name="Volver a mi panel").wait_for()


@dataclass(frozen=True)
class Shot:
    """Which user opens which page, and at which element's corner the picture begins."""

    address: str | Callable[[], str]
    who: str = "alicia@demo.mx"
    at: str = "main"
    window: int = 0  # width; 0 makes `main` as wide as the picture
    first: Callable[[Page], None] = lambda page: None

    def take(self, page: Page, name: str) -> bytes:
        width, height = PICTURES[name]
        wide = self.window or width + SIDE
        page.set_viewport_size({"width": wide, "height": 900})
        page.goto(self.address if isinstance(self.address, str) else self.address())
        self.first(page)
        page.evaluate("document.activeElement.blur()")
        box = page.locator(self.at).bounding_box()
        assert box is not None
        clip = {"x": box["x"], "y": box["y"], "width": width, "height": height}
        return page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]


SHOTS = {
    "account": Shot("/mi-cuenta/", who="clara@demo.mx"),
    "clients": Shot("/clientes/?orden=vigencia"),
    "forecast": Shot(
        page_of("clients:detail", "MUPA780314D56"), at="#forecast", window=1166
    ),
    "home": Shot("/"),
    "keys": Shot("/llaves/"),
    "packages": Shot("/paquetes/"),
    "renew": Shot(
        "/clientes/?estatus=suspendido", at="#dialog", window=1366, first=_renew
    ),
    "statement": Shot(page_of("clients:statement")),
    "tray": Shot("/seguimiento/"),
    # The last one, because during a visit no other page can be opened.
    "visit": Shot(page_of("portal:enter"), at="body", window=1000, first=_enter),
}


@pytest.fixture
def demo(transactional_db: None) -> Iterator[None]:
    with time_machine.travel(DAY), override_settings(DEBUG=True):
        call_command("load_demo", stdout=StringIO())
        for user in User.objects.all():
            user.set_password(factories.PASSWORD)
            user.save()
        yield


def test_every_picture_is_taken(demo: None, browser: Browser, base_url: str) -> None:
    assert list(SHOTS) == list(PICTURES)
    pages: dict[str, Page] = {}
    paper = browser.new_page()
    for name, shot in SHOTS.items():
        if shot.who not in pages:
            page = browser.new_page(
                base_url=base_url,
                locale="es-MX",
                timezone_id="America/Mexico_City",
                color_scheme="light",
                reduced_motion="reduce",
                device_scale_factor=SHARPNESS,
            )
            log_in(page, User.objects.get(email=shot.who))
            pages[shot.who] = page
        png = base64.b64encode(shot.take(pages[shot.who], name)).decode()
        webp = paper.evaluate(AS_WEBP, [png, QUALITY])
        (STATIC / file_of(name)).write_bytes(base64.b64decode(webp))
