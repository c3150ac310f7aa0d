"""E-mails about a person's own access. Sent after the commit; one that does not go out
is logged, for the change is made all the same."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import User

log = logging.getLogger(__name__)

_YES_NO = {True: "sí", False: "no"}


def tell(
    addresses: Iterable[str], person: User, *, by: User, changes: Sequence[str]
) -> None:
    """What was changed in the access of a person, and by whom, to each address."""
    context = {"person": person, "by": by, "changes": changes}
    text = render_to_string("accounts/mail/access_changed.txt", context)
    for address in sorted(set(addresses)):
        transaction.on_commit(partial(_send, address, text))


def in_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """«correo: de a@b.mx a c@d.mx», by the names that the fields have on screen."""
    return [
        f"{_label(name)}: de {_said(before[name])} a {_said(after[name])}"
        for name in after
    ]


def _label(name: str) -> str:
    return str(User._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _said(value: Any) -> str:
    return _YES_NO[value] if isinstance(value, bool) else (value or "ninguno")


def _send(address: str, text: str) -> None:
    try:
        send_mail("Cambió el acceso a su cuenta", text, None, [address])
    except OSError:
        log.warning("The mail about a change of access was not sent.", exc_info=True)
