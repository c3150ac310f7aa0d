"""The verbs of the catalogue: what a reseller does with its packages.

Law: domain.md, "Package". Plans already sold are copies: nothing here can change them,
because packages know nothing of clients. Packages have no history of their own; the
log records who did what.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Reseller, User
from packages.models import LeftoverRule, Package, PackageService
from reseller_panel.refusals import Refused
from reseller_panel.stale import merge

logger = logging.getLogger(__name__)

Services = Mapping[int, int | None]  # quantity by service id; None where not counted


class NameTaken(Refused):
    """The reseller has another package with that name; case is ignored."""

    code = "name_taken"
    field = "name"

    def __init__(self, name: str) -> None:
        super().__init__(f"Ya tiene un paquete que se llama «{name}». Use otro nombre.")


class WithdrawnAgain(Refused):
    code = "withdrawn_again"

    def __init__(self, package: Package) -> None:
        super().__init__(
            f"No se deshizo nada: {package} se retiró otra vez mientras tanto."
        )


@dataclass(frozen=True, kw_only=True)
class PackageDetails:
    """The data of a package, without its services."""

    name: str
    folios: int
    term_count: int | None = None
    term_unit: str = ""
    leftover_rule: str = LeftoverRule.KEEP
    leftover_limit: int | None = None
    price: Decimal | None = None

    @classmethod
    def of(cls, package: Package) -> "PackageDetails":
        return cls(
            **{field.name: getattr(package, field.name) for field in fields(cls)}
        )


class Offer(NamedTuple):
    """All that a package offers."""

    details: PackageDetails
    services: Services

    def merged(self, wanted: "Offer", current: "Offer") -> "Offer":
        """`current` with what was changed from here to `wanted`. A term is one thing,
        its count and its unit; so is what becomes of leftovers."""
        merged = merge(
            seen=self._facts(), wanted=wanted._facts(), current=current._facts()
        )
        term_count, term_unit = merged.pop("term")
        rule, limit = merged.pop("leftovers")
        plain = {name: merged.pop(name) for name in ("name", "folios", "price")}
        details = PackageDetails(
            term_count=term_count,
            term_unit=term_unit,
            leftover_rule=rule,
            leftover_limit=limit,
            **plain,
        )
        return Offer(details, merged)

    def _facts(self) -> dict[Any, Any]:
        own = self.details
        return {
            "name": own.name,
            "folios": own.folios,
            "price": own.price,
            "term": (own.term_count, own.term_unit),
            "leftovers": (own.leftover_rule, own.leftover_limit),
            **self.services,
        }


def services_of(package: Package) -> dict[int, int | None]:
    return dict(package.inclusions.values_list("service_id", "quantity"))


def create(
    reseller: Reseller,
    *,
    details: PackageDetails,
    services: Services,
    by: User | None,
    now: datetime | None = None,
) -> Package:
    """Create a package, which is on sale at once. Raises NameTaken."""
    package = Package(
        reseller=reseller, created_at=now or timezone.now(), **asdict(details)
    )
    _save(package, services)
    _log("created", package, by)
    return package


def edit(
    package: Package,
    *,
    details: PackageDetails,
    services: Services,
    seen: Offer | None = None,
    by: User | None,
) -> Package:
    """Change what will be sold from now on; plans already sold stay as they are.

    Of what was `seen` when the form was opened only the difference is applied. Raises
    NameTaken, ChangedMeanwhile.
    """
    with transaction.atomic():
        package = _locked(package)
        if seen is not None:
            own = Offer(PackageDetails.of(package), services_of(package))
            details, services = seen.merged(Offer(details, services), own)
        for name, value in asdict(details).items():
            setattr(package, name, value)
        _save(package, services)
    _log("edited", package, by)
    return package


def withdraw(
    package: Package, *, by: User | None, now: datetime | None = None
) -> Package:
    """Retirar: stop selling it; clients who have it keep it. Idempotent."""
    with transaction.atomic():
        package = _locked(package)
        if package.is_on_sale:
            package.withdrawn_at = now or timezone.now()
            package.save(update_fields=["withdrawn_at"])
            _log("withdrawn", package, by)
    return package


def put_back(
    package: Package, *, by: User | None, undoing: str | None = None
) -> Package:
    """Volver a vender: put it on sale again. Idempotent.

    `undoing` is the Package.withdrawn_mark that was seen. Raises WithdrawnAgain if
    somebody else has withdrawn it since.
    """
    with transaction.atomic():
        package = _locked(package)
        if not package.is_on_sale:
            if undoing not in (None, package.withdrawn_mark):
                raise WithdrawnAgain(package)
            package.withdrawn_at = None
            package.save(update_fields=["withdrawn_at"])
            _log("put back on sale", package, by)
    return package


def _locked(package: Package) -> Package:
    return Package.objects.select_for_update().get(pk=package.pk)


def _save(package: Package, services: Services) -> None:
    package.clean()
    try:
        with transaction.atomic():
            package.save()
            package.inclusions.all().delete()
            PackageService.objects.bulk_create(
                PackageService(package=package, service_id=service, quantity=quantity)
                for service, quantity in services.items()
            )
    except IntegrityError as error:
        diag = getattr(error.__cause__, "diag", None)
        if diag is None or diag.constraint_name != "package_name_once_per_reseller":
            raise
        raise NameTaken(package.name) from None


def _log(what: str, package: Package, by: User | None) -> None:
    logger.info("package %s %s by %s", package.public_id, what, by.pk if by else None)
