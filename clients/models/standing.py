"""What lists of clients are filtered and sorted by, of each client in one narrow row.

A list reads an index of this table and nothing else until it knows its ids. All of it
is derived and may be thrown away. The facts are copies that triggers of the tables they
come from (triggers.py) keep in the same transaction, so nobody can forget them. What
depends on the pace (from `day` on) only forecast/keeping.py writes: it says from which
facts (`seq`, `largest`) and for which day it was computed, and is computed again when
they changed. A stamp writes nothing here, unless the balance comes to 0.
"""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Actor, Reseller
from clients.models.client import Client
from clients.models.followup import SuggestionKind
from clients.models.plans import FolioAccount
from clients.models.tally import TALLY_OF_STANDING
from clients.models.triggers import NEVER
from clients.status import Status, has_status, status_sql
from packages.models import Package


class StandingQuerySet(models.QuerySet["Standing"]):
    def visible_to(self, user: Actor) -> Self:
        """As of Client; with the reseller first, as in every index."""
        if user.is_staff:
            return self
        if not user.reseller_id:
            return self.none()
        return self.filter(reseller=user.reseller_id)

    def listed(self) -> Self:
        return self.filter(is_archived=False)

    def archived(self) -> Self:
        return self.filter(is_archived=True)

    def with_status(self, today: date) -> Self:
        """Annotate `status_value`, the status derived on `today`."""
        return self.annotate(status_value=status_sql(today))

    def having(self, status: Status, today: date) -> Self:
        """The clients whose status on `today` is this one."""
        return self.filter(has_status(status, today))


def _index(name: str, *keys: str, where: Q | None = None) -> models.Index:
    """An index of a reseller's clients in the order of these keys, with everything that
    a list is filtered by, so that who is left out is not looked up in the table."""
    return models.Index(
        fields=("reseller", "is_archived", *keys, "client"),
        include=[one for one in _FILTERED_BY if one not in keys],
        condition=where,
        name=name,
    )


_FILTERED_BY = (
    "is_suspended",
    "is_exhausted",
    "last_day",
    "created_at",
    "package",
    "runs_out_on",
    "stops_on",
    "idle_since",
)


class Standing(models.Model):
    client = models.OneToOneField(
        Client,
        verbose_name="cliente",
        on_delete=models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="standing",
    )
    # The balance is not copied: a stamp would have to write every index.
    account = models.ForeignObject(
        FolioAccount,
        verbose_name="cuenta de folios",
        from_fields=["client"],
        to_fields=["client"],
        on_delete=models.DO_NOTHING,
        related_name="+",
        editable=False,
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    is_archived = models.BooleanField("archivado")
    is_suspended = models.BooleanField("suspendido")
    is_exhausted = models.BooleanField("sin folios")
    last_day = models.DateField("vigencia", help_text="Sin término, la última.")
    created_at = models.DateTimeField("creado")
    package = models.ForeignKey(
        Package,
        verbose_name="paquete",
        on_delete=models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    plan_name = models.TextField("nombre del plan", db_collation="C", default="")
    sort_name = models.TextField("nombre para ordenar", db_collation="C")
    rfc = models.TextField("RFC", db_collation="C")

    day = models.DateField("día", null=True, help_text="Para qué día se calculó.")
    seq = models.BigIntegerField("núm.", default=0)
    largest = models.BigIntegerField("folios del paquete mayor a la venta", default=0)
    runs_out_on = models.DateField("se agotan", default=NEVER)
    stops_on = models.DateField("deja de facturar", default=NEVER)
    idle_since = models.DateField("sin timbrar desde")
    # The suggestion, if there is one.
    kind = models.CharField(
        "sugerencia", max_length=10, choices=SuggestionKind.choices, blank=True
    )
    urgency = models.IntegerField("urgencia", default=0)
    worth = models.DecimalField("valor", max_digits=20, decimal_places=4, default=0)
    basis = models.CharField("por qué", max_length=200, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = "situación"
        verbose_name_plural = "situaciones"
        triggers = TALLY_OF_STANDING
        indexes = (
            _index("standing_created", "created_at"),
            _index("standing_last_day", "last_day"),
            _index("standing_name", "sort_name"),
            _index("standing_plan", "plan_name"),
            _index("standing_package", "package", "created_at"),
            _index("standing_runs_out", "runs_out_on"),
            _index("standing_stops", "stops_on"),
            _index("standing_idle", "idle_since"),
            # The few: nothing says where among the many they are.
            _index("standing_suspended", "created_at", where=Q(is_suspended=True)),
            _index("standing_exhausted", "created_at", where=Q(is_exhausted=True)),
            models.Index(fields=("reseller", "rfc"), name="standing_rfc"),
            # The order of the tray, of all kinds and of one.
            models.Index(
                fields=("reseller", "urgency", "-worth", "client"),
                condition=~Q(kind=""),
                name="standing_urgency",
            ),
            models.Index(
                fields=("reseller", "kind", "urgency", "-worth", "client"),
                condition=~Q(kind=""),
                name="standing_kind",
            ),
        )

    def __str__(self) -> str:
        return self.sort_name


class OutlookPass(models.Model):
    """When all outlooks of a reseller were computed last: of when its lists are."""

    reseller = models.OneToOneField(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
    )
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "cálculo de pronósticos"
        verbose_name_plural = "cálculos de pronósticos"

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}"
