"""What people and attackers upload: each is a right import, or words that say what is
wrong and what to do; within seconds, and nothing of it is kept half."""

import io
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from accounts.models import User
from clients.importing import pasting, workbooks
from clients.importing.reading import Unreadable
from clients.models import Client, Fate, Import, ImportLine
from packages.models import Package
from tests.imports import HEADERS, as_csv, as_xlsx, row, rows, staged

TABLE = rows(3)
TEXT = as_csv(TABLE).decode()
ACCENTED = TEXT.replace("EMPRESA 1", "PIÑATAS Y ÁRBOLES")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Bytes = bytes | Callable[[], bytes]


def quoted(cells: str) -> bytes:
    """A table whose second line is this."""
    return (",".join(HEADERS) + "\n" + cells + "\n").encode()


def book(write: Callable[[Any, Any], None], **options: Any) -> bytes:
    file = io.BytesIO()
    made = xlsxwriter.Workbook(file, {"in_memory": True} | options)
    sheet = made.add_worksheet("Clientes")
    write(made, sheet)
    made.close()
    return file.getvalue()


def titled() -> bytes:
    return as_xlsx([["MIS CLIENTES 2026"], [], *TABLE])


def merged() -> bytes:
    """The package is one cell for three rows."""

    def write(made: Any, sheet: Any) -> None:
        for number, cells in enumerate(TABLE):
            sheet.write_row(number, 0, cells)
        sheet.merge_range(1, 2, 3, 2, "PYME")

    return book(write)


def merged_title() -> bytes:
    def write(made: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 4, "Reporte de clientes")
        for number, cells in enumerate(TABLE, 2):
            sheet.write_row(number, 0, cells)

    return book(write)


def typed() -> bytes:
    """Days as days, as numbers of days and as texts; folios as numbers."""

    def write(made: Any, sheet: Any) -> None:
        day = made.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, [*HEADERS, "Vigencia", "Creado"])
        for number in range(1, 4):
            sheet.write_row(number, 0, row(number))
            sheet.write_number(number, 3, 1_500)
        sheet.write_datetime(1, 5, datetime(2027, 12, 31), day)  # noqa: DTZ001
        sheet.write_number(2, 5, 46752)
        sheet.write_string(3, 5, "31 de diciembre de 2027")
        sheet.write_datetime(1, 6, datetime(2021, 3, 15, 10, 30), day)  # noqa: DTZ001

    return book(write)


def formulas() -> bytes:
    """The values that were saved; one formula has none, one is an error."""

    def write(made: Any, sheet: Any) -> None:
        for number, cells in enumerate(TABLE):
            sheet.write_row(number, 0, cells)
        sheet.write_formula(1, 3, "=25*2", None, 50)
        sheet.write_formula(2, 3, "=WEBSERVICE(A1)", None, "")
        sheet.write_formula(3, 3, "=1/0", None, "#DIV/0!")

    return book(write)


def several_sheets() -> bytes:
    def write(made: Any, sheet: Any) -> None:
        for number, cells in enumerate(TABLE):
            sheet.write_row(number, 0, cells)
        made.add_worksheet("Otra").write_row(0, 0, ["RFC", "Nombre"])

    return book(write)


def first_sheet_hidden() -> bytes:
    def write(made: Any, sheet: Any) -> None:
        sheet.hide()
        sheet.write_row(0, 0, ["basura"])
        shown = made.add_worksheet("Visible")
        for number, cells in enumerate(TABLE):
            shown.write_row(number, 0, cells)
        shown.activate()

    return book(write)


def only_charts() -> bytes:
    return book(lambda made, sheet: None)


def styled_far_away() -> bytes:
    """The whole columns have a style, as when somebody paints a sheet."""

    def write(made: Any, sheet: Any) -> None:
        bold = made.add_format({"bold": True})
        for number, cells in enumerate(TABLE):
            sheet.write_row(number, 0, cells)
        sheet.write_blank(1_048_575, 16_383, None, bold)

    return book(write)


def far_cell(row_: int, column: int) -> bytes:
    def write(made: Any, sheet: Any) -> None:
        for number, cells in enumerate(TABLE):
            sheet.write_row(number, 0, cells)
        sheet.write_string(row_, column, "x")

    return book(write)


