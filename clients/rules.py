"""When each action is allowed: the column of domain.md's table, as a table.

The verbs check under the lock. Rows, dialogs and the API check before, to show only
what applies and to say why something does not. Both use `why_not`.
"""

from collections.abc import Callable
from datetime import date

from clients.refusals import (
    AccountClosed,
    AlreadySuspended,
    ClientArchived,
    ClientSuspended,
    HasFacts,
    NotArchived,
    NotSuspended,
    PackageExpired,
    StillActive,
)
from clients.status import Status
from reseller_panel.refusals import Refused

# More than so many times what the plan grants is likely a slip of the finger.
UNUSUAL_TIMES = 5


def is_unusual(quantity: int, plan_folios: int) -> bool:
    """Whether a person who adds so many folios is asked a second time."""
    return quantity > UNUSUAL_TIMES * plan_folios


Rule = Callable[[HasFacts, date], Refused | None]


def _not_archived(client: HasFacts, today: date) -> Refused | None:
    return ClientArchived(client) if client.is_archived else None


def _archived(client: HasFacts, today: date) -> Refused | None:
    return None if client.is_archived else NotArchived(client)


def _not_suspended(client: HasFacts, today: date) -> Refused | None:
    return AlreadySuspended(client) if client.is_suspended else None


def _suspended(client: HasFacts, today: date) -> Refused | None:
    return None if client.is_suspended else NotSuspended(client)


def _may_enter(client: HasFacts, today: date) -> Refused | None:
    return AccountClosed(client) if client.is_suspended else None


def _not_active(client: HasFacts, today: date) -> Refused | None:
    active = client.status_on(today) is Status.ACTIVE
    return StillActive(client) if active else None


def _not_barred(client: HasFacts, today: date) -> Refused | None:
    """Neither suspended nor expired. The ledger checks the folios."""
    match client.status_on(today):
        case Status.SUSPENDED:
            return ClientSuspended(client)
        case Status.EXPIRED:
            return PackageExpired(client)
    return None


ALLOWED_WHEN: dict[str, tuple[Rule, ...]] = {
    "edit_plan": (_not_archived,),
    "add_folios": (_not_archived,),
    "renew": (_not_archived,),
    "undo_addition": (_not_archived,),
    "undo_renewal": (_not_archived,),
    "suspend": (_not_archived, _not_suspended),
    "activate": (_not_archived, _suspended),
    "archive": (_not_archived, _not_active),
    "restore": (_archived,),
    "enter": (_not_archived,),
    "confirm_access": (_not_archived,),
    "welcome_again": (_not_archived, _may_enter),
    "postpone": (_not_archived,),
    "dismiss": (_not_archived,),
    "contacted": (_not_archived,),
    "resume": (_not_archived,),
    "add_note": (_not_archived,),
    "add_task": (_not_archived,),
    "finish_task": (_not_archived,),
    "reopen_task": (_not_archived,),
    "add_rfc": (_not_archived,),
    "end_rfc": (_not_archived,),
    "consume": (_not_archived, _not_barred),
    # Allowed in every state: a correction, a reversal and the end of a visit.
    "adjust": (),
    "reverse": (),
    "leave": (),
    "decline_access": (),
}


def why_not(verb: str, client: HasFacts, today: date) -> Refused | None:
    """Why `verb` may not be done to this client today; None when it may."""
    for rule in ALLOWED_WHEN[verb]:
        if refusal := rule(client, today):
            return refusal
    return None
