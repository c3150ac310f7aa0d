"""`manage.py stamp_cfdi`: each file spends one folio, however often it is run; a file
that is refused gets its reason, and the next files are still processed."""

import os
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import User
from clients import ledger, lifecycle
from clients.models import Client, EntryKind
from tests import cfdis, factories
from tests.cast import MakeClient
from tests.cfdis import cfdi
from tests.environment import GENEROUS_SECONDS

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of bytes or text into the test's own folder."""

    def to(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return path

    return to


def run(*files: Path | str, **options: Any) -> tuple[list[str], str, int]:
    """The printed line for each file, the summary and the exit status."""
    out = StringIO()
    names = [str(file) for file in files]
    try:
        call_command("stamp_cfdi", *names, stdout=out, **options)
    except CommandError as refused:
        return _words(out), str(refused), refused.returncode
    *lines, summary = _words(out)
    return lines, summary, 0


def _words(out: StringIO) -> list[str]:
    """The printed lines, without folders."""
    return [re.sub(r"^[^:]*/", "", line) for line in out.getvalue().splitlines()]


# --- Real files -----------------------------------------------------------------


def test_a_real_cfdi_takes_one_folio_and_a_second_run_none(clara: Client) -> None:
    file = cfdis.real("ingreso-40.xml")
    assert run(file) == (
        ["ingreso-40.xml: 1 folio de ESCUELA KEMPER URGATE; le quedan 99."],
        "Archivos: 1. Nuevos: 1. Ya contados: 0. Rechazados: 0.",
        0,
    )
    entry = clara.entries.latest("seq")
    assert (entry.kind, entry.quantity) == (EntryKind.STAMP, -1)
    assert entry.reference == "6f35d3b5-3651-5370-bc2c-14cdbe384cd7"
    assert str(entry.cfdi.total) == "3327.010000"
    assert run(file) == (
        [
            "ingreso-40.xml: ya contado en el movimiento 3 de ESCUELA KEMPER URGATE; "
            "no gastó ningún folio."
        ],
        "Archivos: 1. Nuevos: 0. Ya contados: 1. Rechazados: 0.",
        0,
    )
    assert factories.fresh(clara).balance == 99


def test_all_real_files_at_once(clara: Client) -> None:
    names = ["sin-timbre-valido.xml", "ingreso-40.xml", "ingreso-33.xml"]
    lines, summary, status = run(*map(cfdis.real, names))
    assert lines == [
        "sin-timbre-valido.xml: rechazado. "
        "No está timbrado: no trae TimbreFiscalDigital.",
        "ingreso-40.xml: 1 folio de ESCUELA KEMPER URGATE; le quedan 99.",
        "ingreso-33.xml: 1 folio de ESCUELA KEMPER URGATE; le quedan 98.",
    ]
    assert summary == "Archivos: 3. Nuevos: 2. Ya contados: 0. Rechazados: 1."
    assert status == 1


# --- Once -----------------------------------------------------------------------


def test_the_same_document_twice_in_one_run_is_one_folio(
    clara: Client, write: Write
) -> None:
    upper = write("a.xml", cfdi())
    lower = write("b.xml", cfdi(uuid=cfdis.UUID.lower()))
    _, summary, status = run(upper, lower, upper)
    assert summary == "Archivos: 3. Nuevos: 1. Ya contados: 2. Rechazados: 0."
    assert status == 0
    assert factories.fresh(clara).balance == 99


def test_a_stamp_reported_by_the_invoicing_app_is_not_counted_again(
    clara: Client, write: Write
) -> None:
    lifecycle.consume(clara, reference=cfdis.UUID)
    _, summary, _ = run(write("a.xml", cfdi()))
    assert summary == "Archivos: 1. Nuevos: 0. Ya contados: 1. Rechazados: 0."


def test_what_was_counted_stays_counted_after_a_suspension(
    clara: Client, write: Write
) -> None:
    file = write("a.xml", cfdi())
    run(file)
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    assert run(file)[2] == 0


# --- Who issued it --------------------------------------------------------------


def test_an_unknown_issuer_is_refused(clara: Client, write: Write) -> None:
    lines, _, status = run(write("a.xml", cfdi(issuer="XIA190128J61")))
    assert lines == ["a.xml: rechazado. El emisor XIA190128J61 no es cliente."]
    assert status == 1


def test_the_issuers_rfc_is_brought_to_its_form(clara: Client, write: Write) -> None:
    assert run(write("a.xml", cfdi(issuer="eku-900317-3c9")))[2] == 0


@pytest.fixture
def twin(clara: Client, beto: User) -> Client:
    """The same taxpayer as clara, as a client of beto."""
    package = factories.PackageFactory(reseller=beto.reseller)
    return factories.make_client(package=package, rfc=clara.rfc)


def test_an_issuer_of_several_resellers_needs_one_to_be_named(
    clara: Client, twin: Client, write: Write
) -> None:
    lines, _, status = run(write("a.xml", cfdi()))
    assert lines == [
        "a.xml: rechazado. El emisor EKU9003173C9 es cliente de varios revendedores; "
        "diga de cuál con --reseller: distribuidora-alicia, timbres-beto."
    ]
    assert status == 1
    assert factories.fresh(clara).balance == factories.fresh(twin).balance == 100


def test_with_a_reseller_named_its_own_client_is_found(
    clara: Client, twin: Client, write: Write
) -> None:
    file = write("a.xml", cfdi())
    assert run(file, reseller="timbres-beto")[2] == 0
    assert (factories.fresh(clara).balance, factories.fresh(twin).balance) == (100, 99)
    assert run(file, reseller="distribuidora-alicia")[2] == 0
    assert (factories.fresh(clara).balance, factories.fresh(twin).balance) == (99, 99)


def test_another_resellers_client_is_not_found(
    clara: Client, beto: User, write: Write
) -> None:
    lines, _, _ = run(write("a.xml", cfdi()), reseller="timbres-beto")
    assert lines == ["a.xml: rechazado. El emisor EKU9003173C9 no es cliente."]


def test_a_reseller_that_does_not_exist_is_said_before_anything_is_done(
    clara: Client, write: Write
) -> None:
    lines, words, status = run(write("a.xml", cfdi()), reseller="nadie")
    assert (lines, status) == ([], 1)
    assert words == "No hay un revendedor con la clave nadie."
    assert factories.fresh(clara).balance == 100


# --- What is known of it already ------------------------------------------------


def test_a_document_whose_stamp_was_reversed_says_so_and_spends_nothing(
    clara: Client, write: Write
) -> None:
    file = write("a.xml", cfdi())
    run(file)
    lifecycle.reverse(clara, reference=cfdis.UUID, by=None)
    lines, summary, status = run(file)
    today = clara.reseller.local_date(timezone.now())
    assert lines == [
        "a.xml: rechazado. El folio de este timbrado se devolvió el "
        f"{today:%d/%m/%Y} (movimiento 4); no se gasta otra vez."
    ]
    assert (summary[-14:], status) == ("Rechazados: 1.", 1)
    assert factories.fresh(clara).balance == 100


def test_a_document_that_says_something_else_is_refused(
    clara: Client, write: Write
) -> None:
    run(write("a.xml", cfdi()))
    lines, _, status = run(write("b.xml", cfdi(total="117")))
    assert lines == [
        "b.xml: rechazado. El folio fiscal 3f2504e0-4f89-41d3-9a0c-0305e82c3301 ya se "
        "informó con otros datos: total: 116.00, no 117.00."
    ]
    assert status == 1


@pytest.mark.parametrize("name", ["30-retenciones-20.xml", "03-bom-twice.xml"])
def test_rare_files_take_one_folio_and_a_second_run_none(
    clara: Client, name: str
) -> None:
    for balance in (99, 99):
        assert run(cfdis.rare(name))[2] == 0
        assert factories.fresh(clara).balance == balance


# --- Refused files --------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("suspended", "Uno, S.A. está suspendido y no puede timbrar."),
        ("expired", "La vigencia de Uno, S.A. terminó el"),
        ("exhausted", "No quedan folios."),
        ("archived", "Uno, S.A. está archivado. Restáurelo primero."),
    ],
)
def test_who_may_not_stamp_is_refused_with_the_reason(
    make_client: MakeClient, write: Write, state: str, reason: str
) -> None:
    client = make_client(legal_name="Uno, S.A.", **{state: True})
    lines, summary, status = run(write("a.xml", cfdi(issuer=client.rfc)))
    assert lines[0].startswith(f"a.xml: rechazado. {reason}")
    assert summary == "Archivos: 1. Nuevos: 0. Ya contados: 0. Rechazados: 1."
    assert status == 1


