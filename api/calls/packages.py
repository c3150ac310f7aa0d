"""The call that lists the packages on sale."""

from typing import Any
from uuid import UUID

from ninja import Router
from pydantic import BaseModel, Field

from accounts.models import Scope
from api.auth import Bearer, KeyRequest
from packages.models import LeftoverRule, Package, TermUnit

router = Router(tags=["Paquetes"])


class TermOut(BaseModel):
    count: int
    unit: TermUnit


class IncludedOut(BaseModel):
    code: str
    name: str
    quantity: int | None


class PackageOut(BaseModel):
    id: UUID
    name: str
    folios: int
    term: TermOut | None = Field(description="null: sin vigencia.")
    price: str | None = Field(description="En MXN, con dos decimales.")
    leftover_rule: LeftoverRule
    leftover_limit: int | None
    services: list[IncludedOut]


class PackagesOut(BaseModel):
    packages: list[PackageOut]


@router.get(
    "",
    auth=Bearer(Scope.CLIENTS_READ, Scope.CLIENTS_WRITE),
    response=PackagesOut,
    operation_id="packages",
    summary="Paquetes a la venta",
)
def packages(request: KeyRequest) -> dict[str, Any]:
    """Los que se pueden asignar a un cliente nuevo o al renovar."""
    on_sale = (
        Package.objects.visible_to(request.auth)
        .on_sale()
        .prefetch_related("inclusions__service")
    )
    return {"packages": [_described(package) for package in on_sale]}


def _described(package: Package) -> dict[str, Any]:
    has_term = package.term_count is not None
    return {
        "id": package.public_id,
        "name": package.name,
        "folios": package.folios,
        "term": {"count": package.term_count, "unit": package.term_unit}
        if has_term
        else None,
        "price": str(package.price) if package.price is not None else None,
        "leftover_rule": package.leftover_rule,
        "leftover_limit": package.leftover_limit,
        "services": [
            {
                "code": included.service.code,
                "name": included.service.name,
                "quantity": included.quantity,
            }
            for included in package.inclusions.all()
        ],
    }
