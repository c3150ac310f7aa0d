"""How much may be sent: each limit is written (docs/api.md), and what passes it costs
little and is answered shortly."""

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api.docs import contract
from api.schemas.requests import MEMBERS_MAX
from clients.importing import reading
from clients.models import Client
from manual.search import words_of
from packages.models import Package
from reseller_panel import limits, problems
from sat import documents
from tests.programs import Program, refusal

DOCS = Path(__file__).parent.parent / "docs" / "api.md"
MANY_WORDS = " ".join(f"palabra{n}" for n in range(600))


# ── A search ──────────────────────────────────────────────────────────────────────


def test_of_a_search_the_first_words_count_each_once() -> None:
    words = limits.search_words("uno dos  uno tres a b c d e f g")
    assert words == ["uno", "dos", "tres", "a", "b", "c", "d", "e"]
    assert limits.search_words("x" * 5_000) == ["x" * limits.SEARCH_LENGTH_MAX]


@pytest.mark.parametrize(
    "path",
    [
        "/clientes/?q=",
        "/buscar/?q=",
        "/seguimiento/?q=",
        "/ayuda/?q=",
        "/admin/clients/client/?q=",
        "/admin/accounts/user/?q=",
        "/admin/accounts/reseller/?q=",
        "/admin/autocomplete/?app_label=accounts&model_name=user"
        "&field_name=reseller&term=",
    ],
)
def test_no_search_asks_the_database_for_many_words(
    path: str, as_alicia: Browser, as_soporte: Browser, clara: Client
) -> None:
    browser = as_soporte if path.startswith("/admin/") else as_alicia
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = browser.get(path + MANY_WORDS.replace(" ", "+"))
    assert response.status_code == 200
    asked = " ".join(query["sql"] for query in queries)
    assert f"palabra{limits.SEARCH_WORDS_MAX}" not in asked
    assert len(words_of(MANY_WORDS)) <= limits.SEARCH_WORDS_MAX


def test_more_words_than_count_find_more_and_not_less(
    as_alicia: Browser, clara: Client
) -> None:
    asked = "escuela kemper urgate " * 3 + "kemper.mx EKU9003173C9 clara a e i"
    assert clara.legal_name in as_alicia.get("/clientes/", {"q": asked}).text


def test_a_search_that_is_too_long_is_refused_by_the_api(program: Program) -> None:
    longest = "x" * limits.SEARCH_LENGTH_MAX
    assert program.get("/clients", q=longest).status_code == 200
    assert refusal(program.get("/clients", q=longest + "x")) == (422, "validation")


# ── What pages are sent ───────────────────────────────────────────────────────────


def test_an_address_of_a_page_has_a_length(as_alicia: Browser) -> None:
    longest = "x" * (limits.QUERY_BYTES_MAX - 2)
    assert as_alicia.get(f"/clientes/?q={longest}").status_code == 200
    assert as_alicia.get(f"/clientes/?q={longest}x").status_code == 400


def test_a_form_has_so_many_fields(as_alicia: Browser, clara: Client) -> None:
    url = f"/clientes/{clara.public_id}/suspender/"
    fields = {f"f{n}": "1" for n in range(limits.FORM_FIELDS_MAX)}
    assert as_alicia.post(url, fields | {"reason": "x"}).status_code == 400
    text = "&".join(f"{name}=1" for name in fields | {"reason": "x"})
    form = "application/x-www-form-urlencoded"
    assert as_alicia.post(url, text, content_type=form).status_code == 400
    assert as_alicia.get(f"/clientes/?{text}").status_code == 400


def test_a_form_is_not_read_when_it_is_too_large(
    as_alicia: Browser, anonymous: Browser, clara: Client
) -> None:
    text = {"reason": "x" * limits.FORM_BYTES_MAX}
    url = f"/clientes/{clara.public_id}/suspender/"
    assert as_alicia.post(url, text).status_code == 413
    assert anonymous.post("/cuenta/login/", text).status_code == 413
    toast = as_alicia.post(url, text, headers={"HX-Request": "true"})
    assert (toast.status_code, toast["HX-Retarget"]) == (413, "#toasts")


def test_only_a_page_that_takes_a_file_takes_more_and_that_has_an_end_too(
    as_alicia: Browser, pyme: Package
) -> None:
    assert limits.FILE_BYTES_MAX == documents.MAX_BYTES
    url = reverse("clients:create")
    assert url in limits.PAGES_WITH_A_FILE
    for more, status in ((1, 422), (limits.FORM_BYTES_MAX, 413)):
        file = BytesIO(b"x" * (limits.FILE_BYTES_MAX + more))
        response = as_alicia.post(url, {"leer": "1", "document": file})
        assert response.status_code == status


