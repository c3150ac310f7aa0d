"""Agregar cliente: a page instead of a dialog, because its form is long.

Besides saving, its form takes the fiscal data from a document, or a name without its
régimen de capital, and comes back filled in; nothing is stored then. No rules.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.access import ResellerRequest, reseller_only
from clients import lifecycle, preview
from clients.client_forms import CreateForm, DetailsForm
from clients.document_forms import Candidate, DocumentForm
from clients.lifecycle import Outcome
from clients.refusals import RfcTaken
from clients.views import changed, dialogs
from clients.views.scope import today_of
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused


@require_http_methods(["GET", "POST"])
@reseller_only
def create(request: ResellerRequest) -> HttpResponse:
    if web.wants(request, "capital"):  # a name was typed, here or in Editar plan
        return render(
            request, "clients/_capital.html", {"form": DetailsForm(request.GET)}
        )
    form = CreateForm(web.form_data(request), reseller=request.reseller)
    taken = _help(request, form)

    def show(status: int, refused: Refused | None) -> HttpResponse:
        if refused:
            form.add_refusal(refused)
        context = _context(request, form) | taken
        if web.wants(request, "preview"):
            return render(request, "clients/_preview.html", context)
        status = 422 if taken["document"].errors else status
        return render(request, "clients/create.html", context, status=status)

    return dialogs.submit(
        request,
        form,
        do=lambda data: lifecycle.create(
            request.reseller,
            details=form.details(),
            package=data["package"],
            reference=data["reference"],
            by=request.user,
            basis=request.POST.get("basis"),
        ),
        done=lambda outcome: _created(request, outcome, form),
        show=show,
    )


def _context(request: ResellerRequest, form: CreateForm) -> dict[str, Any]:
    package, today = form.typed().get("package"), today_of(request)
    on_sale = request.reseller.packages.on_sale()
    return {
        "form": form,
        "changes": preview.create(package, today=today) if package else [],
        "basis": lifecycle.basis_of(None, today, on_sale),
        "package": package,
        "has_packages": on_sale.exists(),
        "way_back": way_back.list_of(request),
    }


def _help(request: ResellerRequest, form: CreateForm) -> dict[str, Any]:
    """Fill the form from what its buttons ask for. Returns what the page says of it:
    the form of the document, whose data was `taken`, and who `others` may be meant."""
    found: list[Candidate] = []
    document = DocumentForm()
    if "leer" in request.POST:
        document = DocumentForm(request.POST, request.FILES)
        found = document.candidates()
        if found:
            document = DocumentForm()  # it was read, and is asked for no more
        else:
            form.fill({})
    elif "usar" in request.POST:
        found = [Candidate.of_button(request.POST["usar"])]
    if found:
        form.fill(found[0].values)
        _say_who_has_it(request, form)
    form.help_with(request.POST)
    return {"document": document, "taken": found[:1], "others": found[1:]}


def _say_who_has_it(request: ResellerRequest, form: CreateForm) -> None:
    rfc = form.cleaned_data.get("rfc")
    if rfc and (existing := request.reseller.clients.filter(rfc=rfc).first()):
        form.add_refusal(RfcTaken(existing))


def _created(
    request: ResellerRequest, outcome: Outcome, form: CreateForm
) -> HttpResponse:
    toast = web.Toast(outcome.message)
    if form.cleaned_data["send_welcome"]:
        toast = changed.welcomed(request, outcome)
    if form.capital:
        toast = web.Toast(
            f"{toast.message} CFDI 4.0 pide la razón social sin «{form.capital}»: "
            "puede quitarlo en Editar plan.",
            level=toast.level,
        )
    url = way_back.carry(request, outcome.client.get_absolute_url())
    return web.redirect(request, url, toast)
