"""One-time keys: the same content under the same key is done once, another is refused.

Law: domain.md, invariant 3; CONTRIBUTING.md, "One row action". Every verb that moves
folios asks here under its lock, before it looks at anything else: what was done stays
done.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Actor, User
from clients.ledger import Posted, ReferenceConflict
from clients.models import Client, EntryKind, FolioLedger, OneTimeKey


@dataclass(frozen=True)
class Request:
    """What is asked for, and under which key; `content` is all that makes a difference.

    `kind` and `quantity` are those of the movement it stands for.
    """

    verb: str
    reference: str
    by: Actor | None
    kind: EntryKind
    quantity: int
    content: dict[str, Any]

    @property
    def digest(self) -> str:
        text = json.dumps(self.content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def movement(self) -> dict[str, Any]:
        """The movement it stands for, as Locked.post takes it."""
        return {
            "kind": self.kind,
            "quantity": self.quantity,
            "reference": self.reference,
            "by": self.by,
        }

    @property
    def is_of_reseller(self) -> bool:
        """Whether the key stands for one movement of the reseller, not of each client:
        a form is filled in once, and a new client has nothing of its own yet."""
        return isinstance(self.by, User) or self.verb == "create"


def repeated(client: Client, request: Request) -> Posted | None:
    """The first outcome of this request. None: it is new, and its key bound to it.

    Raises ReferenceConflict if the key was used for anything else. `client` is locked.
    """
    if earlier := known(client, request):
        return earlier
    try:
        with transaction.atomic():
            OneTimeKey.objects.create(
                client=client,
                reseller_id=client.reseller_id,
                reference=request.reference,
                verb=request.verb,
                content=request.digest,
                is_of_reseller=request.is_of_reseller,
            )
    except IntegrityError:
        # The same key, at the same instant, for another client.
        if earlier := known(client, request):
            return earlier
        raise
    return None


def created_before(reseller_id: int, request: Request) -> Posted | None:
    """The same of a client that does not exist yet; binds nothing."""
    used = OneTimeKey.objects.filter(
        reseller=reseller_id, reference=request.reference, is_of_reseller=True
    ).first()
    return _judged(used, request) if used else None


def known(client: Client, request: Request) -> Posted | None:
    """The first outcome, if there is one; binds nothing. Raises ReferenceConflict."""
    keys = OneTimeKey.objects.filter(reference=request.reference)
    used = keys.filter(client=client).first()
    if used is None and request.is_of_reseller:
        used = keys.filter(reseller=client.reseller_id, is_of_reseller=True).first()
    if used is not None:
        if used.client_id != client.pk:
            raise ReferenceConflict(_entry_of(used))
        return _judged(used, request)
    # A stamp's reference, or a movement from before contents were kept.
    entry = FolioLedger.objects.filter(
        client=client, reference=request.reference
    ).first()
    if entry is None:
        return None
    if (entry.kind, entry.quantity) != (request.kind, request.quantity):
        raise ReferenceConflict(entry)
    return Posted(entry, is_repeat=True)


def _judged(used: OneTimeKey, request: Request) -> Posted:
    entry = _entry_of(used)
    if (used.verb, used.content) != (request.verb, request.digest):
        raise ReferenceConflict(entry)
    return Posted(entry, is_repeat=True)


def _entry_of(used: OneTimeKey) -> FolioLedger:
    return FolioLedger.objects.select_related(
        "client__account", "client__plan__package", "client__reseller"
    ).get(client=used.client_id, reference=used.reference)
