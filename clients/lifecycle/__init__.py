"""The verbs: everything that may be done to a client, one function each.

Law: domain.md, "The actions". The panel, the portal, the admin, commands and the API
all call these. Each runs in one transaction: lock the account, read the facts again,
ask rules.py, write, and return an Outcome (or a Posted) that says what changed.
Only clients/ledger moves folios; the shape of input belongs to forms.

Every verb takes `by`, the person or the API key that acts, and `now`, the time of the
action: by default the current time, read after the lock.
"""

from clients.details import Details
from clients.lifecycle.access import activate, archive, enter, leave, restore, suspend
from clients.lifecycle.basis import PreviewChanged, basis_of, choices_of
from clients.lifecycle.batch_facts import Stamp, normal_reference
from clients.lifecycle.documents import consume_cfdi
from clients.lifecycle.followup import (
    add_note,
    add_task,
    contacted,
    dismiss,
    finish_task,
    postpone,
    reopen_task,
    resume,
)
from clients.lifecycle.importing import create_many, update_as_shown
from clients.lifecycle.locked import Outcome
from clients.lifecycle.memberships import (
    confirm_access,
    confirm_first_access,
    decline_access,
    welcome_again,
)
from clients.lifecycle.opening import Newcomer
from clients.lifecycle.plans import (
    CUSTOMIZED,
    Renewal,
    Seen,
    Services,
    plan_renewal,
)
from clients.lifecycle.renewals import renew
from clients.lifecycle.rfcs import add_rfc, end_rfc
from clients.lifecycle.selling import add_folios, create, edit_plan
from clients.lifecycle.stamping import (
    adjust,
    consume,
    consume_many,
    reverse,
)
from clients.lifecycle.undoing import undo_addition, undo_renewal

__all__ = [
    "CUSTOMIZED",
    "Details",
    "Newcomer",
    "Outcome",
    "PreviewChanged",
    "Renewal",
    "Seen",
    "Services",
    "Stamp",
    "activate",
    "add_folios",
    "add_note",
    "add_rfc",
    "add_task",
    "adjust",
    "archive",
    "basis_of",
    "choices_of",
    "confirm_access",
    "confirm_first_access",
    "consume",
    "consume_cfdi",
    "consume_many",
    "contacted",
    "create",
    "create_many",
    "decline_access",
    "dismiss",
    "edit_plan",
    "end_rfc",
    "enter",
    "finish_task",
    "leave",
    "normal_reference",
    "plan_renewal",
    "postpone",
    "renew",
    "reopen_task",
    "restore",
    "resume",
    "reverse",
    "suspend",
    "undo_addition",
    "undo_renewal",
    "update_as_shown",
    "welcome_again",
]
