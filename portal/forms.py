"""The form that a person fills in before entering a client's account."""

import uuid

from django import forms

from accounts.text import validate_plain_text
from clients.forms import VerbForm


class EnterForm(VerbForm):
    reason = forms.CharField(
        label="Motivo",
        help_text="Lo leen usted y el cliente.",
        initial="Ayuda solicitada por el cliente",
        max_length=500,
        validators=[validate_plain_text],
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        error_messages={"required": "Escriba el motivo."},
    )
    # The idempotency key, made when the dialog opens: sent twice, it starts one visit.
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
