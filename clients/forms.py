"""The forms of clients: they clean what people type, or show what is wrong with it.

Business rules are not here (lifecycle, rules.py); `add_refusal` shows the refusal of a
verb in the form.
"""

import uuid
from typing import Any, Self

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from accounts.text import validate_paragraphs, validate_plain_text
from clients import refusals, rules
from clients.ledger import ReferenceConflict
from clients.models import Client
from packages.models import Package
from reseller_panel.numbers import QuantityField
from reseller_panel.refusals import Refused


class DateInput(forms.DateInput):
    """A date input that opens the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class VerbForm(forms.Form):
    """The form of an action. A verb's refusal becomes an error of this form."""

    # Who has the RFC already, for a link to it.
    existing_client: Client | None = None
    # Whether it was sent only to be filled in, not to be saved.
    has_helped = False

    def add_refusal(self, refusal: Refused) -> None:
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, str(refusal))
        if isinstance(refusal, refusals.RfcTaken | refusals.AdditionalRfcTaken):
            self.existing_client = refusal.client

    def typed(self) -> dict[str, Any]:
        """The values that are valid so far, for the preview."""
        if self.is_bound:
            self.is_valid()
            return self.cleaned_data
        return {
            name: self.get_initial_for_field(field, name)
            for name, field in self.fields.items()
        }


class OneTimeForm(VerbForm):
    """A form that carries a key made when it was opened, so that a double click or a
    re-sent form does it once. `key_name` is its field."""

    key_name = "reference"

    def renew_key(self) -> None:
        """From now on it is another form: what is saved next is done besides."""
        fresh = {self.add_prefix(self.key_name): str(uuid.uuid4())}
        self.data = dict(self.data.items()) | fresh

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.key_name in self.errors:
            self.renew_key()
            self.add_error(None, "El formulario había caducado. Guárdelo otra vez.")
        return data

    def add_refusal(self, refusal: Refused) -> None:
        """Another content under a used key is said, with a new key for it."""
        if isinstance(refusal, ReferenceConflict | refusals.KeyUsed):
            done = "Con este formulario ya se guardó otra cosa"
            if isinstance(refusal, ReferenceConflict):
                done += f" ({refusal.made})"
            self.renew_key()
            field = refusal.field if refusal.field in self.fields else None
            self.add_error(
                field, f"{done}. Si además quiere esto, revíselo y guárdelo otra vez."
            )
        else:
            super().add_refusal(refusal)


class FoliosForm(OneTimeForm):
    """A form that moves folios (domain.md, "The actions")."""

    reference = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"])


class ActivateToo(forms.Form):
    """*Activar también*, shown while the client is suspended."""

    activate = forms.BooleanField(
        label="Activar también",
        help_text="Está suspendido: lo recomendado es activarlo primero.",
        required=False,
        initial=True,
    )

    def offer_activation(self, *, suspended: int) -> None:
        """To the client that is suspended, or those of many who are."""
        if not suspended:
            del self.fields["activate"]


class AskedTwice(forms.Form):
    """An unusual quantity is asked a second time (domain.md, "Undo"). The answer is to
    one number, `asked`: another one is asked again."""

    sure = forms.BooleanField(label="Sí, esa cantidad", required=False)
    asked = forms.IntegerField(required=False, widget=forms.HiddenInput)

    plan_folios = 0
    asks_again = False

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        sure, asked = data.pop("sure", False), data.pop("asked", None)
        quantity = data.get("quantity")
        if not quantity or not rules.is_unusual(quantity, self.plan_folios):
            return data
        self.asks_again = True
        if not sure or asked != quantity:
            rest = {name: self.data[name] for name in self.data if name != "sure"}
            self.data = {**rest, "asked": str(quantity)}
            self.add_error(
                "sure",
                f"Son {quantity:,} folios: más de cinco veces los "
                f"{self.plan_folios:,} del plan. Si es lo que quiere, márquelo y "
                "acéptelo otra vez.",
            )
        return data


class AddFoliosForm(ActivateToo, AskedTwice, FoliosForm):
    quantity = QuantityField(label="Cantidad de folios", min_value=1)
    reason = forms.CharField(
        label="Motivo",
        help_text="Opcional. Lo leen usted y el cliente en los movimientos.",
        required=False,
        max_length=500,
        validators=[validate_plain_text],
    )
    field_order = ("quantity", "sure", "reason", "activate", "reference")

    def __init__(
        self, *args: Any, plan_folios: int, suspended: int, **kwargs: Any
    ) -> None:
        """`suspended`: how many of those it is for are so."""
        super().__init__(*args, **kwargs)
        self.plan_folios = plan_folios
        self.offer_activation(suspended=suspended)

    @classmethod
    def of(cls, client: Client, *args: Any, **kwargs: Any) -> Self:
        facts = {"plan_folios": client.plan.folios, "suspended": client.is_suspended}
        return cls(*args, **facts, **kwargs)

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

    def __init__(
        self,
        *args: Any,
        packages: QuerySet[Package],
        same: str,
        suspended: int,
        **kwargs: Any,
    ) -> None:
        """`packages` may be assigned; `same` is what none of them is called."""
        super().__init__(*args, **kwargs)
        self.offer_activation(suspended=suspended)
        choice = self.fields["package"]
        assert isinstance(choice, PackageChoice)
        choice.queryset = packages
        choice.empty_label = same

    @classmethod
    def of(cls, client: Client, *args: Any, **kwargs: Any) -> Self:
        others = client.reseller.packages.on_sale()
        if not client.plan.is_customized:
            others = others.exclude(pk=client.plan.package_id)
        return cls(
            *args,
            packages=others,
            same=f"El mismo: {client.plan.name}",
            suspended=client.is_suspended,
            **kwargs,
        )


class SuspendForm(VerbForm):
    reason = forms.CharField(
        label="Motivo",
        help_text="Para usted; el cliente no lo ve.",
        max_length=500,
        validators=[validate_plain_text],
    )
    message = forms.CharField(
        label="Mensaje para el cliente",
        help_text="Opcional. Lo lee cuando intenta entrar.",
        required=False,
        max_length=500,
        validators=[validate_paragraphs],
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


class TaskForm(OneTimeForm):
    key_name = "key"
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
