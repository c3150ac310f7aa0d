"""A table that was copied from a page or a spreadsheet, with tabs between its cells.

A page puts a cell of several lines, and the buttons of a row, on lines of their own.
What a file may be is reading.py's to say.
"""

import re
from collections.abc import Iterator

from clients.importing.reading import (
    Row,
    Table,
    Unreadable,
    delimiter_of,
    records,
    refuse_nul,
    table_of,
)
from clients.importing.words import folded

# Characters.
PASTED_MAX = 100_000
# The buttons of a table that is copied from a page: lines of their own.
_BUTTONS = re.compile(
    r"(acciones|ver|ver detalle|detalle|editar( plan)?|agregar folios|renovar|suspender"
    r"|activar|archivar|restaurar|entrar( como cliente)?|eliminar|mas|⋯|…|\.\.\.)"
)


def of_pasted(text: str) -> Table:
    """A table as it is copied from a page or a spreadsheet: tabs between its cells. A
    cell of several lines is put together again. Raises Unreadable."""
    if len(text) > PASTED_MAX:
        raise Unreadable(
            f"Pegó {len(text):,} caracteres y aquí caben {PASTED_MAX:,}. Guárdelo como "
            "archivo CSV o XLSX y súbalo."
        )
    if not text.strip():
        raise Unreadable("No pegó nada. Copie la tabla con sus encabezados y péguela.")
    refuse_nul(text)
    if "\t" not in text:
        return table_of(records(text, delimiter_of(text), 0))
    if '"' in text:
        try:
            return table_of(iter([*records(text, "\t", 0)]))
        except Unreadable:
            pass  # its quotes are letters of a name, not around cells
    return table_of(_records(text))


def _records(text: str) -> Iterator[Row]:
    waiting: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if "\t" in line:
            # What came before it belongs to its first cell.
            cells = " ".join([*waiting, line.lstrip(" ")]).split("\t")
            waiting = []
            yield Row(number, [" ".join(cell.split()) for cell in cells])
        elif line.strip() and not _BUTTONS.fullmatch(folded(line)):
            waiting.append(line.strip())
