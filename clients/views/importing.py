"""Importar clientes: a file or a pasted table, its columns, what would become of each
line, and then a job. What a file may be is said by clients/importing.

Nothing is created before it is confirmed, and every page is a form that works without
JavaScript. An import is of a reseller's people; to everybody else it is a 404.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import ResellerRequest, reseller_only
from clients.import_forms import (
    ColumnsForm,
    ConfirmForm,
    LineForm,
    PackagesForm,
    UploadForm,
)
from clients.importing import staging, templates, working
from clients.importing.reading import Unreadable
from clients.importing.shown import Shown, as_lines
from clients.models import Fate, Import, ImportLine, ImportRow, PackageAlias
from clients.statement import seq_of
from reseller_panel import web
from reseller_panel.csv_files import csv_response
from reseller_panel.refusals import Refused

SAMPLES = 3


def _batch(request: ResellerRequest, public_id: UUID) -> Import:
    return get_object_or_404(
        Import.objects.visible_to(request.user).select_related(
            "reseller", "default_package", "check_job", "job", "by"
        ),
        public_id=public_id,
    )


def _draft(request: ResellerRequest, public_id: UUID) -> Import:
    """One that may still be changed; a confirmed one is no longer."""
    batch = _batch(request, public_id)
    if batch.confirmed_at:
        raise Http404
    return batch


def _url(batch: Import, name: str = "import_check") -> str:
    return reverse(f"clients:{name}", args=[batch.public_id])


# ── The file ──────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@reseller_only
def upload(request: ResellerRequest) -> HttpResponse:
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            batch = staging.store(
                request.reseller, form.table, by=request.user, name=form.name
            )
            return redirect(_url(batch, "import_columns"))
        except Unreadable as refused:
            field = "document" if form.cleaned_data.get("document") else "text"
            form.add_error(field, str(refused))
    recent = Import.objects.visible_to(request.user).select_related("by", "job")
    context = {
        "form": form,
        "recent": recent[:5],
        "has_packages": request.reseller.packages.on_sale().exists(),
    }
    status = 422 if form.errors else 200
    return render(request, "clients/importing/upload.html", context, status=status)


@require_GET
@reseller_only
def template_csv(request: ResellerRequest) -> HttpResponse:
    return _file(
        "plantilla-clientes.csv", templates.CSV, templates.as_csv(_template(request))
    )


@require_GET
@reseller_only
def template_xlsx(request: ResellerRequest) -> HttpResponse:
    return _file(
        "plantilla-clientes.xlsx",
        templates.XLSX,
        templates.as_xlsx(_template(request)),
    )


def _template(request: ResellerRequest) -> list[list[str]]:
    package = request.reseller.packages.on_sale().first()
    return templates.table(package.name if package else "")


def _file(name: str, content_type: str, content: bytes) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": disposition},
    )


# ── Its columns ───────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@reseller_only
def columns(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    batch = _draft(request, public_id)
    default = batch.default_package
    form = ColumnsForm(
        request.POST if request.method == "POST" else None,
        headers=batch.headers,
        columns=batch.columns,
        reseller=request.reseller,
        initial={"default_package": default.public_id if default else None},
    )
    if form.is_valid():
        batch.columns = form.columns()
        batch.default_package = form.cleaned_data["default_package"]
        batch.save(update_fields=["columns", "default_package"])
        staging.remember(batch)
        working.check(batch, by=request.user, url=_url(batch))
        return redirect(_url(batch))
    first = ImportLine.objects.filter(batch=batch).order_by("line")[:SAMPLES]
    samples = [line.cells for line in first]
    context = {
        "batch": batch,
        "form": form,
        "columns": [
            {
                "header": header,
                "field": field,
                "samples": [cells[place] for cells in samples if cells[place]],
            }
            for place, (header, field) in enumerate(
                zip(batch.headers, form.column_fields, strict=True)
            )
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "clients/importing/columns.html", context, status=status)


# ── What would become of it ───────────────────────────────────────────────────────


@require_GET
@reseller_only
def show(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """The check while it runs, what it found, or what came of it."""
    return _show(request, _batch(request, public_id))


def _show(
    request: ResellerRequest,
    batch: Import,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    if not batch.checked_at and not batch.check_job:
        return redirect(_url(batch, "import_columns"))
    job = batch.job or (None if batch.checked_at else batch.check_job)
    context: dict[str, Any] = {
        "batch": batch,
        "job": job,
        "refused": refused,
        "refresh": request.get_full_path() if job and job.is_unfinished else "",
    }
    if batch.checked_at:
        shown = Shown(batch, request.GET.get("destino", ""))
        page = shown.page(request.GET.get("pagina"))
        context |= {
            "shown": shown,
            "page": page,
            "rows": shown.shown([*page]),
            "confirm": ConfirmForm(),
            "packages": _packages_form(request, shown) if not batch.job else None,
        }
    return web.render_page(
        request,
        "clients/importing/check.html",
        context,
        fragment="clients/importing/_check.html",
        status=status,
    )


def _packages_form(request: ResellerRequest, shown: Shown) -> PackagesForm | None:
    names = [one["package_name"] for one in shown.unknown]
    if not names:
        return None
    posted = request.POST if request.method == "POST" else None
    return PackagesForm(posted, names=names, reseller=request.reseller)


@require_POST
@reseller_only
def packages(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Say which package is meant by a name; the file is checked again."""
    batch = _draft(request, public_id)
    form = _packages_form(request, Shown(batch))
    if form and form.is_valid():
        with transaction.atomic():
            for name, package in form.chosen().items():
                PackageAlias.objects.update_or_create(
                    reseller=request.reseller, name=name, defaults={"package": package}
                )
        if form.chosen():
            working.check(batch, by=request.user, url=_url(batch))
    return redirect(_url(batch))


