"""Clients and what they have: models and queries, no verbs.

Facts are stored, status is derived (status.py), only clients/ledger moves folios, and
every change of facts is a verb of lifecycle. Nothing is saved here.
"""

from clients.models.client import (
    Client,
    ClientQuerySet,
    FolioAccount,
    Plan,
    PlanService,
    id_or_rfc,
)
from clients.models.days import FolioDay
from clients.models.events import ASIDES, ClientEvent, EventKind, suspension_of
from clients.models.followup import (
    HOLDS_SQL,
    Answer,
    Channel,
    FollowUp,
    SuggestionKind,
    Task,
    TaskQuerySet,
)
from clients.models.history import (
    SALES,
    CfdiKind,
    CfdiRecord,
    EntryKind,
    FolioLedger,
    Record,
)
from clients.models.keys import OneTimeKey
from clients.models.refusals import ApiRefusal

__all__ = [
    "ASIDES",
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
    "OneTimeKey",
    "Plan",
    "PlanService",
    "Record",
    "SuggestionKind",
    "Task",
    "TaskQuerySet",
    "id_or_rfc",
    "suspension_of",
]