def test_one_refused_file_never_spoils_the_next(clara: Client, write: Write) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ja"><!ENTITY b "&a;&a;">]>' + cfdi()
    files = [
        write("bomba.xml", bomb),
        write("grande.xml", cfdi().encode() + b" " * 40_000_000),
        write("roto.xml", cfdi()[:-9]),
        write("foto.jpg", b"\xff\xd8\xff\xe0"),
        write("vacio.xml", b""),
        write("sin-timbre.xml", cfdi(complement="")),
        write("bueno.xml", cfdi()),
        write("pagina.xml", "<html/>"),
    ]
    lines, summary, status = run(*files)
    assert lines == [
        "bomba.xml: rechazado. "
        "Contiene una definición de tipo o entidades, que un CFDI no lleva.",
        lines[1],
        lines[2],
        "foto.jpg: rechazado. No es XML o está incompleto (línea 1, columna 1).",
        lines[4],
        "sin-timbre.xml: rechazado. No está timbrado: no trae TimbreFiscalDigital.",
        "bueno.xml: 1 folio de ESCUELA KEMPER URGATE; le quedan 99.",
        "pagina.xml: rechazado. "
        "No es un CFDI ni una retención: su elemento raíz es otro.",
    ]
    size = len(cfdi().encode()) + 40_000_000
    assert lines[1] == (
        f"grande.xml: rechazado. Pesa {size:,} bytes; "
        "se reciben hasta 10,485,760 bytes (10 MB)."
    )
    for name, line in (("roto", lines[2]), ("vacio", lines[4])):
        assert line.startswith(f"{name}.xml: rechazado. No es XML o está incompleto")
    assert summary == "Archivos: 8. Nuevos: 1. Ya contados: 0. Rechazados: 7."
    assert status == 1


