"""The forms of clients: they clean what people type, or show what is wrong with it.

Business rules are not here (lifecycle, rules.py); `add_refusal` shows the refusal of a
verb in the form.
"""

import uuid
from typing import Any

from django import forms
from django.conf import settings

from accounts.models import Reseller
from accounts.text import validate_paragraphs, validate_plain_text
from clients.details import Details, InvalidDetails, clean_details
from clients.models import Client
from packages.forms import ServicesForm
from packages.models import Package
from reseller_panel.refusals import Refused
from sat import regimes
from sat import rfc as rfc_rules


class DateInput(forms.DateInput):
    """A date input that opens the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class VerbForm(forms.Form):
    """The form of an action. A verb's refusal becomes an error of this form."""

    def add_refusal(self, refusal: Refused) -> None:
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, str(refusal))

    def typed(self) -> dict[str, Any]:
        """The values that are valid so far, for the preview."""
        if self.is_bound:
            self.is_valid()
            return self.cleaned_data
        return {
            name: self.get_initial_for_field(field, name)
            for name, field in self.fields.items()
        }


class FoliosForm(VerbForm):
    """A form that moves folios. Its key is made when it is opened, so that a double
    click or a re-sent form moves them once (domain.md, "The actions")."""

    reference = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "reference" in self.errors:
            self.data = {**self.data, "reference": str(uuid.uuid4())}
            self.add_error(None, "El formulario había caducado. Guárdelo otra vez.")
        return data


class ActivateToo(forms.Form):
    """*Activar también*, shown while the client is suspended."""

    activate = forms.BooleanField(
        label="Activar también",
        help_text="Está suspendido: lo recomendado es activarlo primero.",
        required=False,
        initial=True,
    )

    def offer_activation(self, client: Client) -> None:
        if not client.is_suspended:
            del self.fields["activate"]


class AddFoliosForm(ActivateToo, FoliosForm):
    quantity = forms.IntegerField(
        label="Cantidad de folios",
        min_value=1,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="Motivo",
        help_text="Opcional. Lo leen usted y el cliente en los movimientos.",
        required=False,
        max_length=500,
    )
    field_order = ("quantity", "reason", "activate", "reference")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_activation(client)

    def clean_quantity(self) -> int:
        quantity: int = self.cleaned_data["quantity"]
        if quantity > settings.FOLIOS_ADDITION_MAX:
            raise forms.ValidationError(
                f"Puede agregar hasta {settings.FOLIOS_ADDITION_MAX:,} folios a la vez."
            )
        return quantity


class PackageChoice(forms.ModelChoiceField):
    """A choice of packages; each label says what its package grants."""

    def label_from_instance(self, package: Any) -> str:
        return f"{package.name} · {package.folios:,} folios · {package.term_label}"


class RenewForm(ActivateToo, FoliosForm):
    package = PackageChoice(
        label="Paquete",
        queryset=Package.objects.none(),
        to_field_name="public_id",
        required=False,
    )
    field_order = ("package", "activate", "reference")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_activation(client)
        choice = self.fields["package"]
        assert isinstance(choice, PackageChoice)
        others = client.reseller.packages.on_sale()
        if not client.plan.is_customized:
            others = others.exclude(pk=client.plan.package_id)
        choice.queryset = others
        choice.empty_label = f"El mismo: {client.plan.name}"


class SuspendForm(VerbForm):
    reason = forms.CharField(
        label="Motivo",
        help_text="Para usted; el cliente no lo ve.",
        max_length=500,
    )
    message = forms.CharField(
        label="Mensaje para el cliente",
        help_text="Opcional. Lo lee cuando intenta entrar.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoteForm(VerbForm):
    # Off because the page has other forms too.
    use_required_attribute = False
    text = forms.CharField(
        label="Nota",
        max_length=500,
        validators=[validate_paragraphs],
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Escriba la nota."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note_%s"} | kwargs)


class TaskForm(VerbForm):
    use_required_attribute = False
    text = forms.CharField(
        label="Qué hay que hacer",
        max_length=500,
        validators=[validate_plain_text],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Escriba qué hay que hacer."},
    )
    due_on = forms.DateField(
        label="Para el día",
        widget=DateInput,
        error_messages={"required": "Elija el día."},
    )
    # The public id of the new task, so that a form sent twice adds one task.
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "task_%s"} | kwargs)


class DetailsForm(VerbForm):
    """Fiscal and contact data, for creating and editing a client."""

    rfc = forms.CharField(
        label="RFC",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    accept_rfc = forms.BooleanField(
        label="Es correcto: así lo dio el SAT", required=False
    )
    legal_name = forms.CharField(
        label="Razón social",
        help_text="Como aparece en la constancia de situación fiscal.",
        max_length=254,
    )
    tax_regime = forms.ChoiceField(
        label="Régimen fiscal",
        choices=[("", "Elija el régimen"), *regimes.REGIME_CHOICES],
    )
    postal_code = forms.CharField(
        label="Código postal",
        max_length=5,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    contact_name = forms.CharField(
        label="Nombre del contacto", required=False, max_length=120
    )
    contact_email = forms.EmailField(
        label="Correo", help_text="Con este correo el cliente entra a su cuenta."
    )
    contact_phone = forms.CharField(label="Teléfono", required=False, max_length=30)

    doubts_rfc = False

    def clean(self) -> dict[str, Any]:
        """`clean_details` has the rules of each field and those between fields."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            self._details = clean_details(
                data,
                accept_rfc=data.get("accept_rfc", False),
                known_rfc=self.initial.get("rfc", ""),
            )
        except InvalidDetails as refused:
            self.doubts_rfc = refused.doubts_rfc
            for name, messages in refused.errors.items():
                if name not in self.errors:
                    self.add_error(name, messages)
        else:
            self.doubts_rfc = rfc_rules.has_wrong_check_digit(self._details.rfc)
        return data

    def details(self) -> Details:
        """The cleaned data; the form must be valid."""
        return self._details


class CreateForm(DetailsForm, FoliosForm):
    package = PackageChoice(
        label="Paquete",
        queryset=Package.objects.none(),
        to_field_name="public_id",
        empty_label="Elija un paquete",
    )
    send_welcome = forms.BooleanField(
        label="Enviar el correo de bienvenida",
        help_text="Lleva el enlace con que el cliente elige su contraseña.",
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, reseller: Reseller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["package"]
        assert isinstance(choice, PackageChoice)
        choice.queryset = reseller.packages.on_sale()


class EditPlanForm(DetailsForm, ServicesForm):
    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        details = Details.of(client)
        super().__init__(
            *args,
            initial=vars(details),
            included=client.plan.inclusions.select_related("service"),
            **kwargs,
        )
