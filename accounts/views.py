"""The pages of API keys (list, make, change, revoke) and of a reseller's business.

The rules are in keys.py and business.py.
"""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import business, keys
from accounts.access import ResellerRequest, reseller_only
from accounts.forms import BusinessForm, KeyForm
from accounts.models import ApiKey, ApiKeyQuerySet
from accounts.reauthentication import ProvenForm
from reseller_panel import web
from reseller_panel.stale import ChangedMeanwhile


def _keys(request: ResellerRequest) -> ApiKeyQuerySet:
    return ApiKey.objects.visible_to(request.user).select_related(
        "made_by", "revoked_by"
    )


def _key(request: ResellerRequest, public_id: UUID) -> ApiKey:
    """A key of this reseller that is not revoked, or 404. Another reseller's key gives
    the same 404 as a missing one."""
    return get_object_or_404(_keys(request).usable(), public_id=public_id)


@require_GET
@reseller_only
def key_list(request: ResellerRequest) -> HttpResponse:
    """Usable keys first, then revoked ones, each with the newest on top."""
    return web.render_page(request, "accounts/keys.html", {"keys": _rows(request)})


def _rows(request: ResellerRequest) -> list[ApiKey]:
    return sorted(_keys(request), key=lambda key: key.revoked_at is not None)


@require_http_methods(["GET", "POST"])
@reseller_only
def make(request: ResellerRequest) -> HttpResponse:
    """Make a key. The secret is shown only in the response to the POST."""
    form = KeyForm(_posted(request), request=request)
    if not form.is_valid():
        return _dialog(request, "accounts/key.html", form)
    made = keys.make(request.reseller, **form.cleaned_data, by=request.user)
    context = {"key": made.key, "secret": made.secret, "back": reverse("accounts:keys")}
    response = web.render_dialog(request, "accounts/made.html", context)
    if web.htmx(request):
        # Add it to the list behind the dialog now, however the dialog is closed later.
        rows = {"keys": _rows(request)}
        table = web.changed(request, None, rows, also=("accounts/_keys.html",))
        response.write(table.content)
    return response


@require_http_methods(["GET", "POST"])
@reseller_only
def change(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    key = _key(request, public_id)
    form = KeyForm(_posted(request), request=request, key=key)
    if not form.is_valid():
        return _dialog(request, "accounts/key.html", form, key)
    try:
        keys.change(key, **form.cleaned_data, seen=form.seen(), by=request.user)
    except ChangedMeanwhile as refused:
        form.add_conflicts(refused)
        fresh = _key(request, public_id)
        return _dialog(request, "accounts/key.html", form, fresh, status=409)
    except keys.KeyRevoked as refusal:
        form.add_error(None, str(refusal))
        return _dialog(request, "accounts/key.html", form, key, status=409)
    toast = web.Toast(f"Se guardó la llave {key.name}; vale desde la próxima llamada.")
    return _changed(request, key, toast)


@require_http_methods(["GET", "POST"])
@reseller_only
def revoke(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    key = _key(request, public_id)
    form = ProvenForm(_posted(request), request=request)
    if not form.is_valid():
        return _dialog(request, "accounts/revoke.html", form, key)
    keys.revoke(key, by=request.user)
    toast = web.Toast(f"La llave {key.name} ya no sirve.", level="warn")
    return _changed(request, key, toast)


def _posted(request: ResellerRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _dialog(
    request: ResellerRequest,
    template: str,
    form: ProvenForm,
    key: ApiKey | None = None,
    *,
    status: int = 422,
) -> HttpResponse:
    context = {
        "form": form,
        "key": key,
        "target": f"#row-{key.public_id}" if key else "",
        "back": reverse("accounts:keys"),
    }
    shown = status if form.is_bound else 200
    return web.render_dialog(request, template, context, status=shown)


def _changed(request: ResellerRequest, key: ApiKey, toast: web.Toast) -> HttpResponse:
    if not web.htmx(request):
        return web.redirect(request, reverse("accounts:keys"), toast)
    return web.changed(request, "accounts/_row.html", {"key": key}, toast)


# ── The business ──────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@reseller_only
def my_business(request: ResellerRequest) -> HttpResponse:
    """Datos del negocio: how its clients reach it."""
    form, status = BusinessForm(request.POST or None, instance=request.reseller), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                business.change(request.reseller, form.cleaned_data, seen=form.seen())
            except ChangedMeanwhile as refused:
                form.add_conflicts(refused)
                status = 409
            else:
                toast = web.Toast("Se guardaron los datos de su negocio.")
                return web.redirect(request, reverse("business"), toast)
    context = {"form": form, "reseller": request.reseller}
    return web.render_page(request, "accounts/business.html", context, status=status)
