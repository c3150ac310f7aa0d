"""The one door through which folios move, and the numbering of a client's history.

Law: domain.md, "Folios: the invariants that never break"; quality.md, "Ledger and
database". Only this module writes FolioLedger, ClientEvent, FolioAccount and FolioDay;
only lifecycle.py calls it. The order is always: `lock`, then read, then decide, then
`post_many` or `record`, in one transaction. No rule of status belongs here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model
from django.db.models.base import ModelState

from accounts.models import Actor, ApiKey, User
from clients.models import ClientEvent, EntryKind, EventKind, FolioAccount, FolioLedger
from reseller_panel import sql

_Model = TypeVar("_Model", bound=Model)

Accounts = Mapping[int, FolioAccount]  # locked account rows by client id

_FIELDS = [field.attname for field in FolioLedger._meta.concrete_fields]
_COLUMNS = [str(field.column) for field in FolioLedger._meta.concrete_fields]
_STORED = [*zip(_COLUMNS, _FIELDS, strict=True)]
_WRITTEN = ", ".join(column for column in _COLUMNS if column != "id")
_ACCOUNT = [field.attname for field in FolioAccount._meta.concrete_fields]


class LedgerError(Exception):
    """A movement that cannot be; nothing of it was written. `code` is for programs
    (api.md), the message for people."""

    code = "ledger_error"


class InsufficientFolios(LedgerError):
    """It does not fit. With nothing left at all the code says `folios_exhausted`."""

    def __init__(self, balance: int, needed: int) -> None:
        super().__init__(
            f"Se necesitan {needed:,} folios y quedan {balance:,}."
            if balance
            else "No quedan folios."
        )
        self.code = "insufficient_folios" if balance else "folios_exhausted"
        self.balance = balance
        self.needed = needed


class ReferenceConflict(LedgerError):
    code = "reference_conflict"

    def __init__(self, entry: FolioLedger) -> None:
        super().__init__(
            f"La referencia {entry.reference} ya se usó en otro movimiento "
            f"({entry.get_kind_display()} de {abs(entry.quantity):,})."
        )
        self.entry = entry


class AccountHeld(LedgerError):
    """Somebody else holds the account, and there was no patience to wait."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("Otra operación ocupa la cuenta. Inténtelo de nuevo.")


class Movement(NamedTuple):
    """What is asked of the ledger: a signed quantity for a client."""

    client_id: int
    kind: EntryKind
    quantity: int
    reference: str | None = None
    reverses: FolioLedger | None = None
    by: Actor | None = None
    on_behalf_of: User | None = None
    reason: str = ""


@dataclass(frozen=True)
class Posted:
    """What became of a movement: its entry, and whether it was there before."""

    entry: FolioLedger
    is_repeat: bool = False


@dataclass(frozen=True)
class Patience:
    """How long a transaction waits for what somebody else holds."""

    # Of any one lock; None is what the connection says (reseller_panel/database.py).
    milliseconds: int | None = None
    # Accounts that are held are left out at once instead of being waited for.
    skips_held: bool = False


PATIENT = Patience()

_LOCK = f"""
SELECT {", ".join(_ACCOUNT)} FROM "clients_folioaccount"
 WHERE client_id = ANY(%s)
 ORDER BY "clients_folioaccount"."client_id" ASC FOR UPDATE"""  # noqa: S608
_WAIT_LESS = "SELECT set_config('lock_timeout', %s, true)"


class _Locked(Mapping[int, FolioAccount]):
    """The accounts of a trip that may not have left yet: they are read when somebody
    looks."""

    def __init__(self, rows: sql.Rows) -> None:
        self._rows = rows

    @cached_property
    def _accounts(self) -> dict[int, FolioAccount]:
        return {
            row[0]: _instance(FolioAccount, dict(zip(_ACCOUNT, row, strict=True)))
            for row in self._rows.fetchall()
        }

    def __getitem__(self, client_id: int) -> FolioAccount:
        return self._accounts[client_id]

    def __contains__(self, client_id: object) -> bool:
        return client_id in self._accounts

    def __iter__(self) -> Iterator[int]:
        return iter(self._accounts)

    def __len__(self) -> int:
        return len(self._accounts)


