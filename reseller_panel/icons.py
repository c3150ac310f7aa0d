"""The icons in use, as one SVG sprite that the browser fetches once and caches.

It is made at start-up from the `lucide` package: no drawing is committed. A test fails
if an icon is used and not listed, or listed and not used.
"""

import hashlib
from functools import cache

from defusedxml import ElementTree
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from lucide.templatetags.lucide import lucide

ICONS = (
    "archive",
    "archive-restore",
    "arrow-right",
    "ban",
    "bell",
    "bookmark",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle",
    "circle-check",
    "circle-question-mark",
    "circle-x",
    "clock",
    "coins",
    "columns-3",
    "copy",
    "download",
    "ellipsis",
    "eye",
    "house",
    "info",
    "key-round",
    "keyboard",
    "layers",
    "life-buoy",
    "lightbulb",
    "link",
    "log-in",
    "log-out",
    "mail",
    "menu",
    "message-circle",
    "monitor-smartphone",
    "package",
    "package-check",
    "package-x",
    "pencil",
    "phone",
    "play",
    "plus",
    "power",
    "printer",
    "receipt",
    "refresh-cw",
    "search",
    "shield",
    "sun-moon",
    "triangle-alert",
    "undo-2",
    "user",
    "users",
    "x",
)


def _symbol(name: str) -> str:
    """The drawing of one icon. Colour and stroke come from panel.css (`.i`)."""
    drawing = ElementTree.fromstring(lucide(name, size=None))
    shapes = "".join(
        ElementTree.tostring(shape, encoding="unicode").strip() for shape in drawing
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


_symbols = "".join(map(_symbol, ICONS))
SPRITE = f'<svg xmlns="http://www.w3.org/2000/svg">{_symbols}</svg>'.encode()
SVG = "image/svg+xml; charset=utf-8"
# Part of the URL, so that the browser fetches a changed set of icons.
VERSION = hashlib.sha256(SPRITE).hexdigest()[:12]


def url_of(name: str) -> str:
    """The URL of an icon, for `<use href>`."""
    if name not in ICONS:
        raise ValueError(f"The icon {name!r} is not in reseller_panel/icons.py.")
    return f"{reverse('icons')}?v={VERSION}#{name}"


@login_not_required
@require_safe
def icons(request: HttpRequest) -> HttpResponse:
    """The sprite. Cached for a year if the URL has its version, else revalidated."""
    if request.GET.get("v") == VERSION:
        lifetime = "public, max-age=31536000, immutable"
    else:
        lifetime = "no-cache"
    return HttpResponse(SPRITE, content_type=SVG, headers={"Cache-Control": lifetime})


@cache
def _drawing() -> bytes:
    return (settings.BASE_DIR / "static" / "favicon.svg").read_bytes()


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """What a browser asks for on pages that link no icon: a refusal of the API opened
    in a tab, the admin, a downloaded file."""
    return HttpResponse(
        _drawing(),
        content_type=SVG,
        headers={"Cache-Control": "public, max-age=86400"},
    )
