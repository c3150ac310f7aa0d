"""The forms of additional RFCs, which stand in the client's page.

Which RFC may be a client's is said by details.py; rules of the business are not here.
"""

from typing import Any

from django import forms

from clients.details import InvalidDetails, clean_rfc
from clients.forms import DateInput, VerbForm


class AdditionalRfcForm(VerbForm):
    """An RFC more for a client with Multiempresa."""

    use_required_attribute = False
    rfc = forms.CharField(
        label="RFC",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
        error_messages={"required": "Escriba el RFC."},
    )
    accept_rfc = forms.BooleanField(
        label="Es correcto: así lo dio el SAT", required=False
    )
    starts_on = forms.DateField(
        label="Desde",
        widget=DateInput,
        error_messages={"required": "Elija el día."},
    )
    ends_on = forms.DateField(
        label="Hasta",
        help_text="Opcional. Es el último día en que gasta folios.",
        required=False,
        widget=DateInput,
    )

    doubts_rfc = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "rfc_%s"} | kwargs)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "rfc" not in self.errors:
            self.doubts_rfc = data.get("accept_rfc", False)
            try:
                clean_rfc(data["rfc"], accept_rfc=self.doubts_rfc)
            except InvalidDetails as refused:
                self.doubts_rfc = self.doubts_rfc or refused.doubts_rfc
                self.add_error("rfc", refused.errors["rfc"])
        return data


class EndRfcForm(VerbForm):
    last_day = forms.DateField(
        label="Último día",
        widget=DateInput,
        error_messages={"required": "Elija el último día."},
    )
