"""The admin of clients: support views them and their history, and runs verbs.

Nothing is edited here: facts change through lifecycle, a mistake in folios is corrected
by a visible *ajuste*, and nobody can change the history.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid5

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.support import IsSetFilter, SupportAdmin, asking_action
from accounts.text import validate_plain_text
from clients import lifecycle
from clients.forms import AskedTwice, FoliosForm, SuspendForm, VerbForm
from clients.models import (
    Client,
    ClientEvent,
    ClientQuerySet,
    FolioLedger,
    Membership,
)
from clients.rows import Row
from reseller_panel.numbers import QuantityField

Do = Callable[[Client, User, dict[str, Any]], lifecycle.Outcome]


class QuantityForm(AskedTwice, FoliosForm):
    quantity = QuantityField(label="Folios", min_value=1)
    reason = forms.CharField(
        label="Motivo", max_length=500, validators=[validate_plain_text]
    )


class AdjustForm(FoliosForm):
    """The sign of the quantity comes from the direction, never from what is typed."""

    direction = forms.ChoiceField(
        label="Qué hace el ajuste",
        choices=[("give", "Agrega folios"), ("take", "Quita folios")],
        widget=forms.RadioSelect,
    )
    quantity = QuantityField(label="Cuántos folios", min_value=1)
    reason = forms.CharField(
        label="Motivo", max_length=500, validators=[validate_plain_text]
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.pop("direction", "") == "take" and "quantity" in data:
            data["quantity"] = -data["quantity"]
        return data


def verb(
    name: str,
    description: str,
    do: Do,
    *,
    form_class: type[VerbForm] = VerbForm,
) -> Any:
    """Return an admin action that runs a verb client by client.

    The one-time key of the form becomes one of each client (_data_for).
    """
    return asking_action(
        name,
        description,
        lambda client, by, data: do(client, by, _data_for(client, data)).message,
        form_class=form_class,
        describe=lambda client: f"{client} ({client.rfc}, {client.reseller})",
        prepare=_prepare,
    )


def _prepare(form: VerbForm, clients: Iterable[Client]) -> None:
    """The second question is about the smallest of the plans."""
    if isinstance(form, AskedTwice):
        form.plan_folios = min(client.plan.folios for client in clients)


def _data_for(client: Client, data: dict[str, Any]) -> dict[str, Any]:
    """The one-time key of a form that is filled in once for many: one of each client,
    always the same for the same form."""
    if "reference" not in data:
        return data
    return data | {"reference": str(uuid5(client.public_id, data["reference"]))}


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
    list_filter = (("archived_at", IsSetFilter), "reseller")
    search_fields = ("search_text",)  # shows the search box; see get_search_results
    exclude = ("search_text", "sort_name")
    readonly_fields = (
        "reseller",
        "plan_name",
        "folios",
        "status",
        "expires_on",
        "created_at",
        "suspended_at",
        "archived_at",
    )
    actions = (
        verb(
            "suspend",
            "Suspender",
            lambda client, by, data: lifecycle.suspend(client, by=by, **data),
            form_class=SuspendForm,
        ),
        verb(
            "activate",
            "Activar",
            lambda client, by, _: lifecycle.activate(client, by=by),
        ),
        verb(
            "archive",
            "Archivar",
            lambda client, by, _: lifecycle.archive(client, by=by),
        ),
        verb(
            "restore",
            "Restaurar",
            lambda client, by, _: lifecycle.restore(client, by=by),
        ),
        verb(
            "add_folios",
            "Agregar folios",
            lambda client, by, data: lifecycle.add_folios(client, by=by, **data),
            form_class=QuantityForm,
        ),
        verb(
            "renew",
            "Renovar con el mismo paquete",
            lambda client, by, data: lifecycle.renew(client, by=by, **data),
            form_class=FoliosForm,
        ),
        verb(
            "adjust",
            "Ajustar folios",
            lambda client, by, data: lifecycle.adjust(client, by=by, **data),
            form_class=AdjustForm,
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


@admin.register(Membership)
class MembershipAdmin(SupportAdmin):
    """Why somebody can or cannot enter; only to read."""

    list_display = ("client", "email", "user", "created_at", "confirmed_at", "ended_at")
    list_select_related = ("client", "user")
    search_fields = ("client__rfc", "email", "user__email")
    ordering = ("-id",)


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
