"""Hostile values in every parameter, field, header and argument of every URL.

Never a 5xx; and nothing is written when the response is an error. Addresses and names
are found by tests/hostile_requests.py itself. HOSTILE_ROUNDS=45 tries each value on
each name.
"""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client as Browser
from django.utils import timezone

from accounts import keys, lists
from accounts.models import Scope, User
from clients import lifecycle
from clients.models import Client
from packages.models import Package
from tests import hostile_requests as hostile
from tests import imports
from tests.hostile_requests import VALUES, Address, Attack

SEED = int(os.environ.get("HOSTILE_SEED", random.randrange(10**6)))
ROUNDS = int(os.environ.get("HOSTILE_ROUNDS", "2"))
ROLES = ("anonymous", "as_alicia", "as_clara", "as_soporte", "program")
Place = Callable[[Address], str]


@pytest.fixture
def browsers(request: pytest.FixtureRequest, program_browser: Browser) -> dict:
    people = {role: request.getfixturevalue(role) for role in ROLES[:-1]}
    return people | {"program": program_browser}


@pytest.fixture
def program_browser(alicia: User) -> Browser:
    assert alicia.reseller
    _, secret = keys.make(
        alicia.reseller, name="Facturación", scopes=Scope.values, by=alicia
    )
    return Browser(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def place(clara: Client, pyme: Package, alicia: User) -> Place:
    """An address with arguments of objects that exist."""
    key = keys.make(clara.reseller, name="Caja", scopes=[Scope.STAMPS], by=alicia).key
    tomorrow = timezone.localdate() + timedelta(days=1)
    lifecycle.add_task(clara, text="Llamar", due_on=tomorrow, key=uuid4(), by=alicia)
    ids = {"packages": pyme, "accounts": key, "task": clara.tasks.get()}
    lines = imports.as_csv([*imports.rows(2), ["x", "", "Oro"]])
    ids["import"] = imports.staged(alicia, lines)
    ids["view"] = lists.save_view(alicia, name="Cobranza", query="columnas=folios")

    def fill(address: Address) -> str:
        space, _, name = address.name.partition(":")
        kind = {"finish_task": "task", "reopen_task": "task"}.get(name, space)
        kind = "import" if name.startswith("import_") else kind
        kind = "view" if name in ("change_view", "remove_view", "sheet_link") else kind
        return address.filled(
            {
                "public_id": str(ids.get(kind, clara).public_id),
                "client": clara.rfc,
                "reference": "F-1",
                "object_id": _first_pk(name),
                "content_type_id": "1",
                "pk": "1",
                "app_label": "clients",
                "url": "nada",
                "key": "nada",
                "secret": "nada",
                "uidb36": "1",
            }
        )

    return fill


def _first_pk(name: str) -> str:
    """Of the model that a page of the admin is about."""
    for model in apps.get_models():
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            first = model._default_manager.order_by("pk").first()
            return str(first.pk) if first else "1"
    return "1"


def _wrong(tried: str, sent: hostile.Sent) -> list[str]:
    return [f"{tried:.150}: {sent}"] if sent.is_wrong else []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("role", ROLES)
def test_no_parameter_field_or_header_breaks_a_page(
    role: str, method: str, browsers: dict[str, Browser], place: Place
) -> None:
    print("seed", SEED)
    rng, attack, wrong = random.Random(SEED), Attack(), []
    browser = browsers[role]
    for address in hostile.addresses():
        if (role == "program") != address.name.startswith("api:"):
            continue
        path = place(address)
        sent, names = hostile.learn(attack, browser, method, path)
        wrong += _wrong(f"{role} {method} {path}", sent)
        # Behind a closed door there is little to break.
        closed = sent.response.status_code in (302, 403, 404, 405)
        numbers = rng.sample(range(len(VALUES)), 1 if closed else ROUNDS)
        for tried, sent in hostile.rounds(
            attack, browser, method, path, names, numbers
        ):
            wrong += _wrong(f"{role} {method} {tried}", sent)
    print(attack.requests, "requests")
    assert not wrong, "\n".join(wrong)


ALONE = (*hostile.ALONE, *(f"cookie {name}" for name in hostile.COOKIES))


@pytest.mark.parametrize("name", ALONE)
def test_no_header_or_cookie_alone_breaks_anything(
    name: str, as_alicia: Browser, program_browser: Browser, clara: Client
) -> None:
    attack, wrong = Attack(), []
    page = f"/clientes/{clara.public_id}/suspender/"
    for value in VALUES.values():
        sort, _, cookie = name.rpartition(" ")
        headers = {} if sort else {name: value}
        cookies = {cookie: value} if sort else {}
        for browser, method, path in (
            (as_alicia, "GET", "/clientes/"),
            (as_alicia, "POST", page),
            (as_alicia, "GET", "/ayuda/"),
            (program_browser, "GET", "/api/v1/clients"),
            (program_browser, "POST", f"/api/v1/clients/{clara.rfc}/stamps"),
            (program_browser, "POST", "/api/v1/stamps"),
        ):
            body = hostile.query(hostile.FITTING).encode() if path == page else b"{}"
            kind = "application/x-www-form-urlencoded"
            sent = attack.send(
                browser,
                method,
                path,
                headers=headers,
                cookies=cookies,
                body=body if method == "POST" else b"",
                content_type=kind if path == page else "application/json",
            )
            wrong += _wrong(f"{name} {value[:40]!r} {method} {path}", sent)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_no_argument_of_an_address_breaks_a_page(
    role: str, browsers: dict[str, Browser], place: Place
) -> None:
    rng, attack, wrong = random.Random(SEED), Attack(), []
    for address in hostile.addresses():
        if (role == "program") != address.name.startswith("api:"):
            continue
        known = place(address)
        for name, value in rng.sample([*VALUES.items()], 2 * ROUNDS):
            for path in hostile.misplaced(address, known, value):
                for method in ("GET", "POST"):
                    sent = attack.send(browsers[role], method, path)
                    wrong += _wrong(f"{role} {method} {address.name} {name}", sent)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", VALUES)
def test_nothing_is_written_when_the_page_that_asked_cannot_be_read(
    name: str, as_alicia: Browser, clara: Client
) -> None:
    """The address of the page is read to render what changed: after the writing."""
    attack = Attack()
    url = f"/clientes/{clara.public_id}/agregar-folios/"
    value = VALUES[name]
    pages = (value, b"http://testserver/clientes/?q=" + value)
    for page in pages:
        for auto in (b"true", b"false"):
            headers = {
                "HX-Request": b"true",
                "HX-Current-URL": page,
                "HX-Current-URL-URI-AutoEncoded": auto,
            }
            body = hostile.query(hostile.FITTING).encode()
            sent = attack.send(as_alicia, "POST", url, headers=headers, body=body)
            assert not sent.is_wrong, sent
            assert sent.response.status_code in (200, 400)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/seguimiento/?q=%00", 400),
        ("/clientes/?q=%00", 400),
        ("/clientes/?q=%ED%A0%80", 400),
        ("/clientes/?pagina=" + "9" * 5000, 200),
        ("/seguimiento/mes/?mes=%D9%A3", 404),
        ("/api/v1/clients?q=%00", 422),
        ("/api/v1/clients?" + "&".join(f"f{n}=1" for n in range(2000)), 422),
    ],
)
def test_what_is_no_text_is_refused_in_words(
    path: str, status: int, as_alicia: Browser, program_browser: Browser
) -> None:
    browser = program_browser if path.startswith("/api/") else as_alicia
    response = browser.get(path)
    assert response.status_code == status
    if status == 400:
        assert "No se guardó nada" in response.content.decode()
        toast = browser.get(path, headers={"HX-Request": "true"})
        assert toast["HX-Retarget"] == "#toasts"


@pytest.mark.parametrize("model", ["usersessions/usersession", "accounts/user"])
@pytest.mark.parametrize(
    "asked", ["q=sof%C3%ADa", "q=x", "o=99", "_to_field=", "e=1", "id__exact=x"]
)
def test_no_question_to_a_list_of_the_admin_breaks_it(
    model: str, asked: str, as_soporte: Browser
) -> None:
    assert as_soporte.get(f"/admin/{model}/?{asked}").status_code < 500


def test_support_that_gives_itself_a_reseller_is_refused_in_words(
    alicia: User, as_soporte: Browser, soporte: User
) -> None:
    soporte.is_superuser = False
    soporte.save()
    fields = {"email": soporte.email, "name": "Sofía", "is_active": "on"}
    response = as_soporte.post(
        f"/admin/accounts/user/{soporte.pk}/change/",
        fields | {"reseller": alicia.reseller_id},
    )
    assert response.status_code < 500
    soporte.refresh_from_db()
    assert soporte.reseller is None


def test_an_action_of_the_admin_on_what_is_no_row(as_soporte: Browser) -> None:
    response = as_soporte.post(
        "/admin/clients/client/", {"action": "archive", "_selected_action": "x"}
    )
    assert response.status_code == 400
