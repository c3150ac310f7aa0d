"""The verbs that may be done to many clients, each by the function of the row action.

What a run asks is in its columns; each client gets its own reference, derived from the
run, so that the same run never moves folios twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid5

from clients import lifecycle
from clients.actions import ACTIONS, Action
from clients.lifecycle import Outcome
from clients.models import BulkRow, BulkRun, EventKind
from reseller_panel.spanish import agree


@dataclass(frozen=True, kw_only=True)
class BulkVerb:
    """`past`: what the clients are afterwards, of one and of many. `moves_folios`: it
    grants some, and a suspended client may be activated with it."""

    verb: str
    past: tuple[str, str]
    do: Callable[[BulkRun, BulkRow], Outcome]
    moves_folios: bool = False
    is_undo: bool = False

    @property
    def is_giving(self) -> bool:
        """Whether its label wants «a» before the clients."""
        return self.verb == "add_folios"

    @property
    def action(self) -> Action:
        return ACTIONS[self.verb]

    def said(self, number: int) -> str:
        """«12 renovados»"""
        return f"{number:,} {agree(number, *self.past)}"


def _basis(row: BulkRow) -> str:
    return f"{row.seq}-{row.terms}"


def _reference(run: BulkRun, row: BulkRow) -> str:
    return str(uuid5(run.public_id, str(row.client.public_id)))


def _add_folios(run: BulkRun, row: BulkRow) -> Outcome:
    assert run.quantity
    return lifecycle.add_folios(
        row.client,
        quantity=run.quantity,
        reason=run.reason,
        activate=run.activates,
        reference=_reference(run, row),
        basis=_basis(row),
        by=run.by,
    )


def _renew(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.renew(
        row.client,
        package=run.package,
        activate=run.activates,
        reference=_reference(run, row),
        basis=_basis(row),
        by=run.by,
    )


def _suspend(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.suspend(
        row.client,
        reason=run.reason,
        message=run.message,
        basis=_basis(row),
        by=run.by,
    )


def _activate(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.activate(row.client, basis=_basis(row), by=run.by)


def _archive(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.archive(row.client, basis=_basis(row), by=run.by)


def _restore(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.restore(row.client, basis=_basis(row), by=run.by)


BULK = {
    one.verb: one
    for one in (
        BulkVerb(
            verb="renew",
            past=("renovado", "renovados"),
            do=_renew,
            moves_folios=True,
        ),
        BulkVerb(
            verb="add_folios",
            past=("con folios agregados", "con folios agregados"),
            do=_add_folios,
            moves_folios=True,
        ),
        BulkVerb(verb="suspend", past=("suspendido", "suspendidos"), do=_suspend),
        BulkVerb(verb="activate", past=("activado", "activados"), do=_activate),
        BulkVerb(verb="archive", past=("archivado", "archivados"), do=_archive),
        BulkVerb(verb="restore", past=("restaurado", "restaurados"), do=_restore),
    )
}


# ── Taking a run back ─────────────────────────────────────────────────────────────


def _undo_addition(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.undo_addition(row.client, seq=row.seq, by=run.by)


def _undo_renewal(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.undo_renewal(row.client, seq=row.seq, by=run.by)


def _undo_suspension(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.activate(row.client, undoing=row.seq, by=run.by)


def _undo_activation(run: BulkRun, row: BulkRow) -> Outcome:
    former = row.client.events.filter(kind=EventKind.SUSPENDED).latest("seq")
    return lifecycle.suspend(
        row.client,
        reason=former.reason,
        message=former.message,
        undoing=row.seq,
        by=run.by,
    )


def _undo_archiving(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.restore(row.client, undoing=row.seq, by=run.by)


def _undo_restoring(run: BulkRun, row: BulkRow) -> Outcome:
    return lifecycle.archive(row.client, undoing=row.seq, by=run.by)


# By the verb that is taken back.
UNDO = {
    "renew": _undo_renewal,
    "add_folios": _undo_addition,
    "suspend": _undo_suspension,
    "activate": _undo_activation,
    "archive": _undo_archiving,
    "restore": _undo_restoring,
}


def verb_of(run: BulkRun) -> BulkVerb:
    """What the run does. An undo has the verb of the run that it takes back."""
    if run.undoes_id is None:
        return BULK[run.verb]
    return BulkVerb(
        verb=run.verb, past=("deshecho", "deshechos"), do=UNDO[run.verb], is_undo=True
    )
