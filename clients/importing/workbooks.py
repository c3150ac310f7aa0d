"""An XLSX as a table: what its zip says of itself is measured before it is opened.

Law: quality.md, "Bad input". Formulas are never evaluated: a cell is the value that was
saved in it. Macros are not opened. A workbook with a password, an old .xls and other
documents are named in words.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from clients.importing.reading import (
    CELL_MAX,
    COLUMNS_MAX,
    ROWS_MAX,
    Row,
    Table,
    Unreadable,
    of_text,
    refuse_size,
    table_of,
)

UNZIPPED_MAX = 250 * 1024 * 1024
PARTS_MAX = 2_000
# A sheet of repeated rows shrinks to a thirtieth; a bomb to a thousandth.
RATIO_MAX = 200
_RATIO_FROM = 5 * 1024 * 1024  # below it no ratio does harm
# A sheet is a rectangle in memory: the wider, the fewer rows.
_WIDE_COLUMNS, _WIDE_ROWS = 40, 40_000
_PIECE = 1024 * 1024
_MERGED_MAX = 10_000

_SAVE = "Ábralo en Excel y guárdelo como «Libro de Excel (.xlsx)» o «CSV UTF-8»."
_DAMAGED = f"El libro de Excel está dañado o incompleto. {_SAVE}"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def of_bytes(content: bytes) -> Table:
    """The table in a file, by what its bytes are and not by its name. Raises
    Unreadable, here or while its rows are read."""
    refuse_size(len(content))
    if content.startswith(_OLE):
        raise Unreadable(_of_ole(content))
    if content.startswith(b"PK"):
        return _of_workbook(content)
    return of_text(content)


def _of_ole(content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return (
            "El libro tiene contraseña. Ábralo en Excel, quítela en Archivo › "
            "Información › Proteger libro, guárdelo y súbalo otra vez."
        )
    return f"Es un libro de Excel antiguo (.xls) o un documento de Office. {_SAVE}"


def _of_workbook(content: bytes) -> Table:
    _measure(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet, remarks = _sheet_of(book)
        table = table_of(_records(sheet))
    # The reader is a library in another language, and its errors have no common class.
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise Unreadable(_DAMAGED) from error
    table.remarks = remarks
    return table


# ── The zip, before it is opened ──────────────────────────────────────────────────


def _measure(content: bytes) -> None:
    """Raises Unreadable for what is no workbook, or would need too much when open."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, struct.error):
        raise Unreadable(_DAMAGED) from None
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > PARTS_MAX:
        raise Unreadable(f"El libro tiene {len(parts):,} partes: no es uno de Excel.")
    if "xl/workbook.xml" not in names:
        raise Unreadable(_what_it_is(names))
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(f"El archivo está cifrado. {_SAVE}")
    total = 0
    for part in parts:
        sheet = part.filename.startswith("xl/worksheets/")
        unzipped = 0
        tail = b""
        for piece in _inflated(content, part):
            unzipped += len(piece)
            if total + unzipped > UNZIPPED_MAX:
                raise Unreadable(
                    "El libro ocupa más de "
                    f"{UNZIPPED_MAX // 1024 // 1024} MB al abrirlo. Guarde solo la "
                    "hoja de los clientes, como CSV UTF-8."
                )
            if unzipped > _RATIO_FROM and unzipped > RATIO_MAX * max(
                part.compress_size, 1
            ):
                raise Unreadable(
                    "El libro está comprimido como ninguno de Excel: al abrirlo "
                    f"ocupa más de {RATIO_MAX} veces lo que pesa. {_SAVE}"
                )
            if sheet:
                _refuse_far_cells(tail + piece)
                tail = piece[-300:]
        total += unzipped


