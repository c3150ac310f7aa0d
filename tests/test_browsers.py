"""The list of sessions names browsers as people know them."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from reseller_panel import browsers
from tests import factories

SESSIONS = reverse("usersessions_list")
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{LINUX} {CHROME} Safari/537.36", "Chrome en Linux"),
        (f"{WINDOWS} {CHROME} Safari/537.36", "Chrome en Windows"),
        (f"{WINDOWS} {CHROME} Safari/537.36 Edg/131.0.0.0", "Edge en Windows"),
        (f"{WINDOWS} {CHROME} Safari/537.36 OPR/115.0.0.0", "Opera en Windows"),
        (f"{ANDROID} {CHROME} Mobile Safari/537.36", "Chrome en Android"),
        (f"{ANDROID} {CHROME} Mobile Safari/537.36 EdgA/131.0", "Edge en Android"),
        (
            f"{ANDROID} AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 "
            "Chrome/125.0.0.0 Mobile Safari/537.36",
            "Samsung Internet en Android",
        ),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
            "Firefox en Android",
        ),
        (
            f"{IPHONE} {WEBKIT} Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari en iPhone",
        ),
        (
            f"{IPHONE} {WEBKIT} CriOS/131.0 Mobile/15E148 Safari/604.1",
            "Chrome en iPhone",
        ),
        (
            f"{IPHONE} {WEBKIT} FxiOS/133.0 Mobile/15E148 Safari/605.1",
            "Firefox en iPhone",
        ),
        (f"{IPAD} {WEBKIT} Version/16.6 Mobile/15E148 Safari/604.1", "Safari en iPad"),
        (f"{MAC} {WEBKIT} Version/18.1 Safari/605.1.15", "Safari en Mac"),
        (
            f"{MAC.replace('10_15_7', '10.15')}; rv:133.0) Firefox/133.0",
            "Firefox en Mac",
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36",
            "Chrome en ChromeOS",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Un navegador en Linux"),
        ("Firefox/133.0", "Firefox"),
        ("curl/8.5.0", "Navegador desconocido"),
        ("", "Navegador desconocido"),
        ("<script>alert(1)</script>", "Navegador desconocido"),
    ],
)
def test_a_browser_is_named_by_what_it_says_of_itself(
    user_agent: str, name: str
) -> None:
    assert browsers.named(user_agent) == name


def opened(user: User, user_agent: str) -> Browser:
    browser = Browser(headers={"User-Agent": user_agent})
    login = {"login": user.email, "password": factories.PASSWORD}
    assert browser.post(reverse("account_login"), login).status_code == 302
    browser.get("/clientes/")
    return browser


def test_sessions_are_told_apart_by_browser_and_last_use(alicia: User) -> None:
    now = timezone.now()
    with time_machine.travel(now - timedelta(minutes=50), tick=False):
        opened(alicia, f"{WINDOWS} {CHROME} Safari/537.36 <i>")
    with time_machine.travel(now - timedelta(minutes=10), tick=False):
        opened(alicia, f"{IPHONE} {WEBKIT} Version/18.1 Safari/604.1")
    with time_machine.travel(now, tick=False):
        mine = opened(alicia, f"{LINUX} {CHROME} Safari/537.36")
        page = " ".join(mine.get(SESSIONS).content.decode().split())
    names = ("Chrome en Linux", "Safari en iPhone", "Chrome en Windows")
    places = [page.index(f">{name}</strong>") for name in names]
    assert places == sorted(places), "this one first, then the one that was used last"
    assert page.count("Esta sesión") == 1
    assert page.index("Esta sesión") < places[1]
    assert "En uso ahora" in page
    assert "Usada por última vez hace 10 minutos" in page.replace("\xa0", " ")
    assert f'title="{LINUX} {CHROME} Safari/537.36"' in page, "the raw text is at hand"
    assert "<i>" not in page
