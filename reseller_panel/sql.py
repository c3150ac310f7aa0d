"""How the path of a stamp talks to PostgreSQL: in as few trips as it can.

The ORM plans every statement anew and waits for each answer. A stamp cannot afford
that: a pipeline costs it more than a row. Everything else in the product uses the ORM.
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
    """A statement whose plan the server keeps; parameters are $1, $2…"""

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
        """Where nothing can be kept, because a pooler changes the session between
        two transactions."""
        text = self.text.replace("%", "%%")
        for place, kind in enumerate(self.types.split(","), 1):
            text = text.replace(f"${place}", f"%s::{kind.strip()}")
        return text

    @property
    def count(self) -> int:
        return self.types.count(",") + 1


class Result:
    """What a statement found, or will find: reading it makes its pipeline leave."""

    def __init__(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline
        self._rows: list[tuple[Any, ...]] | None = None

    def fetchall(self) -> list[tuple[Any, ...]]:
        if self._rows is None:
            self._pipeline.flush()
        assert self._rows is not None
        return self._rows

    def receive(self, cursor: "psycopg.Cursor[tuple[Any, ...]]") -> None:
        # Not `description`: that is made of every column's name and type.
        result = cursor.pgresult
        self._rows = cursor.fetchall() if result and result.nfields else []


# Until the transaction ends. Of statements with arrays PostgreSQL believes that a plan
# made for the very values is better, and makes one each time: half of a stamp's cost.
_KEEP_PLANS = "SET LOCAL plan_cache_mode = force_generic_plan"


class Pipeline:
    """Statements that leave together, in order, when the first result is needed.

    Each has a snapshot of its own, taken when the one before it has ended: what is
    asked after a lock sees what the lock waited for.
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
    """One statement, one pipeline."""
    return Pipeline().queue(statement, *parameters).fetchall()


def as_json(rows: Sequence[Mapping[str, object]]) -> str:
    """Result for json_populate_recordset: one text costs a fraction of an array for
    each column."""
    return to_json(rows).decode()


def as_array(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes one. psycopg would look at the type of each first."""
    return f"{{{','.join(map(str, numbers))}}}"


# Names of what each connection has prepared.
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
    """With Django's own errors, and its record of queries where one is kept."""
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)
