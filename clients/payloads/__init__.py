"""The shapes of what programs send and get: api.md as types (pydantic).

What is sent is strict: no field of another type, no field that does not exist. Rules
of the business are not here; forms.py keeps the rules of input that people share.
"""

from clients.payloads.sent import (
    BATCH_MAX,
    NAME_MAX,
    STAMP_MAX,
    BatchIn,
    BatchItem,
    ClientIn,
    ClientsQuery,
    FoliosIn,
    MovementsQuery,
    NothingIn,
    PlanEdit,
    Reference,
    RenewalIn,
    ServiceIn,
    StampIn,
    SuspensionIn,
)
from clients.payloads.told import (
    BatchOut,
    ClientOut,
    ClientsOut,
    Entitlement,
    MovementMade,
    MovementsOut,
    OutcomeOut,
    ProblemOut,
)
from clients.payloads.wrong import field_error, problem_with, read_client, read_stamp

__all__ = [
    "BATCH_MAX",
    "NAME_MAX",
    "STAMP_MAX",
    "BatchIn",
    "BatchItem",
    "BatchOut",
    "ClientIn",
    "ClientOut",
    "ClientsOut",
    "ClientsQuery",
    "Entitlement",
    "FoliosIn",
    "MovementMade",
    "MovementsOut",
    "MovementsQuery",
    "NothingIn",
    "OutcomeOut",
    "PlanEdit",
    "ProblemOut",
    "Reference",
    "RenewalIn",
    "ServiceIn",
    "StampIn",
    "SuspensionIn",
    "field_error",
    "problem_with",
    "read_client",
    "read_stamp",
]
