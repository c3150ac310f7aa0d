"""The forms of API keys and of a reseller's business. The rules are in keys.py and
business.py."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts import business
from accounts.models import ApiKey, Reseller, Scope
from accounts.reauthentication import ProvenForm
from accounts.text import validate_plain_text
from reseller_panel.stale import SeenForm

# What each scope lets a program do, as the page says it.
EXPLAINED = {
    Scope.STAMPS: "Preguntar si un cliente puede timbrar, gastar folios y devolverlos.",
    Scope.CLIENTS_READ: "Ver la lista de clientes, sus datos y los paquetes.",
    Scope.CLIENTS_WRITE: "Agregar, editar, renovar, suspender y archivar clientes.",
}


class KeyForm(SeenForm, ProvenForm):
    """The name and scopes of a new key, or of an existing `key` to change."""

    nothing_kept = ("password",)

    name = forms.CharField(
        label="Nombre",
        help_text="Qué programa la usa y dónde, por ejemplo «Facturación, sucursal».",
        max_length=80,
        validators=[validate_plain_text],
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="Permisos",
        choices=[(scope.value, EXPLAINED[scope]) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Elija al menos un permiso."},
    )

    def __init__(
        self, data: Any = None, *, request: HttpRequest, key: ApiKey | None = None
    ) -> None:
        new = {"name": "", "scopes": [Scope.STAMPS]}
        was = {"name": key.name, "scopes": key.scopes} if key else new
        super().__init__(data, request=request, initial=was)


class BusinessForm(SeenForm, forms.ModelForm):
    """How the clients of a reseller reach it."""

    class Meta:
        model = Reseller
        fields = business.FIELDS
