"""Who buys and what they have: nouns and questions, no verbs.

Facts are stored, status is derived (status.py), folios move through one door
(ledger.py) and every change of facts is a verb of lifecycle. Nothing is saved here.
"""

from clients.models.client import (
    Client,
    ClientQuerySet,
    FolioAccount,
    Plan,
    PlanService,
)
from clients.models.consumption import FolioDay
from clients.models.followup import (
    HOLDS_SQL,
    Answer,
    Channel,
    FollowUp,
    Task,
    TaskQuerySet,
)
from clients.models.records import (
    SALES,
    ApiRefusal,
    CfdiKind,
    CfdiRecord,
    ClientEvent,
    EntryKind,
    EventKind,
    FolioLedger,
    Record,
    suspension_of,
)

__all__ = [
    "HOLDS_SQL",
    "SALES",
    "Answer",
    "ApiRefusal",
    "CfdiKind",
    "CfdiRecord",
    "Channel",
    "Client",
    "ClientEvent",
    "ClientQuerySet",
    "EntryKind",
    "EventKind",
    "FolioAccount",
    "FolioDay",
    "FolioLedger",
    "FollowUp",
    "Plan",
    "PlanService",
    "Record",
    "Task",
    "TaskQuerySet",
    "suspension_of",
]
