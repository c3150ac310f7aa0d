"""What is sold: packages of folios with a term and services.

`Terms` describes what a client gets: a package sells it, and a plan (in `clients`) is
a client's own copy of it. Nothing here knows of clients.
"""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import Actor, Reseller
from accounts.text import LineField, PrintableLine

MAX_FOLIOS = 10_000_000
SERVICE_QUANTITY_MAX = 1_000
# The code of the service that includes additional RFCs, as many as its quantity.
MULTIEMPRESA = "multiempresa"


class TermUnit(models.TextChoices):
    DAY = "day", "días"
    MONTH = "month", "meses"
    YEAR = "year", "años"


# About ten years in each unit: a longer term is a typing error.
MAX_TERM = {TermUnit.DAY: 3650, TermUnit.MONTH: 120, TermUnit.YEAR: 10}
_ONE = {TermUnit.DAY: "día", TermUnit.MONTH: "mes", TermUnit.YEAR: "año"}


class LeftoverRule(models.TextChoices):
    KEEP = "keep", "se conservan todos"
    KEEP_UP_TO = "keep_up_to", "se conservan hasta un máximo"
    LOSE = "lose", "se pierden"


class Terms(models.Model):
    """Folios, term (vigencia) and what happens to leftover folios on renewal."""

    name = LineField("nombre", max_length=80)
    folios = models.PositiveIntegerField(
        "folios", validators=[MinValueValidator(1), MaxValueValidator(MAX_FOLIOS)]
    )
    term_count = models.PositiveSmallIntegerField(
        "vigencia", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    term_unit = models.CharField(
        "unidad", max_length=5, choices=TermUnit.choices, blank=True, default=""
    )
    leftover_rule = models.CharField(
        "sobrantes al renovar",
        max_length=10,
        choices=LeftoverRule.choices,
        default=LeftoverRule.KEEP,
    )
    leftover_limit = models.PositiveIntegerField(
        "máximo que se conserva",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_FOLIOS)],
    )

    class Meta:
        abstract = True
        constraints: ClassVar[
            list[models.BaseConstraint] | tuple[models.BaseConstraint, ...]
        ] = (
            models.CheckConstraint(
                condition=models.Q(folios__gte=1), name="%(class)s_grants_folios"
            ),
            models.CheckConstraint(
                # NULL >= 1 is neither true nor false, and a CHECK lets that pass.
                condition=models.Q(term_count=None, term_unit="")
                | models.Q(
                    term_count__isnull=False,
                    term_count__gte=1,
                    term_unit__in=TermUnit.values,
                ),
                name="%(class)s_term_is_whole_or_none",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    leftover_rule=LeftoverRule.KEEP_UP_TO,
                    leftover_limit__isnull=False,
                    leftover_limit__gte=1,
                )
                | models.Q(
                    leftover_rule__in=[LeftoverRule.KEEP, LeftoverRule.LOSE],
                    leftover_limit=None,
                ),
                name="%(class)s_leftover_limit_fits_rule",
            ),
            models.CheckConstraint(
                condition=PrintableLine("name"), name="%(class)s_name_is_printable"
            ),
        )

    def clean(self) -> None:
        """Clear fields that do not apply. Raises ValidationError for invalid ones."""
        super().clean()
        errors: dict[str, str] = {}
        if self.term_count is None:
            self.term_unit = ""
        elif not self.term_unit:
            errors["term_unit"] = "Elija días, meses o años."
        elif self.term_count > (limit := MAX_TERM[TermUnit(self.term_unit)]):
            errors["term_count"] = (
                f"La vigencia no puede pasar de {limit} {self.get_term_unit_display()}."
            )
        if self.leftover_rule != LeftoverRule.KEEP_UP_TO:
            self.leftover_limit = None
        elif self.leftover_limit is None:
            errors["leftover_limit"] = (
                "Escriba cuántos folios se conservan como máximo."
            )
        if errors:
            raise ValidationError(errors)

    def expiry_from(self, start: date, anchor_day: int | None = None) -> date | None:
        """The last usable day of a term that begins on `start`; None without term.

        Months and years keep the day of the month that the term is anchored to, that
        of `start` if no other is said; `relativedelta` clips it to the month's last day
        (domain.md, "Term arithmetic": 31 Jan + 1 month = 28 or 29 Feb).
        """
        count, day = self.term_count or 0, anchor_day or start.day
        match self.term_unit:
            case TermUnit.DAY:
                return start + relativedelta(days=count)
            case TermUnit.MONTH:
                return start + relativedelta(months=count, day=day)
            case TermUnit.YEAR:
                return start + relativedelta(years=count, day=day)
        return None

    def anchor_after(self, start: date, anchor_day: int | None = None) -> int | None:
        """The day of the month that the next term goes on from; None without term. Days
        have none to keep: they are anchored to where they end."""
        ends_on = self.expiry_from(start, anchor_day)
        if ends_on is None:
            return None
        return (
            ends_on.day if self.term_unit == TermUnit.DAY else anchor_day or start.day
        )

    def leftovers_lost(self, balance: int) -> int:
        """How many of `balance` folios a renewal takes away."""
        match self.leftover_rule:
            case LeftoverRule.LOSE:
                return balance
            case LeftoverRule.KEEP_UP_TO:
                return max(0, balance - (self.leftover_limit or 0))
        return 0

    @property
    def term_label(self) -> str:
        if self.term_count is None:
            return "sin vigencia"
        unit = TermUnit(self.term_unit)
        return f"{self.term_count} {_ONE[unit] if self.term_count == 1 else unit.label}"

    @property
    def leftover_label(self) -> str:
        if self.leftover_rule == LeftoverRule.KEEP_UP_TO:
            return f"se conservan hasta {self.leftover_limit:,}"
        return LeftoverRule(self.leftover_rule).label

    def terms(self) -> dict[str, Any]:
        """The values that a copy of these terms gets, by field name."""
        return {field.name: getattr(self, field.name) for field in Terms._meta.fields}