def lock(
    client_ids: Iterable[int],
    *,
    patience: Patience = PATIENT,
    trip: sql.Trip | None = None,
) -> Accounts:
    """Lock the accounts of these clients until the transaction ends.

    Always in the order of ids, so that two batches can never wait for each other.
    Whatever is read after this call is fresh: nobody else can change it meanwhile. On
    a `trip` that is true of whatever is asked after it.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("ledger.lock() needs a transaction")
    together = trip or sql.Trip()
    if patience.milliseconds is not None:
        together.ask(_WAIT_LESS, str(patience.milliseconds))
    accounts = _Locked(
        together.ask(
            _LOCK + (" SKIP LOCKED" if patience.skips_held else ""),
            sql.as_array(set(client_ids)),
        )
    )
    if trip is None:
        together.leave()
    return accounts


class Named(Protocol):
    """What bears a reference: a movement, or a stamp that is still to become one."""

    @property
    def client_id(self) -> int: ...
    @property
    def reference(self) -> str | None: ...


Known = dict[tuple[int, str | None], FolioLedger]

# One probe of the unique index for each pair, whatever the planner thinks of the size
# of the table: a new one would be read from end to end.
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


def known(
    accounts: Accounts, named: Iterable[Named], *, trip: sql.Trip | None = None
) -> Known:
    """The entries that already bear one of these references, by (client id,
    reference). Asked after `accounts` were locked, or they may be out of date."""
    wanted = {
        (one.client_id, one.reference): {
            "client_id": one.client_id,
            "reference": one.reference,
        }
        for one in named
        if one.reference is not None
    }
    if not wanted:
        return {}
    rows = (trip or sql.Trip()).ask(_KNOWN, sql.as_json([*wanted.values()])).fetchall()
    entries = (FolioLedger.from_db(DEFAULT_DB_ALIAS, _FIELDS, row) for row in rows)
    return {(entry.client_id, entry.reference): entry for entry in entries}


def post_many(
    accounts: Accounts,
    movements: Sequence[Movement],
    *,
    now: datetime,
    days: Mapping[int, date],
    refusals: Mapping[int, Exception] | None = None,
    seen: Known | None = None,
) -> list[Posted | Exception]:
    """Write movements in order; one answer each, and one never spoils another.

    `accounts` must come from `lock` in this transaction and hold every client; `days`
    is the business day of `now`, by client id. `refusals` says, by client id too, why
    its new movements may not be; it is looked at after the references, because what
    was done stays done (invariant 4). `seen` is what `known` found for them, if that
    has been asked already.

    An answer is Posted, or the exception that refused that movement:
    the refusal, ReferenceConflict or InsufficientFolios.
    """
    refusals = refusals or {}
    seen = known(accounts, movements) if seen is None else seen
    answers: list[Posted | Exception] = []
    fresh: list[FolioLedger] = []
    for movement in movements:
        account = accounts[movement.client_id]
        key = (movement.client_id, movement.reference)
        earlier = seen.get(key) if movement.reference is not None else None
        if earlier is not None:
            answers.append(_repeat(earlier, movement))
        elif movement.client_id in refusals:
            answers.append(refusals[movement.client_id])
        elif account.balance + movement.quantity < 0:
            answers.append(InsufficientFolios(account.balance, -movement.quantity))
        else:
            entry = _next_entry(account, movement, now, days[movement.client_id])
            fresh.append(entry)
            answers.append(Posted(entry))
            if movement.reference is not None:
                seen[key] = entry
    if fresh:
        _write(fresh, accounts)
    return answers


def post(accounts: Accounts, movement: Movement, *, now: datetime, day: date) -> Posted:
    """One movement is a list of one; its refusal is raised."""
    days = {movement.client_id: day}
    (answer,) = post_many(accounts, [movement], now=now, days=days)
    if isinstance(answer, Exception):
        raise answer
    return answer


def record(
    accounts: Accounts,
    client_id: int,
    kind: EventKind,
    *,
    now: datetime,
    by: Actor | None,
    on_behalf_of: User | None = None,
    reason: str = "",
    message: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> ClientEvent:
    """Write one event, numbered with the entries under the same lock."""
    account = accounts[client_id]
    account.last_seq += 1
    event = ClientEvent.objects.create(
        client_id=client_id,
        seq=account.last_seq,
        kind=kind,
        **_who(by),
        on_behalf_of=on_behalf_of,
        reason=reason,
        message=message,
        before=before or {},
        after=after or {},
        created_at=now,
    )
    sql.ask(_NUMBER, account.last_seq, client_id)
    return event


def open_account(client_id: int) -> Accounts:
    """The account of a client that has just been created; nobody else sees it yet."""
    return {client_id: FolioAccount.objects.create(client_id=client_id)}


def _repeat(earlier: FolioLedger, movement: Movement) -> Posted | ReferenceConflict:
    same = (earlier.kind, earlier.quantity) == (movement.kind, movement.quantity)
    return Posted(earlier, is_repeat=True) if same else ReferenceConflict(earlier)


def _next_entry(
    account: FolioAccount, movement: Movement, now: datetime, day: date
) -> FolioLedger:
    _keep_day(account, movement, day)
    account.balance += movement.quantity
    account.last_seq += 1
    by, behalf, reverses = movement.by, movement.on_behalf_of, movement.reverses
    is_key = isinstance(by, ApiKey)
    entry = _instance(
        FolioLedger,
        {
            "id": None,
            "client_id": movement.client_id,
            "seq": account.last_seq,
            "kind": movement.kind.value,
            "quantity": movement.quantity,
            "balance_after": account.balance,
            "reference": movement.reference,
            "reverses_id": reverses.pk if reverses else None,
            "by_id": by.pk if by and not is_key else None,
            "api_key_id": by.pk if by and is_key else None,
            "on_behalf_of_id": behalf.pk if behalf else None,
            "reason": movement.reason,
            "created_at": now,
        },
    )
    if reverses:
        entry.reverses = reverses
    return entry


def _keep_day(account: FolioAccount, movement: Movement, day: date) -> None:
    """Bring what FolioDay keeps up to this movement. Days never go back, even if the
    clock does; a stamp that is given back on another day is taken off that one."""
    day = max(day, account.moved_on or day)
    if account.balance == 0 and account.moved_on:
        account.dry += max(0, (day - account.moved_on).days - 1)
    account.moved_on = day
    if movement.kind == EntryKind.STAMP:
        account.stamped_on = day
    if movement.kind in (EntryKind.STAMP, EntryKind.REVERSAL):
        account.spent -= movement.quantity


def _instance(model: type[_Model], facts: dict[str, Any]) -> _Model:
    """Made as Django unpickles one. Its constructor takes five times as long."""
    instance = model.__new__(model)
    instance.__dict__ = facts
    instance._state = ModelState()
    return instance


def _who(actor: Actor | None) -> dict[str, Any]:
    """The field of a record that names who did it."""
    return {"api_key" if isinstance(actor, ApiKey) else "by": actor}


_INSERT = sql.Statement(
    "entries_insert",
    "json",
    f"""
