"""Authentication of API calls by key (django-ninja's `auth=`)."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts import keys
from accounts.models import ApiKey, Scope


class KeyRequest(HttpRequest):
    """An API request whose key has been checked."""

    auth: ApiKey


class Bearer(HttpBearer):
    """Requires a key with one of these scopes. Raises what keys.authorize raises."""

    def __init__(self, *any_of: Scope) -> None:
        super().__init__()
        self.any_of = any_of

    def __call__(self, request: HttpRequest) -> Any:
        # Not the base class: for a header that it cannot parse it returns None and
        # writes the secret to the log.
        return self.authenticate(request, "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        key = keys.authorize(digest_of(request), *self.any_of)
        keys.touch(key)
        return key


class BearerLater(Bearer):
    """Returns only the digest: the transaction of the stamp checks the key
    (api/stamping/), so that a key stops working with the commit that revokes it. Here
    strangers are refused before their body is read. The scopes are for the docs."""

    def authenticate(self, request: HttpRequest, token: str) -> bytes:  # type: ignore[override]
        digest = digest_of(request)
        if digest is None or not keys.was_usable(digest):
            raise keys.InvalidKey
        return digest


def digest_of(request: HttpRequest) -> bytes | None:
    """The digest of the secret in the Authorization header; None without one."""
    secret = keys.secret_of(request.headers.get("Authorization", ""))
    return ApiKey.digest_of(secret) if secret else None
