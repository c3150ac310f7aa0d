"""The tables of followup: a reseller's totals of the days that are over, its own
messages to clients, and whether it hid the first steps.

Every total is derived from the ledger (`manage.py audit_days` checks it). Nothing here
is written while folios move: all clients of a reseller would wait for one row.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Reseller
from accounts.text import LineField, ParagraphsField, PrintableLine, PrintableParagraphs
from clients.models import SuggestionKind


class ResellerDay(models.Model):
    """Folios that all clients of a reseller stamped and bought on a day of its zone.

    Written by totals.close_days, without gaps, when the day is over; so the newest row
    is the last closed day. A movement dated in a closed day deletes its row and the
    later ones (the trigger of migration 0004). Negative if more was reversed than
    stamped, or more taken back than sold.
    """

    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="days",
    )
    day = models.DateField("día")
    stamped = models.BigIntegerField("timbrados", help_text="Menos los reversos.")
    sold = models.BigIntegerField(
        "vendidos",
        help_text="Asignaciones, renovaciones y recargas, menos retiros.",
    )

    # A row is inserted first and counted when no movement is being written that may not
    # have seen it.
    is_counted = models.BooleanField("contado", default=False)

    class Meta:
        verbose_name = "día de un revendedor"
        verbose_name_plural = "días de un revendedor"
        ordering = ("reseller", "day")
        constraints = (
            models.UniqueConstraint(
                fields=("reseller", "day"), name="reseller_day_is_closed_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.stamped:,} timbrados, {self.sold:,} vendidos"


class OpenDay(models.Model):
    """What the clients of a reseller with very many stamped and bought on a day that is
    not closed yet, as counted at `at`: to count it for every look takes longer than the
    look. Of other resellers it is counted each time (totals.by_day)."""

    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="open_days",
    )
    day = models.DateField("día")
    stamped = models.BigIntegerField("timbrados")
    sold = models.BigIntegerField("vendidos")
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "día abierto"
        verbose_name_plural = "días abiertos"
        constraints = (
            models.UniqueConstraint(
                fields=("reseller", "day"), name="open_day_is_counted_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.stamped:,} timbrados, {self.sold:,} vendidos"


class HiddenSteps(models.Model):
    """A reseller that hid the first steps of Inicio (first_steps.py)."""

    reseller = models.OneToOneField(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="+",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién",
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField("cuándo", default=timezone.now)

    class Meta:
        verbose_name = "primeros pasos ocultos"
        verbose_name_plural = "primeros pasos ocultos"

    def __str__(self) -> str:
        return f"{self.reseller}"


class MessageTemplate(models.Model):
    """A reseller's own message for a kind of suggestion, with fields in braces. Without
    a row the message is the one in messages.DEFAULTS."""

    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="messages",
    )
    kind = models.CharField("sugerencia", max_length=10, choices=SuggestionKind.choices)
    subject = LineField("asunto", max_length=150)
    text = ParagraphsField("mensaje", max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién",
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "mensaje"
        constraints = (
            models.UniqueConstraint(
                fields=("reseller", "kind"), name="message_once_per_suggestion"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SuggestionKind.values),
                name="message_is_for_a_suggestion",
            ),
            models.CheckConstraint(
                condition=~Q(subject="") & ~Q(text=""), name="message_says_something"
            ),
            models.CheckConstraint(
                condition=Q(PrintableLine("subject")) & Q(PrintableParagraphs("text")),
                name="message_text_is_printable",
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()
