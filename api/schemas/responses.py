"""The shapes of responses."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    Field,
)

from clients.models import CfdiKind, EntryKind
from clients.status import Status

Reason = Literal[
    "client_suspended", "package_expired", "folios_exhausted", "client_archived"
]


class ServiceOut(BaseModel):
    code: str
    name: str
    quantity: int | None


class PlanOut(BaseModel):
    name: str
    services: list[ServiceOut]


class AdditionalRfcOut(BaseModel):
    rfc: str
    starts_on: date
    ends_on: date | None = Field(description="Último día; null si no termina.")


class AsOf(BaseModel):
    """Lo que se agrega cuando se pide `as_of`."""

    as_of: date | None = Field(default=None, description="Al terminar este día.")
    not_kept: list[Literal["plan.name", "plan.services", "package"]] = Field(
        default=[], description="Con `as_of`: lo que su historial no guardó."
    )


class Entitlement(BaseModel):
    """Si el cliente puede timbrar hoy, y si no, por qué."""

    id: UUID
    rfc: str
    legal_name: str
    status: Status
    may_stamp: bool
    reason: Reason | None
    folio_balance: int
    expires_on: date | None = Field(description="Último día utilizable.")
    additional_rfcs: list[AdditionalRfcOut] = Field(
        description="De Multiempresa, vigentes o por empezar."
    )
    plan: PlanOut


class ClientOut(Entitlement):
    package: UUID
    tax_regime: str
    postal_code: str
    contact_name: str
    contact_email: str
    contact_phone: str
    created_at: datetime
    suspended_at: datetime | None
    archived_at: datetime | None


class EntitlementAsOf(AsOf, Entitlement):
    pass


class ClientAsOf(AsOf, ClientOut):
    package: UUID | None = Field(  # type: ignore[assignment]
        description="null si no se guardó; vea `not_kept`."
    )


class ClientsOut(BaseModel):
    clients: list[ClientAsOf]
    pagina: int
    por_pagina: int
    total: int


class MovementMade(BaseModel):
    """El movimiento que hizo la llamada, o la primera con su referencia."""

    client: UUID
    seq: int
    reference: str
    quantity: int
    balance_after: int
    created_at: datetime


class Result(MovementMade):
    status: Literal[200, 201]


class FieldErrorOut(BaseModel):
    field: str
    message: str


class ProblemOut(BaseModel):
    """application/problem+json: por qué no se hizo. Nada cambió."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldErrorOut] = []


class BatchOut(BaseModel):
    results: list[Result | ProblemOut]


class CfdiOut(BaseModel):
    uuid: UUID
    issued_on: date
    kind: CfdiKind = Field(description="R: retenciones e información de pagos.")
    issuer_rfc: str | None = Field(description="null en los anteriores a 2026-11-28.")
    receiver_rfc: str
    total: str
    certificate_ends_at: datetime | None
    reported_at: datetime | None
    verified: Literal[False] = Field(
        description="Es lo que dice el documento; el sello no se verifica."
    )


class MovementOut(BaseModel):
    seq: int
    kind: EntryKind
    reference: str | None
    quantity: int = Field(description="Con signo.")
    balance_after: int
    reverses: int | None = Field(description="El seq del timbrado que devuelve.")
    reason: str
    additional_rfc: str | None = Field(
        description="Con cuál de los RFC adicionales se timbró; null si con el suyo."
    )
    created_at: datetime
    cfdi: CfdiOut | None


class MovementsOut(BaseModel):
    movements: list[MovementOut]
    next: int | None = Field(description="El `after` de la página siguiente.")


class OutcomeOut(BaseModel):
    """Qué hizo el verbo, en palabras y en datos."""

    client: ClientOut
    changed: bool
    message: str
    movement: MovementMade | None
