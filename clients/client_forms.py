"""The forms of a client's own data: a new client, and *Editar plan*.

Rules of the business are not here: what was typed becomes data in details.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from accounts.models import Reseller
from clients import lifecycle
from clients.details import NAMES, Details, InvalidDetails, clean_details
from clients.forms import FoliosForm, PackageChoice, VerbForm
from clients.models import Client, login_of
from packages.forms import SeenServicesForm
from packages.models import Package
from reseller_panel.refusals import Refused
from reseller_panel.stale import ChangedMeanwhile
from sat import capital, regimes
from sat import rfc as rfc_rules


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
        help_text="Como en la constancia de situación fiscal, sin régimen de capital.",
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
    contact_name = forms.CharField(label="Contacto", required=False, max_length=120)
    contact_email = forms.EmailField(
        label="Correo", help_text="Con este correo el cliente entra a su cuenta."
    )
    contact_phone = forms.CharField(label="Teléfono", required=False, max_length=30)

    doubts_rfc = False
    # What another system did not have of the client: it is asked for, and may wait.
    may_be_missing: Sequence[str] = ()

    def help_with(self, sent: Mapping[str, Any]) -> None:
        """Do what a button inside the form asks for, instead of saving it."""
        if "sin_capital" in sent:
            self.fill({"legal_name": capital.split(self._typed("legal_name"))[0]})

    def fill(self, values: Mapping[str, str]) -> None:
        """Put these values in the form, for its user to see before they are saved. Only
        they are judged; what is still to be typed is not missing yet."""
        self.data = dict(self.data.items()) | dict(values)
        self.has_helped = True
        self.full_clean()
        for name in [name for name in self.errors if name not in values]:
            del self.errors[name]
        for name, field in self.fields.items():
            if field.required and not self._typed(name):
                field.widget.attrs["autofocus"] = True  # go on there
                break

    @property
    def capital(self) -> str:
        """The régimen de capital («SA DE CV») at the end of the name as it is typed,
        which CFDI 4.0 leaves out; a person's name has none."""
        if rfc_rules.is_individual(rfc_rules.clean(self._typed("rfc"))):
            return ""
        return capital.split(self._typed("legal_name"))[1]

    def _typed(self, name: str) -> str:
        return str(self[name].value() or "")

    def clean(self) -> dict[str, Any]:
        """`clean_details` has the rules of each field and those between fields."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            self._details = clean_details(
                data,
                accept_rfc=data.get("accept_rfc", False),
                known_rfc=self.initial.get("rfc", ""),
                may_be_missing=self.may_be_missing,
            )
        except InvalidDetails as refused:
            self.doubts_rfc = refused.doubts_rfc
            for name, messages in refused.errors.items():
                if name not in self.errors:
                    self.add_error(name, messages)
        else:
            self.doubts_rfc = bool(rfc_rules.doubts(self._details.rfc))
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
        if not self.is_bound:
            self.fields["rfc"].widget.attrs["autofocus"] = True


class EditPlanForm(SeenServicesForm, DetailsForm):
    login_follows = forms.BooleanField(
        label="Con este correo entra a su cuenta", required=False
    )

    # The address that one enters with now: what the box was seen to say.
    login_email = forms.CharField(
        required=False, max_length=254, widget=forms.HiddenInput
    )

    nothing_kept = ("accept_rfc", "login_follows")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        details, login = Details.of(client), login_of(client)
        super().__init__(
            *args,
            initial=vars(details)
            | {
                "login_follows": login == details.contact_email.lower(),
                "login_email": login,
            },
            included=client.plan.inclusions.select_related("service"),
            **kwargs,
        )
        self.may_be_missing = client.missing
        for name in client.missing:
            self.fields[name].required = False
        self.fields["contact_email"].help_text = ""
        self.fields["login_follows"].help_text = (
            f"Hoy entra con {login}. Si cambia el correo y deja esto marcado, {login} "
            "deja de entrar en cuanto guarde, y a la persona del correo nuevo se le "
            f"manda cómo entrar. Sin marcar, se sigue entrando con {login}."
            if login
            else "Hoy nadie entra a esta cuenta."
        )

    def what_was_seen(self) -> lifecycle.Seen:
        seen = self.seen()
        return lifecycle.Seen(
            {name: seen[name] for name in NAMES},
            self.services_in(seen),
            seen["login_email"],
        )

    def fields_of(self, name: Any, value: Any) -> dict[str, Any]:
        """What is wrong with the hidden address is said at its box."""
        if name == "login_email":
            return {"login_follows": True, name: value}
        return super().fields_of(name, value)

    def add_refusal(self, refusal: Refused) -> None:
        if isinstance(refusal, ChangedMeanwhile):
            self.add_conflicts(refusal)
        else:
            super().add_refusal(refusal)
