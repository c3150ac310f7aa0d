"""The grant that lets a person of a reseller act as a client for half an hour.

Law: quality.md, "Entering as a client". A grant says who may act as whom, since when
and until when; impersonation.py creates, checks and ends it. The append-only history is
the client's events, not this table.
"""

import math
import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from accounts.text import LineField, PrintableLine
from clients.models import Client
from reseller_panel.spanish import agree

GRANT_MINUTES = 30
GRANT_LASTS = timedelta(minutes=GRANT_MINUTES)


class GrantQuerySet(models.QuerySet["Grant"]):
    def open_of(self, actor: User) -> Self:
        """The person's grants that nobody has ended; they may have expired."""
        return self.filter(actor=actor, ended_at=None)

    def with_facts(self) -> Self:
        """Join everything that impersonation.settle and the banner read."""
        return self.select_related(
            "actor__reseller",
            "client__account",
            "client__plan__package",
            "client__reseller",
        )


class Grant(models.Model):
    """One visit of a reseller's person (`actor`) to the account of a client."""

    # The dialog's idempotency key: sent twice, it starts one visit.
    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    client = models.ForeignKey(
        Client, verbose_name="cliente", on_delete=models.PROTECT, related_name="grants"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién entró",
        on_delete=models.PROTECT,
        related_name="grants",
    )
    reason = LineField("motivo", max_length=500)
    created_at = models.DateTimeField("desde")
    expires_at = models.DateTimeField("hasta, a más tardar")
    ended_at = models.DateTimeField("terminó", null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = "visita"
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("actor",),
                condition=Q(ended_at=None),
                name="grant_one_open_per_actor",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lte=F("created_at") + GRANT_LASTS),
                name="grant_lasts_half_an_hour_at_most",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(
                    ended_at__gte=F("created_at"),
                    ended_at__lte=F("expires_at"),
                ),
                name="grant_ends_within_its_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_a_reason"),
            models.CheckConstraint(
                condition=PrintableLine("reason"), name="grant_reason_is_printable"
            ),
        )

    def __str__(self) -> str:
        return f"{self.actor} en la cuenta de {self.client}"

    # For the banner. impersonation.why_over decides whether the visit is in force.
    @property
    def seconds_left(self) -> int:
        return math.ceil((self.expires_at - timezone.now()).total_seconds())

    @property
    def time_left(self) -> str:
        minutes = math.ceil(self.seconds_left / 60)
        return f"le {agree(minutes, 'queda', 'quedan')} {minutes} min"
