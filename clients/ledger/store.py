"""The mechanics of the ledger: its SQL, and rows as objects.

It decides nothing: what may be written, and in which order, is the policy of
clients/ledger/__init__.py, the only caller of this module. No rule belongs here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

from clients.models import FolioAccount, FolioLedger
from reseller_panel import sql

_Model = TypeVar("_Model", bound=Model)

_FIELDS = [field.attname for field in FolioLedger._meta.concrete_fields]
_COLUMNS = [str(field.column) for field in FolioLedger._meta.concrete_fields]
_STORED = [*zip(_COLUMNS, _FIELDS, strict=True)]
_WRITTEN = ", ".join(column for column in _COLUMNS if column != "id")
_ACCOUNT = [field.attname for field in FolioAccount._meta.concrete_fields]


# ── Accounts ──────────────────────────────────────────────────────────────────────

_LOCK = f"""
SELECT {", ".join(_ACCOUNT)} FROM "clients_folioaccount"
 WHERE client_id = ANY(%s)
 ORDER BY "clients_folioaccount"."client_id" ASC FOR UPDATE"""  # noqa: S608
_LOCK_TIMEOUT = "SELECT set_config('lock_timeout', %s, true)"


class LockedAccounts(Mapping[int, FolioAccount]):
    """Accounts by client id, from a pipeline that may not be flushed yet: the first
    access flushes it."""

    def __init__(self, result: sql.Result) -> None:
        self._result = result

    @cached_property
    def _accounts(self) -> dict[int, FolioAccount]:
        return {
            row[0]: instance(FolioAccount, dict(zip(_ACCOUNT, row, strict=True)))
            for row in self._result.fetchall()
        }

    def __getitem__(self, client_id: int) -> FolioAccount:
        return self._accounts[client_id]

    def __contains__(self, client_id: object) -> bool:
        return client_id in self._accounts

    def __iter__(self) -> Iterator[int]:
        return iter(self._accounts)

    def __len__(self) -> int:
        return len(self._accounts)


def queue_lock(
    pipeline: sql.Pipeline,
    client_ids: Iterable[int],
    *,
    timeout_ms: int | None,
    skip_locked: bool,
) -> LockedAccounts:
    if timeout_ms is not None:
        pipeline.queue(_LOCK_TIMEOUT, str(timeout_ms))
    statement = _LOCK + (" SKIP LOCKED" if skip_locked else "")
    return LockedAccounts(pipeline.queue(statement, sql.as_array(set(client_ids))))


_NUMBER = sql.Statement(
    "accounts_number",
    "bigint, bigint",
    "UPDATE clients_folioaccount SET last_seq = $1 WHERE client_id = $2",
)


def write_last_seq(account: FolioAccount) -> None:
    sql.fetch(_NUMBER, account.last_seq, account.client_id)


class NewAccounts(dict[int, FolioAccount]):
    """Accounts of new clients by client id; those of `unwritten` are no rows yet."""

    def __init__(self, reseller_id: int, client_ids: Iterable[int]) -> None:
        blank = {name: None for name in _ACCOUNT} | {
            "reseller_id": reseller_id,
            "balance": 0,
            "last_seq": 0,
            "spent": 0,
            "dry": 0,
        }
        super().__init__(
            (one, instance(FolioAccount, blank | {"client_id": one}))
            for one in client_ids
        )
        self.unwritten = set(self)


_OPEN = f"""
WITH opened AS (
INSERT INTO clients_folioaccount ({", ".join(_ACCOUNT)})
SELECT {", ".join(_ACCOUNT)}
  FROM json_populate_recordset(NULL::clients_folioaccount, %s)
RETURNING client_id, moved_on, spent, balance, dry)
INSERT INTO clients_folioday (client_id, day, spent, balance, dry)
SELECT * FROM opened WHERE moved_on IS NOT NULL"""  # noqa: S608


def open_accounts(accounts: NewAccounts, client_ids: Collection[int]) -> None:
    """Make new accounts rows, with their first day if they have moved."""
    if client_ids:
        rows = [_account(accounts[one]) for one in client_ids]
        sql.fetch(_OPEN, sql.as_json(rows))
        accounts.unwritten.difference_update(client_ids)


def write_last_seqs(accounts: Sequence[FolioAccount]) -> None:
    if accounts:
        sql.fetch(
            """
