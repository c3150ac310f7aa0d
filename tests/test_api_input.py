"""Bad input gets a clear error that names the field, never a 500, and moves no folio.

The cases are those of quality.md, for each call that takes a body.
"""

import pytest

from clients.models import Client
from reseller_panel.problems import BODY_MAX
from tests import factories
from tests.cfdis import cfdi
from tests.programs import Program, refusal

# Values, as they are written in JSON, that are not valid quantities.
NOT_QUANTITIES = {
    "true": "true",
    "decimal": "1.0",
    "text": '"1"',
    "exponent": "1e3",
    "null": "null",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "list": "[1]",
    "object": '{"a":1}',
    "zero": "0",
    "negative": "-1",
    "minus zero": "-0",
    "two to the 63": "9223372036854775808",
    "two to the 64 and more": "99999999999999999999999999",
}
NOT_REFERENCES = {
    "empty": '""',
    "65 characters": f'"{"x" * 65}"',
    "a number": "7",
    "null": "null",
    "true": "true",
    "list": '["F-1"]',
    "line break": r'"F\n1"',
    "NUL": r'"F\u0000"',
    "delete": r'"F\u007f"',
    "direction override": r'"F\u202e1"',
    "zero width": r'"F\u200b1"',
    "line separator": r'"F\u20281"',
}
NOT_JSON = {
    "nothing": b"",
    "half": b'{"reference":"F-1",',
    "two": b'{"reference":"F-1","quantity":1}{}',
    "words": b"reference=F-1&quantity=1",
    "not UTF-8": '{"reference":"Ñ","quantity":1}'.encode("latin-1"),
    "UTF-16": '{"reference":"F-1","quantity":1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"reference":"F-1","quantity":1}',
    "lone surrogate": rb'{"reference":"\ud800","quantity":1}',
    "NUL": b"\x00",
    "deep": b"[" * 100_000,
    "5,000 digits": b'{"reference":"F-1","quantity":' + b"9" * 5_000 + b"}",
}
NOT_OBJECTS = {
    "list": b"[]",
    "text": b'"F-1"',
    "number": b"1",
    "null": b"null",
    "true": b"true",
}


def _ids(table: dict[str, object]) -> list[str]:
    return list(table)


def _fields(response: object) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}  # type: ignore[attr-defined]


MOVING = ("stamps", "folios")


@pytest.mark.parametrize("call", MOVING)
@pytest.mark.parametrize(
    "literal", NOT_QUANTITIES.values(), ids=_ids(dict(NOT_QUANTITIES))
)
def test_a_quantity_that_is_none_is_refused(
    program: Program, clara: Client, call: str, literal: str
) -> None:
    body = f'{{"reference":"F-1","quantity":{literal}}}'.encode()
    response = program.post(f"/clients/{clara.rfc}/{call}", body)
    assert refusal(response) == (422, "validation")
    assert _fields(response) == {"quantity"}
    assert factories.fresh(clara).balance == 100


@pytest.mark.parametrize("call", MOVING)
@pytest.mark.parametrize(
    "literal", NOT_REFERENCES.values(), ids=_ids(dict(NOT_REFERENCES))
)
def test_a_reference_that_is_none_is_refused(
    program: Program, clara: Client, call: str, literal: str
) -> None:
    body = f'{{"reference":{literal},"quantity":1}}'.encode()
    response = program.post(f"/clients/{clara.rfc}/{call}", body)
    assert refusal(response) == (422, "validation")
    assert _fields(response) == {"reference"}
    assert factories.fresh(clara).balance == 100


@pytest.mark.parametrize("call", MOVING)
def test_what_is_missing_and_what_does_not_exist_is_named(
    program: Program, clara: Client, call: str
) -> None:
    response = program.post(f"/clients/{clara.rfc}/{call}", {"cantidad": 1})
    assert refusal(response) == (422, "validation")
    assert _fields(response) == {"reference", "quantity", "cantidad"}


@pytest.mark.parametrize("path", ["/stamps", "/clients/{rfc}/stamps"])
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=_ids(dict(NOT_JSON)))
def test_what_is_not_json_is_refused(
    program: Program, clara: Client, path: str, body: bytes
) -> None:
    response = program.post(path.format(rfc=clara.rfc), body)
    status, code = refusal(response)
    # Calls whose body is optional treat an empty body as none.
    assert (status, code) in {(400, "invalid_json"), (422, "validation")}
    assert status == 400 or body == b""
    assert factories.fresh(clara).balance == 100


@pytest.mark.parametrize(
    "path",
    [
        "/stamps",
        "/clients",
        "/clients/{rfc}/stamps",
        "/clients/{rfc}/folios",
        "/clients/{rfc}/renewals",
        "/clients/{rfc}/suspension",
        "/clients/{rfc}/activation",
        "/clients/{rfc}/archive",
        "/clients/{rfc}/restore",
    ],
)
@pytest.mark.parametrize("body", NOT_OBJECTS.values(), ids=_ids(dict(NOT_OBJECTS)))
def test_what_is_not_an_object_is_refused(
    program: Program, clara: Client, path: str, body: bytes
) -> None:
    response = program.post(path.format(rfc=clara.rfc), body)
    if body == b"null" and path.endswith(("activation", "archive", "restore")):
        assert response.status_code in (409, 403)  # `null` counts as no body
        return
    assert refusal(response) == (422, "validation")


