"""A change of many clients: whom it is for, what was asked, and what came of each.

Facts only; the verbs are in clients/bulk. A run is a preview until it has a job. Each
row is one client, as it was when the preview was shown (`seq`, `terms`).
"""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Reseller, User
from accounts.text import (
    LineField,
    ParagraphsField,
    PrintableLine,
    PrintableParagraphs,
)
from clients.models.client import Client
from jobs.models import Job
from packages.models import Package


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def visible_to(self, user: User) -> Self:
        """Those of their reseller; to everybody else they do not exist."""
        if not user.reseller_id:
            return self.none()
        return self.filter(reseller=user.reseller_id)


class BulkRun(models.Model):
    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        related_name="+",
    )
    by = models.ForeignKey(
        User,
        verbose_name="quién",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    verb = models.CharField("acción", max_length=20)
    created_at = models.DateTimeField("creado", default=timezone.now, editable=False)
    # How often its preview was shown anew: whoever accepts says which one was seen.
    version = models.PositiveIntegerField("versión", default=0)
    # What was asked for, where the verb asks it.
    quantity = models.PositiveBigIntegerField("cantidad", null=True)
    package = models.ForeignKey(
        Package,
        verbose_name="paquete",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    activates = models.BooleanField("activar también", default=False)
    reason = LineField("motivo", max_length=500, blank=True)
    message = ParagraphsField("mensaje al cliente", max_length=500, blank=True)
    # NULL: a preview; nothing was done.
    job = models.OneToOneField(
        Job,
        verbose_name="trabajo",
        on_delete=models.PROTECT,
        null=True,
        related_name="bulk_run",
    )
    undoes = models.ForeignKey(
        "self",
        verbose_name="deshace",
        on_delete=models.PROTECT,
        null=True,
        related_name="undone_by",
    )

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name = "cambio de muchos clientes"
        verbose_name_plural = "cambios de muchos clientes"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=PrintableLine("reason"), name="bulk_reason_is_printable"
            ),
            models.CheckConstraint(
                condition=PrintableParagraphs("message"),
                name="bulk_message_is_printable",
            ),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("clients:bulk_run", args=[self.public_id])

    @property
    def is_preview(self) -> bool:
        return self.job_id is None


class RowState(models.TextChoices):
    WAITING = "", "en espera"
    DONE = "done", "hecho"
    SKIPPED = "skipped", "sin cambio"
    FAILED = "failed", "falló"


class BulkRow(models.Model):
    run = models.ForeignKey(
        BulkRun,
        verbose_name="cambio",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="rows",
    )
    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    place = models.PositiveIntegerField("lugar")
    # The newest record of the client when the preview was shown. Of an undo, the record
    # that is taken back.
    seq = models.BigIntegerField("núm.", default=0)
    # Which terms of packages, and which day, the preview was computed with.
    terms = models.CharField("términos", max_length=16, blank=True)
    state = models.CharField(
        "estado", max_length=7, choices=RowState.choices, blank=True
    )
    # The newest record of what was done.
    done_seq = models.BigIntegerField("núm. de lo hecho", null=True)
    said = LineField("qué se dijo", max_length=400, blank=True)

    class Meta:
        verbose_name = "cliente de un cambio"
        verbose_name_plural = "clientes de un cambio"
        ordering = ("run", "place")
        indexes = (
            models.Index(fields=("run", "state", "place"), name="bulk_row_of_state"),
            # Which run a record of a client is of.
            models.Index(
                fields=("client", "done_seq"),
                condition=Q(done_seq__isnull=False),
                name="bulk_row_of_record",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("run", "client"), name="bulk_row_once_per_client"
            ),
            models.CheckConstraint(
                condition=PrintableLine("said"), name="bulk_row_text_is_printable"
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.client_id}"
