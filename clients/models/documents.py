"""The data of the documents that were paid with stamps; append-only.

Law: domain.md, "What counts as a stamp"; api.md, POST /api/v1/cfdi.
"""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import ApiKey
from clients.models.history import APPEND_ONLY, FolioLedger, who, who_for_client
from sat import cfdi


class CfdiKind(models.TextChoices):
    """SAT's catalogue c_TipoDeComprobante, and withholdings, which are not in it."""

    INCOME = "I", "ingreso"
    CREDIT = "E", "egreso"
    TRANSFER = "T", "traslado"
    PAYROLL = "N", "nómina"
    PAYMENT = "P", "pago"
    WITHHOLDING = cfdi.WITHHOLDING, "retenciones"


class CfdiRecord(models.Model):
    """The data of a document that was paid with a stamp, stored with its entry.

    It is what the document says of itself; nobody has verified it.
    """

    entry = models.OneToOneField(
        FolioLedger,
        verbose_name="movimiento",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="cfdi",
    )
    uuid = models.UUIDField("folio fiscal")
    # The document states no time zone: this is the issuer's local day.
    issued_on = models.DateField("fecha")
    kind = models.CharField("tipo", max_length=1, choices=CfdiKind.choices)
    # Blank, like what follows, in records older than these columns.
    issuer_rfc = models.CharField(
        "RFC del emisor", max_length=13, default="", blank=True
    )
    receiver_rfc = models.CharField("RFC del receptor", max_length=13)
    total = models.DecimalField("total", max_digits=24, decimal_places=6)
    certificate_ends_at = models.DateTimeField("fin del certificado", null=True)
    # Later than the entry, if the stamp was reported first and its document afterwards.
    reported_at = models.DateTimeField("informado", null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    api_key = models.ForeignKey(
        ApiKey,
        verbose_name="llave",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "CFDI"
        triggers = APPEND_ONLY
        indexes = (models.Index(fields=("uuid",), name="cfdi_by_uuid"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(issued_on__gte=cfdi.FIRST_DAY)
                & (
                    ~Q(kind=CfdiKind.WITHHOLDING)
                    | Q(issued_on__gte=cfdi.FIRST_WITHHOLDING)
                ),
                name="cfdi_day_can_be",
            ),
            models.CheckConstraint(
                condition=Q(total__gt=-cfdi.TOTAL_MAX, total__lt=cfdi.TOTAL_MAX),
                name="cfdi_total_can_be",
            ),
        )

    def __str__(self) -> str:
        return str(self.uuid)

    @classmethod
    def of(cls, document: cfdi.Cfdi) -> "CfdiRecord":
        """The record of a document, still without its entry."""
        return cls(
            uuid=document.uuid,
            issued_on=document.issued_at.date(),
            kind=document.kind,
            issuer_rfc=document.issuer_rfc,
            receiver_rfc=document.receiver_rfc,
            total=document.total,
            certificate_ends_at=document.certificate_ends_at,
        )

    @property
    def came_later(self) -> bool:
        return (
            self.reported_at is not None and self.reported_at != self.entry.created_at
        )

    @property
    def who(self) -> str:
        """Who reported it, as a screen shows it."""
        return who(self.by, self.api_key)

    @property
    def who_for_client(self) -> str:
        return who_for_client(self.by)

    def differences_from(self, other: "CfdiRecord") -> list[str]:
        """What `other` says otherwise of the same stamp, in words."""
        names = ["issued_on", "kind", "receiver_rfc", "total"]
        if self.issuer_rfc:
            names += ["issuer_rfc", "certificate_ends_at"]
        return [
            f"{self._meta.get_field(name).verbose_name}: "  # type: ignore[union-attr]
            f"{self._shown(name)}, no {other._shown(name)}"
            for name in names
            if getattr(self, name) != getattr(other, name)
        ]

    def _shown(self, name: str) -> str:
        value = getattr(self, name)
        match value:
            case None:
                return "ninguno"
            case date():
                return f"{value:%d/%m/%Y}"
            case Decimal():
                return f"{value:,.2f}" if value == round(value, 2) else f"{value:,}"
        return str(CfdiKind(value).label if name == "kind" else value)
