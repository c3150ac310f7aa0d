"""Undo of what moved folios: taken back by entries of its own, history stays.

Law: domain.md, "Undo": while nothing of it is spent and nothing else happened since.
`seq` is that of the outcome that is taken back. Raise ClientArchived, TooLateToUndo.
"""

from datetime import datetime
from uuid import uuid5

from accounts.models import Actor
from clients import refusals
from clients.ledger import Posted
from clients.lifecycle.locked import (
    Locked,
    Outcome,
    lock_client,
    outcome,
    what_still_bars,
)
from clients.lifecycle.memberships import end_sessions
from clients.lifecycle.plans import (
    differences,
    former_plan,
    put_back,
    snapshot,
)
from clients.models import Client, EntryKind, EventKind, FolioLedger


def undo_addition(
    client: Client, *, seq: int, by: Actor | None, now: datetime | None = None
) -> Outcome:
    """An entry *retiro* of what was added. If the addition had also activated the
    client, it is suspended again, with the former reason and message."""
    with lock_client(client, now) as locked:
        added = _done(locked, EntryKind.ADDITION, seq, companions=0)
        if repeat := _taken_back_before(locked, added):
            return outcome(locked, _message(locked, "la recarga"), repeat)
        _refuse_unless_untouched(locked, "undo_addition", seq)
        posted = _withdraw(locked, "undo_addition", added, by)
        _suspend_again_if_activated(locked, seq, added.seq, by)
        return outcome(locked, _message(locked, "la recarga"), posted)


def undo_renewal(
    client: Client, *, seq: int, by: Actor | None, now: datetime | None = None
) -> Outcome:
    """An entry *retiro* of what was granted, one *vencimiento* with the other sign of
    what was lost, and the plan and the term as they were before."""
    with lock_client(client, now) as locked:
        client = locked.client
        renewal = _done(locked, EntryKind.RENEWAL, seq, companions=1)
        if repeat := _taken_back_before(locked, renewal):
            return outcome(locked, _message(locked, "la renovación"), repeat)
        _refuse_unless_untouched(locked, "undo_renewal", seq)
        renewed = client.events.get(seq=renewal.seq + 1)
        former = renewed.before.get("former_plan")
        if former is None:  # of before it was kept
            raise refusals.TooLateToUndo(client)
        before, undone = snapshot(client), former_plan(client)
        posted = _withdraw(locked, "undo_renewal", renewal, by)
        if lost := former["balance"] - client.balance:
            locked.post(
                "undo_renewal",
                kind=EntryKind.EXPIRY,
                quantity=lost,
                by=by,
                reason=f"Se deshizo la renovación núm. {renewal.seq}",
            )
        put_back(client, former)
        before, after = differences(before, snapshot(client))
        before |= {"renewal": renewed.seq, "former_plan": undone}
        locked.record(EventKind.RENEWAL_UNDONE, by=by, before=before, after=after)
        _suspend_again_if_activated(locked, seq, renewed.seq, by)
        return outcome(locked, _message(locked, "la renovación"), posted)


# ── Parts of them ─────────────────────────────────────────────────────────────────


def _done(locked: Locked, kind: EntryKind, seq: int, *, companions: int) -> FolioLedger:
    """The entry of the outcome `seq`: `companions` events stand behind it, and one
    more where it also activated the client."""
    own = locked.client.entries.filter(kind=kind)
    entry = own.filter(seq=seq - companions).first()
    if entry is None:
        entry = own.filter(seq=seq - companions - 1).first()
        activated = locked.client.events.filter(seq=seq, kind=EventKind.ACTIVATED)
        if entry is None or not activated.filter(created_at=entry.created_at).exists():
            raise refusals.TooLateToUndo(locked.client)
    return entry


def _key_of(locked: Locked, entry: FolioLedger) -> str:
    """The reference of what takes an entry back: it is done once."""
    return str(uuid5(locked.client.public_id, f"undo {entry.seq}"))


def _taken_back_before(locked: Locked, entry: FolioLedger) -> Posted | None:
    key = _key_of(locked, entry)
    earlier = locked.client.entries.filter(reference=key).first()
    return Posted(earlier, is_repeat=True) if earlier else None


def _refuse_unless_untouched(locked: Locked, verb: str, seq: int) -> None:
    locked.refuse_unless_allowed(verb)
    locked.refuse_undo_if_late(seq, stamps_count=True)


def _withdraw(
    locked: Locked, verb: str, entry: FolioLedger, by: Actor | None
) -> Posted:
    return locked.post(
        verb,
        kind=EntryKind.WITHDRAWAL,
        quantity=-entry.quantity,
        reference=_key_of(locked, entry),
        by=by,
        reason=f"Se deshizo la {entry.get_kind_display()} núm. {entry.seq}",
    )


def _suspend_again_if_activated(
    locked: Locked, seq: int, last: int, by: Actor | None
) -> None:
    """`last` is the last record of the act but for the activation."""
    if seq > last:
        suspend_again(locked, by)


def _message(locked: Locked, what: str) -> str:
    client = locked.client
    return (
        f"Se deshizo {what} de {client}; tiene {client.balance:,} folios."
        f"{what_still_bars(locked)}"
    )


def suspend_again(locked: Locked, by: Actor | None) -> None:
    """Takes lift_suspension back, with the former reason and message."""
    events = locked.client.events.filter(kind=EventKind.SUSPENDED)
    former = events.latest("seq")
    locked.client.suspended_at = locked.now
    locked.client.save(update_fields=["suspended_at"])
    end_sessions(locked.client)
    locked.record(
        EventKind.SUSPENDED, by=by, reason=former.reason, message=former.message
    )
