"""API keys: how one is made, limited, revoked, and shown by a program.

Law: quality.md, "Access". The secret is seen once, by whoever makes the key; a revoked
key stops at the next call, because every call reads it afresh. What a key may do is
its scopes; whose data it sees is its reseller's (`visible_to`).
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

# How exact "last use" is: a write for every call would cost more than the call.
LAST_USE_EVERY = timedelta(minutes=1)
# When a use is worth noting again, by digest; the oldest way to forget is enough.
_REMEMBERED = 10_000
_noted_until: dict[bytes, float] = {}


class KeyRefused(Refused):
    """What a program asks for may not be done with the key it shows."""


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
    """With the secret that nobody can read again."""

    key: ApiKey
    secret: str


def make(reseller: Reseller, *, name: str, scopes: Sequence[str]) -> NewKey:
    return NewKey(*ApiKey.issue(reseller, name=name, scopes=list(scopes)))


def change(key: ApiKey, *, name: str, scopes: Sequence[str]) -> None:
    """Name and scopes; the secret stays. In force from the next call."""
    key.name, key.scopes = name, list(scopes)
    key.save(update_fields=["name", "scopes"])


def revoke(key: ApiKey) -> None:
    """For ever; doing it twice keeps the first moment."""
    ApiKey.objects.usable().filter(pk=key.pk).update(revoked_at=timezone.now())
    key.refresh_from_db()


def secret_of(authorization: str) -> str:
    """What follows `Bearer` in the header; empty when there is no such thing."""
    scheme, _, secret = authorization.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def authorize(digest: bytes | None, *any_of: Scope) -> ApiKey:
    """The usable key with this digest, if it has one of the scopes.

    Raises InvalidKey without such a key, ScopeMissing when it may do other things.
    """
    key = digest and ApiKey.objects.usable().filter(digest=digest).first()
    return permit(key or None, *any_of)


def permit(key: ApiKey | None, *any_of: Scope) -> ApiKey:
    """The same of a key that has been read already; None is one that does not exist."""
    if key is None or key.revoked_at is not None:
        raise InvalidKey
    if not set(any_of) & set(key.scopes):
        raise ScopeMissing(key, any_of)
    return key


def touch(key: ApiKey) -> None:
    """Note that the key was used, at most once a minute. Outside any transaction of
    the call: the note must not keep its answer waiting, nor spoil it."""
    if not key.last_used_at or timezone.now() - key.last_used_at >= LAST_USE_EVERY:
        _note_use([bytes(key.digest)])


def touch_many(digests: Iterable[bytes]) -> None:
    """The same of keys that have not been read."""
    now = time.monotonic()
    due = [one for one in digests if now >= _noted_until.get(one, 0.0)]
    if not due:
        return
    if len(_noted_until) > _REMEMBERED:
        _noted_until.clear()
    _noted_until.update(dict.fromkeys(due, now + LAST_USE_EVERY.total_seconds()))
    _note_use(due)


def _note_use(digests: Sequence[bytes]) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_EVERY)
    try:
        with transaction.atomic():
            ApiKey.objects.filter(stale, digest__in=digests).update(last_used_at=now)
    except (DatabaseError, InterfaceError):
        log.warning("The last use of a key was not noted.", exc_info=True)
