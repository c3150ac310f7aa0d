"""Clients and what they have: models and queries, no verbs.

Facts are stored, status is derived (status.py), only clients/ledger moves folios, and
every change of facts is a verb of lifecycle. Nothing is saved here.
"""

from clients.models.bulk import BulkRow, BulkRun, RowState
from clients.models.client import MAY_BE_MISSING, Client, ClientQuerySet
from clients.models.days import FolioDay
from clients.models.documents import CfdiKind, CfdiRecord
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
    EntryKind,
    FolioLedger,
    Record,
)
from clients.models.imports import (
    ColumnNames,
    Fate,
    Import,
    ImportLine,
    ImportRow,
    PackageAlias,
    Result,
)
from clients.models.keys import OneTimeKey
from clients.models.memberships import Membership, login_of, membership_of
from clients.models.plans import FolioAccount, Plan, PlanService
from clients.models.refusals import ApiRefusal
from clients.models.rfcs import AdditionalRfc, most_at_once
from clients.models.seals import Seal
from clients.models.standing import OutlookPass, Standing, StandingQuerySet
from clients.models.tally import Tally
from clients.models.triggers import NEVER

__all__ = [
    "ASIDES",
    "MAY_BE_MISSING",
    "ColumnNames",
    "Fate",
    "Import",
    "ImportLine",
    "ImportRow",
    "PackageAlias",
    "Result",
    "HOLDS_SQL",
    "NEVER",
    "SALES",
    "AdditionalRfc",
    "Answer",
    "ApiRefusal",
    "BulkRow",
    "BulkRun",
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
    "Membership",
    "OneTimeKey",
    "OutlookPass",
    "Plan",
    "PlanService",
    "Record",
    "RowState",
    "Seal",
    "Standing",
    "StandingQuerySet",
    "SuggestionKind",
    "Tally",
    "Task",
    "TaskQuerySet",
    "login_of",
    "membership_of",
    "most_at_once",
    "suspension_of",
]
