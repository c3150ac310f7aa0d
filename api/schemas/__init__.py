"""The shapes of requests and responses: api.md as types (pydantic).

Requests are strict: a wrong type or an unknown field is refused. Business rules are
not here; clients/details.py has the rules of input that the panel shares.
"""

from api.schemas.errors import (
    field_error,
    problem_with,
    read_client,
    read_stamp,
    refuse_too_many,
)
from api.schemas.requests import (
    BATCH_MAX,
    NAME_MAX,
    STAMP_MAX,
    AsOfQuery,
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
from api.schemas.responses import (
    BatchOut,
    ClientOut,
    ClientsOut,
    EntitlementAsOf,
    MovementMade,
    MovementsOut,
    OutcomeOut,
    ProblemOut,
)

__all__ = [
    "BATCH_MAX",
    "NAME_MAX",
    "STAMP_MAX",
    "AsOfQuery",
    "BatchIn",
    "BatchItem",
    "BatchOut",
    "ClientIn",
    "ClientOut",
    "ClientsOut",
    "ClientsQuery",
    "EntitlementAsOf",
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
    "refuse_too_many",
]
