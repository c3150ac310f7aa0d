"""Programs that call the API: a key, and a caller that shows it."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from accounts import keys
from accounts.models import ApiKey, Reseller, Scope, User

BASE = "/api/v1"


class Program:
    """Calls the API with one key, as an invoicing app does."""

    def __init__(self, secret: str = "", key: ApiKey | None = None) -> None:
        self.secret, self.key = secret, key
        self._browser = Browser(raise_request_exception=False)
        self._headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._browser.get(BASE + path, query, headers=self._headers)

    def post(self, path: str, data: Any = None, **how: Any) -> HttpResponse:
        return self.send("post", path, data, **how)

    def patch(self, path: str, data: Any) -> HttpResponse:
        return self.send("patch", path, data)

    def send(
        self,
        method: str,
        path: str,
        data: Any = None,
        content_type: str = "application/json",
    ) -> HttpResponse:
        """`data`: the body as bytes, something to write as JSON, or None for none."""
        body = data
        if not isinstance(data, bytes):
            body = b"" if data is None else json.dumps(data).encode()
        call = getattr(self._browser, method)
        return call(BASE + path, body, content_type=content_type, headers=self._headers)

    def stamp(
        self, client: str, reference: str = "F-1", quantity: int = 1
    ) -> HttpResponse:
        data = {"reference": reference, "quantity": quantity}
        return self.post(f"/clients/{client}/stamps", data)


MakeProgram = Callable[..., Program]


@pytest.fixture
def make_program(alicia: User) -> MakeProgram:
    """A key of alicia's with every scope, if nothing else is said."""

    def make(
        scopes: Sequence[str] = Scope.values, reseller: Reseller | None = None
    ) -> Program:
        owner = reseller or alicia.reseller
        assert owner is not None
        key, secret = keys.make(
            owner,
            name="Facturación",
            scopes=scopes,
            by=None if reseller else alicia,
        )
        return Program(secret, key)

    return make


@pytest.fixture
def program(make_program: MakeProgram) -> Program:
    return make_program()


def refusal(response: HttpResponse) -> tuple[int, str]:
    """Status and code of a problem, which must be one."""
    assert response["Content-Type"] == "application/problem+json", response.content
    body = response.json()  # type: ignore[attr-defined]
    assert body["status"] == response.status_code
    assert {"type", "title", "detail", "code"} <= body.keys()
    return response.status_code, body["code"]
