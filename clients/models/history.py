"""The history of a client: what entries and events have in common, and the entries.

Append-only. The events are in events.py, the CFDI of stamps in documents.py.
"""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import ApiKey, User
from accounts.text import ParagraphsField, PrintableParagraphs
from clients.models.client import Client
from reseller_panel.triggers import append_only

if TYPE_CHECKING:
    from clients.models.bulk import BulkRun

APPEND_ONLY = append_only("the history of a client")


def who(by: User | None, api_key: ApiKey | None) -> str:
    """The person or the program that did something, as a screen shows it."""
    if by is not None:
        return f"{by} (con la llave {api_key.name})" if api_key else str(by)
    return f"API · {api_key.name}" if api_key else "la aplicación"


def who_for_client(by: User | None) -> str:
    """The same without the name of a key, which is the reseller's own."""
    return str(by) if by else "la aplicación"


class Record(models.Model):
    """One line of a client's history: never changed or deleted, by anybody.

    Every index makes every stamp slower. So none begins with the column of another
    (the unique ones have client), and those on people omit rows without a person.
    """

    # The change of many clients that it is of, where a page asked for it.
    run: "BulkRun | None" = None

    seq = models.BigIntegerField("núm.", help_text="Orden de todo lo ocurrido.")
    reason = ParagraphsField("motivo", max_length=500, blank=True)
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
    # The program that did it, or the key with which a person (`by`) tried a call by
    # hand. No foreign key in the database: it would make every stamp lock the row of
    # its key, and keys are never deleted.
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

    @property
    def who_for_client(self) -> str:
        """The same without the name of a key, which is the reseller's own."""
        return who_for_client(self.by)


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
# The kinds of entry that are sales, and what is taken back of them.
SALES = (
    EntryKind.ASSIGNMENT,
    EntryKind.RENEWAL,
    EntryKind.ADDITION,
    EntryKind.WITHDRAWAL,
)
TAKES = (EntryKind.STAMP, EntryKind.WITHDRAWAL)
# Either sign: support corrects both ways, and what a renewal took comes back when the
# renewal is undone.
BOTH = (EntryKind.ADJUSTMENT, EntryKind.EXPIRY)


class FolioLedger(Record):
    """One row (an *entry*) for every movement of folios, for ever."""

    # No foreign key in the database: each stamp would lock, and so write, the wide row
    # of its client. The account, which is locked first, has a foreign key to it.
    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
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
    # With which of the client's additional RFCs it was stamped; blank for its own, and
    # where the program named the client by its id.
    additional_rfc = models.CharField(
        "RFC adicional", max_length=13, blank=True, default="", db_default=""
    )
    reverses = models.ForeignKey(
        "self",
        verbose_name="revierte a",
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
            # For the movements by day, and to count the additions of a client: few
            # rows, and no stamp updates it.
            models.Index(
                fields=("client", "created_at"),
                condition=~Q(kind=EntryKind.STAMP),
                name="entry_not_stamps",
            ),
            # Until when an additional RFC was used: few clients have any.
            models.Index(
                fields=("client", "additional_rfc"),
                condition=~Q(additional_rfc=""),
                name="entry_additional_rfc",
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
                condition=Q(kind__in=BOTH)
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
            models.CheckConstraint(
                # Most entries have no reason, and skip the pattern.
                condition=Q(reason="") | Q(PrintableParagraphs("reason")),
                name="entry_reason_is_printable",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq}: {self.get_kind_display()} {self.quantity:+,}"
