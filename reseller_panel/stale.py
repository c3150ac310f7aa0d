"""What somebody else changed while a form was open.

Law: domain.md, "Saving what somebody else has changed". A leaf: the verbs of every app
merge here under their lock, and their forms say here what their user saw. No rule of
the business belongs here.
"""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from reseller_panel.refusals import Refused

# The value of a name that a mapping does not have: a service that is not included.
MISSING = object()

Name = TypeVar("Name", bound=Hashable)


class Conflict(NamedTuple):
    """Two wanted to change the same: what it is now, and what this form wanted."""

    now: Any
    wanted: Any


class ChangedMeanwhile(Refused):
    """Nothing was saved; `conflicts` by name of what was to be changed."""

    code = "changed_meanwhile"

    def __init__(self, conflicts: Mapping[Any, Conflict]) -> None:
        super().__init__(
            "Alguien más cambió lo mismo mientras usted lo tenía abierto. No se guardó "
            "nada."
        )
        self.conflicts = conflicts


def merge(
    *,
    seen: Mapping[Name, Any],
    wanted: Mapping[Name, Any],
    current: Mapping[Name, Any],
) -> dict[Name, Any]:
    """`current` with what was changed between `seen` and `wanted`, and no more.

    Raises ChangedMeanwhile where somebody else has changed the same to something else.
    """
    merged = dict(current)
    conflicts: dict[Name, Conflict] = {}
    for name in {*seen, *wanted}:
        was, is_now, to_be = (
            values.get(name, MISSING) for values in (seen, current, wanted)
        )
        if to_be == was or to_be == is_now:
            continue
        if is_now != was:
            conflicts[name] = Conflict(is_now, to_be)
        elif to_be is MISSING:
            del merged[name]
        else:
            merged[name] = to_be
    if conflicts:
        raise ChangedMeanwhile(conflicts)
    return merged


class SeenForm(forms.Form):
    """A form that tells what its user saw: beside each field goes, hidden, the value it
    was opened with (Django's `show_hidden_initial`). Without a script as well.

    It stands before the other bases, so that it sees all their fields.
    """

    # Fields that show nothing which is kept.
    nothing_kept: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = name not in self.nothing_kept

    def seen(self) -> dict[str, Any]:
        """The value of each field when the form was opened; what was not sent along
        counts as seen the way it is now."""
        return {name: self._seen(name) for name in self.fields}

    def _seen(self, name: str) -> Any:
        field, bound = self.fields[name], self[name]
        widget = field.hidden_widget()
        if bound.html_initial_name in self.data:
            sent = widget.value_from_datadict(
                self.data, self.files, bound.html_initial_name
            )
            try:
                return field.to_python(sent)
            except ValidationError:
                return sent
        return self.get_initial_for_field(field, name)

    def add_conflicts(self, refused: ChangedMeanwhile) -> None:
        """Say both values beside each field. From now on the user has seen the new one:
        saving again is meant."""
        data: Any = self.data
        self.data = data.copy()
        self.add_error(None, str(refused))
        for name, conflict in refused.conflicts.items():
            for field, value in self.fields_of(name, conflict.now).items():
                self._set_seen(field, value)
            self.add_error(
                next(iter(self.fields_of(name, conflict.now))),
                f"Ahora es {self.said(name, conflict.now)}; usted puso "
                f"{self.said(name, conflict.wanted)}. Si debe quedar lo suyo, guarde "
                "otra vez.",
            )

    def fields_of(self, name: Any, value: Any) -> dict[str, Any]:
        """The fields that show what a verb calls `name`, with their values."""
        return {name: value}

    def said(self, name: Any, value: Any) -> str:
        """A value in words."""
        field = self.fields.get(name)
        choices = dict(getattr(field, "choices", ()))
        values = value if isinstance(value, list) else [value]
        words = [str(choices.get(one, one)) for one in values if one not in ("", None)]
        return f"«{', '.join(words)}»" if words else "nada"

    def _set_seen(self, name: str, value: Any) -> None:
        bound = self[name]
        prepared = bound.field.prepare_value(value)
        key = bound.html_initial_name
        if isinstance(prepared, list) and hasattr(self.data, "setlist"):
            self.data.setlist(key, prepared)
        else:
            self.data[key] = "" if prepared is None else str(prepared)  # type: ignore[index]
