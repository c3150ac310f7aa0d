"""The forms of packages. The verbs that use their data are in catalogue.py."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms

from packages.catalogue import Offer, PackageDetails
from packages.models import (
    SERVICE_QUANTITY_MAX,
    Inclusion,
    LeftoverRule,
    Package,
    Service,
    TermUnit,
)
from reseller_panel.numbers import PriceField, QuantityField
from reseller_panel.stale import MISSING, SeenForm

# Suggested while there is no package yet; the reseller sets the price.
EXAMPLES = {
    "anual": PackageDetails(
        name="PyME anual", folios=300, term_count=1, term_unit=TermUnit.YEAR
    ),
    "mensual": PackageDetails(
        name="Mensual 100",
        folios=100,
        term_count=1,
        term_unit=TermUnit.MONTH,
        leftover_rule=LeftoverRule.LOSE,
    ),
    "sin-vigencia": PackageDetails(name="Bolsa de 50", folios=50),
}


class ServicesForm(forms.Form):
    """A base form with one checkbox per service, and a quantity if it is countable.

    The forms of packages and of plans extend it. `services()` returns what was chosen
    as quantity by service id (None where it is not counted).
    """

    def __init__(
        self, *args: Any, included: Iterable[Inclusion] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        quantities = {item.service_id: item.quantity for item in included}
        self._services = list(Service.objects.all())
        for service in self._services:
            self.fields[f"service_{service.pk}"] = forms.BooleanField(
                label=service.name,
                help_text=service.description,
                required=False,
                initial=service.pk in quantities,
            )
            if service.is_countable:
                self.fields[f"quantity_{service.pk}"] = QuantityField(
                    label=service.quantity_label,
                    required=False,
                    min_value=1,
                    max_value=SERVICE_QUANTITY_MAX,
                    initial=quantities.get(service.pk),
                )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for service in self._services:
            quantity = f"quantity_{service.pk}"
            if not service.is_countable:
                continue
            if not data.get(f"service_{service.pk}"):
                self.errors.pop(quantity, None)  # a service not chosen needs none
            elif not data.get(quantity) and quantity not in self.errors:
                self.add_error(quantity, "Escriba cuántos incluye.")
        return data

    def service_fields(self) -> list[tuple[Any, Any]]:
        """Bound fields for the template: (checkbox, quantity or None)."""
        return [
            (
                self[f"service_{service.pk}"],
                self[f"quantity_{service.pk}"] if service.is_countable else None,
            )
            for service in self._services
        ]

    def services(self) -> dict[int, int | None]:
        return self.services_in(self.cleaned_data)

    def services_in(self, values: Mapping[str, Any]) -> dict[int, int | None]:
        """Those that these values of the fields include."""
        return {
            service.pk: values.get(f"quantity_{service.pk}")
            for service in self._services
            if values.get(f"service_{service.pk}")
        }


class SeenServicesForm(SeenForm, ServicesForm):
    """Services as their user saw them; a verb calls each by its id."""

    def fields_of(self, name: Any, value: Any) -> dict[str, Any]:
        if not isinstance(name, int):
            return super().fields_of(name, value)
        fields: dict[str, Any] = {f"service_{name}": value is not MISSING}
        if f"quantity_{name}" in self.fields:
            fields[f"quantity_{name}"] = None if value is MISSING else value
        return fields

    def said(self, name: Any, value: Any) -> str:
        if not isinstance(name, int):
            return super().said(name, value)
        if value is MISSING:
            return "«no incluido»"
        return "«incluido»" if value is None else f"«{value}»"


class PackageForm(SeenServicesForm, forms.ModelForm):
    """A new or edited package; the verbs take its `details()` and `services()`.

    A field that does not apply (the count of a term *sin vigencia*, the limit when
    leftovers are lost) is ignored, because the page hides it.
    """

    class Meta:
        model = Package
        fields = (
            "name",
            "folios",
            "price",
            "term_unit",
            "term_count",
            "leftover_rule",
            "leftover_limit",
        )
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {
            "folios": QuantityField,
            "price": PriceField,
            "term_count": QuantityField,
            "leftover_limit": QuantityField,
        }
        labels: ClassVar[dict[str, str]] = {
            "folios": "Folios que incluye",
            "term_unit": "Vigencia",
            "term_count": "Cuántos",
            "leftover_rule": "Folios sobrantes al renovar",
            "leftover_limit": "Máximo que se conserva",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "price": "Opcional. Sin IVA o con IVA, como usted acostumbre.",
            "term_count": "Cuenta desde el día en que se asigna o se renueva.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "leftover_rule": forms.RadioSelect,
        }

    field_order = Meta.fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit, rule = self.fields["term_unit"], self.fields["leftover_rule"]
        assert isinstance(unit, forms.ChoiceField)
        assert isinstance(rule, forms.ChoiceField)
        unit.choices = [*TermUnit.choices, ("", "sin vigencia")]
        rule.choices = [(one.value, one.label.capitalize()) for one in LeftoverRule]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "term_unit" not in self.errors and not data.get("term_unit"):
            self.errors.pop("term_count", None)
            data["term_count"] = None
        elif not data.get("term_count") and "term_count" not in self.errors:
            self.add_error("term_count", "Escriba cuántos, o elija «sin vigencia».")
        if data.get("leftover_rule") != LeftoverRule.KEEP_UP_TO:
            self.errors.pop("leftover_limit", None)
            data["leftover_limit"] = None
        return data

    def details(self) -> PackageDetails:
        return PackageDetails.of(self.instance)

    def what_was_seen(self) -> Offer:
        seen = self.seen()
        details = {name: seen[name] for name in self.Meta.fields}
        return Offer(PackageDetails(**details), self.services_in(seen))

    def fields_of(self, name: Any, value: Any) -> dict[str, Any]:
        match name:
            case "term":
                return {"term_unit": value[1], "term_count": value[0]}
            case "leftovers":
                return {"leftover_rule": value[0], "leftover_limit": value[1]}
        return super().fields_of(name, value)

    def said(self, name: Any, value: Any) -> str:
        match name:
            case "term":
                words = Package(term_count=value[0], term_unit=value[1]).term_label
            case "leftovers":
                words = Package(
                    leftover_rule=value[0], leftover_limit=value[1]
                ).leftover_label
            case _:
                return super().said(name, value)
        return f"«{words}»"

    def example(self) -> Package | None:
        """An unsaved package with what is typed so far, to show what it would grant;
        None while too much is missing."""
        if self.is_bound:
            self.is_valid()
            missing = {"folios", "price", "term_unit", "term_count"} & set(self.errors)
            return None if missing else self.instance
        typed = {
            name: self.get_initial_for_field(self.fields[name], name)
            for name in self.Meta.fields
        }
        return Package(**typed) if typed["folios"] else None
