"""The forms of Seguimiento: one for each answer to a suggestion, and the messages."""

from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.template.defaultfilters import date as in_words
from django.utils.text import capfirst

from accounts.text import validate_paragraphs, validate_plain_text
from clients.forms import DateInput, VerbForm
from clients.models import Channel, SuggestionKind
from followup import messages
from followup.messages import Message
from reseller_panel.stale import SeenForm


class AnswerForm(VerbForm):
    """An answer to the suggestion that was shown; `basis` names the facts behind it."""

    basis = forms.CharField(max_length=200, widget=forms.HiddenInput)


# The choices of PostponeForm, as distances from today.
_LATER: dict[str, timedelta | relativedelta] = {
    "mañana": timedelta(days=1),
    "en 3 días": timedelta(days=3),
    "en 1 semana": timedelta(weeks=1),
    "en 1 mes": relativedelta(months=1),
}
_OTHER = "otro día"


class PostponeForm(AnswerForm):
    choice = forms.ChoiceField(
        label="Volver a sugerirlo", widget=forms.RadioSelect, initial="en 1 semana"
    )
    until = forms.DateField(label="Qué día", widget=DateInput, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            *(
                (name, f"{name.capitalize()}, {in_words(today + later, 'l j b')}")
                for name, later in _LATER.items()
            ),
            (_OTHER, "Otro día"),
        ]
        self.fields["until"].widget.attrs["min"] = today + timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = data.pop("choice", None)
        if chosen in _LATER:
            data["until"] = self.today + _LATER[chosen]
        elif chosen and not data.get("until") and "until" not in self.errors:
            self.add_error("until", "Elija el día.")
        return data


class DismissForm(AnswerForm):
    reason = forms.CharField(
        label="Motivo",
        help_text="Para usted: queda en el historial del cliente.",
        max_length=500,
        validators=[validate_plain_text],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ContactForm(AnswerForm):
    channel = forms.TypedChoiceField(
        label="Lo contacté por",
        choices=[(c.value, capfirst(c.label)) for c in Channel],
        coerce=Channel,
        widget=forms.RadioSelect,
    )


class WordsForm(forms.Form):
    """A subject and a text with fields, for anybody or one kind of suggestion."""

    kind: SuggestionKind | None = None

    subject = forms.CharField(
        label="Asunto del correo", max_length=150, validators=[validate_plain_text]
    )
    text = forms.CharField(
        label="Mensaje",
        max_length=1000,
        validators=[validate_paragraphs],
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_text(self) -> str:
        return self._checked("text").replace("\r\n", "\n")

    def _checked(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        messages.validate(text, self.kind)
        return text

    @property
    def message(self) -> Message:
        return Message(self.cleaned_data["subject"], self.cleaned_data["text"])


class MessageForm(WordsForm, SeenForm):
    """A reseller's own message for one kind of suggestion."""

    def __init__(
        self, *args: Any, kind: SuggestionKind, message: Message, **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"initial": vars(message)} | kwargs)
        self.kind, self.former = kind, message

    def message_seen(self) -> Message:
        """A browser sends every line break as CRLF."""
        seen = {n: text.replace("\r\n", "\n") for n, text in self.seen().items()}
        return Message(**seen)
