"""API keys: make, change and revoke them, and check the key of a request.

Law: quality.md, "Access". The secret is shown once, to whoever makes the key. A revoked
key stops working at the next call, because every call reads the key again. Its scopes
say what it may do, its reseller whose data it may see (`visible_to`).
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import AccessKind, ApiKey, Reseller, Scope, User, events
from accounts.text import clean_line
from reseller_panel.refusals import Refused
from reseller_panel.stale import merge

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


class KeyRevoked(KeyRefused):
    code = "key_revoked"

    def __init__(self, key: ApiKey) -> None:
        super().__init__(f"La llave «{key.name}» ya fue revocada.")


class NewKey(NamedTuple):
    """A new key with its secret, which cannot be read again."""

    key: ApiKey
    secret: str


@transaction.atomic
def make(
    reseller: Reseller, *, name: str, scopes: Sequence[str], by: User | None
) -> NewKey:
    made = ApiKey.issue(reseller, name=name, scopes=list(scopes), made_by=by)
    key = made[0]
    events.record(AccessKind.KEY_MADE, by=by, api_key=key, after=_facts(key))
    return NewKey(*made)


def change(
    key: ApiKey,
    *,
    name: str,
    scopes: Sequence[str],
    seen: Mapping[str, Any] | None = None,
    by: User | None,
) -> None:
    """Change name and scopes, not the secret. In force from the next call.

    Of what was `seen`, by field name, only the difference is applied. Raises
    ChangedMeanwhile, KeyRevoked.
    """
    wanted: dict[str, Any] = {
        "name": clean_line(name, field="name"),
        "scopes": _in_order(scopes),
    }
    with transaction.atomic():
        fresh = _locked(key)
        if fresh.revoked_at is not None:
            raise KeyRevoked(fresh)
        before = _facts(fresh)
        if seen is not None:
            wanted = merge(
                seen={"name": seen["name"], "scopes": _in_order(seen["scopes"])},
                wanted=wanted,
                current={"name": fresh.name, "scopes": _in_order(fresh.scopes)},
            )
        key.name, key.scopes = wanted["name"], wanted["scopes"]
        if _facts(key) == before:
            return
        key.save(update_fields=["name", "scopes"])
        events.record(
            AccessKind.KEY_CHANGED, by=by, api_key=key, before=before, after=_facts(key)
        )


def _in_order(scopes: Sequence[str]) -> list[str]:
    """Compared as a set is, and shown in the order of the form."""
    return [scope.value for scope in Scope if scope in scopes]


@transaction.atomic
def revoke(key: ApiKey, *, by: User | None) -> bool:
    """Revoke a key for ever. False, and nothing changed, if it was revoked before."""
    usable = ApiKey.objects.usable().filter(pk=key.pk)
    done = usable.update(revoked_at=timezone.now(), revoked_by=by)
    key.refresh_from_db()
    if done:
        events.record(AccessKind.KEY_REVOKED, by=by, api_key=key, before=_facts(key))
    return bool(done)


def _locked(key: ApiKey) -> ApiKey:
    """Lock the key's row, but let events that name it be written meanwhile."""
    return ApiKey.objects.select_for_update(no_key=True).get(pk=key.pk)


def _facts(key: ApiKey) -> dict[str, Any]:
    return {"name": key.name, "scopes": sorted(key.scopes)}


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
