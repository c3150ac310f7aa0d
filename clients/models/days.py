"""Folios by day: what the forecast and the charts read instead of every movement.

Law: domain.md, "Follow-up". Written only by clients/ledger, with the movements
themselves; `audit_ledger` computes it again from the entries.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from clients.models.client import Client


class FolioDay(models.Model):
    """The totals of a client at the end of a day with movements, in the reseller's
    zone. `spent` and `dry` are running totals, so that any window costs two index
    lookups: the folios spent between two days are the difference of `spent`.
    """

    pk = models.CompositePrimaryKey("client_id", "day")
    # No foreign key in the database: see FolioLedger.client.
    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
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
        # Rows are inserted in the order of days, so this index tells where in the
        # table a day is, and later movements of that day do not update it.
        indexes = (BrinIndex(fields=("day",), name="folio_day_by_day"),)

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}: {self.balance:,} folios"
