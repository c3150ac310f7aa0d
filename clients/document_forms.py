"""The document that a new client's fiscal data is taken from, and what was taken.

What a document says is read by sat/documents.py; what it puts in the form is judged
like what is typed (client_forms.py). Nothing is stored here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from reseller_panel.spanish import listed
from sat import constancia, documents
from sat.regimes import REGIMES
from sat.taxpayers import Taxpayer, UnreadableError

# What stands in the value of a button: it is put in the form, and judged there.
_PARTS = ("rfc", "tax_regime", "postal_code", "legal_name")
_LABELS = {
    "rfc": "RFC",
    "legal_name": "razón social",
    "tax_regime": "régimen fiscal",
    "postal_code": "código postal",
}


@dataclass(frozen=True)
class Candidate:
    """One whom the data may be of: what it puts in which field, where it is from, and
    what is worth saying of it."""

    values: Mapping[str, str]
    source: str
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Taxpayer) -> "Candidate":
        values = {
            "rfc": found.rfc,
            "legal_name": found.name,
            "tax_regime": next(iter(found.regimes), ""),
            "postal_code": found.postal_code,
        }
        given = {name: value for name, value in values.items() if value}
        return cls(given, found.source, tuple(_remarks(found)))

    @classmethod
    def of_button(cls, value: str) -> "Candidate":
        """What `button` wrote."""
        values = dict(zip(_PARTS, value.split("|", len(_PARTS) - 1), strict=False))
        given = {name: text for name, text in values.items() if text}
        return cls(given, "el mismo CFDI")

    @property
    def button(self) -> str:
        return "|".join(self.values.get(name, "") for name in _PARTS)

    @property
    def name(self) -> str:
        return self.values.get("legal_name") or self.values["rfc"]

    @property
    def filled(self) -> str:
        """«RFC, razón social y código postal»"""
        return listed([label for name, label in _LABELS.items() if name in self.values])

    @property
    def missing(self) -> str:
        return listed(
            [label for name, label in _LABELS.items() if name not in self.values]
        )


def _remarks(found: Taxpayer) -> list[str]:
    remarks = []
    if len(found.regimes) > 1:
        named = [f"{code} {REGIMES[code].description}" for code in found.regimes]
        remarks.append(
            f"Tiene {len(named)} regímenes: {listed(named)}. Se puso el primero; "
            "elija otro si no factura con él."
        )
    if found.place_of_issue:
        remarks.append(
            "El código postal es el del lugar de expedición: revise que sea el de su "
            "domicilio fiscal."
        )
    return remarks


class DocumentForm(forms.Form):
    """A file or a pasted text; a part of the page that has a form of its own."""

    use_required_attribute = False
    document = forms.FileField(
        label="Archivo",
        help_text="Arrástrelo aquí o elíjalo: la constancia como .txt, o el XML de un "
        "CFDI que el cliente emitió o recibió. Hasta 1 MB.",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,.xml"}),
    )
    text = forms.CharField(
        label="O pegue aquí el texto de la constancia",
        help_text="Si es un PDF, ábralo, seleccione todo, cópielo y péguelo aquí.",
        required=False,
        max_length=constancia.MAX_CHARACTERS,
        widget=forms.Textarea(
            attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}
        ),
    )

    def candidates(self) -> list[Candidate]:
        """Those that the document may be about, the likeliest first; none where it
        cannot be read, which the form then says."""
        if not self.is_valid():
            return []
        file, text = self.cleaned_data["document"], self.cleaned_data["text"]
        if not file and not text:
            self.add_error("document", "Elija un archivo o pegue el texto.")
            return []
        try:
            return [Candidate.of(one) for one in documents.read(_content(file, text))]
        except UnreadableError as error:
            self.add_error("document" if file else "text", error.message)
            return []


def _content(file: Any, text: str) -> bytes:
    """Of a file a byte more than is read at most, which is then said there."""
    content: bytes = file.read(documents.MAX_BYTES + 1) if file else text.encode()
    return content
