"""The fiscal and contact data of a client, and the cleaning of what was typed.

Law: domain.md, "RFC" and "The nouns". Whatever takes a client's data, such as the form
and the API, passes it through `clean_details`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field

from accounts.text import validate_plain_text
from clients.models import Client
from reseller_panel import phones
from reseller_panel.characters import without_invisible
from reseller_panel.refusals import Refused
from sat import regimes
from sat import rfc as rfc_rules

ErrorsByField = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Details:
    legal_name: str
    rfc: str
    tax_regime: str
    postal_code: str
    contact_email: str
    contact_name: str = ""
    contact_phone: str = ""

    @classmethod
    def of(cls, client: Client) -> "Details":
        return cls(**{field.name: getattr(client, field.name) for field in fields(cls)})


NAMES = [field.name for field in fields(Details)]


class InvalidDetails(Refused):
    """`errors`: Spanish messages by field name. `doubts_rfc`: something of the RFC is
    unusual (sat.rfc.doubts), which the user may accept."""

    code = "validation"

    def __init__(self, errors: ErrorsByField, *, doubts_rfc: bool = False) -> None:
        super().__init__(" ".join(text for texts in errors.values() for text in texts))
        self.errors = errors
        self.doubts_rfc = doubts_rfc


def clean_details(
    raw: Mapping[str, Any],
    *,
    accept_rfc: bool = False,
    known_rfc: str = "",
    may_be_missing: Collection[str] = (),
) -> Details:
    """Return `raw`, text by field name, as it is stored; a missing field is blank.

    `accept_rfc`: the user confirms an RFC that is unusual (sat.rfc.doubts).
    `known_rfc`, which the client already has, needs none. `may_be_missing`: fields that
    may be blank, of MAY_BE_MISSING. Raises InvalidDetails.
    """
    values: dict[str, str] = {}
    errors: ErrorsByField = {}
    for name in NAMES:
        text = raw.get(name) or ""
        if _is_plain(name, text) or (name in may_be_missing and not text.strip()):
            values[name] = text.strip()
            continue
        try:
            values[name] = _clean(name, text)
        except ValidationError as error:
            errors[name] = error.messages
    rfc, regime = values.get("rfc"), values.get("tax_regime")
    if rfc and regime:
        individual = rfc_rules.is_individual(rfc)
        if not regimes.suits(regime, individual=individual):
            kind = rfc_rules.taxpayer_kind(rfc)
            errors["tax_regime"] = [
                f"Ese régimen no es de una {kind}, y el RFC sí lo es."
            ]
    may_doubt = bool(rfc) and not accept_rfc and rfc != known_rfc
    if rfc and may_doubt and (doubts := rfc_rules.doubts(rfc)):
        errors["rfc"] = [_doubted(doubts)]
    if errors:
        is_doubted = bool(rfc and rfc_rules.doubts(rfc))
        raise InvalidDetails(errors, doubts_rfc=is_doubted)
    return Details(**values)


def clean_rfc(text: str, *, accept_rfc: bool = False) -> str:
    """An RFC alone, as `clean_details` takes a client's. Raises InvalidDetails."""
    try:
        rfc = _clean("rfc", text)
    except ValidationError as error:
        raise InvalidDetails({"rfc": error.messages}) from None
    if (doubts := rfc_rules.doubts(rfc)) and not accept_rfc:
        raise InvalidDetails({"rfc": [_doubted(doubts)]}, doubts_rfc=True)
    return rfc


def _doubted(doubts: list[str]) -> str:
    return (
        f"{' '.join(doubts)} Revíselo; si así está en la constancia, marque «Es "
        "correcto» y guarde otra vez."
    )


# Of most values nothing has to be asked: what is written so is stored as it is. An
# import has a million of them.
_PLAIN = {
    "legal_name": re.compile(r"[A-Z0-9&.,'-]+(?: [A-Z0-9&.,'-]+)*"),
    "postal_code": re.compile(r"[0-9]{5}"),
    "contact_email": re.compile(
        r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}"
    ),
    "contact_name": re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*"),
}
_PLAIN_MAX = 60  # of the local part, of a label and of all of them


def _is_plain(name: str, text: str) -> bool:
    if name == "tax_regime":
        return text in regimes.REGIMES
    if name == "rfc":
        return rfc_rules.is_valid(text)
    pattern = _PLAIN.get(name)
    return bool(pattern and len(text) <= _PLAIN_MAX and pattern.fullmatch(text))


def _clean(name: str, text: str) -> str:
    """Return the text of one field as it is stored. Raises ValidationError."""
    text = text.strip()
    field = Client._meta.get_field(name)
    assert isinstance(field, Field)
    if not text and not field.blank:
        raise ValidationError("Este campo es obligatorio.")
    if name in ("rfc", "contact_phone"):
        # They come with invisible characters from a PDF or a list of contacts, and
        # only their letters and digits are kept.
        text = without_invisible(text)
    validate_plain_text(text)
    match name:
        case "rfc":
            text = rfc_rules.clean(text)
        case "contact_email":
            text = text.lower()
        case "contact_phone":
            text = phones.cleaned(text)
    cleaned: str = field.clean(text, None)
    return cleaned
