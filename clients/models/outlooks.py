"""What depends on the pace of a client, kept so that a list can be sorted by it.

Everything here is derived (clients/forecast) and may be thrown away: a row says from
which facts (`seq`, `largest`) and for which day it was computed, and is computed again
when they changed. A stamp does not write it. Only forecast/keeping.py does.
"""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import Reseller
from clients.models.client import Client
from clients.models.followup import SuggestionKind

# Later than any day that is known: nothing ends.
NEVER = date.max


class KeptOutlook(models.Model):
    client = models.OneToOneField(
        Client,
        verbose_name="cliente",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="outlook",
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    day = models.DateField("día", help_text="Para qué día se calculó.")
    seq = models.BigIntegerField("núm.", help_text="Lo último que había ocurrido.")
    largest = models.BigIntegerField("folios del paquete mayor a la venta")

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

    class Meta:
        verbose_name = "pronóstico"
        indexes = (
            models.Index(
                fields=("reseller", "runs_out_on", "client"), name="outlook_runs_out"
            ),
            models.Index(
                fields=("reseller", "stops_on", "client"), name="outlook_stops"
            ),
            models.Index(
                fields=("reseller", "idle_since", "client"), name="outlook_idle"
            ),
            # The order of the tray, of all kinds and of one.
            models.Index(
                fields=("reseller", "urgency", "-worth", "client"),
                condition=~Q(kind=""),
                name="outlook_urgency",
            ),
            models.Index(
                fields=("reseller", "kind", "urgency", "-worth", "client"),
                condition=~Q(kind=""),
                name="outlook_kind_urgency",
            ),
        )

    def __str__(self) -> str:
        return self.kind or "—"


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
