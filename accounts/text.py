"""The text that is kept: checked and composed where it is written.

Law: quality.md, "Bad input". Which characters are refused is in
reseller_panel/characters.py. The fields check whatever a model writes; the verbs check
first (`clean_line`, `clean_paragraphs`), to name the field, and because the ledger does
not write through models; constraints check what passes both. Nothing is taken out:
people correct it.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from reseller_panel import characters, phones
from reseller_panel.refusals import Refused


class UnprintableText(Refused):
    """A text has a character that cannot be seen or printed; the message names it."""

    code = "validation"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def clean_line(text: str, *, field: str = "") -> str:
    """One line of printable text as it is kept. Raises UnprintableText."""
    return _cleaned(characters.normal(text), field, paragraphs=False)


def clean_paragraphs(text: str, *, field: str = "") -> str:
    """Printable text with line feeds and tabs as it is kept: browsers send CR LF for a
    line feed. Raises UnprintableText."""
    text = characters.normal(text).replace("\r\n", "\n")
    return _cleaned(text, field, paragraphs=True)


def _cleaned(text: str, field: str, *, paragraphs: bool) -> str:
    place = characters.refused_at(text, paragraphs=paragraphs)
    if place is None:
        return text
    message = f"{characters.described(text, place)} Bórrelo o escríbalo de nuevo."
    raise UnprintableText(message, field)


def validate_plain_text(value: str) -> None:
    """Accept one line of printable text. Raises ValidationError."""
    try:
        clean_line(value)
    except UnprintableText as refused:
        raise ValidationError(str(refused), code="unprintable") from None


def validate_paragraphs(value: str) -> None:
    """Accept printable text with line breaks and tabs. Raises ValidationError."""
    try:
        clean_paragraphs(value)
    except UnprintableText as refused:
        raise ValidationError(str(refused), code="unprintable") from None


# --- The fields of models ---------------------------------------------------------


class LineField(models.CharField):
    """One line of text. Writing anything else raises UnprintableText."""

    default_validators = [validate_plain_text]
    paragraphs = False

    def _kept(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        clean = clean_paragraphs if self.paragraphs else clean_line
        return clean(value, field=self.name)

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not isinstance(value, str):
            return value
        value = characters.normal(value)
        return value.replace("\r\n", "\n") if self.paragraphs else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """What is saved is what the object in memory has afterwards."""
        value = self._kept(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return super().get_db_prep_save(self._kept(value), connection)


class ParagraphsField(LineField):
    """Text with line feeds."""

    default_validators = [validate_paragraphs]
    paragraphs = True


class EmailLineField(LineField, models.EmailField):
    """An e-mail address. Its part in quotes could have any character otherwise."""

    default_validators = [validate_email, validate_plain_text]


class PhoneField(models.CharField):
    """A telephone, kept as +525512345678 (reseller_panel/phones.py): however it is
    written, and nothing else."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not isinstance(value, str):
            return value
        return phones.cleaned(characters.without_invisible(value).strip())


# --- The conditions of constraints ------------------------------------------------


class PrintableLine(models.Func):
    """No column has a character that is refused; where emoji are joined is left to the
    fields. Migrations import it: to change a meaning, write a new one."""

    template = f"((%(expressions)s) !~ '{characters.REFUSED_IN_A_LINE}')"
    arg_joiner = " || "
    output_field = models.BooleanField()


class PrintableParagraphs(PrintableLine):
    template = f"((%(expressions)s) !~ '{characters.REFUSED_IN_PARAGRAPHS}')"
