"""What the follow-up keeps of its own: a reseller's totals of the days that are over.

Every row can be added up again from the ledger (`manage.py audit_days` does). Nothing
here is written while folios move: a reseller's row would be everybody's lock.
"""

from django.db import models

from accounts.models import Reseller


class ResellerDay(models.Model):
    """Folios that all clients of a reseller stamped and bought on a day of its zone.

    Written once by totals.close_days, without gaps, when the day is over; so the newest
    row says up to where the days are closed. Negative: more was reversed than stamped.
    """

    reseller = models.ForeignKey(
        Reseller, on_delete=models.PROTECT, db_index=False, related_name="days"
    )
    day = models.DateField("día")
    stamped = models.BigIntegerField("timbrados", help_text="Menos los reversos.")
    sold = models.BigIntegerField(
        "vendidos", help_text="Asignaciones, renovaciones y recargas."
    )

    class Meta:
        verbose_name = "día de un revendedor"
        verbose_name_plural = "días de un revendedor"
        ordering = ("reseller", "day")
        constraints = (
            models.UniqueConstraint(
                fields=("reseller", "day"), name="reseller_day_is_closed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(sold__gte=0), name="sold_is_never_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.stamped:,} timbrados, {self.sold:,} vendidos"