def _what_it_is(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return f"Es un libro binario de Excel (.xlsb). {_SAVE}"
    if "content.xml" in names:
        return f"Es un documento de LibreOffice (.ods). {_SAVE}"
    if "word/document.xml" in names:
        return "Es un documento de Word, no una hoja de cálculo. Elija otro archivo."
    return (
        "Es un archivo comprimido (.zip), no una hoja de cálculo. Descomprímalo y suba "
        "el archivo que tiene dentro."
    )


def _inflated(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The real bytes of a part in pieces, however many it says it has."""
    header = content[part.header_offset : part.header_offset + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Unreadable(_DAMAGED)
    name, extra = struct.unpack("<HH", header[26:30])
    start = part.header_offset + 30 + name + extra
    if part.compress_type == zipfile.ZIP_STORED:
        yield content[start : start + part.compress_size]
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Unreadable(f"El libro está comprimido de otra manera. {_SAVE}")
    # A view: copies of a large part would be as many megabytes.
    rest: Any = memoryview(content)[start : start + part.compress_size]
    inflater = zlib.decompressobj(-15)
    try:
        while not inflater.eof:
            piece = inflater.decompress(rest, _PIECE)
            rest = inflater.unconsumed_tail
            if not piece and not rest:
                return
            yield piece
    except zlib.error:
        raise Unreadable(_DAMAGED) from None


# A cell with something in it, whose place is beyond what is read. The place alone
# would make the reader reserve all that is before it.
_FAR_COLUMN, _WIDE_COLUMN = (
    r"(?:[A-Z]{3}|[D-Z][A-Z]|C[W-Z])",  # beyond CV, the 100th
    r"(?:[A-Z]{3}|[B-Z][A-Z]|A[O-Z])",  # beyond AN, the 40th
)
_FAR_ROW, _LOW_ROW = r"(?:[2-9]\d{5}|1\d[1-9]\d{3}|1[1-9]\d{4}|\d{7,})", r"[4-9]\d{4}"
_CELL = r"<(?:\w+:)?c\b[^>]*?%s[^>]*[^/>]>"
_PLACE = r"\br\s*=\s*[\"']{place}[\"']"
_FAR = (
    (
        rf"{_FAR_COLUMN}\d+",
        f"Tiene celdas más allá de la columna {COLUMNS_MAX} (CV). Deje solo las de los "
        "datos del cliente.",
    ),
    (
        rf"[A-Z]+{_FAR_ROW}",
        f"Tiene celdas más allá del renglón {ROWS_MAX:,}. Divídalo en varios.",
    ),
    (
        rf"{_WIDE_COLUMN}(?:{_LOW_ROW}|{_FAR_ROW}|1\d{{5}})",
        f"Tiene más de {_WIDE_COLUMNS} columnas y más de {_WIDE_ROWS:,} renglones. "
        "Deje solo las columnas de los datos del cliente.",
    ),
)
_any_far = re.compile(
    _PLACE.format(place=f"(?:{'|'.join(place for place, _ in _FAR)})").encode()
)
_REFUSED = [
    (re.compile((_CELL % _PLACE.format(place=place)).encode()), why)
    for place, why in _FAR
]


def _refuse_far_cells(xml: bytes) -> None:
    # To ask whether there is something in it is ten times as dear.
    if not _any_far.search(xml):
        return
    for with_content, why in _REFUSED:
        if with_content.search(xml):
            raise Unreadable(why)


# ── The sheet ─────────────────────────────────────────────────────────────────────


def _sheet_of(book: CalamineWorkbook) -> tuple[CalamineSheet, list[str]]:
    """The first visible sheet with anything in it, and what is to be said of that."""
    shown = [
        one.name
        for one in book.sheets_metadata
        if one.typ == SheetTypeEnum.WorkSheet
        and one.visible == SheetVisibleEnum.Visible
    ]
    for place, name in enumerate(shown):
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            others = [other for other in shown[place + 1 :] if other != name]
            said = f"Se leyó la hoja «{name}»"
            return sheet, [f"{said}; las demás no."] if others else []
    raise Unreadable("El libro no tiene ninguna hoja con datos. Elija otro archivo.")


def _records(sheet: CalamineSheet) -> Iterator[Row]:
    """Each row with its number in the sheet. Cells that are merged downwards all have
    the value of the first one, as it is seen."""
    top, left = sheet.start or (0, 0)
    merged = _merged_downwards(sheet)
    open_until: dict[int, tuple[int, str]] = {}
    for place, values in enumerate(sheet.iter_rows(), top):
        cells = [""] * left + [_text(value) for value in values]
        for column, (until, value) in list(open_until.items()):
            if place > until:
                del open_until[column]
            elif column < len(cells):
                cells[column] = value
        for column, until in merged.get(place, ()):
            if column < len(cells):
                open_until[column] = (until, cells[column])
        yield Row(place + 1, cells)


def _merged_downwards(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for (row, column), (until, _) in (sheet.merged_cell_ranges or [])[:_MERGED_MAX]:
        if until > row:
            found.setdefault(row, []).append((column, until))
    return found


def _text(value: Any) -> str:
    """A value as text: whole numbers without decimals, days as 2027-01-31."""
    if isinstance(value, str):
        return value.strip() if len(value) <= CELL_MAX else value
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, float):
        return (
            str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        )
    if isinstance(value, datetime):
        midnight = value.time() == time.min
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, int | timedelta) else ""
