"""Stamping over HTTP: one test for every call in the first part of api.md."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from api.management.commands import serve_stamps
from api.stamping.server import StampServer
from clients import lifecycle
from clients.models import Client, EntryKind
from clients.refusals import DocumentConflict, ImplausibleDocument
from sat.cfdi import read
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.cfdis import UUID, cfdi, real, withholding
from tests.programs import MakeProgram, Program, refusal

BODY = ["client", "seq", "reference", "quantity", "balance_after", "created_at"]


# ── GET /clients/{client} ─────────────────────────────────────────────────────────


def test_get_client_says_whether_it_may_stamp(program: Program, clara: Client) -> None:
    response = program.get(f"/clients/{clara.public_id}")
    assert response.status_code == 200
    assert response.json() == {
        "id": str(clara.public_id),
        "rfc": "EKU9003173C9",
        "legal_name": "ESCUELA KEMPER URGATE",
        "status": "active",
        "may_stamp": True,
        "reason": None,
        "folio_balance": 100,
        "expires_on": clara.expires_on.isoformat() if clara.expires_on else None,
        "additional_rfcs": [],
        "plan": {
            "name": "PYME",
            "services": [
                {
                    "code": "correo-personalizado",
                    "name": "Correo personalizado",
                    "quantity": None,
                },
                {"code": "multiempresa", "name": "Multiempresa", "quantity": 2},
            ],
        },
    }


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ({}, "active", None),
        ({"exhausted": True}, "exhausted", "folios_exhausted"),
        ({"expired": True}, "expired", "package_expired"),
        ({"suspended": True}, "suspended", "client_suspended"),
        ({"suspended": True, "expired": True}, "suspended", "client_suspended"),
        ({"archived": True, "exhausted": True}, "exhausted", "client_archived"),
    ],
)
def test_the_reason_is_the_code_with_which_a_stamp_is_refused(
    program: Program,
    make_client: MakeClient,
    state: dict[str, bool],
    status: str,
    reason: str | None,
) -> None:
    client = make_client(**state)
    body = program.get(f"/clients/{client.rfc}").json()
    assert (body["status"], body["reason"]) == (status, reason)
    assert body["may_stamp"] is (reason is None)
    answered = program.stamp(client.rfc)
    if reason is None:
        assert answered.status_code == 201
    else:
        assert answered.json()["code"] == reason


def test_a_client_without_term_has_no_last_day(
    program: Program, make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package(term_count=None))
    assert program.get(f"/clients/{client.rfc}").json()["expires_on"] is None


@pytest.mark.parametrize("rfc", ["Ñ&A010101AB1", "XIA190128J61"])
def test_a_client_is_named_by_rfc_with_every_letter_it_may_have(
    program: Program, make_client: MakeClient, rfc: str
) -> None:
    client = make_client(rfc=rfc)
    quoted = rfc.replace("&", "%26").replace("Ñ", "%C3%91")
    for name in (quoted, rfc.lower().replace("&", "%26"), str(client.public_id)):
        assert program.get(f"/clients/{name}").json()["rfc"] == rfc


# ── POST /clients/{client}/stamps ─────────────────────────────────────────────────


def test_post_stamp_answers_201_and_then_200_with_the_same_body(
    program: Program, clara: Client
) -> None:
    before = timezone.now()
    first = program.stamp("EKU9003173C9", "F-1", 3)
    again = program.stamp(str(clara.public_id), "F-1", 3)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    body = first.json()
    assert list(body) == BODY
    assert (body["client"], body["reference"]) == (str(clara.public_id), "F-1")
    assert (body["quantity"], body["balance_after"]) == (3, 97)
    made_at = datetime.fromisoformat(body["created_at"])
    assert made_at.utcoffset() == timedelta(0)
    assert before <= made_at <= datetime.now(UTC)
    assert factories.fresh(clara).balance == 97


def test_a_stamp_remembers_the_key_that_asked_for_it(
    program: Program, clara: Client
) -> None:
    seq = program.stamp(clara.rfc).json()["seq"]
    entry = clara.entries.get(seq=seq)
    assert (entry.api_key, entry.by) == (program.key, None)
    assert entry.who == "API · Facturación"


def test_a_uuid_is_one_reference_in_any_case(program: Program, clara: Client) -> None:
    reference = str(uuid4())
    first = program.stamp(clara.rfc, reference.upper())
    again = program.stamp(clara.rfc, reference)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["reference"] == reference


def test_the_same_reference_with_another_quantity_is_a_conflict(
    program: Program, clara: Client
) -> None:
    program.stamp(clara.rfc, "F-1", 1)
    assert refusal(program.stamp(clara.rfc, "F-1", 2)) == (409, "reference_conflict")


def test_a_reference_of_the_panel_is_a_conflict(
    program: Program, clara: Client, alicia: User
) -> None:
    lifecycle.add_folios(clara, quantity=1, reference="F-1", by=alicia)
    assert refusal(program.stamp(clara.rfc, "F-1", 1)) == (409, "reference_conflict")


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ({"suspended": True}, 403, "client_suspended"),
        ({"expired": True}, 403, "package_expired"),
        ({"archived": True}, 403, "client_archived"),
        ({"exhausted": True}, 402, "folios_exhausted"),
    ],
)
def test_a_stamp_is_refused_with_one_code_per_reason(
    program: Program,
    make_client: MakeClient,
    state: dict[str, bool],
    status: int,
    code: str,
) -> None:
    client = make_client(**state)
    before = client.balance
    assert refusal(program.stamp(client.rfc)) == (status, code)
    assert factories.fresh(client).balance == before


def test_a_stamp_that_does_not_fit_is_refused_whole(
    program: Program, clara: Client
) -> None:
    response = program.stamp(clara.rfc, quantity=101)
    assert refusal(response) == (402, "insufficient_folios")
    assert response.json()["detail"] == "Se necesitan 101 folios y quedan 100."
    assert factories.fresh(clara).balance == 100


def test_a_refused_reference_may_be_tried_again(
    program: Program, clara: Client, alicia: User
) -> None:
    lifecycle.suspend(clara, reason="No ha pagado", by=alicia)
    assert program.stamp(clara.rfc, "F-1").status_code == 403
    lifecycle.activate(clara, by=alicia)
    assert program.stamp(clara.rfc, "F-1").status_code == 201


def test_a_repeat_is_answered_whatever_has_happened_since(
    program: Program, clara: Client, alicia: User
) -> None:
    first = program.stamp(clara.rfc, "F-1")
    lifecycle.suspend(clara, reason="No ha pagado", by=alicia)
    again = program.stamp(clara.rfc, "F-1")
    assert (again.status_code, again.content) == (200, first.content)


# ── POST /stamps ──────────────────────────────────────────────────────────────────


def test_post_stamps_answers_each_in_order_and_none_affects_another(
    program: Program, make_client: MakeClient, clara: Client
) -> None:
    suspended, other = make_client(suspended=True), make_client()
    stamps = [
        {"client": clara.rfc, "reference": "A", "quantity": 1},
        {"client": suspended.rfc, "reference": "A", "quantity": 1},
        {"client": clara.rfc, "reference": "B", "quantity": 1_000},
        {"client": clara.rfc, "reference": "C", "quantity": True},
        {"client": "AAA010101AAA", "reference": "A", "quantity": 1},
        {"client": str(clara.public_id), "reference": "A", "quantity": 1},
        {"client": clara.rfc, "reference": "A", "quantity": 2},
        {"client": other.rfc, "reference": "A", "quantity": 5},
        "not a stamp",
    ]
    response = program.post("/stamps", {"stamps": stamps})
    assert response.status_code == 200
    results = response.json()["results"]
    body = [(r["status"], r.get("code") or r["balance_after"]) for r in results]
    assert body == [
        (201, 99),
        (403, "client_suspended"),
        (402, "insufficient_folios"),
        (422, "validation"),
        (404, "unknown_client"),
        (200, 99),
        (409, "reference_conflict"),
        (201, 95),
        (422, "validation"),
    ]
    assert results[3]["errors"][0]["field"] == "quantity"
    first, repeat = dict(results[0]), dict(results[5])
    del first["status"], repeat["status"]
    assert first == repeat
    single = program.stamp(clara.rfc, "A").json()
    assert single == first


def test_a_batch_has_up_to_a_thousand(program: Program, clara: Client) -> None:
    def batch(size: int) -> dict[str, list[object]]:
        one = {"client": clara.rfc, "quantity": 1}
        return {"stamps": [one | {"reference": f"F-{n}"} for n in range(size)]}

    response = program.post("/stamps", batch(1_000))
    statuses = [result["status"] for result in response.json()["results"]]
    assert statuses == [201] * 100 + [402] * 900
    for size in (0, 1_001):
        refused = program.post("/stamps", batch(size))
        assert refusal(refused) == (422, "validation")
        assert refused.json()["errors"][0]["field"] == "stamps"


# ── POST …/stamps/{reference}/reversal ────────────────────────────────────────────


@pytest.mark.parametrize("reference", ["F-1", "2026/11/F 1", UUID.lower()])
def test_post_reversal_gives_the_folios_back_once(
    program: Program, clara: Client, reference: str
) -> None:
    program.stamp(clara.rfc, reference, 3)
    quoted = reference.upper().replace("/", "%2F").replace(" ", "%20")
    path = f"/clients/{clara.rfc}/stamps/{quoted}/reversal"
    first, again = program.post(path), program.post(path, {})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    body = first.json()
    assert list(body) == BODY
    assert body["reference"] == reference
    assert (body["quantity"], body["balance_after"]) == (3, 100)
    assert clara.entries.get(kind=EntryKind.REVERSAL).api_key == program.key


def test_a_reversal_is_allowed_in_every_status(
    program: Program, clara: Client, alicia: User
) -> None:
    program.stamp(clara.rfc, "F-1", 100)
    lifecycle.suspend(clara, reason="No ha pagado", by=alicia)
    response = program.post(f"/clients/{clara.rfc}/stamps/F-1/reversal")
    assert response.status_code == 201


def test_a_reversal_of_no_stamp_does_not_exist(
    program: Program, clara: Client, alicia: User
) -> None:
    lifecycle.add_folios(clara, quantity=1, reference="R-1", by=alicia)
    for reference in ("F-1", "R-1"):
        response = program.post(f"/clients/{clara.rfc}/stamps/{reference}/reversal")
        assert refusal(response) == (404, "unknown_stamp")


def test_a_reversed_stamp_stays_a_movement(program: Program, clara: Client) -> None:
    """A reference is used once for ever: repeating it is no new stamp."""
    first = program.stamp(clara.rfc, "F-1")
    program.post(f"/clients/{clara.rfc}/stamps/F-1/reversal")
    again = program.stamp(clara.rfc, "F-1")
    assert (again.status_code, again.content) == (200, first.content)


# ── POST /cfdi ────────────────────────────────────────────────────────────────────


def _report(program: Program, document: str) -> HttpResponse:
    return program.post("/cfdi", document.encode(), content_type="application/xml")


def test_post_cfdi_spends_one_folio_and_keeps_what_it_says(
    program: Program, clara: Client
) -> None:
    document = cfdi(issuer=clara.rfc, uuid=UUID, total="116.50")
    first, again = _report(program, document), _report(program, document)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    body = first.json()
    assert list(body) == BODY
    assert (body["reference"], body["quantity"]) == (UUID.lower(), 1)
    movement = program.get(f"/clients/{clara.rfc}/movements").json()["movements"][-1]
    assert movement["cfdi"] == {
        "uuid": UUID.lower(),
        "issued_on": "2026-11-23",
        "kind": "I",
        "issuer_rfc": clara.rfc,
        "receiver_rfc": "XAXX010101000",
        "total": "116.5",
        "certificate_ends_at": None,
        "reported_at": movement["created_at"],
        "verified": False,
    }


def test_a_cfdi_reported_before_by_its_uuid_is_a_repeat_that_gets_its_record(
    program: Program, clara: Client
) -> None:
    first = program.stamp(clara.rfc, UUID)
    again = _report(program, cfdi(issuer=clara.rfc, uuid=UUID))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert str(clara.entries.get(reference=UUID.lower()).cfdi) == UUID.lower()


def test_the_statement_shows_what_the_cfdi_said(
    program: Program, clara: Client, as_alicia: Browser, as_clara: Browser
) -> None:
    _report(program, cfdi(issuer=clara.rfc, uuid=UUID, total="1116.50"))
    statement = reverse("clients:statement", args=[clara.public_id])
    detail = reverse("clients:detail", args=[clara.public_id])
    for page in (
        as_alicia.get(statement),
        as_alicia.get(detail),
        as_clara.get(reverse("portal:statement")),
    ):
        text = page.content.decode()
        assert "CFDI de ingreso" in text
        assert "XAXX010101000" in text
        assert "1,116.50" in text
        assert "sin verificar" in text
        assert "Se informó después" not in text


def test_a_cfdi_of_an_unknown_issuer_is_an_unknown_client(program: Program) -> None:
    assert refusal(_report(program, cfdi())) == (404, "unknown_client")


def test_a_cfdi_that_cannot_be_read_is_refused_with_the_reason(
    program: Program, clara: Client
) -> None:
    response = _report(program, cfdi(issuer=clara.rfc, complement=""))
    assert refusal(response) == (422, "validation")
    (error,) = response.json()["errors"]
    assert error["field"] == "cfdi"
    assert "No está timbrado" in error["message"]
    assert factories.fresh(clara).balance == 100


def test_a_cfdi_as_it_exists_in_the_world(program: Program, clara: Client) -> None:
    document = real("ingreso-40.xml").read_bytes()
    response = program.post("/cfdi", document, content_type="application/xml")
    assert response.status_code == 201


def test_the_end_of_the_certificate_is_kept(program: Program, clara: Client) -> None:
    _report(program, real("ingreso-40.xml").read_text())
    movement = program.get(f"/clients/{clara.rfc}/movements").json()["movements"][-1]
    assert movement["cfdi"]["certificate_ends_at"] == "2027-05-18T11:43:51+00:00"


OTHERWISE = {
    "total": "117.00",
    "kind": "E",
    "receiver": "EKU9003173C9",
    "moment": "2026-11-22T12:00:00",
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_the_same_uuid_with_other_contents_is_a_conflict(
    program: Program, clara: Client, what: str
) -> None:
    first = _report(program, cfdi())
    other = _report(program, cfdi(**{what: OTHERWISE[what]}))
    assert refusal(other) == (409, "reference_conflict")
    assert "ya se informó con otros datos" in other.json()["detail"]
    again = _report(program, cfdi())
    assert (again.status_code, again.content) == (200, first.content)
    assert factories.fresh(clara).balance == 99
    assert clara.entries.latest("seq").cfdi.total == Decimal(116)


def test_the_same_uuid_as_a_withholding_or_with_a_certificate_is_a_conflict(
    program: Program, clara: Client
) -> None:
    _report(program, cfdi())
    signed = real("ingreso-40.xml").read_text()
    attribute = re.search(r' Certificado="[^"]*"', signed)
    assert attribute
    for other in (
        withholding(total="116.00"),
        cfdi().replace(" Moneda", f"{attribute[0]} Moneda"),
    ):
        assert refusal(_report(program, other)) == (409, "reference_conflict")


def test_the_same_uuid_of_another_client_is_a_conflict_until_it_is_given_back(
    program: Program, clara: Client, make_client: MakeClient
) -> None:
    other = make_client()
    _report(program, cfdi())
    refused = _report(program, cfdi(issuer=other.rfc))
    assert refusal(refused) == (409, "reference_conflict")
    assert "es un timbrado de ESCUELA KEMPER URGATE" in refused.json()["detail"]
    program.post(f"/clients/{clara.rfc}/stamps/{UUID}/reversal")
    assert _report(program, cfdi(issuer=other.rfc)).status_code == 201


def test_another_resellers_stamp_is_neither_known_nor_named(
    program: Program, clara: Client, make_program: MakeProgram, beto: User
) -> None:
    package = factories.PackageFactory(reseller=beto.reseller)
    twin = factories.make_client(package=package)
    theirs = make_program(reseller=beto.reseller)
    assert _report(theirs, cfdi(issuer=twin.rfc)).status_code == 201
    assert _report(program, cfdi()).status_code == 201


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (cfdi(moment="0001-01-01T00:00:00"), "es anterior a 2005"),
        (cfdi(moment="2004-12-31T23:59:59"), "es anterior a 2005"),
        (cfdi(moment="9999-12-31T23:59:59"), "aún no llega"),
        (cfdi(total="9" * 18), "tiene más de 13 cifras"),
        (withholding(moment="2013-12-31T12:00:00"), "es anterior a 2014"),
    ],
)
def test_a_document_that_cannot_be_is_refused_and_nothing_is_written(
    program: Program, clara: Client, document: str, words: str
) -> None:
    response = _report(program, document)
    assert refusal(response) == (422, "validation")
    (error,) = response.json()["errors"]
    assert error["field"] == "cfdi"
    assert words in error["message"]
    assert clara.entries.count() == 1


def test_tomorrow_is_that_of_the_reseller(clara: Client) -> None:
    """At 23:30 in Mexico City it is tomorrow in UTC, and the day after is too late."""
    now = datetime(2026, 11, 29, 5, 30, tzinfo=UTC)
    late = read(cfdi(moment="2026-11-30T00:00:00").encode())
    with pytest.raises(ImplausibleDocument):
        lifecycle.consume_cfdi(clara, late, now=now)
    lifecycle.consume_cfdi(clara, late, now=now + timedelta(hours=1))


def test_a_document_reported_after_its_stamp_says_when_and_by_whom(
    program: Program, clara: Client, as_alicia: Browser
) -> None:
    program.stamp(clara.rfc, UUID)
    detail = reverse("clients:detail", args=[clara.public_id])
    assert "Se informó después" not in as_alicia.get(detail).content.decode()
    _report(program, cfdi())
    text = as_alicia.get(detail).content.decode()
    assert "Se informó después del timbrado" in text
    assert "por API · Facturación" in text
    record = clara.entries.latest("seq").cfdi
    assert record.api_key == program.key
    assert record.reported_at > record.entry.created_at


def test_a_document_reported_after_its_stamp_may_not_contradict_it(
    clara: Client, make_client: MakeClient
) -> None:
    now = datetime(2026, 11, 20, 18, tzinfo=UTC)
    lifecycle.consume(clara, reference=UUID, now=now)
    later = read(cfdi(moment="2026-11-23T12:00:00").encode())
    with pytest.raises(DocumentConflict, match="se gastó el 20/11/2026"):
        lifecycle.consume_cfdi(clara, later)
    other = make_client()
    moment = "2026-11-20T11:00:00"
    theirs = read(cfdi(moment=moment, issuer=other.rfc).encode())
    lifecycle.consume_cfdi(other, theirs)
    earlier = read(cfdi(moment=moment).encode())
    with pytest.raises(DocumentConflict, match="es un timbrado de"):
        lifecycle.consume_cfdi(clara, earlier)
    assert not hasattr(clara.entries.get(reference=UUID.lower()), "cfdi")


def test_a_document_of_a_stamp_of_several_folios_is_a_conflict(
    program: Program, clara: Client
) -> None:
    program.stamp(clara.rfc, UUID, 2)
    assert refusal(_report(program, cfdi())) == (409, "reference_conflict")


def test_a_document_whose_stamp_was_given_back_says_so_and_spends_nothing(
    program: Program, clara: Client
) -> None:
    _report(program, cfdi())
    program.post(f"/clients/{clara.rfc}/stamps/{UUID}/reversal")
    for document in (cfdi(), cfdi(total="1"), cfdi(moment="0001-01-01T00:00:00")):
        response = _report(program, document)
        assert refusal(response) == (409, "stamp_reversed")
        assert "se devolvió" in response.json()["detail"]
    assert factories.fresh(clara).balance == 100


def test_a_document_of_a_reversed_stamp_is_not_stored(
    program: Program, clara: Client
) -> None:
    program.stamp(clara.rfc, UUID)
    program.post(f"/clients/{clara.rfc}/stamps/{UUID}/reversal")
    assert refusal(_report(program, cfdi())) == (409, "stamp_reversed")
    assert not hasattr(clara.entries.get(reference=UUID.lower()), "cfdi")


def test_a_known_document_is_answered_even_if_the_client_was_suspended(
    program: Program, clara: Client, alicia: User
) -> None:
    first = _report(program, cfdi())
    lifecycle.suspend(clara, reason="No ha pagado", by=alicia)
    assert _report(program, cfdi()).content == first.content
    other = _report(program, cfdi(total="117"))
    assert refusal(other) == (409, "reference_conflict")


# ── GET …/movements ───────────────────────────────────────────────────────────────


def test_get_movements_pages_by_seq(
    program: Program, clara: Client, alicia: User
) -> None:
    for number in range(5):
        program.stamp(clara.rfc, f"F-{number}")
    lifecycle.suspend(clara, reason="No ha pagado", by=alicia)  # numbered too
    program.post(f"/clients/{clara.rfc}/stamps/F-1/reversal")
    seen, after = [], 0
    while after is not None:
        page = program.get(f"/clients/{clara.rfc}/movements", after=after, limit=3)
        body = page.json()
        assert len(body["movements"]) <= 3
        seen += body["movements"]
        after = body["next"]
    entries = list(clara.entries.order_by("seq"))
    assert [line["seq"] for line in seen] == [entry.seq for entry in entries]
    assert [line["quantity"] for line in seen] == [100, -1, -1, -1, -1, -1, 1]
    assert [line["balance_after"] for line in seen][-1] == 96
    assert (seen[0]["kind"], seen[-1]["kind"]) == ("assignment", "reversal")
    assert seen[-1]["reverses"] == seen[2]["seq"]


def test_movements_after_the_last_are_none(program: Program, clara: Client) -> None:
    body = program.get(f"/clients/{clara.rfc}/movements", after=2**63 - 1).json()
    assert body == {"movements": [], "next": None}


# ── The stamping process ──────────────────────────────────────────────────────────


def test_the_stamping_process_is_there_under_the_name_that_is_served() -> None:
    module, _, name = serve_stamps.APPLICATION.partition(":")
    assert isinstance(getattr(import_module(module), name), StampServer)
