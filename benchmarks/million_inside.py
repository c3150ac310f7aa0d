"""The part of million.py that runs inside the product: every look at a crowd that
load_many has loaded, and Django's admin asked for the same list of clients."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.admin import AdminSite, ModelAdmin  # noqa: E402
from django.db import (  # noqa: E402
    OperationalError,
    connection,
    connections,
    reset_queries,
)
from django.db.models import Q, QuerySet  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Reseller, User  # noqa: E402
from benchmarks.rounds import percentile  # noqa: E402
from clients.models import Client  # noqa: E402
from demo.management.commands.load_many import EMAIL  # noqa: E402
from reseller_panel.database import SERVING_PARAMETERS  # noqa: E402

LOOKS, LOOKS_OF_ADMIN = 20, 3
PAGE = 25
ADMIN_SECONDS_MAX = 60


@dataclass(frozen=True)
class Look:
    """A page of the panel, and the same list for the admin, if it is one: which
    clients, in which order, with which words, and which page."""

    name: str
    path: str
    clients: Q | None = None
    order: str = "-created_at"
    words: str = ""
    page: int = 1


_COLUMNS = {
    "razon_social": "sort_name",
    "paquete": "plan__name",
    "folios": "account__balance",
    "creado": "created_at",
    "vigencia": "expires_on",
    "se_agotan": "standing__runs_out_on",
    "deja_de_facturar": "standing__stops_on",
}
_LISTED = Q(archived_at=None)


def looks(reseller: Reseller, today: date) -> Iterator[Look]:
    yield Look("Clientes", "", _LISTED)
    yield from _filtered(reseller, today)
    for name, column in _COLUMNS.items():
        for sign in ("", "-"):
            yield Look(
                f"by {sign}{name}", f"orden={sign}{name}", _LISTED, sign + column
            )
    yield Look("by estatus", "orden=estatus")
    some = reseller.clients.order_by("-pk")[5]
    for name, words in {
        "common word": "comercializadora",
        "two common words": "ibanez zuniga",
        "rare word": "contacto77777",
        "no such word": "zzyzx",
        "RFC": some.rfc,
        "beginning of an RFC": some.rfc[:8],
        "two letters": "gu",
    }.items():
        yield Look(name, f"q={words}", _LISTED, words=words)
    last = -(-reseller.clients.filter(_LISTED).count() // PAGE)
    for number in (100, 4_000):
        if number < last:
            path = f"pagina={number}"
            yield Look(f"page {number:,}", path, _LISTED, page=number)
    yield Look("the last page", f"pagina={last}", _LISTED, page=last)
    yield from _pages(reseller)


def _filtered(reseller: Reseller, today: date) -> Iterator[Look]:
    usable = Q(suspended_at=None) & (Q(expires_on=None) | Q(expires_on__gte=today))
    active = usable & Q(account__balance__gt=0)
    for slug, has in {
        "activo": active,
        "folios-agotados": usable & Q(account__balance=0),
        "expirado": Q(suspended_at=None, expires_on__lt=today),
        "suspendido": Q(suspended_at__isnull=False),
    }.items():
        yield Look(slug, f"estatus={slug}", _LISTED & has)
    yield Look("archivados", "archivados=1", ~_LISTED)
    package = reseller.packages.order_by("-pk")[0]
    soon, in_7, before = (today + timedelta(days=n) for n in (30, 7, -60))
    ends = Q(expires_on__gte=today, expires_on__lte=soon)
    ending = f"vence_desde={today}&vence_hasta={soon}"
    of = Q(plan__package=package)
    yield Look("package", f"paquete={package.public_id}", _LISTED & of)
    yield Look("vence 30", ending, _LISTED & ends)
    three = f"{ending}&paquete={package.public_id}&estatus=activo"
    yield Look("vence 30, package, activo", three, _LISTED & ends & of & active)
    runs_out = active & Q(standing__runs_out_on__lte=in_7)
    yield Look("se agotan 7", "se_agotan=7", _LISTED & runs_out)
    idle = Q(standing__idle_since__lte=before)
    yield Look("sin timbrar 60", "sin_timbrar=60", _LISTED & idle)


def _pages(reseller: Reseller) -> Iterator[Look]:
    yield Look("Inicio", "/")
    yield Look("Seguimiento", "/seguimiento/")
    yield Look("its count in the menu", "/seguimiento/cuenta/")
    yield Look("a client", reseller.clients.order_by("-pk")[7].get_absolute_url())
    yield Look("Buscar", "/buscar/?q=renovar+contacto777")


# ── Django's admin ────────────────────────────────────────────────────────────────


class _Admin(ModelAdmin):
    """What a developer would write for the same columns."""

    list_display = ("legal_name", "rfc", "plan", "account", "created_at", "expires_on")
    list_select_related = ("plan", "account")
    search_fields = ("legal_name", "rfc", "contact_email", "contact_name")
    list_per_page = PAGE
    look: Look
    reseller: Reseller

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        assert self.look.clients is not None
        return Client.objects.filter(self.look.clients, reseller=self.reseller)

    def get_ordering(self, request: HttpRequest) -> tuple[str, str]:
        sign = "-" if self.look.order.startswith("-") else ""
        return self.look.order, f"{sign}pk"


def _admin(look: Look, reseller: Reseller) -> Callable[[], HttpResponse]:
    admin = _Admin(Client, AdminSite())
    admin.look, admin.reseller = look, reseller
    person = User(email="a@ejemplo.mx", is_staff=True, is_superuser=True)

    def ask() -> HttpResponse:
        asked = {"q": look.words} if look.words else {}
        request = RequestFactory().get("/", asked | {"p": str(look.page)})
        request.user = person
        response: Any = admin.changelist_view(request)
        return response.render()

    return ask


# ── Measuring ─────────────────────────────────────────────────────────────────────


def _timed(ask: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds of each; the first time, which fills the caches, is not counted."""
    found = []
    for _ in range(times + 1):
        began = perf_counter()
        response = ask()
        found.append(1000 * (perf_counter() - began))
        assert response.status_code == 200, response
    return found[1:]


