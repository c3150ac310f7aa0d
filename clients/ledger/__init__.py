"""The only code that moves folios and that numbers the history of a client.

Law: domain.md, "Folios: the invariants that never break"; quality.md, "Ledger and
database". Only this package writes FolioLedger, ClientEvent, FolioAccount and FolioDay;
only lifecycle calls it. The order is always: `lock`, then read, then decide, then
`post_many` or `record`, in one transaction. The policy is here, the SQL in store.py. No
rule of status belongs here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from django.db import transaction

from accounts.models import Actor, ApiKey, User
from clients.ledger import store
from clients.ledger.opening import keep, open_many, record_many
from clients.ledger.refusals import (
    AccountContended,
    InsufficientFolios,
    ReferenceConflict,
)
from clients.models import (
    Client,
    ClientEvent,
    EntryKind,
    EventKind,
    FolioAccount,
    FolioLedger,
)
from reseller_panel import sql
from reseller_panel.refusals import Refused

__all__ = [
    "WAIT",
    "AccountContended",
    "Accounts",
    "InsufficientFolios",
    "Known",
    "LockPolicy",
    "Movement",
    "Posted",
    "ReferenceConflict",
    "Referenced",
    "keep",
    "known",
    "lock",
    "open_account",
    "open_many",
    "post",
    "post_many",
    "record",
    "record_many",
]

Accounts = Mapping[int, FolioAccount]  # locked account rows by client id


class Movement(NamedTuple):
    """A request to the ledger: a signed quantity of folios for a client."""

    client_id: int
    kind: EntryKind
    quantity: int
    reference: str | None = None
    reverses: FolioLedger | None = None
    by: Actor | None = None
    # The key with which a person (`by`) made the call by hand.
    with_key: ApiKey | None = None
    on_behalf_of: User | None = None
    reason: str = ""
    # Of a stamp: the client's additional RFC that it is of; blank for its own.
    additional_rfc: str = ""


@dataclass(frozen=True)
class Posted:
    """The result of a movement: its entry, and whether the entry existed before."""

    entry: FolioLedger
    is_repeat: bool = False


@dataclass(frozen=True)
class LockPolicy:
    """What to do about rows that another transaction has locked."""

    # How long to wait for any one lock, in milliseconds; None leaves it to the
    # connection (reseller_panel/database.py).
    timeout_ms: int | None = None
    # Leave contended accounts out at once instead of waiting for them.
    skip_locked: bool = False


WAIT = LockPolicy()


def lock(
    client_ids: Iterable[int],
    *,
    policy: LockPolicy = WAIT,
    pipeline: sql.Pipeline | None = None,
) -> Accounts:
    """Lock the accounts of these clients until the transaction ends.

    They are locked in the order of ids, so that two batches never deadlock. What is
    read after this call, or queued after it in the same `pipeline`, stays true: no
    other verb can change it meanwhile. Returns the accounts by client id.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("ledger.lock() needs a transaction")
    own = pipeline or sql.Pipeline()
    accounts = store.queue_lock(
        own, client_ids, timeout_ms=policy.timeout_ms, skip_locked=policy.skip_locked
    )
    if pipeline is None:
        own.flush()
    return accounts


class Referenced(Protocol):
    """Anything with a reference: a movement, or a stamp that will become one."""

    @property
    def client_id(self) -> int: ...
    @property
    def reference(self) -> str | None: ...


Known = dict[tuple[int, str | None], FolioLedger]


def known(
    accounts: Accounts,
    referenced: Iterable[Referenced],
    *,
    pipeline: sql.Pipeline | None = None,
) -> Known:
    """The existing entries with one of these references, by (client id, reference).
    Call it after locking `accounts`, or the result may be out of date."""
    wanted = {
        (one.client_id, one.reference): {
            "client_id": one.client_id,
            "reference": one.reference,
        }
        for one in referenced
        if one.reference is not None
    }
    if not wanted:
        return {}
    entries = store.entries_with(pipeline or sql.Pipeline(), [*wanted.values()])
    return {(entry.client_id, entry.reference): entry for entry in entries}


