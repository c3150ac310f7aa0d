"""How a program shows its key to the API (django-ninja's `auth=`)."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts import keys
from accounts.models import ApiKey, Scope


class KeyRequest(HttpRequest):
    """A request of a program whose key has been checked."""

    auth: ApiKey


class Bearer(HttpBearer):
    """The key must have one of `any_of`. Raises what keys.authorize does."""

    def __init__(self, *any_of: Scope) -> None:
        super().__init__()
        self.any_of = any_of

    def __call__(self, request: HttpRequest) -> Any:
        # Without the base class: it answers nothing to a header it cannot read, and
        # writes the secret to the log.
        return self.authenticate(request, "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        key = keys.authorize(digest_of(request), *self.any_of)
        keys.touch(key)
        return key


class BearerLater(Bearer):
    """For the calls whose key is checked in the transaction of the stamp itself
    (api/stamping/), so that a revoked key stops with the commit. The scopes are
    given for the docs."""

    def authenticate(self, request: HttpRequest, token: str) -> bytes:  # type: ignore[override]
        digest = digest_of(request)
        if digest is None:
            raise keys.InvalidKey
        return digest


def digest_of(request: HttpRequest) -> bytes | None:
    """Of the secret that was sent; None when none was."""
    secret = keys.secret_of(request.headers.get("Authorization", ""))
    return ApiKey.digest_of(secret) if secret else None