INSERT INTO clients_folioledger ({_WRITTEN})
SELECT {_WRITTEN}
  FROM json_populate_recordset(NULL::clients_folioledger, $1)
RETURNING client_id, seq, id""",  # noqa: S608
)
# The list of ids says again what the rows say, so that the accounts are found by their
# key: of rows made of JSON the planner knows nothing, and would read the whole table.
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
_NUMBER = sql.Statement(
    "accounts_number",
    "bigint, bigint",
    "UPDATE clients_folioaccount SET last_seq = $1 WHERE client_id = $2",
)


def _write(entries: Sequence[FolioLedger], accounts: Accounts) -> None:
    """The entries, their accounts and days in one trip; the entries get their ids."""
    trip = sql.Trip()
    made = trip.ask(_INSERT, sql.as_json([_row(entry) for entry in entries]))
    moved = {entry.client_id for entry in entries}
    rows = [{name: accounts[one].__dict__[name] for name in _ACCOUNT} for one in moved]
    trip.ask(_UPDATE, sql.as_json(rows), sql.as_array(moved))
    ids = {(client_id, seq): pk for client_id, seq, pk in made.fetchall()}
    for entry in entries:
        entry.pk = ids[entry.client_id, entry.seq]
        entry._state.adding = False


def _row(entry: FolioLedger) -> dict[str, object]:
    facts = entry.__dict__
    return {
        column: value
        for column, field in _STORED
        if (value := facts[field]) is not None
    }
