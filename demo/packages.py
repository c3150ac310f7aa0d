"""What the demo's resellers sell: packages of every kind."""

from datetime import datetime
from decimal import Decimal

from accounts.models import Reseller, User
from packages import catalogue
from packages.catalogue import PackageDetails
from packages.models import LeftoverRule, Package, Service, TermUnit

MAIL, SMTP, COMPANIES, USERS = (
    "correo-personalizado",
    "correo-smtp",
    "multiempresa",
    "usuarios-extra",
)
Included = dict[str, int | None]  # quantity by the service's code

ALICIA: list[tuple[PackageDetails, Included]] = [
    (
        PackageDetails(
            name="Prueba 15 días",
            folios=25,
            term_count=15,
            term_unit=TermUnit.DAY,
            leftover_rule=LeftoverRule.LOSE,
        ),
        {},
    ),
    (PackageDetails(name="Arranque 50", folios=50, price=Decimal(149)), {}),
    (
        PackageDetails(
            name="Mensual 100",
            folios=100,
            term_count=1,
            term_unit=TermUnit.MONTH,
            leftover_rule=LeftoverRule.LOSE,
            price=Decimal("199.90"),
        ),
        {},
    ),
    (
        PackageDetails(
            name="Trimestral 200",
            folios=200,
            term_count=90,
            term_unit=TermUnit.DAY,
            leftover_rule=LeftoverRule.KEEP_UP_TO,
            leftover_limit=50,
            price=Decimal(449),
        ),
        {MAIL: None},
    ),
    (
        PackageDetails(
            name="PyME anual",
            folios=300,
            term_count=1,
            term_unit=TermUnit.YEAR,
            price=Decimal(549),
        ),
        {MAIL: None},
    ),
    (PackageDetails(name="Bolsa 500", folios=500, price=Decimal(990)), {MAIL: None}),
    (
        PackageDetails(
            name="Semestral 600",
            folios=600,
            term_count=6,
            term_unit=TermUnit.MONTH,
            price=Decimal(899),
        ),
        {MAIL: None, SMTP: None},
    ),
    (
        PackageDetails(
            name="Empresarial 1,200",
            folios=1200,
            term_count=1,
            term_unit=TermUnit.YEAR,
            leftover_rule=LeftoverRule.KEEP_UP_TO,
            leftover_limit=200,
            price=Decimal(1890),
        ),
        {MAIL: None, SMTP: None, USERS: 3},
    ),
    (
        PackageDetails(
            name="Despacho contable",
            folios=2000,
            term_count=12,
            term_unit=TermUnit.MONTH,
        ),
        {COMPANIES: 10, USERS: 5},
    ),
    (
        PackageDetails(
            name="Corporativo 5,000",
            folios=5000,
            term_count=2,
            term_unit=TermUnit.YEAR,
            price=Decimal(6500),
        ),
        {MAIL: None, SMTP: None, COMPANIES: 5, USERS: 10},
    ),
]

# Withdrawn from sale: some clients have it, nobody can buy it.
WITHDRAWN: tuple[PackageDetails, Included] = (
    PackageDetails(
        name="Promoción de aniversario",
        folios=400,
        term_count=1,
        term_unit=TermUnit.YEAR,
        price=Decimal(399),
    ),
    {MAIL: None},
)

BETO: list[tuple[PackageDetails, Included]] = [
    (PackageDetails(name="Frontera 100", folios=100, price=Decimal(250)), {}),
    (
        PackageDetails(
            name="Frontera anual",
            folios=500,
            term_count=1,
            term_unit=TermUnit.YEAR,
            leftover_rule=LeftoverRule.LOSE,
            price=Decimal(800),
        ),
        {SMTP: None},
    ),
]


def stock(
    reseller: Reseller,
    packages: list[tuple[PackageDetails, Included]],
    *,
    by: User,
    now: datetime,
) -> dict[str, Package]:
    """Put the packages on sale, and return them by name."""
    ids = dict(Service.objects.values_list("code", "id"))
    return {
        details.name: catalogue.create(
            reseller,
            details=details,
            services={ids[code]: quantity for code, quantity in included.items()},
            by=by,
            now=now,
        )
        for details, included in packages
    }
