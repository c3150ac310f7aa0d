"""Saved views: save the list that is open, rename, make the first one, remove.

A view is the person's own: to everybody else, of the same reseller too, it is a 404.
What it keeps is clients/saved.py, the rules are accounts/lists.py.
"""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import lists, sheet_links
from accounts.access import ResellerRequest, reseller_only
from accounts.models import SavedView
from clients.saved import address_of, in_words, query_of
from clients.view_forms import SaveViewForm, ViewForm
from clients.views.scope import list_query, list_url, today_of
from clients.views.table import arrangement_of, list_of
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused

for _name in ("save_view", "change_view", "remove_view"):
    way_back.register(f"clients:{_name}", "Vistas", is_list=False)


def view_of(request: ResellerRequest, public_id: UUID) -> SavedView:
    views = SavedView.objects.visible_to(request.user).select_related("person")
    return get_object_or_404(views, public_id=public_id)


@require_http_methods(["GET", "POST"])
@reseller_only
def save_view(request: ResellerRequest) -> HttpResponse:
    """Save the list that is open, as a new view or in the place of one."""
    asked = list_query(request)
    table, how = list_of(request, asked), arrangement_of(request, asked)
    views = list(SavedView.objects.visible_to(request.user))
    form = SaveViewForm(request.POST if request.method == "POST" else None, views=views)
    context = {
        "form": form,
        "how": how,
        "kept": in_words(table),
        "sorted": next(one.label for one in table.sort_choices if one.is_current),
    }
    template = "clients/dialogs/save_view.html"
    if not form.is_valid():
        return _dialog(request, template, context)
    given, query = form.cleaned_data, query_of(table, how)
    is_default = given["is_default"]
    try:
        if view := given.get("view"):
            saved = lists.replace_view(view, query=query, is_default=is_default or None)
        else:
            saved = lists.save_view(
                request.user, name=given["name"], query=query, is_default=is_default
            )
    except Refused as refused:
        form.add_refusal(refused)
        return _dialog(request, template, context, status=409)
    url = f"{reverse('clients:list')}{address_of(saved.query, today_of(request))}"
    return web.redirect(request, url, web.Toast(f"Se guardó la vista {saved}."))


@require_http_methods(["GET", "POST"])
@reseller_only
def change_view(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Rename a view, and make it the one that the list opens with, or no longer."""
    view = view_of(request, public_id)
    was = {"name": view.name, "is_default": view.is_default}
    form = ViewForm(request.POST if request.method == "POST" else None, initial=was)
    context = {"form": form, "view": view, "link": sheet_links.of_view(view)}
    template = "clients/dialogs/change_view.html"
    if not form.is_valid():
        return _dialog(request, template, context)
    try:
        saved = lists.change_view(view, **form.cleaned_data)
    except Refused as refused:
        form.add_refusal(refused)
        return _dialog(request, template, context, status=409)
    toast = web.Toast(f"Se guardó la vista {saved}.")
    return web.redirect(request, list_page(request), toast)


@require_http_methods(["GET", "POST"])
@reseller_only
def remove_view(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Ask, then remove a view; the list that it showed stays open."""
    view = view_of(request, public_id)
    if request.method == "GET":
        context = {"form": None, "view": view}
        return _dialog(request, "clients/dialogs/remove_view.html", context)
    lists.remove_view(view)
    toast = web.Toast(f"Se eliminó la vista {view}. Sus clientes siguen igual.")
    return web.redirect(request, list_page(request), toast)


def list_page(request: ResellerRequest) -> str:
    """The list that the dialog was opened from."""
    return list_url(list_query(request))


def _dialog(
    request: ResellerRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 422,
) -> HttpResponse:
    form = context["form"]
    shown = status if form and form.is_bound else 200
    context |= {"back": list_page(request)}
    return web.render_dialog(request, template, context, status=shown)