def _of_admin(look: Look, reseller: Reseller) -> float:
    try:
        return median(_timed(_admin(look, reseller), LOOKS_OF_ADMIN))
    except OperationalError:
        connections.close_all()
        return 1000 * ADMIN_SECONDS_MAX


def _set(parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for name, value in parameters.items():
            cursor.execute(f"SET {name} = {value}")


def main() -> None:
    # As in production: with DEBUG every query is written down.
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["127.0.0.1"]
    user = User.objects.get(email=EMAIL)
    reseller = user.reseller
    assert reseller is not None
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")
    browser = Browser(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    print(f"  {'ms':30} {'min':>8} {'median':>8} {'p95':>8} queries {'admin':>8} ratio")
    ratios = []
    for look in looks(reseller, reseller.local_date(timezone.now())):
        path = look.path if look.path[:1] == "/" else f"/clientes/?{look.path}"
        _set(SERVING_PARAMETERS)
        browser.get(path)  # the first look of a day counts what was closed
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            browser.get(path)
            asked = len(queries)
        took = _timed(partial(browser.get, path), LOOKS)
        line = f"  {look.name:30} {min(took):8.1f} {median(took):8.1f}"
        line += f" {percentile(took, 95):8.1f} {asked:7}"
        if look.clients is not None:
            _set({"statement_timeout": 1000 * ADMIN_SECONDS_MAX})
            theirs = _of_admin(look, reseller)
            ratios.append(theirs / median(took))
            line += f" {theirs:8.0f} {ratios[-1]:5.1f}"
        print(line, flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"  Django's admin: {mean:.1f} × as long, at least {min(ratios):.1f} ×")


if __name__ == "__main__":
    main()
