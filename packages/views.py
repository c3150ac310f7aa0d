"""The pages of Paquetes: which template, message and fragment. No rules here.

Every view first fetches through `visible_to`; what it does is a verb of catalogue.py.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, F, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from accounts.access import ResellerRequest, reseller_only
from packages import catalogue
from packages.forms import EXAMPLES, PackageForm
from packages.models import Package, PackageQuerySet, PackageService, TermUnit
from reseller_panel import way_back, web
from reseller_panel.stale import ChangedMeanwhile

way_back.register("packages:list", "Paquetes")

PAGE = 50


def _packages(request: ResellerRequest) -> PackageQuerySet:
    """The reseller's packages with what a row shows. `clients_count` omits archived
    clients; it uses only the name of the relation, so clients is not imported."""
    inclusions = PackageService.objects.select_related("service")
    has_it = Count("plans", filter=Q(plans__client__archived_at=None))
    return (
        Package.objects.visible_to(request.user)
        .annotate(clients_count=has_it)
        .prefetch_related(Prefetch("inclusions", inclusions))
    )


def _package(request: ResellerRequest, public_id: UUID) -> Package:
    """A package of this reseller; another reseller's is a 404, as a missing one is."""
    return get_object_or_404(_packages(request), public_id=public_id)


@require_GET
@reseller_only
def package_list(request: ResellerRequest) -> HttpResponse:
    """Packages on sale first, then withdrawn ones, fewest folios first."""
    packages = _packages(request).order_by(
        F("withdrawn_at").asc(nulls_first=True), "folios", "name"
    )
    page = Paginator(packages, PAGE).get_page(request.GET.get("pagina"))
    context = {"page": page, "packages": page.object_list, "examples": EXAMPLES}
    return web.render_page(
        request, "packages/list.html", context, fragment="packages/_table.html"
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def add(request: ResellerRequest) -> HttpResponse:
    """Add a package; `?ejemplo=` fills the form with one of EXAMPLES."""
    example = EXAMPLES.get(request.GET.get("ejemplo", ""))
    usual = {"term_count": 1, "term_unit": TermUnit.YEAR}
    form = PackageForm(
        web.form_data(request), initial=asdict(example) if example else usual
    )
    if request.method != "POST":
        return _dialog(request, form)
    package = _done(
        form,
        lambda: catalogue.create(
            request.reseller,
            details=form.details(),
            services=form.services(),
            by=request.user,
        ),
    )
    if package is None:
        return _dialog(request, form, status=422)
    toast = web.Toast(f"Se creó el paquete {package}; ya está a la venta.")
    return web.redirect(request, _list_url(request), toast)


@require_http_methods(["GET", "POST"])
@reseller_only
def edit(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    package = _package(request, public_id)
    form = PackageForm(
        web.form_data(request),
        instance=copy(package),  # the title shows the saved name
        included=package.inclusions.all(),
    )
    if request.method != "POST":
        return _dialog(request, form, package)
    edited = _done(
        form,
        lambda: catalogue.edit(
            package,
            details=form.details(),
            services=form.services(),
            seen=form.what_was_seen(),
            by=request.user,
        ),
    )
    if edited is None:
        fresh = _package(request, public_id)
        return _dialog(request, form, fresh, status=422)
    message = f"Se guardó {edited}. Los planes ya vendidos no cambiaron."
    return _changed(request, edited, web.Toast(message))


@require_POST
@reseller_only
def withdraw(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    package = catalogue.withdraw(_package(request, public_id), by=request.user)
    toast = web.Toast(
        f"{package} ya no está a la venta. Quien lo tiene lo conserva.",
        undo_url=reverse("packages:put_back", args=[package.public_id])
        + f"?deshacer={package.withdrawn_mark}",
    )
    return _changed(request, package, toast)


@require_POST
@reseller_only
def put_back(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    package = _package(request, public_id)
    try:
        package = catalogue.put_back(
            package, by=request.user, undoing=request.GET.get("deshacer")
        )
    except catalogue.WithdrawnAgain as refused:
        return _changed(request, package, web.Toast(str(refused), level="warn"))
    return _changed(request, package, web.Toast(f"{package} está otra vez a la venta."))


# ── Responses ──────────────────────────────────────────────────────────────────────


def _list_url(request: ResellerRequest) -> str:
    """The page of the list that this was opened from."""
    return way_back.page_of(request, otherwise=reverse("packages:list"))


def _done(form: PackageForm, verb: Callable[[], Package]) -> Package | None:
    """Run the verb and return its package; None if refused, with errors in the form."""
    if not form.is_valid():
        return None
    try:
        return verb()
    except catalogue.NameTaken as refusal:
        form.add_error(refusal.field, str(refusal))
    except ChangedMeanwhile as refusal:
        form.add_conflicts(refusal)
    return None


def _dialog(
    request: ResellerRequest,
    form: PackageForm,
    package: Package | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the form; for a request to #preview, only what the package would grant."""
    example = form.example()
    today = request.reseller.local_date(timezone.now())
    context: dict[str, Any] = {
        "form": form,
        "package": package,
        "example": example,
        "until": example.expiry_from(today) if example else None,
        "target": f"#row-{package.public_id}" if package else "",
        "back": _list_url(request),
    }
    if web.wants(request, "preview"):
        return render(request, "packages/_preview.html", context)
    return web.render_dialog(request, "packages/form.html", context, status=status)


def _changed(
    request: ResellerRequest, package: Package, toast: web.Toast
) -> HttpResponse:
    if not web.htmx(request):
        return web.redirect(request, _list_url(request), toast)
    fresh = _package(request, package.public_id)
    return web.changed(request, "packages/_row.html", {"package": fresh}, toast)
