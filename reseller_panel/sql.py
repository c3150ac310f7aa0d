"""SQL for the path of a stamp, in as few round trips to PostgreSQL as possible.

With the ORM, each statement is planned again and needs a round trip. A stamp cannot
afford that: a round trip costs more than a row. Besides, only an import needs this
module: it writes a thousand clients in a dozen statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import connection
from pydantic_core import to_json


@dataclass(frozen=True)
class Statement:
    """A prepared statement, whose plan the server keeps; parameters are $1, $2…"""

    name: str
    types: str
    text: str

    @property
    def preparation(self) -> str:
        return f"PREPARE {self.name} ({self.types}) AS {self.text}"

    @property
    def execution(self) -> str:
        return f"EXECUTE {self.name} ({', '.join(['%s'] * self.count)})"

    @property
    def in_full(self) -> str:
        """The statement unprepared, for a pooler: there each transaction may get
        another session."""
        text = self.text.replace("%", "%%")
        for place, kind in enumerate(self.types.split(","), 1):
            text = text.replace(f"${place}", f"%s::{kind.strip()}")
        return text

    @property
    def count(self) -> int:
        return self.types.count(",") + 1


class Result:
    """The rows of a queued statement. Reading them flushes its pipeline, if needed."""

    def __init__(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline
        self._rows: list[tuple[Any, ...]] | None = None

    def fetchall(self) -> list[tuple[Any, ...]]:
        if self._rows is None:
            self._pipeline.flush()
        assert self._rows is not None
        return self._rows

    def receive(self, cursor: "psycopg.Cursor[tuple[Any, ...]]") -> None:
        # Not cursor.description, which builds the name and type of every column.
        result = cursor.pgresult
        self._rows = cursor.fetchall() if result and result.nfields else []


# Until the transaction ends. For a statement with arrays PostgreSQL would prefer a
# custom plan, and plan it on each execution: half of a stamp's cost.
_KEEP_PLANS = "SET LOCAL plan_cache_mode = force_generic_plan"


class Pipeline:
    """Statements sent in one round trip, in order, when the first result is needed.

    Each has a snapshot of its own, taken when the one before it has ended: a query
    queued after a lock sees what the lock waited for.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Statement | str, Sequence[object], Result]] = []

    def queue(self, statement: Statement | str, *parameters: object) -> Result:
        rows = Result(self)
        self._waiting.append((statement, parameters, rows))
        return rows

    def flush(self) -> None:
        asked, self._waiting = self._waiting, []
        if not asked:
            return
        connection.ensure_connection()
        cursor = psycopg.ClientCursor(connection.connection)
        texts = (
            cursor.mogrify(_text_of(statement), parameters)
            for statement, parameters, _ in asked
        )
        _wrapped(cursor).execute(";\n".join([_KEEP_PLANS, *texts]))
        for _, _, rows in asked:
            cursor.nextset()
            rows.receive(cursor)


def fetch(statement: Statement | str, *parameters: object) -> list[tuple[Any, ...]]:
    """Run one statement in a round trip of its own, and return its rows."""
    return Pipeline().queue(statement, *parameters).fetchall()


def as_json(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows for json_populate_recordset: one JSON text costs a fraction of an array
    for each column."""
    return to_json(rows).decode()


def as_array(numbers: Iterable[int]) -> str:
    """A PostgreSQL array literal. psycopg would look at the type of each number."""
    return f"{{{','.join(map(str, numbers))}}}"


# The names of the statements that each connection has prepared.
_prepared: "WeakKeyDictionary[psycopg.Connection[Any], set[str]]" = WeakKeyDictionary()


def _text_of(statement: Statement | str) -> str:
    if isinstance(statement, str):
        return statement
    if settings.DATABASE_BEHIND_POOLER:
        return statement.in_full
    ready = _prepared.setdefault(connection.connection, set())
    if statement.name not in ready:
        _wrapped(psycopg.ClientCursor(connection.connection)).execute(
            statement.preparation
        )
        ready.add(statement.name)
    return statement.execution


def _wrapped(cursor: Any) -> Any:
    """The cursor with Django's exceptions and, if it is on, its log of queries."""
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)
