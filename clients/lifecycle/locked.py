"""What all verbs share: the locked client, and the outcome that says what was done.

A verb runs inside `lock_client`, which locks the account, then reads the facts again,
then the clock. Nothing here decides whether something is allowed (rules.py).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Actor
from clients import ledger, refusals, rules
from clients.ledger import Movement, Posted
from clients.lifecycle.basis import happened_since, refuse_if_stale
from clients.models import Client, ClientEvent, EventKind, FolioLedger, Membership
from clients.status import Status
from packages.models import Package
from reseller_panel.refusals import Refused


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a verb did. `is_repeat`: the reference was known, so nothing new was done.
    `changed` is False for a repeat, and when there was nothing to change. `given`: the
    client's account was given to a person by this, who is to be told by e-mail."""

    client: Client
    message: str
    changed: bool = True
    is_repeat: bool = False
    entry: FolioLedger | None = None
    given: Membership | None = None
    seq: int = 0  # of the last record it wrote; an undo names it


@dataclass(frozen=True)
class Locked:
    """A client whose account is locked, with its facts read after the lock."""

    accounts: ledger.Accounts
    client: Client
    now: datetime
    today: date

    def refuse_unless_allowed(self, verb: str) -> None:
        if refusal := rules.why_not(verb, self.client, self.today):
            raise refusal

    def refuse_if_stale(
        self, basis: str | None, packages: Iterable[Package] = ()
    ) -> None:
        refuse_if_stale(basis, self.client, self.today, packages)

    def refuse_undo_if_late(
        self, undoing: int | None, *, stamps_count: bool = False
    ) -> None:
        """`undoing`: the seq of the outcome that is to be taken back, if one is."""
        if undoing is not None and happened_since(
            self.client, undoing, stamps_count=stamps_count
        ):
            raise refusals.TooLateToUndo(self.client)

    def post(self, verb: str, **movement: Any) -> Posted:
        """Post a movement if `verb` is allowed; a repeat returns its entry anyway."""
        refusal = rules.why_not(verb, self.client, self.today)
        (result,) = ledger.post_many(
            self.accounts,
            [Movement(client_id=self.client.pk, **movement)],
            now=self.now,
            days={self.client.pk: self.today},
            refusals={self.client.pk: refusal} if refusal else {},
        )
        if isinstance(result, Refused):
            raise result
        return result

    def record(self, kind: EventKind, **event: Any) -> ClientEvent:
        return ledger.record(self.accounts, self.client.pk, kind, now=self.now, **event)

    @property
    def status(self) -> Status:
        return self.client.status_on(self.today)


@contextmanager
def lock_client(client: Client, now: datetime | None) -> Iterator[Locked]:
    with transaction.atomic():
        accounts = ledger.lock([client.pk])
        fresh = Client.objects.with_facts().get(pk=client.pk)
        fresh.account = accounts[client.pk]
        moment = now or timezone.now()
        yield Locked(accounts, fresh, moment, fresh.reseller.local_date(moment))


def outcome(locked: Locked, message: str, posted: Posted | None = None) -> Outcome:
    repeat = posted is not None and posted.is_repeat
    return Outcome(
        client=locked.client,
        message=message,
        changed=not repeat,
        is_repeat=repeat,
        entry=posted.entry if posted else None,
        seq=locked.client.account.last_seq,
    )


def unchanged(locked: Locked, message: str) -> Outcome:
    """The outcome of a verb that had nothing to change."""
    return Outcome(client=locked.client, message=message, changed=False)


def what_still_bars(locked: Locked) -> str:
    """What still keeps the client from stamping, as the end of a message."""
    if locked.status is Status.ACTIVE:
        return ""
    if locked.status is Status.EXHAUSTED:
        return " Sigue con los folios agotados."
    return f" Sigue {locked.status.label}."


def lift_suspension(locked: Locked, by: Actor | None) -> None:
    if not locked.client.is_suspended:
        return
    locked.client.suspended_at = None
    locked.client.save(update_fields=["suspended_at"])
    locked.record(EventKind.ACTIVATED, by=by)
