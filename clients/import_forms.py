"""The forms of an import: the file, its columns, its packages, a line to correct.

What is in a file is judged by clients/importing, not here.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from accounts.models import Reseller
from clients.forms import PackageChoice, VerbForm
from clients.importing import pasting, reading, workbooks
from clients.importing.reading import Table, Unreadable
from clients.importing.recognition import FIELDS, LABELS
from clients.importing.words import folded
from packages.models import Package

PASTED = "Tabla pegada"


class UploadForm(VerbForm):
    """A file or a pasted table; `table` is what it has once the form is valid."""

    use_required_attribute = False
    document = forms.FileField(
        label="Archivo",
        help_text=f"CSV o XLSX, de hasta {reading.BYTES_MAX // 1024 // 1024} MB y "
        f"{reading.ROWS_MAX:,} clientes. Los encabezados pueden tener cualquier orden.",
        required=False,
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm"}),
    )
    text = forms.CharField(
        label="O pegue aquí la tabla",
        help_text="Selecciónela en el otro panel o en su hoja de cálculo, con los "
        "encabezados, cópiela y péguela.",
        required=False,
        strip=False,
        max_length=pasting.PASTED_MAX,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        file, text = data.get("document"), data.get("text", "")
        if self.errors:
            return data
        if not file and not text.strip():
            self.add_error("document", "Elija un archivo o pegue la tabla.")
            return data
        try:
            self.table = self._read(file, text)
        except Unreadable as refused:
            self.add_error("document" if file else "text", str(refused))
        return data

    def _read(self, file: Any, text: str) -> Table:
        if not file:
            return pasting.of_pasted(text)
        reading.refuse_size(file.size)
        return workbooks.of_bytes(file.read())

    @property
    def name(self) -> str:
        """What it is called from now on, in printable letters."""
        file = self.cleaned_data.get("document")
        given = file.name if file else PASTED
        kept = "".join(char for char in given if char.isprintable())
        return " ".join(kept.split())[-120:] or PASTED


class ColumnsForm(VerbForm):
    """What each column is, and the package of who names none."""

    default_package = PackageChoice(
        label="Paquete de los que no dicen cuál",
        queryset=Package.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label="Ninguno: serán errores",
    )

    def __init__(
        self,
        *args: Any,
        headers: Sequence[str],
        columns: Sequence[str],
        reseller: Reseller,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["default_package"]
        assert isinstance(choice, PackageChoice)
        choice.queryset = reseller.packages.on_sale()
        self._columns = [f"columna_{place}" for place in range(len(headers))]
        for name, header, key in zip(self._columns, headers, columns, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=f"Qué es «{header}»",
                choices=[("", "No se importa"), *LABELS.items()],
                required=False,
                initial=key,
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._columns]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = Counter(data.get(name) for name in self._columns)
        for name in self._columns:
            key = data.get(name)
            if key and chosen[key] > 1:
                self.add_error(
                    name, f"Otra columna es también «{LABELS[key]}». Deje una sola."
                )
        needed = [f.label for f in FIELDS if f.required and not chosen[f.key]]
        # The RFC may stand in the cell of the name.
        if "Razón social" in needed:
            self.add_error(None, "Diga qué columna es la razón social.")
        return data

    def columns(self) -> list[str]:
        return [self.cleaned_data[name] for name in self._columns]


class PackagesForm(VerbForm):
    """Which package is meant by each name that none has."""

    def __init__(
        self, *args: Any, names: Sequence[str], reseller: Reseller, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._names = {_key_of(name): folded(name) for name in names}
        for name in names:
            self.fields[_key_of(name)] = PackageChoice(
                label=f"«{name}»",
                queryset=reseller.packages.on_sale(),
                to_field_name="public_id",
                required=False,
                empty_label="Sin elegir",
            )

    def chosen(self) -> Mapping[str, Package]:
        """The packages by folded name."""
        return {
            name: self.cleaned_data[key]
            for key, name in self._names.items()
            if self.cleaned_data.get(key)
        }


def _key_of(name: str) -> str:
    digest = hashlib.sha256(folded(name).encode()).hexdigest()
    return f"paquete_{digest[:12]}"


class LineForm(VerbForm):
    """The cells of one line, to be corrected."""

    def __init__(
        self, *args: Any, headers: Sequence[str], cells: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._cells = [f"celda_{place}" for place in range(len(headers))]
        for name, header, cell in zip(self._cells, headers, cells, strict=False):
            self.fields[name] = forms.CharField(
                label=header,
                required=False,
                initial=cell,
                max_length=reading.CELL_MAX,
            )

    def cells(self) -> list[str]:
        return [self.cleaned_data[name] for name in self._cells]


class ConfirmForm(VerbForm):
    updates_existing = forms.BooleanField(
        label="Actualizar también los que ya existen",
        help_text="Solo los datos que el archivo trae distintos: razón social, "
        "régimen, código postal y contacto. Nunca los folios ni la vigencia.",
        required=False,
    )
