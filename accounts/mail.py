"""Whose name an e-mail bears, and the e-mails about a person's own access.

Those are sent after the commit; one that does not go out is logged, for the change is
made all the same.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from email.headerregistry import Address
from email.utils import parseaddr
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import Reseller, User

log = logging.getLogger(__name__)

_YES_NO = {True: "sí", False: "no"}


def sign(message: EmailMessage, reseller: Reseller, *, by: User | None = None) -> None:
    """Send in the reseller's name, from the panel's own address, which alone may send
    (SPF, DMARC). Answers go to the reseller's contact e-mail; without one to `by`, if
    that is its staff, else to the oldest of its staff."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message.from_email = str(Address(reseller.name, addr_spec=address))
    answers = contact_email_of(reseller, by=by)
    message.reply_to = [answers] if answers else []


def contact_email_of(reseller: Reseller, *, by: User | None = None) -> str:
    """Where its clients write to a reseller; empty if there is nobody."""
    if reseller.contact_email:
        return reseller.contact_email
    staff = reseller.staff.filter(is_active=True).order_by("date_joined", "id")
    chosen = staff.filter(pk=by.pk).first() if by else None
    chosen = chosen or staff.first()
    return chosen.email if chosen else ""


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
