"""What a client has: its own copy of a package, and the account of its folios."""

from django.db import models
from django.db.models import Q

from accounts.models import Reseller
from clients.models.client import Client
from clients.models.triggers import STANDING_OF_ACCOUNT, STANDING_OF_PLAN
from packages.models import MULTIEMPRESA, Inclusion, Package, Terms


class Plan(Terms):
    """The client's own copy of a package, taken the moment it is assigned."""

    client = models.OneToOneField(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="plan",
    )
    # The package that was copied; its terms may have changed since.
    package = models.ForeignKey(
        Package, verbose_name="paquete", on_delete=models.PROTECT, related_name="plans"
    )
    # Somebody edited it: its name says so, and renewing the same keeps its services.
    is_customized = models.BooleanField("personalizado", default=False)
    assigned_at = models.DateTimeField("asignado")
    # The day of the month that the term was anchored to: a clipped month (28 February)
    # does not make the next one shorter. None without term.
    anchor_day = models.PositiveSmallIntegerField("día del mes", null=True)

    class Meta(Terms.Meta):
        verbose_name = "plan"
        triggers = STANDING_OF_PLAN
        verbose_name_plural = "planes"
        constraints = (
            *Terms.Meta.constraints,
            models.CheckConstraint(
                condition=Q(anchor_day=None) | Q(anchor_day__range=(1, 31)),
                name="plan_is_anchored_to_a_day_of_the_month",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rfcs_included(self) -> int:
        """How many additional RFCs it may have on one day."""
        included = self.inclusions.filter(service__code=MULTIEMPRESA)
        return included.values_list("quantity", flat=True).first() or 0


class PlanService(Inclusion):
    plan = models.ForeignKey(
        Plan, verbose_name="plan", on_delete=models.CASCADE, related_name="inclusions"
    )

    class Meta:
        verbose_name = "servicio de un plan"
        verbose_name_plural = "servicios de un plan"
        ordering = ("service_id",)
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "service"), name="plan_includes_a_service_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__gte=1),
                name="plan_service_quantity_is_positive",
            ),
        )


class FolioAccount(models.Model):
    """The balance, in one narrow row that every movement and every verb locks first.

    `last_seq` numbers everything that ever happened to the client, entries and events
    alike, without gaps. The other fields are the totals that FolioDay stores by day.
    Only clients/ledger writes here.
    """

    client = models.OneToOneField(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="account",
    )
    # The client's, which never changes: an index sorts its clients by balance.
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        editable=False,
        related_name="+",
    )
    balance = models.BigIntegerField("folios", default=0)
    last_seq = models.BigIntegerField("último número", default=0)
    spent = models.BigIntegerField("gastados", default=0)
    dry = models.IntegerField("días sin folios", default=0)
    moved_on = models.DateField("último movimiento", null=True)
    stamped_on = models.DateField("último timbrado", null=True)

    class Meta:
        verbose_name = "cuenta de folios"
        triggers = STANDING_OF_ACCOUNT
        indexes = (
            # The only index that a stamp has to update.
            models.Index(
                fields=("reseller", "balance", "client"), name="account_by_balance"
            ),
        )
        verbose_name_plural = "cuentas de folios"
        constraints = (
            models.CheckConstraint(
                condition=Q(balance__gte=0), name="balance_is_never_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.balance} folios"
