"""When an e-mail address counts as a person's own: when its mail has been read.

Law: domain.md, "The people". The only proof is a link that was sent to the address and
followed. Whoever types an address proves nothing, be it the person, a reseller or
support; a changed address is unproven again, because the proof names the address.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User


def prove_address(user: User, *, now: datetime | None = None) -> bool:
    """Record that somebody who reads the mail of `user.email` is this person. Returns
    False if that was known already."""
    with transaction.atomic():
        fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if fresh.email != user.email or fresh.has_proven_address:
            return False
        user.proven_email = fresh.proven_email = fresh.email
        user.proven_at = fresh.proven_at = now or timezone.now()
        fresh.save(update_fields=["proven_email", "proven_at"])
    return True
