"""Contar CFDI: many stamped documents at once, loose or in a ZIP. What is counted, and
how, is clients/documents.py; what became of each stands on the page of its job."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.access import ResellerRequest, reseller_only
from clients import documents
from clients.documents import UnreadableZip
from clients.forms import VerbForm
from reseller_panel import web
from reseller_panel.limits import FORM_FILES_MAX, IMPORT_BYTES_MAX

MEGABYTES = IMPORT_BYTES_MAX // 1024 // 1024


class _Several(forms.FileInput):
    allow_multiple_selected = True


class _Files(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(_Files, self).clean(one, initial) for one in data or [None]]


class CfdiForm(VerbForm):
    use_required_attribute = False
    documents = _Files(
        allow_empty_file=True,  # It is answered by itself, as any other.
        label="Archivos",
        help_text=f"Un ZIP o varios XML, de hasta {MEGABYTES} MB en total y "
        f"{documents.DOCUMENTS_MAX:,} documentos; sueltos, hasta {FORM_FILES_MAX:,}. "
        "Puede arrastrarlos hasta aquí.",
        widget=_Several(attrs={"accept": ".xml,.zip"}),
        error_messages={
            "required": "Elija los XML timbrados, o el ZIP que los tiene.",
        },
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def upload(request: ResellerRequest) -> HttpResponse:
    form = CfdiForm()
    if request.method == "POST":
        form = CfdiForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            job = documents.count(
                request.reseller, form.cleaned_data["documents"], by=request.user
            )
            return web.redirect(request, job.get_absolute_url())
        except UnreadableZip as refused:
            form.add_error("documents", str(refused))
    status = 422 if form.errors else 200
    return render(request, "clients/documents.html", {"form": form}, status=status)
