"""Folios by day: what the forecast and the charts read instead of every movement.

Law: domain.md, "Follow-up". Written by ledger.py alone, with the movements themselves;
`audit_ledger` adds it up again from the entries.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from clients.models.client import Client


class FolioDay(models.Model):
    """How a client stood when a day ended on which folios moved, in the reseller's
    zone. Running totals, so that any window costs two probes of the index: what was
    spent between two days is the difference of `spent`.
    """

    pk = models.CompositePrimaryKey("client_id", "day")
    # No foreign key in the database: see FolioLedger.client.
    client = models.ForeignKey(
        Client,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="days",
    )
    day = models.DateField("día")
    spent = models.BigIntegerField("gastados", help_text="Desde el alta.")
    balance = models.BigIntegerField("saldo")
    dry = models.IntegerField(
        "días sin folios", help_text="Desde el alta; días enteros, entre movimientos."
    )

    class Meta:
        verbose_name = "día de folios"
        verbose_name_plural = "días de folios"
        ordering = ("client", "day")
        # Days come in their order, so this says where in the table a day is, and is
        # not touched by the movements that follow on it.
        indexes = (BrinIndex(fields=("day",), name="folio_day_by_day"),)

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}: {self.balance:,} folios"
