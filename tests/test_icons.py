"""The sprite: it has exactly the icons in use, is cacheable and needs no log-in."""

import re
from pathlib import Path

import pytest
from defusedxml import ElementTree
from django.conf import settings
from django.template import Context, Template
from django.test import Client as Browser

from reseller_panel import icons

ROOT = Path(settings.BASE_DIR)
APPS = (
    "accounts",
    "packages",
    "clients",
    "portal",
    "followup",
    "manual",
    "reseller_panel",
)
NAME = "[a-z0-9]+(?:-[a-z0-9]+)*"
# {% icon "x" %}, symbol="x" of an include, icon="x" of an action.
USED = re.compile(rf'(?:icon |symbol=|icon=)"({NAME})"')


def sources() -> list[str]:
    """The text of every template and every module, except icons.py."""
    files = list((ROOT / "templates").rglob("*.html"))
    for app in APPS:
        files += [f for f in (ROOT / app).rglob("*.py") if f.name != "icons.py"]
    return [file.read_text() for file in files]


def test_every_icon_used_is_listed() -> None:
    used = {name for source in sources() for name in USED.findall(source)}
    assert used - set(icons.ICONS) == set()


def test_every_icon_listed_is_used() -> None:
    everything = "\n".join(sources())
    assert [name for name in icons.ICONS if f'"{name}"' not in everything] == []


def test_the_list_is_in_order() -> None:
    assert list(icons.ICONS) == sorted(set(icons.ICONS))


def test_the_sprite_has_one_drawing_for_each_icon() -> None:
    sprite = ElementTree.fromstring(icons.SPRITE)
    assert [symbol.get("id") for symbol in sprite] == list(icons.ICONS)
    assert all(len(symbol) for symbol in sprite)


def test_an_icon_points_into_the_sprite() -> None:
    html = Template('{% load panel %}{% icon "coins" "big" %}').render(Context())
    assert html == (
        '<svg class="i big" aria-hidden="true">'
        f'<use href="/iconos.svg?v={icons.VERSION}#coins"/></svg>'
    )


def test_an_unknown_icon_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'dragon' is not in"):
        icons.url_of("dragon")


def test_the_sprite_is_kept_for_a_year_under_its_version() -> None:
    # Without log-in, because the log-in page has icons too.
    response = Browser().get(icons.url_of("coins").partition("#")[0])
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_under_another_version_it_is_not_kept() -> None:
    assert Browser().get("/iconos.svg?v=old")["Cache-Control"] == "no-cache"
