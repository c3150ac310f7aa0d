"""A reseller's own words for its messages: kept, and taken back. The verbs of messages.

Two of its people may do it at the same time: one row of the reseller is locked first,
also where there are no words yet. What the words may contain is messages.py's.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Reseller, User
from clients.models import SuggestionKind
from followup.messages import Message, own_or_default
from followup.models import MessageTemplate
from reseller_panel.stale import ChangedMeanwhile, Conflict, merge


def keep(
    reseller: Reseller,
    kind: SuggestionKind,
    message: Message,
    *,
    seen: Message,
    by: User,
    now: datetime | None = None,
) -> None:
    """Keep what was changed of what was `seen`. Raises ChangedMeanwhile."""
    with transaction.atomic():
        own = _locked(reseller, kind)
        merged = merge(
            seen=vars(seen),
            wanted=vars(message),
            current=vars(own_or_default(own, kind)),
        )
        MessageTemplate.objects.update_or_create(
            reseller=reseller,
            kind=kind,
            defaults={**merged, "by": by, "at": now or timezone.now()},
        )


def restore(reseller: Reseller, kind: SuggestionKind, *, seen: Message) -> None:
    """The first words again, if the own ones are still those that were `seen`. Raises
    ChangedMeanwhile."""
    with transaction.atomic():
        own = _locked(reseller, kind)
        if own is None:
            return
        first, now, was = vars(own_or_default(None, kind)), vars(own), vars(seen)
        conflicts = {
            name: Conflict(now[name], first[name])
            for name in first
            if now[name] not in (was[name], first[name])
        }
        if conflicts:
            raise ChangedMeanwhile(conflicts)
        own.delete()


def _locked(reseller: Reseller, kind: SuggestionKind) -> MessageTemplate | None:
    # Not the lock that a new client's foreign key would wait for.
    Reseller.objects.select_for_update(no_key=True).get(pk=reseller.pk)
    return MessageTemplate.objects.filter(reseller=reseller, kind=kind).first()