def test_files_that_cannot_be_read_are_refused_with_the_reason(
    clara: Client, write: Write, tmp_path: Path
) -> None:
    lines, _, status = run(tmp_path / "nada.xml", tmp_path, write("a.xml", cfdi()))
    assert lines[0].startswith("nada.xml: rechazado. No se puede leer: ")
    assert "rechazado. No se puede leer: " in lines[1]
    assert lines[2].startswith("a.xml: 1 folio")
    assert status == 1


def test_a_file_may_have_any_name(clara: Client, tmp_path: Path) -> None:
    """The name need not be valid UTF-8; it is printed with safe characters only."""
    raw = os.path.join(os.fsencode(tmp_path), b"f\xe1cil \x1b[31m.xml")
    with open(raw, "wb") as file:
        file.write(cfdi().encode())
    lines, _, status = run(os.fsdecode(raw))
    assert lines[0].startswith("f?cil ?[31m.xml: 1 folio")
    assert status == 0


def test_no_more_than_the_limit_is_ever_read(clara: Client) -> None:
    if not os.path.exists("/dev/zero"):
        pytest.skip("needs /dev/zero")
    lines, _, _ = run("/dev/zero")
    assert lines == [
        "zero: rechazado. "
        "Pesa más de 10,485,760 bytes (10 MB), que es lo más que se recibe."
    ]


def test_without_files_it_says_how_to_use_it(db: None) -> None:
    with pytest.raises(CommandError, match="ARCHIVO"):
        call_command("stamp_cfdi")


@pytest.mark.django_db(transaction=True)
def test_a_client_locked_by_somebody_else_is_refused_and_the_next_goes_on(
    clara: Client, make_client: MakeClient, write: Write
) -> None:
    free = make_client()
    locked, done = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                ledger.lock([clara.pk])
                locked.set()
                done.wait(timeout=GENEROUS_SECONDS)
        finally:
            connections.close_all()

    holder = Thread(target=hold)
    holder.start()
    assert locked.wait(timeout=GENEROUS_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 100")
    files = [
        write("a.xml", cfdi()),
        write("b.xml", cfdi(issuer=free.rfc, uuid=cfdis.OTHER)),
    ]
    try:
        lines, _, status = run(*files)
    finally:
        done.set()
        holder.join()
        connection.close()
    assert lines == [
        "a.xml: rechazado. La base de datos no respondió a tiempo.",
        f"b.xml: 1 folio de {free}; le quedan 99.",
    ]
    assert status == 1
