"""Links of saved views for spreadsheets: make, revoke, and find the one of a secret.

Law: quality.md, "Access". The secret is shown once, to whoever makes the link. Every
reading asks again whether there is such a link, and whether its person may still enter
for the same reseller: what was revoked or dismissed reads nothing more.
"""

import logging
import secrets
from typing import Any

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import AccessKind, SavedView, SheetLink, User, events

log = logging.getLogger(__name__)

_BYTES = 32  # 256 bits


@transaction.atomic
def make(view: SavedView) -> str:
    """Give the view a link, in the place of the one that it has. Returns the secret,
    which cannot be read again."""
    person, secret = view.person, secrets.token_urlsafe(_BYTES)
    fresh: dict[str, Any] = {
        "reseller": person.reseller,
        "digest": SheetLink.digest_of(secret),
        "made_at": timezone.now(),
        "last_used_at": None,
        "uses": 0,
    }
    SheetLink.objects.update_or_create(view=view, defaults=fresh)
    _record(AccessKind.LINK_MADE, view)
    return secret


@transaction.atomic
def revoke(view: SavedView) -> bool:
    """False, and nothing changed, if it has none."""
    number, _ = SheetLink.objects.filter(view=view).delete()
    if number:
        _record(AccessKind.LINK_REVOKED, view)
    return bool(number)


def _record(kind: AccessKind, view: SavedView) -> None:
    person = view.person
    events.record(kind, by=person, person=person, after={"view": view.name})


def of_view(view: SavedView) -> SheetLink | None:
    return SheetLink.objects.filter(view=view).first()


def found(secret: str) -> SheetLink | None:
    """The link with this secret, if its person may read what it shows."""
    links = SheetLink.objects.select_related("view__person__reseller")
    digest = SheetLink.digest_of(secret)
    link = links.filter(
        digest=digest,
        view__person__is_active=True,
        view__person__reseller=F("reseller"),
    ).first()
    return link if link and may_read(link.view.person) else None


def may_read(person: User) -> bool:
    """Support sees every reseller, which no link may."""
    return not person.is_of_support


def note_use(link: SheetLink) -> None:
    """Count a reading. That it could not be counted makes no reading fail."""
    now = timezone.now()
    try:
        with transaction.atomic():
            own = SheetLink.objects.filter(pk=link.pk, digest=link.digest)
            own.update(uses=F("uses") + 1, last_used_at=now)
    except (DatabaseError, InterfaceError):
        log.warning("The use of a link was not counted.", exc_info=True)
