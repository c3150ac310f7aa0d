"""The forms of saved views, whose rules are in accounts/lists.py, and of a file of
movements."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from accounts.models import SavedView
from accounts.models.lists import NAME_MAX
from accounts.text import validate_plain_text
from clients.forms import DateInput
from reseller_panel.refusals import Refused

# Of a file of movements: the days that it may be about.
ENTRIES_DAYS_MAX = 366


class ViewForm(forms.Form):
    """The name of a view, and whether the list opens with it."""

    name = forms.CharField(
        label="Nombre",
        max_length=NAME_MAX,
        validators=[validate_plain_text],
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    is_default = forms.BooleanField(
        label="Abrir Clientes con esta vista",
        help_text="En lugar de la lista completa. Sólo para usted.",
        required=False,
    )

    def add_refusal(self, refused: Refused) -> None:
        named = getattr(refused, "field", "")
        self.add_error(named if named in self.fields else None, str(refused))


class _ToReplace(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"Reemplazar {obj}"


class SaveViewForm(ViewForm):
    """A new view, or one of the person's `views` to replace: the name is the new one's
    alone."""

    view = _ToReplace(
        label="Guardar como",
        queryset=SavedView.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label="Una vista nueva",
    )
    field_order = ("view", "name", "is_default")

    def __init__(self, data: Any = None, *, views: Sequence[SavedView]) -> None:
        super().__init__(data)
        choice = self.fields["view"]
        assert isinstance(choice, _ToReplace)
        choice.queryset = SavedView.objects.filter(pk__in=[one.pk for one in views])
        self.fields["name"].required = False
        if not views:
            del self.fields["view"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("view") and not cleaned.get("name") and not self.errors:
            self.add_error("name", "Escriba cómo se llamará.")
        return cleaned


class EntriesForm(forms.Form):
    """Between which days the movements of all clients are wanted, both included."""

    since = forms.DateField(label="Desde", widget=DateInput)
    until = forms.DateField(label="Hasta", widget=DateInput)

    def __init__(self, data: Any = None, *, today: date, **kw: Any) -> None:
        super().__init__(data, **kw)
        self._today = today

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since is None or until is None:
            return given
        if since > self._today:
            self.add_error("since", "Ese día todavía no llega.")
        elif until < since:
            self.add_error("until", "Elija el mismo día de Desde, o uno posterior.")
        elif (until - since).days >= ENTRIES_DAYS_MAX:
            self.add_error("until", "Elija a lo más un año: 366 días.")
        given["until"] = min(until, self._today)
        return given