class Service(models.Model):
    """What a package may include besides folios. People of support add rows."""

    code = models.SlugField("clave", unique=True)
    name = LineField("nombre", max_length=80)
    description = LineField("descripción", max_length=200, blank=True)
    # A label such as "RFC adicionales" makes the service countable; blank: no quantity.
    quantity_label = LineField("qué se cuenta", max_length=40, blank=True)

    class Meta:
        verbose_name = "servicio"
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=PrintableLine("name", "description", "quantity_label"),
                name="service_text_is_printable",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_countable(self) -> bool:
        return bool(self.quantity_label)


class Inclusion(models.Model):
    """A service that a package or plan includes, with its quantity if it has one."""

    service = models.ForeignKey(
        Service, verbose_name="servicio", on_delete=models.PROTECT, related_name="+"
    )
    quantity = models.PositiveSmallIntegerField("cantidad", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        if self.quantity is None:
            return self.service.name
        return f"{self.service.name}: {self.quantity} {self.service.quantity_label}"


class PackageQuerySet(models.QuerySet["Package"]):
    def visible_to(self, user: Actor) -> Self:
        """The packages of the user's reseller; all for support; none for others."""
        if user.is_staff:
            return self
        if not user.reseller_id:
            return self.none()
        return self.filter(reseller=user.reseller_id)

    def on_sale(self) -> Self:
        return self.filter(withdrawn_at=None)


class Package(Terms):
    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        related_name="packages",
        editable=False,
    )
    price = models.DecimalField(
        "precio (MXN)",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    withdrawn_at = models.DateTimeField("retirado", null=True, editable=False)
    created_at = models.DateTimeField("creado", default=timezone.now, editable=False)
    services = models.ManyToManyField(
        Service,
        verbose_name="servicios",
        through="PackageService",
        related_name="+",
        editable=False,
    )

    objects = PackageQuerySet.as_manager()

    class Meta(Terms.Meta):
        verbose_name = "paquete"
        ordering = ("folios", "name")
        constraints = (
            *Terms.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(price=None) | models.Q(price__gte=0),
                name="package_price_is_not_negative",
            ),
            models.UniqueConstraint(
                "reseller",
                Lower("name"),
                name="package_name_once_per_reseller",
                violation_error_message="Ya tiene un paquete con ese nombre.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_on_sale(self) -> bool:
        return self.withdrawn_at is None

    @property
    def withdrawn_mark(self) -> str:
        """Which time it was withdrawn, for an undo; empty while it is on sale."""
        return f"{self.withdrawn_at.timestamp():.6f}" if self.withdrawn_at else ""

    @property
    def price_per_folio(self) -> Decimal | None:
        return None if self.price is None else self.price / self.folios


class PackageService(Inclusion):
    package = models.ForeignKey(
        Package,
        verbose_name="paquete",
        on_delete=models.CASCADE,
        related_name="inclusions",
    )

    class Meta:
        verbose_name = "servicio de un paquete"
        verbose_name_plural = "servicios de un paquete"
        ordering = ("service_id",)
        constraints = (
            models.UniqueConstraint(
                fields=("package", "service"), name="package_includes_a_service_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity=None) | models.Q(quantity__gte=1),
                name="package_service_quantity_is_positive",
            ),
        )