@require_http_methods(["GET", "POST"])
@reseller_only
def line(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Correct the cells of one line (`?linea=7`; by default the first that is wrong),
    which is checked at once."""
    batch = _draft(request, public_id)
    line = seq_of(request.GET.get("linea", "")) or _first_wrong(batch)
    kept = get_object_or_404(ImportLine, batch=batch, line=line)
    row = get_object_or_404(ImportRow, batch=batch, line=line)
    form = LineForm(
        request.POST if request.method == "POST" else None,
        headers=batch.headers,
        cells=kept.cells,
    )
    if form.is_valid():
        fixed = working.correct(batch, line, form.cells())
        if not fixed.problems:
            toast = web.Toast(f"La línea {line:,} quedó corregida.")
            return web.redirect(request, f"{_url(batch)}?destino=errores", toast)
        row.problems, row.warnings = fixed.problems, fixed.warnings
    status = 422 if form.is_bound else 200
    context = {"batch": batch, "form": form, "row": row, "line": line}
    return render(request, "clients/importing/line.html", context, status=status)


def _first_wrong(batch: Import) -> int:
    wrong = ImportRow.objects.filter(batch=batch, fate=Fate.ERROR).order_by("line")
    return wrong.values_list("line", flat=True).first() or 0


@require_GET
@reseller_only
def lines_csv(request: ResellerRequest, public_id: UUID) -> HttpResponseBase:
    """The rows of a filter as they were read, with what to correct."""
    batch = _batch(request, public_id)
    shown = Shown(batch, request.GET.get("destino", ""))
    lines = as_lines(batch, shown.rows)
    return csv_response("clientes-por-corregir", next(lines), lines)


# ── The import ────────────────────────────────────────────────────────────────────


@require_POST
@reseller_only
def confirm(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    batch = _batch(request, public_id)
    form = ConfirmForm(request.POST)
    form.is_valid()
    try:
        job = working.confirm(
            batch,
            by=request.user,
            updates_existing=form.cleaned_data.get("updates_existing", False),
            url=_url(batch),
        )
    except working.NotAsShown as refused:
        working.check(batch, by=request.user, url=_url(batch))
        return _show(request, _batch(request, public_id), refused=refused, status=409)
    except Refused as refused:
        return _show(request, batch, refused=refused, status=409)
    if job.is_unfinished:
        return redirect(job.get_absolute_url())
    return redirect(_url(batch))


@require_POST
@reseller_only
def discard(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Throw a file away that was not confirmed."""
    batch = _draft(request, public_id)
    staging.discard(batch)
    toast = web.Toast("Se descartó el archivo; no se importó nada.")
    return web.redirect(request, reverse("clients:import"), toast)
