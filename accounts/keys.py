"""API keys: make, change and revoke them, and check the key of a request.

Law: quality.md, "Access". The secret is shown once, to whoever makes the key. A revoked
key stops working at the next call, because every call reads the key again. Its scopes
say what it may do, its reseller whose data it may see (`visible_to`).
"""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey, Reseller, Scope
from reseller_panel.refusals import Refused

log = logging.getLogger(__name__)

# Precision of `last_used_at`: a write at every call would cost more than the call.
LAST_USE_EVERY = timedelta(minutes=1)
# By digest, until when a use need not be written again; cleared whole when too large.
_REMEMBERED = 10_000
_noted_until: dict[bytes, float] = {}
# Until when a digest needs no query to be taken for that of a usable key.
_usable_until: dict[bytes, float] = {}


class KeyRefused(Refused):
    """The key of a request does not allow what the request asks for."""


class InvalidKey(KeyRefused):
    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__(
            "Envíe la cabecera «Authorization: Bearer» con una llave vigente."
        )


class ScopeMissing(KeyRefused):
    code = "scope_missing"

    def __init__(self, key: ApiKey, any_of: Sequence[Scope]) -> None:
        needed = " o ".join(f"«{scope}»" for scope in any_of)
        super().__init__(
            f"La llave «{key.name}» no tiene el permiso {needed}, que pide esta "
            "llamada."
        )


class NewKey(NamedTuple):
    """A new key with its secret, which cannot be read again."""

    key: ApiKey
    secret: str


def make(reseller: Reseller, *, name: str, scopes: Sequence[str]) -> NewKey:
    return NewKey(*ApiKey.issue(reseller, name=name, scopes=list(scopes)))


def change(key: ApiKey, *, name: str, scopes: Sequence[str]) -> None:
    """Change name and scopes, not the secret. In force from the next call."""
    key.name, key.scopes = name, list(scopes)
    key.save(update_fields=["name", "scopes"])


def revoke(key: ApiKey) -> None:
    """Revoke a key for ever; revoking it again keeps the first `revoked_at`."""
    ApiKey.objects.usable().filter(pk=key.pk).update(revoked_at=timezone.now())
    key.refresh_from_db()


def secret_of(authorization: str) -> str:
    """The secret after `Bearer` in an Authorization header; empty without one."""
    scheme, _, secret = authorization.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def authorize(digest: bytes | None, *any_of: Scope) -> ApiKey:
    """The usable key with this digest, if it has one of the scopes `any_of`.

    Raises InvalidKey if there is no such key, ScopeMissing if it has none of them.
    """
    key = digest and ApiKey.objects.usable().filter(digest=digest).first()
    return permit(key or None, *any_of)


def permit(key: ApiKey | None, *any_of: Scope) -> ApiKey:
    """`authorize` for a key that was read already; None: there is no such key."""
    if key is None or key.revoked_at is not None:
        raise InvalidKey
    if not set(any_of) & set(key.scopes):
        raise ScopeMissing(key, any_of)
    return key


def was_usable(digest: bytes) -> bool:
    """Whether there is a usable key with this digest, or was a minute ago: enough to
    read a body, not to do anything."""
    now = time.monotonic()
    if now < _usable_until.get(digest, 0.0):
        return True
    if not ApiKey.objects.usable().filter(digest=digest).exists():
        return False
    if len(_usable_until) > _REMEMBERED:
        _usable_until.clear()
    _usable_until[digest] = now + LAST_USE_EVERY.total_seconds()
    return True


def touch(key: ApiKey) -> None:
    """Record the use of a key, at most once a minute. Call it outside the transaction
    of the call, so that recording neither delays the response nor makes it fail."""
    if not key.last_used_at or timezone.now() - key.last_used_at >= LAST_USE_EVERY:
        _note_use([bytes(key.digest)])


def touch_many(digests: Iterable[bytes]) -> None:
    """`touch` for keys of which only the digests are known."""
    now = time.monotonic()
    due = [one for one in digests if now >= _noted_until.get(one, 0.0)]
    if not due:
        return
    if len(_noted_until) > _REMEMBERED:
        _noted_until.clear()
    _noted_until.update(dict.fromkeys(due, now + LAST_USE_EVERY.total_seconds()))
    _note_use(due)


def _note_use(digests: Sequence[bytes]) -> None:
    """Never waits: a key that another transaction has locked is left for later."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_EVERY)
    unlocked = ApiKey.objects.select_for_update(skip_locked=True, no_key=True)
    due = unlocked.filter(stale, digest__in=digests).order_by()
    try:
        with transaction.atomic():
            ids = list(due.values_list("pk", flat=True))
            ApiKey.objects.filter(pk__in=ids).update(last_used_at=now)
    except (DatabaseError, InterfaceError):
        log.warning("The last use of a key was not noted.", exc_info=True)