def with_parts(parts: dict[str, bytes], *, keep: bytes = b"") -> bytes:
    """The XLSX of TABLE with other parts in the place of its own."""
    source = zipfile.ZipFile(io.BytesIO(keep or as_xlsx(TABLE)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            if name not in parts:
                made.writestr(name, source.read(name))
        for name, data in parts.items():
            made.writestr(name, data)
    return file.getvalue()


def bomb() -> bytes:
    return with_parts({"xl/media/bomb.bin": b"\0" * (300 * 1024 * 1024)})


def small_bomb() -> bytes:
    return with_parts({"xl/sharedStrings.xml": b" " * (40 * 1024 * 1024)})


def lying_bomb() -> bytes:
    """Its directory says that the part has ten bytes."""
    content = bytearray(small_bomb())
    real = struct.pack("<I", 40 * 1024 * 1024)
    while (place := content.find(real)) >= 0:
        content[place : place + 4] = struct.pack("<I", 10)
    return bytes(content)


def many_parts() -> bytes:
    return with_parts({f"xl/media/{number}.bin": b"" for number in range(2_500)})


def entities() -> bytes:
    """The billion laughs."""
    xml = '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "lol">'
    for number in range(9):
        inner = "&" + (chr(97 + number)) + ";"
        xml += f'<!ENTITY {chr(98 + number)} "{inner * 10}">'
    xml += "]><sst><si><t>&j;</t></si></sst>"
    return with_parts({"xl/sharedStrings.xml": xml.encode()})


def external_entity() -> bytes:
    xml = (
        '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<sst><si><t>&x;</t></si></sst>"
    )
    return with_parts({"xl/sharedStrings.xml": xml.encode()})


def lying_dimension() -> bytes:
    name = "xl/worksheets/sheet1.xml"
    xml = zipfile.ZipFile(io.BytesIO(as_xlsx(TABLE))).read(name)
    changed = re.sub(rb'ref="A1:E4"', b'ref="A1:XFD1048576"', xml)
    assert changed != xml
    return with_parts({name: changed})


def encrypted_zip() -> bytes:
    content = bytearray(as_xlsx(TABLE))
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        content[place + 8] |= 1
    return bytes(content)


def other_zip(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return file.getvalue()


def named_zip(name: str) -> bytes:
    return other_zip(**{name: b"x"})


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def with_macros() -> bytes:
    return with_parts({"xl/vbaProject.bin": OLE + b"Sub AutoOpen()"})


def long_file(size: int) -> bytes:
    return (TEXT * (size // len(TEXT) + 1)).encode()[:size]


def wide(columns: int) -> bytes:
    return as_csv(
        [[*HEADERS, *(f"Otra {n}" for n in range(columns - 5))], row(1), row(2), row(3)]
    )


# Those that are three clients, however they are written. Of each: its bytes.
RIGHT: dict[str, Bytes] = {
    "CSV": TEXT.encode(),
    "CSV of Windows, CR LF": TEXT.replace("\n", "\r\n").encode(),
    "CSV of an old Mac, CR": TEXT.replace("\r\n", "\r").encode(),
    "UTF-8 with its mark": b"\xef\xbb\xbf" + ACCENTED.encode(),
    "UTF-8 without it": ACCENTED.encode(),
    "Latin-1": ACCENTED.encode("latin-1"),
    "Windows-1252": ACCENTED.replace("PIÑATAS", "PIÑATAS “3”").encode("cp1252"),
    "UTF-16 little-endian": ACCENTED.encode("utf-16"),
    "UTF-16 big-endian": b"\xfe\xff" + ACCENTED.encode("utf-16-be"),
    "semicolons": as_csv(TABLE, ";"),
    "tabs": as_csv(TABLE, "\t"),
    "bars": as_csv(TABLE, "|"),
    "sep= of Excel": b"sep=;\r\n" + as_csv(TABLE, ";"),
    "every cell in quotes": "\n".join(
        ",".join(f'"{cell}"' for cell in cells) for cells in TABLE
    ).encode(),
    "blank lines between": TEXT.replace("\n", "\n\n\n").encode(),
    "a title above the headers": b"Mis clientes,,,,\n\n" + TEXT.encode(),
    "blank columns behind": "\n".join(
        line + ",,," for line in TEXT.strip().splitlines()
    ).encode(),
    "no headers": as_csv(TABLE[1:]),
    "columns in another order": as_csv([cells[::-1] for cells in TABLE]),
    "headers in capitals with accents": TEXT.replace(
        ",".join(HEADERS), "R.F.C.,NOMBRE O RAZÓN SOCIAL,PLAN,TIMBRES,E-MAIL"
    ).encode(),
    "headers that say nothing": as_csv([["a", "Nombre", "c", "d", "e"], *TABLE[1:]]),
    "a quote inside a cell": TEXT.replace("EMPRESA 1", '"LA ""BUENA"" SA"').encode(),
    "a quote of inches": TEXT.replace("EMPRESA 1", 'TUBOS DE 12" SA').encode(),
    "a comma inside quotes": TEXT.replace("EMPRESA 1", '"UNO, DOS Y TRES"').encode(),
    "commas of thousands": TEXT.replace(",50,", ',"1,050",').encode(),
    "RFC with hyphens and small": TEXT.replace("EMA010101", "ema-010101-").encode(),
    "names with markup": TEXT.replace(
        "EMPRESA 1", "<script>alert(1)</script>"
    ).encode(),
    "names that are formulas": TEXT.replace("EMPRESA 1", "=cmd|' /C calc'!A0").encode(),
    "100 columns": lambda: wide(100),
    "XLSX": lambda: as_xlsx(TABLE),
    "XLSX with a title": titled,
    "XLSX with a merged title": merged_title,
    "XLSX with merged cells": merged,
    "XLSX with days and numbers": typed,
    "XLSX of several sheets": several_sheets,
    "XLSX whose first sheet is hidden": first_sheet_hidden,
    "XLSX with styles far away": styled_far_away,
    "XLSX with macros (.xlsm)": with_macros,
    "XLSX that begins in C5": lambda: as_xlsx([[]] * 4 + [["", "", *c] for c in TABLE]),
    "XLSX that says it has no end": lying_dimension,
    "XLSX with strings inside its cells": lambda: as_xlsx(TABLE, constant_memory=True),
}


@pytest.mark.parametrize("content", RIGHT.values(), ids=RIGHT.keys())
def test_a_table_is_three_clients_however_it_is_written(
    content: Bytes, alicia: User, pyme: Package
) -> None:
    begin = time.monotonic()
    batch = staged(alicia, content() if callable(content) else content)
    assert [row.problems for row in batch.rows.all()] == [[], [], []]
    assert {row.fate for row in batch.rows.all()} == {Fate.NEW}
    assert {row.package for row in batch.rows.all()} == {pyme}
    assert time.monotonic() - begin < 5


# Those that are no table at all, and a part of what is said of them.
REFUSED: dict[str, tuple[Bytes, str]] = {
    "nothing": (b"", "vacío"),
    "only blanks": (b"\n\n  \t\n", "vacío"),
    "only a mark": (b"\xef\xbb\xbf", "vacío"),
    "only separators": (b",,,,\n,,,,\n", "vacío"),
    "only headers": (as_csv([HEADERS]), "Solo tiene encabezados"),
    "XLSX with only headers": (lambda: as_xlsx([HEADERS]), "Solo tiene encabezados"),
    "XLSX without anything": (only_charts, "ninguna hoja con datos"),
    "a quote never closed": (
        quoted('EKU9003173C9,"ABARROTES,PYME,50,a@b.mx\nX,Y,Z,1,c@d.mx'),
        'Línea 2: una comilla (") se abre y no se cierra bien',
    ),
    "a quote never closed in a long file": (
        lambda: quoted('EKU9003173C9,"ABARROTES,PYME' + "\nX,Y,Z,1," * 40_000),
        "Línea 2:",
    ),
    "letters behind a quote": (
        quoted('EKU9003173C9,"ABARROTES" SA,PYME,50,a@b.mx'),
        "Línea 2: una comilla",
    ),
    "two columns called alike": (
        as_csv([["RFC", "Nombre", "rfc "], ["A", "B", "C"]]),
        "Línea 1: dos columnas se llaman «rfc» (la 1 y la 3)",
    ),
    "101 columns": (lambda: wide(101), "Línea 1: tiene 101 columnas"),
    "10,000 columns": (lambda: wide(10_000), "Línea 1: tiene 10,000 columnas"),
    "10,000 cells in a line": (
        lambda: TEXT.encode() + b"x," * 10_000 + b"x\n",
        "Línea 5: tiene 10,001 celdas",
    ),
    "a cell of a megabyte": (
        lambda: quoted(f"EKU9003173C9,{'A' * 1_000_000},PYME,50,a@b.mx"),
        "Línea 2: una celda es demasiado larga",
    ),
    "a cell of 3,000 letters": (
        quoted(f"EKU9003173C9,{'A' * 3_000},PYME,50,a@b.mx"),
        "Línea 2: la celda 2 tiene 3,000 caracteres y caben 2,000",
    ),
    "100,001 rows": (
        lambda: as_csv([["RFC", "Nombre"], *([["X", "Y"]] * 100_001)]),
        "más de 100,000 renglones",
    ),
    "more than 20 MB": (
        lambda: long_file(20 * 1024 * 1024 + 1),
        "pesa 20.0 MB y se leen hasta 20 MB",
    ),
    "100 MB": (lambda: b"x" * (100 * 1024 * 1024), "pesa 100.0 MB"),
    "NUL": (TEXT.replace("EMPRESA 2", "EMPRE\0SA").encode(), "Línea 4: tiene un"),
    "UTF-16 without its mark": (TEXT.encode("utf-16-le"), "UTF-16) sin su marca"),
    "UTF-16 cut in half": (TEXT.encode("utf-16")[:-1], "está dañado o cortado"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "Es una imagen"),
    "a photograph": (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, "Es una imagen"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "Es un PDF"),
    "RTF": (rb"{\rtf1\ansi RFC}", "documento de texto"),
    "gzip": (b"\x1f\x8b" + zlib.compress(TEXT.encode()), "archivo comprimido"),
    "noise": (
        bytes((n * 7919 + n // 3) % 256 or 1 for n in range(50_000)),
        "No es un archivo de texto",
    ),
    "a web page called .xls": (
        b"<html><table><tr><td>RFC</td></tr></table></html>",
        "Es una página web",
    ),
    "XML": (b'<?xml version="1.0"?><Workbook/>', "un XML con nombre de hoja"),
    "an old .xls": (OLE + b"\0" * 2_000, ".xls"),
    "XLSX with a password": (
        OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500,
        "tiene contraseña",
    ),
    "XLSX in an encrypted zip": (encrypted_zip, "está cifrado"),
    "XLSB": (lambda: named_zip("xl/workbook.bin"), ".xlsb"),
    "ODS": (lambda: named_zip("content.xml"), "LibreOffice"),
    "Word": (lambda: named_zip("word/document.xml"), "de Word"),
    "a ZIP of anything": (lambda: named_zip("clientes.csv"), "Descomprímalo"),
    "XLSX cut in half": (lambda: cut(as_xlsx(TABLE)), "dañado o incompleto"),
    "XLSX with a broken part": (
        lambda: with_parts({"xl/workbook.xml": b"<workbook><sheets>"}),
        "",
    ),
    "XLSX with a broken sheet": (
        lambda: with_parts({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}),
        "",
    ),
    "XLSX that is no XML": (
        lambda: with_parts({"xl/workbook.xml": bytes(range(256))}),
        "",
    ),
    "a zip bomb": (bomb, "ocupa más de"),
    "a smaller bomb": (small_bomb, "comprimido como ninguno"),
    "a bomb that lies": (lying_bomb, "comprimido como ninguno"),
    "2,500 parts": (many_parts, "partes"),
    "a cell in column XFD": (lambda: far_cell(5, 16_383), "columna 100"),
    "a cell in row 1,048,576": (lambda: far_cell(1_048_575, 0), "renglón 100,000"),
    "a cell in the last corner": (lambda: far_cell(99_999, 99), "más de 40 columnas"),
    "XLSX with 10,000 columns": (
        lambda: as_xlsx([[f"c{n}" for n in range(10_000)], ["x"]]),
        "columna 100",
    ),
    "the same header twice in XLSX": (
        lambda: as_xlsx([["RFC", "RFC"], ["A", "B"]]),
        "Línea 1: dos columnas se llaman «RFC»",
    ),
}


@pytest.mark.parametrize(("content", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_table_is_refused_in_words(content: Bytes, says: str) -> None:
    made = content() if callable(content) else content
    begin = time.monotonic()
    with pytest.raises(Unreadable) as refused:
        [*workbooks.of_bytes(made).rows]
    assert says in str(refused.value)
    assert str(refused.value).endswith((".", '("").'))
    assert time.monotonic() - begin < 5


# Those that are read or refused: that nothing worse happens is all.
WHATEVER: dict[str, Bytes] = {
    "the billion laughs": entities,
    "an entity of a file": external_entity,
    "a formula without a value": formulas,
}


@pytest.mark.parametrize("content", WHATEVER.values(), ids=WHATEVER.keys())
def test_nothing_is_evaluated(content: Callable[[], bytes]) -> None:
    begin = time.monotonic()
    try:
        table = workbooks.of_bytes(content())
        said = "".join(cell for row in table.rows for cell in row.cells)
    except Unreadable as refused:
        said = str(refused)
    assert "root:" not in said
    assert "lollol" not in said
    assert len(said) < 5_000
    assert time.monotonic() - begin < 5


# A table of which one line is wrong: its cells, and what is said of it.
WRONG_LINES = {
    "no RFC": (["", "UNO", "PYME", "5", "a@b.mx"], "RFC: la celda está vacía"),
    "a short RFC": (["EKU900317", "UNO", "PYME", "5", ""], "El RFC no es válido"),
    "a day of no calendar": (["EKU9913329C3", "U", "PYME", "5", ""], "no es válido"),
    "the generic RFC": (["XAXX010101000", "U", "PYME", "5", ""], "genérico"),
    "no name": (["EKU9003173C9", "", "PYME", "5", ""], "Razón social: la celda"),
    "a name of 300 letters": (
        ["EKU9003173C9", "A" * 300, "PYME", "5", ""],
        "Razón social «AAA",
    ),
    "an invisible character": (
        ["EKU9003173C9", "ABA\u200bRROTES", "PYME", "5", ""],
        "carácter invisible (U+200B)",
    ),
    "a control character": (
        ["EKU9003173C9", "ABA\x07RROTES", "PYME", "5", ""],
        "carácter de control (U+0007)",
    ),
    "a turn of the writing": (
        ["EKU9003173C9", "ABA\u202eRROTES", "PYME", "5", ""],
        "cambia el sentido",
    ),
    "an e-mail that is none": (["EKU9003173C9", "U", "PYME", "5", "a b"], "Correo «a"),
    "no package": (["EKU9003173C9", "U", "Oro", "5", ""], "«Oro» no está entre"),
    "half a folio": (["EKU9003173C9", "U", "PYME", "2,50", ""], "puede ser 2.5"),
    "minus five": (["EKU9003173C9", "U", "PYME", "-5", ""], "sin signo"),
    "a formula": (["EKU9003173C9", "U", "PYME", "=1+1", ""], "número entero"),
    "too many folios": (["EKU9003173C9", "U", "PYME", "99999999", ""], "hasta"),
    "5,000 digits": (["EKU9003173C9", "U", "PYME", "9" * 1_900, ""], "grande"),
    "more cells than headers": (
        ["EKU9003173C9", "UNO", "DOS", "PYME", "5", "a@b.mx", "x"],
        "2 celdas de más",
    ),
}


@pytest.mark.parametrize(("cells", "says"), WRONG_LINES.values(), ids=WRONG_LINES)
def test_a_wrong_line_says_which_column_and_why_and_hinders_no_other(
    cells: list[str], says: str, alicia: User, pyme: Package
) -> None:
    batch = staged(alicia, as_csv([HEADERS, row(1), cells, row(2)]))
    first, wrong, last = batch.rows.order_by("line")
    assert (first.fate, last.fate) == (Fate.NEW, Fate.NEW)
    assert (wrong.line, wrong.fate) == (3, Fate.ERROR)
    assert says in " ".join(wrong.problems)


def test_values_of_a_workbook_are_what_was_seen(alicia: User, pyme: Package) -> None:
    days = [one.expires_on for one in staged(alicia, typed()).rows.order_by("line")]
    assert days == [date(2027, 12, 31)] * 3
    first = Import.objects.get().rows.get(line=2)
    assert (first.folios, first.created_on) == (1_500, date(2021, 3, 15))


def test_of_a_formula_its_value_counts(alicia: User, pyme: Package) -> None:
    batch = staged(alicia, formulas())
    assert [one.folios for one in batch.rows.order_by("line")][:2] == [50, 100]


# ── In the panel ──────────────────────────────────────────────────────────────────


def send(browser: Browser, content: bytes, name: str = "clientes.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return browser.post("/clientes/importar/", {"document": file})


@pytest.mark.parametrize(
    "which",
    [name for name, (content, _) in REFUSED.items() if name not in ("100 MB",)],
)
def test_the_page_says_it_and_keeps_nothing(
    which: str, as_alicia: Browser, pyme: Package
) -> None:
    content, says = REFUSED[which]
    made = content() if callable(content) else content
    begin = time.monotonic()
    response = send(as_alicia, made)
    assert response.status_code == 422
    assert says in response.text.replace("&quot;", '"')
    assert time.monotonic() - begin < 6
    assert not Import.objects.exists()
    assert not ImportLine.objects.exists()


def test_a_file_of_100_megabytes_is_not_even_read(
    as_alicia: Browser, pyme: Package
) -> None:
    begin = time.monotonic()
    response = send(as_alicia, b"x" * (100 * 1024 * 1024))
    assert response.status_code == 413
    assert time.monotonic() - begin < 5


def test_names_of_files_are_text(as_alicia: Browser, pyme: Package) -> None:
    for name in ("../../etc/passwd", "a\u202eb.csv", "<b>.csv", "x" * 150 + ".csv"):
        response = send(as_alicia, TEXT.encode(), name)
        assert response.status_code == 302
        page = as_alicia.get(response["Location"])
        assert page.status_code == 200
        assert "<b>.csv" not in page.text


# ── Pasted ────────────────────────────────────────────────────────────────────────

PASTED = (
    "Razón social\tPaquete\tFolios\tEstatus\tCreado\tVigencia\tAcciones\n"
    "ESCUELA KEMPER URGATE EKU9003173C9\tPYME\t1,000\tactivo\t15/03/2021\t"
    "31/12/2027\t\n"
    "XOCHILT CASAS CHAVEZ CACX7605101P8\tPYME\t0\tfolios agotados\t01/02/2022\t"
    "sin vigencia\t\n"
)
OF_LINES = (
    "Razón social\tPaquete\tFolios\tEstatus\tCreado\tVigencia\tAcciones\n"
    "ESCUELA KEMPER URGATE\nEKU9003173C9\tPYME\t1,000\tactivo\t15/03/2021\t31/12/2027\t"
    "Editar plan\nAgregar folios\nRenovar\n"
    "XOCHILT CASAS CHAVEZ\nCACX7605101P8\tPYME\t0\tfolios agotados\t01/02/2022\t"
    "sin vigencia\tEditar plan\nAgregar folios\nRenovar\n"
)


@pytest.mark.parametrize("text", [PASTED, OF_LINES], ids=["in a line", "in two"])
def test_the_seven_columns_of_another_panel_are_pasted(
    text: str, as_alicia: Browser, pyme: Package
) -> None:
    response = as_alicia.post("/clientes/importar/", {"text": text})
    assert response.status_code == 302
    page = as_alicia.get(response["Location"])
    form = page.context["form"]
    fields = {one.html_name: one.value() for one in form.column_fields}
    as_alicia.post(response["Location"], fields)
    rows_ = Import.objects.get().rows.order_by("line")
    assert [
        (one.rfc, one.legal_name, one.folios, one.expires_on, one.created_on, one.fate)
        for one in rows_
    ] == [
        (
            "EKU9003173C9",
            "ESCUELA KEMPER URGATE",
            1_000,
            date(2027, 12, 31),
            date(2021, 3, 15),
            "new",
        ),
        ("CACX7605101P8", "XOCHILT CASAS CHAVEZ", 0, None, date(2022, 2, 1), "new"),
    ]
    assert not Client.objects.exists()


def test_what_was_pasted_has_an_end() -> None:
    with pytest.raises(Unreadable, match="aquí caben"):
        pasting.of_pasted("x" * (pasting.PASTED_MAX + 1))
    with pytest.raises(Unreadable, match="No pegó nada"):
        pasting.of_pasted(" \n\t")


def every() -> Iterator[str]:
    yield from RIGHT
    yield from REFUSED
    yield from WHATEVER
    yield from WRONG_LINES


def test_they_are_more_than_a_hundred() -> None:
    assert len([*every()]) > 100
