"""What a run asks for, if its verb asks: the forms of the row action, for many.

A run is done once, so they carry no key of their own: `version` is that of the preview
that was shown.
"""

from typing import Any

from django import forms

from clients.bulk.preview import Preview
from clients.forms import AddFoliosForm, RenewForm, SuspendForm, VerbForm
from reseller_panel.spanish import agree, counted


def _version() -> forms.IntegerField:
    return forms.IntegerField(widget=forms.HiddenInput)


class _ConfirmForm(VerbForm):
    version = _version()


class _SuspendForm(SuspendForm):
    version = _version()


class _FoliosForm(AddFoliosForm):
    reference = None  # type: ignore[assignment]
    version = _version()


class _RenewForm(RenewForm):
    reference = None  # type: ignore[assignment]
    version = _version()


def form_for(shown: Preview, data: Any) -> VerbForm:
    """The form of the verb of a run, of those who would change."""
    initial = {"version": shown.run.version}
    form: VerbForm
    match shown.run.verb:
        case "add_folios":
            form = _FoliosForm(
                data,
                plan_folios=shown.least_plan,
                suspended=shown.suspended,
                initial=initial,
            )
        case "renew":
            form = _RenewForm(
                data,
                packages=shown.run.reseller.packages.on_sale(),
                same="El mismo de cada cliente",
                suspended=shown.suspended,
                initial=initial,
            )
        case "suspend":
            return _SuspendForm(data, initial=initial)
        case _:
            return _ConfirmForm(data, initial=initial)
    if choice := form.fields.get("activate"):
        are = agree(shown.suspended, "está suspendido", "están suspendidos")
        choice.help_text = f"{counted(shown.suspended, 'cliente')} {are}."
    return form