def post_many(
    accounts: Accounts,
    movements: Sequence[Movement],
    *,
    now: datetime,
    days: Mapping[int, date],
    refusals: Mapping[int, Refused] | None = None,
    known_entries: Known | None = None,
) -> list[Posted | Refused]:
    """Write movements in order. Returns one result each; a refusal affects no other.

    `accounts` must come from `lock` in this transaction and contain every client;
    `days` is the business day of `now`, by client id. `refusals` says, by client id,
    why new movements are refused; references are checked before it, because what was
    done stays done (invariant 4). `known_entries` is what `known` returned for these
    movements, if the caller has it already.

    A result is Posted, or the refusal of that movement: the one in `refusals`,
    ReferenceConflict or InsufficientFolios.
    """
    refusals = refusals or {}
    if known_entries is None:
        known_entries = known(accounts, movements)
    results: list[Posted | Refused] = []
    fresh: list[FolioLedger] = []
    for movement in movements:
        account = accounts[movement.client_id]
        key = (movement.client_id, movement.reference)
        earlier = known_entries.get(key) if movement.reference is not None else None
        if earlier is not None:
            results.append(_repeat(earlier, movement))
        elif movement.client_id in refusals:
            results.append(refusals[movement.client_id])
        elif account.balance + movement.quantity < 0:
            results.append(InsufficientFolios(account.balance, -movement.quantity))
        else:
            entry = _next_entry(account, movement, now, days[movement.client_id])
            fresh.append(entry)
            results.append(Posted(entry))
            if movement.reference is not None:
                known_entries[key] = entry
    if fresh:
        store.write(fresh, accounts)
    return results


def post(accounts: Accounts, movement: Movement, *, now: datetime, day: date) -> Posted:
    """Write one movement, and raise its refusal if there is one."""
    days = {movement.client_id: day}
    (result,) = post_many(accounts, [movement], now=now, days=days)
    if isinstance(result, Refused):
        raise result
    return result


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
    """Write one event. Entries and events share one sequence of numbers."""
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
    store.write_last_seq(account)
    return event


def open_account(client: Client) -> Accounts:
    """Create the account of a new client, which no other transaction can see yet."""
    account = FolioAccount(client_id=client.pk, reseller_id=client.reseller_id)
    account.save(force_insert=True)
    return {client.pk: account}


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
    key = by if isinstance(by, ApiKey) else movement.with_key
    entry = store.new_entry(
        client_id=movement.client_id,
        seq=account.last_seq,
        kind=movement.kind.value,
        quantity=movement.quantity,
        balance_after=account.balance,
        reference=movement.reference,
        additional_rfc=movement.additional_rfc,
        reverses_id=reverses.pk if reverses else None,
        by_id=by.pk if by and by is not key else None,
        api_key_id=key.pk if key else None,
        on_behalf_of_id=behalf.pk if behalf else None,
        reason=movement.reason,
        created_at=now,
    )
    if reverses:
        entry.reverses = reverses
    return entry


def _keep_day(account: FolioAccount, movement: Movement, day: date) -> None:
    """Update the totals that FolioDay stores. Days never go back, even if the clock
    does. A reversal is subtracted on its own day, not on the day of its stamp."""
    day = max(day, account.moved_on or day)
    if account.balance == 0 and account.moved_on:
        account.dry += max(0, (day - account.moved_on).days - 1)
    account.moved_on = day
    if movement.kind == EntryKind.STAMP:
        account.stamped_on = day
    if movement.kind in (EntryKind.STAMP, EntryKind.REVERSAL):
        account.spent -= movement.quantity


def _who(actor: Actor | None) -> dict[str, Any]:
    """The field of a record that names the actor, with its value."""
    return {"api_key" if isinstance(actor, ApiKey) else "by": actor}
