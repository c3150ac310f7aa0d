"""When a client can no longer invoice: folios, term and seal, whichever ends first.

Law: domain.md, "Follow-up". The seal is the certificate inside the documents that were
counted; of several of one RFC the one that ends last.
"""

import base64
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.asserts import assertContains, assertNotContains

from clients import lifecycle
from clients.forecast.keeping import keep_fresh
from clients.forecast.outlook import outlooks
from clients.forecast.stops import Cause, Stop, stop_of
from clients.forecast.suggestions import SEAL_DAYS
from clients.models import NEVER, Client, Seal, SuggestionKind
from reseller_panel.spanish import spoken_day
from sat import cfdi as documents
from tests import cfdis, factories
from tests.cast import MakeClient, MakePackage
from tests.test_additional_rfcs import MORE, add
from tests.test_outlook import _names, _spend

NOW = datetime(2026, 11, 28, 18, tzinfo=UTC)
TODAY = date(2026, 11, 28)
LIST = reverse("clients:list")
Report = Callable[..., None]


def certificate(ends_at: datetime) -> str:
    """A certificate as a document carries it: DER in base64."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "EKU9003173C9")])
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends_at - timedelta(days=4 * 365))
        .not_valid_after(ends_at)
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


@pytest.fixture
def report(clara: Client) -> Report:
    """Report a document of `clara` whose certificate ends at a moment, or is a text."""

    def sent(ends_at: datetime | str, *, issuer: str = "") -> None:
        text = ends_at if isinstance(ends_at, str) else certificate(ends_at)
        now = timezone.now()
        document = cfdis.cfdi(
            uuid=str(uuid4()).upper(),
            issuer=issuer or clara.rfc,
            moment=f"{now:%Y-%m-%dT00:00:00}",
        ).replace(" Moneda", f' Certificado="{text}" Moneda')
        lifecycle.consume_cfdi(clara, documents.read(document.encode()))

    return sent


def _in(days: int) -> datetime:
    return (timezone.now() + timedelta(days=days)).replace(microsecond=0)


# ── The rule ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("seal", "term", "folios", "expected"),
    [
        (None, None, None, None),
        (None, 5, None, (5, Cause.TERM)),
        (None, None, 0, (0, Cause.FOLIOS)),
        (9, 8, 7, (7, Cause.FOLIOS)),
        (7, 8, 9, (7, Cause.SEAL)),
        (7, 7, 7, (7, Cause.SEAL)),
        (8, 7, 7, (7, Cause.TERM)),
        (-3, 8, 9, (-3, Cause.SEAL)),
    ],
)
def test_the_first_to_end_is_the_cause(
    seal: int | None,
    term: int | None,
    folios: int | None,
    expected: tuple[int, Cause] | None,
) -> None:
    def day(of: int | None) -> date | None:
        return None if of is None else TODAY + timedelta(days=of)

    found = stop_of(
        seal_ends_on=day(seal), expires_on=day(term), runs_out_on=day(folios)
    )
    assert found == (
        expected and Stop(TODAY + timedelta(days=expected[0]), expected[1])
    )


def test_sql_and_python_agree(
    clara: Client, report: Report, make_client: MakeClient
) -> None:
    spender = _spend(make_client(now=timezone.now() - timedelta(days=19)), 4, 20, 19)
    make_client(now=timezone.now())
    report(_in(3))
    today = clara.reseller.local_date(timezone.now())
    keep_fresh(clara.reseller, today)
    clients = list(Client.objects.with_facts().select_related("standing"))
    found = outlooks(clients, today)
    by_python = {one.pk: found[one.pk].stop for one in clients}
    assert {one.pk: one.standing.stops_on for one in clients} == {
        pk: stop.on if stop else NEVER for pk, stop in by_python.items()
    }
    causes = {stop.cause for stop in by_python.values() if stop}
    assert causes == {Cause.SEAL, Cause.TERM, Cause.FOLIOS}
    assert by_python[spender.pk] is not None


# ── The seal ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("order", [(400, 800), (800, 400)])
def test_of_two_certificates_the_one_that_ends_last_counts_in_any_order(
    clara: Client, report: Report, order: tuple[int, int]
) -> None:
    ends = {days: _in(days) for days in order}
    for days in order:
        report(ends[days])
    assert [seal.ends_at for seal in clara.seals.all()] == [ends[800]]


def test_each_rfc_has_its_own_seal_and_the_own_one_decides(
    clara: Client, report: Report, as_alicia: Browser
) -> None:
    add(clara)
    report(_in(200))
    report(_in(5), issuer=MORE)
    assert dict(clara.seals.values_list("rfc", "ends_at")).keys() == {clara.rfc, MORE}
    today = clara.reseller.local_date(timezone.now())
    (found,) = outlooks([factories.fresh(clara)], today).values()
    assert found.stop is not None
    assert found.stop.on == clara.reseller.local_date(_in(200))
    page = as_alicia.get(clara.get_absolute_url())
    assertContains(page, "Sello (CSD)")
    assertContains(page, MORE)


@pytest.mark.parametrize("text", ["", "no", "MIIF" * 500])
def test_without_a_certificate_that_can_be_read_nothing_is_known(
    report: Report, text: str
) -> None:
    report(text)
    assert not Seal.objects.exists()


def test_the_end_of_a_real_certificate_is_kept(clara: Client, report: Report) -> None:
    real = cfdis.real("ingreso-33.xml").read_text()
    report("MII" + real.partition('Certificado="MII')[2].partition('"')[0])
    (seal,) = clara.seals.all()
    assert seal.ends_at == datetime(2023, 6, 17, 19, 44, 14, tzinfo=UTC)


def test_a_certificate_that_is_known_costs_one_question_more(
    clara: Client, report: Report
) -> None:
    ends_at = _in(400)
    report(ends_at)
    text = certificate(ends_at)
    with_it, without = (_queries(lambda text=text: report(text)) for text in (text, ""))
    assert with_it == without + 1


def _queries(act: Callable[[], None]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


# ── What the reseller sees ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "kind"),
    [(31, None), (30, "seal"), (0, "seal"), (-60, "seal"), (-61, None)],
)
def test_a_seal_near_its_end_is_a_suggestion(
    clara: Client, report: Report, days: int, kind: str | None
) -> None:
    report(_in(days))
    today = clara.reseller.local_date(timezone.now())
    (found,) = outlooks([factories.fresh(clara)], today).values()
    assert (found.suggestion and found.suggestion.kind) == kind


def test_the_tray_says_it_and_its_count_agrees(
    clara: Client, report: Report, as_alicia: Browser
) -> None:
    report(_in(12))
    tray = reverse("followup:tray")
    assertContains(as_alicia.get(tray), "no podrá facturar aunque tenga folios")
    page = as_alicia.get(f"{tray}?accion=avisar-del-sello")
    assertContains(page, f"{SuggestionKind.SEAL.label.capitalize()}<b>1</b>")
    assertContains(page, clara.legal_name)


def test_the_list_filters_and_sorts_by_it(
    clara: Client, report: Report, as_alicia: Browser, make_client: MakeClient
) -> None:
    other = make_client(legal_name="Con tiempo")
    report(_in(12))
    found = as_alicia.get(LIST, {"deja_de_facturar": 12})
    assert _names(found) == [clara.legal_name]
    assert _names(as_alicia.get(LIST, {"deja_de_facturar": 11})) == []
    by_day = _names(as_alicia.get(LIST, {"orden": "deja_de_facturar"}))
    assert by_day == [clara.legal_name, other.legal_name]
    lifecycle.suspend(clara, reason="No pagó", by=None)
    assert _names(as_alicia.get(LIST, {"deja_de_facturar": 12})) == []


@pytest.fixture
def several(make_client: MakeClient, make_package: MakePackage) -> dict[str, Client]:
    """Clients whose seal, term and folios end sooner or later, by what they are."""
    now = timezone.now()
    days = {"near": 12, "last day": 30, "later": 31, "yesterday": -1, "suspended": 3}
    found = {
        name: make_client(legal_name=name, suspended=name == "suspended")
        for name in days
    }
    short = make_package(name="Corto", term_count=30, term_unit="day")
    found["term first"] = make_client(
        legal_name="term first", package=short, now=now - timedelta(days=20)
    )
    # Out of folios in some days; no seal is known.
    found["folios"] = _spend(
        make_client(legal_name="folios", now=now - timedelta(days=19)), 4, 20, 19
    )
    for name, ahead in (days | {"term first": 12}).items():
        Seal.objects.create(
            client=found[name], rfc=found[name].rfc, ends_at=now + timedelta(days=ahead)
        )
    return found


def _labels(page: Any) -> dict[str, str]:
    """What the rows say under the term, by client."""
    found = {}
    for row in re.findall(r'<tr id="row-.*?</tr>', page.text, re.DOTALL):
        name = re.search(r'<td class="c-name".*?>([^<>]+)</a>', row, re.DOTALL)
        assert name
        said = re.search(r'class="plus" tabindex="0">(s[^<]+|f[^<]+)<', row)
        found[name[1]] = said[1] if said else ""
    return found


def test_the_row_says_what_ends_before_the_term(
    several: dict[str, Client], as_alicia: Browser
) -> None:
    said = _labels(as_alicia.get(LIST))
    reseller = several["near"].reseller
    seal = {
        name: f"sello: {date_format(reseller.local_date(_in(days)), 'j b').lower()}"
        for name, days in (("near", 12), ("last day", 30))
    }
    assert said.pop("folios").startswith("folios: ")
    assert said == dict.fromkeys(said, "") | seal | {"yesterday": "sello vencido"}
    day = spoken_day(reseller.local_date(_in(12)), reseller.local_date(timezone.now()))
    assertContains(
        as_alicia.get(LIST),
        f'<span class="says">Deja de facturar el {day}: vence su sello.</span>',
    )


def test_tray_filter_and_row_agree(
    several: dict[str, Client], as_alicia: Browser
) -> None:
    """Of everybody whom the seal stops first the tray says so, the filter finds them
    and the row names it; the term that ends first is the row's own second line."""
    warned = {"near", "last day", "yesterday"}
    tray = as_alicia.get(reverse("followup:tray"), {"accion": "avisar-del-sello"})
    assertContains(
        tray, f"{SuggestionKind.SEAL.label.capitalize()}<b>{len(warned)}</b>"
    )
    assert set(_names(tray)) == warned
    within = as_alicia.get(LIST, {"deja_de_facturar": SEAL_DAYS})
    said = _labels(within)
    assert set(said) == warned | {"folios", "term first"}
    assert {name for name, text in said.items() if "sello" in text} == warned
    everybody = _labels(as_alicia.get(LIST))
    assert {name for name, text in everybody.items() if text} == warned | {"folios"}


def test_the_notes_of_fifty_rows_cost_what_one_costs(
    several: dict[str, Client], as_alicia: Browser, make_client: MakeClient
) -> None:
    as_alicia.get(LIST)
    few = _queries(lambda: as_alicia.get(LIST, {"por_pagina": 50}))
    for _ in range(43):
        client = make_client()
        Seal.objects.create(client=client, rfc=client.rfc, ends_at=_in(9))
    as_alicia.get(LIST, {"por_pagina": 50})  # keeps their outlooks
    many = _queries(lambda: as_alicia.get(LIST, {"por_pagina": 50}))
    assert len(_labels(as_alicia.get(LIST, {"por_pagina": 50}))) == 50
    assert few == many


def test_the_page_says_the_day_and_the_cause(
    clara: Client, report: Report, as_alicia: Browser
) -> None:
    url = clara.get_absolute_url()
    assertContains(as_alicia.get(url), "termina su vigencia.")
    report(_in(-2))
    assertContains(as_alicia.get(url), "venció su sello.")
    lifecycle.suspend(clara, reason="No pagó", by=None)
    assertNotContains(as_alicia.get(url), "venció su sello.")
