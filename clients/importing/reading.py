"""The bytes of a file as a table: headers and rows of text.

Law: quality.md, "Bad input". What a file says of its own size is not believed; limits
are checked before and while it is read. Every refusal says in Spanish what is wrong, in
which line if it is of one, and what to do. No meaning of a column is known here.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

from clients.importing.words import folded
from reseller_panel.limits import IMPORT_BYTES_MAX
from reseller_panel.refusals import Refused

BYTES_MAX = IMPORT_BYTES_MAX
ROWS_MAX = 100_000
COLUMNS_MAX = 100
# Characters of a cell: the longest value of a client has 254.
CELL_MAX = 2_000

_KINDS = (
    (b"%PDF", "un PDF"),
    (b"\x89PNG", "una imagen"),
    (b"GIF8", "una imagen"),
    (b"\xff\xd8\xff", "una imagen"),
    (b"Rar!", "un archivo comprimido"),
    (b"7z\xbc\xaf", "un archivo comprimido"),
    (b"\x1f\x8b", "un archivo comprimido"),
    (b"{\\rtf", "un documento de texto con formato"),
)
_HOW = "Ábralo en Excel y guárdelo como «Libro de Excel (.xlsx)» o «CSV UTF-8»."
_DELIMITERS = "\t;,|"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_RFC = re.compile(r"[A-ZÑ&]{3,4}-?[0-9]{6}-?[A-Z0-9]{3}", re.IGNORECASE)


class Unreadable(Refused):
    """The file is no table that can be imported. `line` is 0 if it is of no line."""

    code = "unreadable"

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(f"Línea {line}: {message}" if line else message)
        self.line = line


class Row(NamedTuple):
    line: int
    cells: list[str]


@dataclass
class Table:
    """`rows` are read as they are asked for, and may raise Unreadable meanwhile."""

    headers: list[str]
    rows: Iterator[Row]
    # The line of the headers; 0 if there are none, and columns have numbers.
    header_line: int = 1
    remarks: list[str] = field(default_factory=list)


def of_text(content: bytes) -> Table:
    """A CSV in any usual encoding, with whatever separates its columns. Raises
    Unreadable, here or while rows are read."""
    refuse_size(len(content))
    if not content.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise Unreadable("El archivo está vacío. Elija otro.")
    text = _decoded(content)
    if not text.strip(' \t\r\n"' + _DELIMITERS):
        raise Unreadable("El archivo está vacío. Elija otro.")
    first, _, rest = text.partition("\n")
    delimiter, skipped = "", 0
    if said := re.fullmatch(r'"?sep=(.)"?\r?', first):
        delimiter, text, skipped = said[1], rest, 1
    delimiter = delimiter or delimiter_of(text)
    return table_of(records(text, delimiter, skipped))


def refuse_size(size: int) -> None:
    if size > BYTES_MAX:
        raise Unreadable(
            f"El archivo pesa {size / 1024 / 1024:,.1f} MB y se leen hasta "
            f"{BYTES_MAX // 1024 // 1024} MB. Divídalo en dos."
        )


def table_of(records: Iterator[Row]) -> Table:
    """The table in these records, whose first lines may be a title. Raises Unreadable
    for what makes the whole of it no table."""
    records = (Row(line, cells) for line, cells in records if any(cells))
    start = [*islice(records, 20)]
    if not start:
        raise Unreadable("El archivo está vacío. Elija otro.")
    place = _header_place(start)
    header, data = start[place], chain(start[place + 1 :], records)
    line = header.line
    if _is_data(header.cells):
        width = max(len(row.cells) for row in start)
        data, line = chain(start[place:], records), 0
        headers = [""] * width
    else:
        headers = [" ".join(cell.split()) for cell in _trimmed(header.cells)]
    _refuse_headers(headers, header.line)
    headers = [name[:80] or f"Columna {n}" for n, name in enumerate(headers, 1)]
    first = next(data, None)
    if first is None:
        raise Unreadable(
            "Solo tiene encabezados. Debajo de ellos va un renglón por cliente."
        )
    return Table(headers, _checked(chain([first], data), len(headers)), line)


# ── Text and its records ──────────────────────────────────────────────────────────


def _decoded(content: bytes) -> str:
    for start, kind in _KINDS:
        if content.startswith(start):
            raise Unreadable(f"Es {kind}, no una hoja de cálculo. Elija otro archivo.")
    text = _in_its_encoding(content)
    if (
        text[:300]
        .lstrip()
        .lower()
        .startswith(("<html", "<!doctype", "<table", "<?xml"))
    ):
        raise Unreadable(
            "Es una página web o un XML con nombre de hoja de cálculo, como los "
            f"descargan algunos sistemas. {_HOW}"
        )
    refuse_nul(text)
    odd = sum(char < " " and char not in "\t\n\r\v\f" for char in text[:20_000])
    if odd > 20 and odd * 20 > len(text[:20_000]):
        raise Unreadable("No es un archivo de texto ni un libro de Excel. Elija otro.")
    return text


def _in_its_encoding(content: bytes) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 without one, else what Windows wrote."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable(
                "Dice ser Unicode (UTF-16) y está dañado o cortado. Guárdelo otra vez "
                "como «CSV UTF-8»."
            ) from None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def refuse_nul(text: str) -> None:
    place = text.find("\0")
    if place < 0:
        return
    if text.count("\0") * 3 > len(text):
        raise Unreadable(f"Parece Unicode (UTF-16) sin su marca. {_HOW}")
    raise Unreadable(
        "tiene un carácter nulo (U+0000), que ninguna hoja de cálculo escribe: el "
        f"archivo está dañado. {_HOW}",
        line=text.count("\n", 0, place) + 1,
    )


def delimiter_of(text: str) -> str:
    """What makes most columns of the first lines, alike in all of them."""
    sample = text[:20_000]

    def columns(delimiter: str) -> tuple[int, int]:
        lines = [
            len(cells)
            for cells in islice(csv.reader(_lines(sample), delimiter=delimiter), 10)
            if any(cells)
        ]
        usual = max(set(lines), key=lines.count) if lines else 1
        return (lines.count(usual) if usual > 1 else 0, usual)

    try:
        return max(_DELIMITERS, key=columns)
    except csv.Error:
        return ","


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def _lines(text: str) -> Iterator[str]:
    """With their ends. One by one: io.StringIO would take four bytes a letter."""
    return (found.group() for found in _LINE.finditer(text))


def records(text: str, delimiter: str, skipped: int) -> Iterator[Row]:
    """Each record with the line it begins in; strict about quotes."""
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _of_csv(error, line, reader.line_num + skipped) from None
        if cells is None:
            return
        yield Row(line, [cell.strip() for cell in cells])


def _of_csv(error: csv.Error, line: int, until: int) -> Unreadable:
    if "field larger" in str(error):
        return Unreadable(
            'una celda es demasiado larga; quizá una comilla (") se abre y no se '
            "cierra. Ciérrela o bórrela.",
            line=line,
        )
    where = f", y se leyó hasta la línea {until:,}" if until > line else ""
    return Unreadable(
        f'una comilla (") se abre y no se cierra bien{where}. Ciérrela o bórrela; '
        'dentro de una celda entre comillas se escribe doble ("").',
        line=line,
    )


# ── Headers ───────────────────────────────────────────────────────────────────────


def _header_place(start: list[Row]) -> int:
    """The first row that is as wide as the table: what is above it is a title."""
    widths = [sum(map(bool, row.cells)) for row in start]
    if widths[0] > 1 or len(start) == 1:
        return 0
    usual = max(widths)
    return next(n for n, width in enumerate(widths) if width * 2 > usual)


def _is_data(cells: Iterable[str]) -> bool:
    return any(_RFC.fullmatch(cell) or _EMAIL.fullmatch(cell) for cell in cells)


def _trimmed(cells: list[str]) -> list[str]:
    last = max((n for n, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _refuse_headers(headers: list[str], line: int) -> None:
    if len(headers) > COLUMNS_MAX:
        raise Unreadable(
            f"tiene {len(headers):,} columnas y se leen hasta {COLUMNS_MAX}. Deje solo "
            "las de los datos del cliente.",
            line=line,
        )
    seen: dict[str, int] = {}
    for number, name in enumerate(headers, 1):
        key = folded(name)
        if key and key in seen:
            raise Unreadable(
                f"dos columnas se llaman «{name[:80]}» (la {seen[key]} y la {number}). "
                "Quite una o cámbiele el nombre.",
                line=line,
            )
        seen[key] = number


def _checked(rows: Iterable[Row], width: int) -> Iterator[Row]:
    """As many cells as headers; what stands beyond them is kept, to be named."""
    for count, (line, cells) in enumerate(rows, 1):
        if count > ROWS_MAX:
            raise Unreadable(
                f"Tiene más de {ROWS_MAX:,} renglones. Divídalo en varios archivos."
            )
        if len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        elif len(cells) > width:
            cells = cells[:width] + _trimmed(cells[width:])
            if len(cells) > COLUMNS_MAX:
                raise Unreadable(
                    f"tiene {len(cells):,} celdas y se leen hasta {COLUMNS_MAX}.",
                    line=line,
                )
        for number, cell in enumerate(cells, 1):
            if len(cell) > CELL_MAX:
                raise Unreadable(
                    f"la celda {number} tiene {len(cell):,} caracteres y caben "
                    f'{CELL_MAX:,}. Quizá una comilla (") se abre y no se cierra.',
                    line=line,
                )
        yield Row(line, cells)
