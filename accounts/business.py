"""What a reseller says of its own business: how its clients reach it. Its verb.

Law: domain.md, "The people". The name, the zone and the people of a reseller are
support's to change (admin.py).
"""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import Reseller
from reseller_panel.stale import merge

FIELDS = ("contact_email", "contact_phone", "contact_whatsapp")


def is_complete(reseller: Reseller) -> bool:
    """Whether its clients can reach it at an address of its own."""
    return bool(reseller.contact_email)


def change(
    reseller: Reseller, wanted: Mapping[str, str], *, seen: Mapping[str, str]
) -> None:
    """Keep what was changed of what was `seen`. Raises ChangedMeanwhile."""
    with transaction.atomic():
        # Not the lock that a new client's foreign key would wait for.
        row = Reseller.objects.select_for_update(no_key=True).get(pk=reseller.pk)
        current = {name: getattr(row, name) for name in FIELDS}
        merged = merge(seen=seen, wanted=wanted, current=current)
        for name in FIELDS:
            setattr(row, name, merged[name])
        row.save(update_fields=FIELDS)