def _forms(base: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for form in base.__subclasses__():
        yield from _forms(form)
        ours = form.__module__.split(".")[0]
        if ours in {"accounts", "packages", "clients", "portal", "followup", "api"}:
            yield form


@pytest.mark.parametrize("form", sorted(set(_forms(forms.BaseForm)), key=str), ids=str)
def test_every_text_of_a_form_has_its_longest(form: type[forms.BaseForm]) -> None:
    for name, field in form.base_fields.items():
        if isinstance(field, forms.CharField) and type(field) is not forms.UUIDField:
            assert field.max_length, name


# ── What programs send ────────────────────────────────────────────────────────────


def _unlimited(schema: dict[str, Any], schemas: dict[str, Any], at: str) -> list[str]:
    """The places in it where there is no limit."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        parts = schema["anyOf"]
        return [bad for part in parts for bad in _unlimited(part, schemas, at)]
    match schema.get("type"):
        case "string":
            has = {"maxLength", "format", "enum", "const"} & schema.keys()
            return [] if has else [at]
        case "integer":
            return [] if "maximum" in schema else [at]
        case "array":
            own = [] if "maxItems" in schema else [at]
            return own + _unlimited(schema["items"], schemas, f"{at}[]")
    return [
        bad
        for name, inner in schema.get("properties", {}).items()
        for bad in _unlimited(inner, schemas, f"{at}.{name}")
    ]


def test_everything_that_a_program_sends_has_a_limit_in_the_contract() -> None:
    schema = contract()
    schemas, found = schema["components"]["schemas"], []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            at = f"{method} {path}"
            for one in operation["parameters"]:
                found += _unlimited(one["schema"], schemas, f"{at} {one['name']}")
            bodies = operation.get("requestBody", {}).get("content", {})
            if "application/json" in bodies:
                found += _unlimited(bodies["application/json"]["schema"], schemas, at)
    assert found == []


Send = Callable[[Program, Client, Any], Any]
CALLS: dict[str, Send] = {
    "stamp": lambda program, client, data: program.post(
        f"/clients/{client.rfc}/stamps", data
    ),
    "stamps": lambda program, client, data: program.post("/stamps", data),
    "folios": lambda program, client, data: program.post(
        f"/clients/{client.rfc}/folios", data
    ),
    "edit": lambda program, client, data: program.patch(f"/clients/{client.rfc}", data),
}


@pytest.mark.parametrize("call", CALLS)
def test_sixty_thousand_unknown_fields_are_answered_shortly_and_at_once(
    call: str, program: Program, clara: Client
) -> None:
    data = {f"f{n}": 1 for n in range(60_000)}
    begin = time.process_time()
    response = CALLS[call](program, clara, data)
    assert time.process_time() - begin < 1
    assert refusal(response) == (422, "validation")
    assert len(response.content) < 2_000


def test_no_object_has_many_members_wherever_it_stands(
    program: Program, clara: Client
) -> None:
    many = {f"f{n}": 1 for n in range(MEMBERS_MAX + 1)}
    for data in (many, {"services": [many]}, {"stamps": [{"client": many}]}):
        for call in ("edit", "stamps"):
            response = CALLS[call](program, clara, data)
            assert refusal(response) == (422, "validation")
            assert len(response.content) < 5_000


def test_of_many_wrong_fields_the_first_ones_are_named(
    program: Program, clara: Client
) -> None:
    data = {f"f{n:02}": 1 for n in range(40)} | {"x" * 900: 1}
    response = CALLS["folios"](program, clara, data)
    assert len(response.json()["errors"]) == problems.ERRORS_MAX
    assert "y 23 más" in response.json()["detail"]
    name = CALLS["folios"](program, clara, {"x" * 900: 1}).json()["errors"][-1]
    assert name["field"] == "x" * problems.FIELD_NAME_MAX


@pytest.mark.parametrize(
    "item",
    [{}, {"a": 1}, {f"f{n}": 1 for n in range(MEMBERS_MAX)}, "x", None, [[]]],
    ids=["empty", "unknown field", "fifty unknown fields", "text", "null", "list"],
)
def test_a_bad_batch_of_a_thousand_is_answered_shortly_and_at_once(
    item: Any, program: Program
) -> None:
    begin = time.process_time()
    response = program.post("/stamps", {"stamps": [item] * 1_000})
    assert time.process_time() - begin < 2
    assert {result["status"] for result in response.json()["results"]} == {422}
    assert len(response.content) < 500_000


def test_an_address_of_a_call_has_a_length(program: Program) -> None:
    many = {f"f{n}": "1" for n in range(2_000)}
    response = program.get("/clients", **many)
    assert refusal(response) == (422, "validation")
    assert len(response.content) < 1_000


def test_a_length_of_five_thousand_digits_is_too_large(program: Program) -> None:
    with pytest.raises(problems.Problem) as refused:
        problems.refuse_too_large("9" * 5_000)
    assert refused.value.status == 413


def test_the_limits_are_written() -> None:
    text = DOCS.read_text().partition("## Límites")[2]
    for number in (
        limits.SEARCH_LENGTH_MAX,
        limits.SEARCH_WORDS_MAX,
        limits.QUERY_BYTES_MAX,
        limits.FORM_BYTES_MAX,
        limits.FORM_FIELDS_MAX,
        limits.FORM_FILES_MAX,
        limits.FILE_BYTES_MAX,
        limits.IMPORT_BYTES_MAX,
        reading.ROWS_MAX,
        reading.COLUMNS_MAX,
        reading.CELL_MAX,
        MEMBERS_MAX,
        problems.ERRORS_MAX,
    ):
        assert f"{number:,}" in text, number
