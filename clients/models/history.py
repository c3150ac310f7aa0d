"""The history of a client: its entries and the CFDI of its stamps; append-only.

The other half of the history is events.py.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import ApiKey, User
from clients.models.client import Client
from sat import cfdi

_REFUSE = "RAISE EXCEPTION 'the history of a client is append-only';"
APPEND_ONLY = (
    pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_REFUSE,
    ),
    pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=_REFUSE,
    ),
)


def who(by: User | None, api_key: ApiKey | None) -> str:
    """The person or the program that did something, as a screen shows it."""
    if by is not None:
        return str(by)
    return f"API · {api_key.name}" if api_key else "la aplicación"


class Record(models.Model):
    """One line of a client's history: never changed or deleted, by anybody.

    Every index makes every stamp slower. So none begins with the column of another
    (the unique ones have client), and those on people omit rows without a person.
    """

    seq = models.BigIntegerField("núm.", help_text="Orden de todo lo ocurrido.")
    reason = models.CharField("motivo", max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="en nombre de",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    # The program that did it, when no person did. No foreign key in the database: it
    # would make every stamp lock the row of its key, and keys are never deleted.
    api_key = models.ForeignKey(
        ApiKey,
        verbose_name="llave",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField("cuándo", help_text="Para leer, no para ordenar.")

    class Meta:
        abstract = True
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index(
                fields=("by",), condition=Q(by__isnull=False), name="%(class)s_by"
            ),
            models.Index(
                fields=("on_behalf_of",),
                condition=Q(on_behalf_of__isnull=False),
                name="%(class)s_behalf",
            ),
        )

    @property
    def who(self) -> str:
        """The person or the program, as a screen names it."""
        return who(self.by, self.api_key)


class EntryKind(models.TextChoices):
    ASSIGNMENT = "assignment", "asignación"
    RENEWAL = "renewal", "renovación"
    ADDITION = "addition", "recarga"
    STAMP = "stamp", "timbrado"
    REVERSAL = "reversal", "reverso"
    EXPIRY = "expiry", "vencimiento"
    WITHDRAWAL = "withdrawal", "retiro"
    ADJUSTMENT = "adjustment", "ajuste"


GRANTS = (
    EntryKind.ASSIGNMENT,
    EntryKind.RENEWAL,
    EntryKind.ADDITION,
    EntryKind.REVERSAL,
)
# The kinds of entry that are sales.
SALES = (EntryKind.ASSIGNMENT, EntryKind.RENEWAL, EntryKind.ADDITION)
TAKES = (EntryKind.STAMP, EntryKind.EXPIRY, EntryKind.WITHDRAWAL)


class FolioLedger(Record):
    """One row (an *entry*) for every movement of folios, for ever."""

    # No foreign key in the database: each stamp would lock, and so write, the wide row
    # of its client. The account, which is locked first, has a foreign key to it.
    client = models.ForeignKey(
        Client,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="entries",
    )
    kind = models.CharField("movimiento", max_length=10, choices=EntryKind.choices)
    quantity = models.BigIntegerField("folios", help_text="Con signo.")
    balance_after = models.BigIntegerField("saldo")
    # The caller's idempotency key; a second entry (a loss at renewal) has none.
    reference = models.CharField(  # noqa: DJ001 (UNIQUE: two NULLs differ, two "" not)
        "referencia", max_length=64, null=True
    )
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="reversed_by",
    )

    class Meta(Record.Meta):
        abstract = False
        verbose_name = "movimiento"
        verbose_name_plural = "movimientos de folios"
        ordering = ("client", "seq")
        triggers = APPEND_ONLY
        indexes = (
            *Record.Meta.indexes,
            # To count the additions of a client: few rows, and no stamp updates it.
            models.Index(
                fields=("client", "created_at"),
                condition=Q(kind=EntryKind.ADDITION),
                name="entry_additions",
            ),
            # To list what all clients bought in a month or today: few rows as well.
            models.Index(
                fields=("created_at",),
                condition=Q(kind__in=SALES),
                name="entry_sales",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("client", "seq"), name="entry_seq_once_per_client"
            ),
            models.UniqueConstraint(
                fields=("client", "reference"), name="entry_reference_once_per_client"
            ),
            models.UniqueConstraint(
                fields=("reverses",),
                condition=Q(reverses__isnull=False),
                name="stamp_is_reversed_once",
            ),
            models.CheckConstraint(
                condition=Q(balance_after__gte=0),
                name="entry_balance_is_never_negative",
            ),
            models.CheckConstraint(
                condition=~Q(quantity=0), name="entry_moves_something"
            ),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.ADJUSTMENT)
                | Q(kind__in=GRANTS, quantity__gt=0)
                | Q(kind__in=TAKES, quantity__lt=0),
                name="entry_sign_follows_its_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind=EntryKind.ADJUSTMENT) | ~Q(reason=""),
                name="adjustment_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.REVERSAL, reverses__isnull=False)
                | (~Q(kind=EntryKind.REVERSAL) & Q(reverses=None)),
                name="only_a_reversal_reverses",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq}: {self.get_kind_display()} {self.quantity:+,}"


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
        FolioLedger, on_delete=models.PROTECT, primary_key=True, related_name="cfdi"
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
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    api_key = models.ForeignKey(
        ApiKey,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = "CFDI"
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
