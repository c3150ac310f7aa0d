"""The admin of clients: support views them and their history, and runs verbs.

Nothing is edited here: facts change through lifecycle, a mistake in folios is corrected
by a visible *ajuste*, and nobody can change the history.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.admin import SupportAdmin
from accounts.models import User
from clients import lifecycle
from clients.forms import FoliosForm, SuspendForm, VerbForm
from clients.models import Client, ClientEvent, ClientQuerySet, FolioLedger
from clients.rows import Row
from reseller_panel.refusals import Refused

Do = Callable[[Client, User, dict[str, Any]], lifecycle.Outcome]


class QuantityForm(FoliosForm):
    quantity = forms.IntegerField(label="Folios", min_value=1)
    reason = forms.CharField(label="Motivo", max_length=500)


class AdjustForm(FoliosForm):
    quantity = forms.IntegerField(
        label="Folios", help_text="Con signo: -5 quita cinco, 5 los agrega."
    )
    reason = forms.CharField(label="Motivo", max_length=500)


def verb(name: str, description: str, form_class: type[VerbForm], do: Do) -> Any:
    """Return an admin action that asks for what the verb needs and runs it per client.

    A refusal does not stop the other clients; each gets its own message. All share the
    one-time key of the form, because a reference need only be unique per client.
    """

    @admin.action(description=description, permissions=["view"])
    def action(
        modeladmin: "ClientAdmin", request: HttpRequest, clients: QuerySet[Client]
    ) -> HttpResponse | None:
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            context = {
                **modeladmin.admin_site.each_context(request),
                "title": description,
                "clients": clients,
                "form": form,
                "action": name,
                "checkbox": ACTION_CHECKBOX_NAME,
                "opts": modeladmin.opts,
            }
            return render(request, "admin/clients/verb.html", context)
        assert isinstance(request.user, User)
        for client in clients:
            try:
                outcome = do(client, request.user, form.cleaned_data)
            except Refused as refusal:
                modeladmin.message_user(request, str(refusal), messages.ERROR)
            else:
                modeladmin.message_user(request, outcome.message)
        return None

    action.__name__ = name
    return action


@admin.register(Client)
class ClientAdmin(SupportAdmin):
    list_display = (
        "legal_name",
        "rfc",
        "reseller",
        "plan_name",
        "folios",
        "status",
        "expires_on",
        "archived_at",
    )
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "reseller")
    search_fields = ("search_text",)  # shows the search box; see get_search_results
    exclude = ("search_text", "sort_name")
    readonly_fields = ("plan_name", "folios", "status")
    actions = (
        verb(
            "suspend",
            "Suspender",
            SuspendForm,
            lambda client, user, data: lifecycle.suspend(client, by=user, **data),
        ),
        verb(
            "activate",
            "Activar",
            VerbForm,
            lambda client, user, data: lifecycle.activate(client, by=user),
        ),
        verb(
            "archive",
            "Archivar",
            VerbForm,
            lambda client, user, data: lifecycle.archive(client, by=user),
        ),
        verb(
            "restore",
            "Restaurar",
            VerbForm,
            lambda client, user, data: lifecycle.restore(client, by=user),
        ),
        verb(
            "add_folios",
            "Agregar folios",
            QuantityForm,
            lambda client, user, data: lifecycle.add_folios(client, by=user, **data),
        ),
        verb(
            "renew",
            "Renovar con el mismo paquete",
            FoliosForm,
            lambda client, user, data: lifecycle.renew(client, by=user, **data),
        ),
        verb(
            "adjust",
            "Ajustar folios",
            AdjustForm,
            lambda client, user, data: lifecycle.adjust(client, by=user, **data),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> ClientQuerySet:
        return Client.objects.with_facts()

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Search as the panel does, ignoring accents and case."""
        return queryset.matching(search_term), False

    @admin.display(description="paquete", ordering="plan__name")
    def plan_name(self, client: Client) -> str:
        return client.plan.name

    @admin.display(description="folios", ordering="account__balance")
    def folios(self, client: Client) -> str:
        return f"{client.balance:,}"

    @admin.display(description="estatus")
    def status(self, client: Client) -> str:
        """The statuses on the business day of the client's own reseller."""
        row = Row(client, client.reseller.local_date(timezone.now()))
        return " · ".join(badge.label for badge in row.badges)


class RecordAdmin(SupportAdmin):
    """History, which even superusers can only read and search."""

    list_select_related = ("client", "by", "on_behalf_of")
    list_filter = ("kind",)
    ordering = ("-id",)


@admin.register(FolioLedger)
class FolioLedgerAdmin(RecordAdmin):
    list_display = (
        "client",
        "seq",
        "kind",
        "quantity",
        "balance_after",
        "reference",
        "by",
        "created_at",
    )
    search_fields = ("client__rfc", "reference")


@admin.register(ClientEvent)
class ClientEventAdmin(RecordAdmin):
    list_display = (
        "client",
        "seq",
        "kind",
        "reason",
        "by",
        "on_behalf_of",
        "created_at",
    )
    search_fields = ("client__rfc",)