@pytest.mark.parametrize(
    "path", ["activation", "archive", "restore", "stamps/F-1/reversal"]
)
def test_calls_without_body_take_no_fields(
    program: Program, clara: Client, path: str
) -> None:
    response = program.post(f"/clients/{clara.rfc}/{path}", {"force": True})
    assert refusal(response) == (422, "validation")
    assert _fields(response) == {"force"}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"reason": 7}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"reason": "No ha pagado", "message": "a\u202eb"}, "message"),
        ({"reason": "No ha pagado", "message": None}, "message"),
    ],
)
def test_words_that_cannot_be_kept_are_refused(
    program: Program, clara: Client, data: dict[str, object], field: str
) -> None:
    response = program.post(f"/clients/{clara.rfc}/suspension", data)
    assert refusal(response) == (422, "validation")
    assert _fields(response) == {field}


@pytest.mark.parametrize(
    "data",
    [
        {"legal_name": "A\x00B"},
        {"legal_name": "A\ud800B"},
        {"legal_name": 5},
        {"contact_email": "a\x00@b.mx"},
        {"contact_phone": "+52\x00"},
        {"postal_code": 6000},
        {"tax_regime": None, "legal_name": True},
        {"rfc": "EKU9003173C9\n\x00"},
        {"services": "multiempresa"},
        {"services": [1]},
        {"services": [{"code": "multi\x00", "quantity": 1}]},
        {"services": [{"code": "multiempresa", "quantity": "2"}]},
        {"services": [{"code": "multiempresa", "quantity": 2**63}]},
        {"plan": "PYME"},
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    program: Program, clara: Client, data: dict[str, object]
) -> None:
    response = program.patch(f"/clients/{clara.rfc}", data)
    assert response.status_code in (400, 422)
    refusal(response)
    assert factories.fresh(clara).plan.name == "PYME"


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "EKU9003173C",
        "EKU9003173C9\x00",
        "%00",
        "00000000-0000-0000-0000-000000000000",
        "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
        "%F0%9F%92%A9",
        "%ff%fe",
        "' OR 1=1 --",
        "..%2F..%2Fadmin",
    ],
)
def test_a_client_that_is_no_name_does_not_exist(
    program: Program, clara: Client, name: str
) -> None:
    for response in (program.get(f"/clients/{name}"), program.stamp(name)):
        assert refusal(response)[0] == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("after", "-1"),
        ("after", "1.0"),
        ("after", "1e3"),
        ("after", "true"),
        ("after", "9223372036854775808"),
        ("after", ""),
        ("limit", "0"),
        ("limit", "1001"),
        ("limit", "diez"),
        ("limit", "\u0661"),
        ("before", "1"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    program: Program, clara: Client, name: str, value: str
) -> None:
    response = program.get(f"/clients/{clara.rfc}/movements", **{name: value})
    assert refusal(response) == (422, "validation")
    assert _fields(response) == {name}


@pytest.mark.parametrize("reference", ["x" * 65, "a%00b", "a%0Ab", "a%E2%80%AEb"])
def test_a_reversal_of_a_reference_that_cannot_be(
    program: Program, clara: Client, reference: str
) -> None:
    path = f"/clients/{clara.rfc}/stamps/{reference}/reversal"
    assert refusal(program.post(path))[0] in (404, 422)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\x00",
        b"<a/>",
        cfdi()[:200].encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        cfdi().encode("utf-16"),
    ],
)
def test_a_document_that_is_no_cfdi_is_refused(
    program: Program, clara: Client, document: bytes
) -> None:
    response = program.post("/cfdi", document, content_type="application/xml")
    if response.status_code != 201:  # UTF-16 is valid in a CFDI
        assert refusal(response) == (422, "validation")
        assert _fields(response) == {"cfdi"}


@pytest.mark.parametrize("path", ["/cfdi", "/stamps", "/clients/EKU9003173C9/stamps"])
def test_a_body_that_is_too_large_is_not_even_read(
    program: Program, clara: Client, path: str
) -> None:
    limit = 10 * BODY_MAX if path == "/cfdi" else BODY_MAX
    response = program.post(path, b" " * (limit + 1))
    assert refusal(response) == (413, "too_large")
    said = f"El cuerpo tiene {limit + 1:,} bytes y puede tener hasta {limit:,}."
    assert response.json()["detail"] == said


def test_only_a_document_may_have_ten_megabytes(
    program: Program, clara: Client
) -> None:
    size = 10 * BODY_MAX
    document = cfdi(after=f"<cfdi:Addenda>{'QUJD' * 2_600_000}</cfdi:Addenda>")
    document += " " * (size - len(document))
    assert program.post("/cfdi", document.encode()).status_code == 201
    for path in ("/stamps", "/clients/cfdi/stamps", "/clients/cfdi/folios"):
        assert refusal(program.post(path, b" " * size)) == (413, "too_large")


def test_a_body_as_large_as_allowed_is_read(program: Program, clara: Client) -> None:
    body = b'{"reference":"F-1","quantity":1}'
    response = program.post(
        f"/clients/{clara.rfc}/stamps", body + b" " * (BODY_MAX - len(body))
    )
    assert response.status_code == 201


def test_a_call_that_does_not_exist_is_a_problem_too(program: Program) -> None:
    assert refusal(program.get("/nada")) == (404, "not_found")
    assert refusal(program.get("/")) == (404, "not_found")
    assert refusal(program.get("/clients/")) == (404, "not_found")
    for method in ("put", "delete", "options"):
        response = program.send(method, "/clients")
        assert refusal(response) == (405, "method_not_allowed")
        assert set(response["Allow"].split(", ")) == {"GET", "POST"}