UPDATE clients_folioaccount AS account SET last_seq = new.last_seq
  FROM json_populate_recordset(NULL::clients_folioaccount, %s) AS new
 WHERE account.client_id = new.client_id""",
            sql.as_json([_account(one) for one in accounts]),
        )


def _account(account: FolioAccount) -> dict[str, object]:
    return {name: account.__dict__[name] for name in _ACCOUNT}


_EVENT = (
    "client_id, seq, kind, reason, message, by_id, api_key_id, before, after,"
    " created_at"
)


def write_events(events: Sequence[Mapping[str, object]]) -> None:
    """New events; each is its columns by name."""
    if events:
        sql.fetch(
            f"""
INSERT INTO clients_clientevent ({_EVENT})
SELECT {_EVENT} FROM json_populate_recordset(NULL::clients_clientevent, %s)""",  # noqa: S608
            sql.as_json(events),
        )


# ── Entries ───────────────────────────────────────────────────────────────────────

# LATERAL with LIMIT 1 makes one lookup in the unique index per pair. With a plain join
# the planner would scan a new table from end to end, which it takes for small.
_KNOWN = sql.Statement(
    "entries_known",
    "json",
    f"""
SELECT {", ".join(f"entry.{column}" for column in _COLUMNS)}
  FROM json_to_recordset($1) AS asked (client_id bigint, reference text)
 CROSS JOIN LATERAL (
       SELECT * FROM clients_folioledger AS entry
        WHERE entry.client_id = asked.client_id
          AND entry.reference = asked.reference LIMIT 1) AS entry""",  # noqa: S608
)


def entries_with(
    pipeline: sql.Pipeline, references: Sequence[Mapping[str, object]]
) -> Iterator[FolioLedger]:
    """The entries with one of `references`, each a `client_id` and a `reference`."""
    rows = pipeline.queue(_KNOWN, sql.as_json(references)).fetchall()
    return (FolioLedger.from_db(DEFAULT_DB_ALIAS, _FIELDS, row) for row in rows)


def new_entry(**values: object) -> FolioLedger:
    """An unsaved entry; `values` are its columns by attribute name."""
    return instance(FolioLedger, {"id": None} | values)


def instance(model: type[_Model], values: dict[str, Any]) -> _Model:
    """Build it as Django unpickles one: the constructor takes five times as long."""
    made = model.__new__(model)
    made.__dict__ = values
    made._state = ModelState()
    return made


_INSERT = sql.Statement(
    "entries_insert",
    "json",
    f"""
INSERT INTO clients_folioledger ({_WRITTEN})
SELECT {_WRITTEN}
  FROM json_populate_recordset(NULL::clients_folioledger, $1)
RETURNING client_id, seq, id""",  # noqa: S608
)
# The array repeats the ids in the rows, so that accounts are found by primary key: the
# planner knows nothing about rows made of JSON and would scan the whole table.
_UPDATE = sql.Statement(
    "accounts_update",
    "json, bigint[]",
    """
WITH moved AS (
UPDATE clients_folioaccount AS account
   SET balance = new.balance, last_seq = new.last_seq, spent = new.spent,
       dry = new.dry, moved_on = new.moved_on, stamped_on = new.stamped_on
  FROM json_populate_recordset(NULL::clients_folioaccount, $1) AS new
 WHERE account.client_id = new.client_id AND account.client_id = ANY ($2)
RETURNING account.client_id, new.moved_on, new.spent, new.balance, new.dry)
INSERT INTO clients_folioday (client_id, day, spent, balance, dry)
SELECT * FROM moved
    ON CONFLICT (client_id, day) DO UPDATE
   SET spent = EXCLUDED.spent, balance = EXCLUDED.balance, dry = EXCLUDED.dry""",
)


def write(entries: Sequence[FolioLedger], accounts: Mapping[int, FolioAccount]) -> None:
    """Write entries, their accounts and days in one round trip, and set the ids of
    the entries. Accounts that are no rows yet become rows."""
    pipeline = sql.Pipeline()
    written = pipeline.queue(_INSERT, sql.as_json([_columns(e) for e in entries]))
    moved = {entry.client_id for entry in entries}
    if isinstance(accounts, NewAccounts) and (new := moved & accounts.unwritten):
        open_accounts(accounts, new)
        moved -= new
    if moved:
        rows = [_account(accounts[one]) for one in moved]
        pipeline.queue(_UPDATE, sql.as_json(rows), sql.as_array(moved))
    ids = {(client_id, seq): pk for client_id, seq, pk in written.fetchall()}
    for entry in entries:
        entry.pk = ids[entry.client_id, entry.seq]
        entry._state.adding = False


def _columns(entry: FolioLedger) -> dict[str, object]:
    """The values that are not NULL, by column."""
    values = entry.__dict__
    return {
        column: value
        for column, field in _STORED
        if (value := values[field]) is not None
    }
