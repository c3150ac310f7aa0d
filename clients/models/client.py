"""A client, its plan and its account: facts, and queries about them."""

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, TextField, Value
from django.urls import reverse

from accounts.models import Actor, Reseller
from accounts.text import validate_plain_text
from clients.search import Fold, Joined, sort_key
from clients.status import Status, status_sql, true_statuses
from packages.models import Inclusion, Package, Terms
from sat import rfc as rfc_rules
from sat.regimes import REGIME_CHOICES


def id_or_rfc(text: str) -> uuid.UUID | str | None:
    """Parse how a program names a client: a public id, or an RFC (returned clean);
    None if the text is neither."""
    if len(text) == 36:
        try:
            return uuid.UUID(text)
        except ValueError:
            return None
    rfc = rfc_rules.clean(text)
    return rfc if rfc_rules.is_well_formed(rfc) else None


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: Actor) -> Self:
        """The clients of the user's reseller; all for support; none for others."""
        if user.is_staff:
            return self
        if not user.reseller_id:
            return self.none()
        return self.filter(reseller=user.reseller_id)

    def listed(self) -> Self:
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)

    def with_facts(self) -> Self:
        """Clients with the related objects that a row, a verb or a status reads."""
        return self.select_related("account", "plan__package", "reseller")

    def with_status(self, today: date) -> Self:
        """Annotate `status_value`, the status derived on `today`."""
        return self.annotate(status_value=status_sql(today))

    def named(self, text: str) -> Self:
        """Clients with this public id or RFC, as programs write it; none if neither."""
        name = id_or_rfc(text)
        if name is None:
            return self.none()
        field = "public_id" if isinstance(name, uuid.UUID) else "rfc"
        return self.filter(**{field: name})

    def matching(self, text: str) -> Self:
        """Clients with every word of `text` somewhere in the name, RFC or e-mail."""
        clients = self
        for word in text.split():
            clients = clients.filter(search_text__contains=Fold(Value(word)))
        return clients


class Client(models.Model):
    """A taxpayer who buys folios. Four facts decide what it may do: the balance (in
    FolioAccount), `expires_on`, `suspended_at` and `archived_at`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reseller = models.ForeignKey(
        Reseller, on_delete=models.PROTECT, related_name="clients", editable=False
    )
    legal_name = models.CharField(
        "razón social", max_length=254, validators=[validate_plain_text]
    )
    rfc = models.CharField("RFC", max_length=13, validators=[rfc_rules.validate])
    tax_regime = models.CharField(
        "régimen fiscal", max_length=3, choices=REGIME_CHOICES
    )
    postal_code = models.CharField(
        "código postal",
        max_length=5,
        validators=[RegexValidator(r"^[0-9]{5}\Z", "Son cinco dígitos.")],
    )
    contact_name = models.CharField(
        "contacto", max_length=120, blank=True, validators=[validate_plain_text]
    )
    contact_email = models.EmailField("correo")
    contact_phone = models.CharField("teléfono", max_length=20, blank=True)
    # Who logs in as this client: always the person with the contact e-mail.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="clients",
        editable=False,
    )

    created_at = models.DateTimeField("creado", editable=False)
    expires_on = models.DateField(
        "vigencia", null=True, editable=False, help_text="Último día utilizable."
    )
    suspended_at = models.DateTimeField("suspendido", null=True, editable=False)
    archived_at = models.DateTimeField("archivado", null=True, editable=False)

    search_text = models.GeneratedField(
        expression=Fold(Joined("legal_name", "rfc", "contact_email")),
        output_field=TextField(),
        db_persist=True,
    )
    sort_name = models.GeneratedField(
        expression=sort_key("legal_name"),
        output_field=TextField(db_collation="C"),
        db_persist=True,
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = "cliente"
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(
                fields=("reseller", "-created_at", "-id"), name="client_by_creation"
            ),
            models.Index(
                fields=("reseller", "expires_on", "id"), name="client_by_expiry"
            ),
            models.Index(fields=("reseller", "sort_name", "id"), name="client_by_name"),
            GinIndex(
                OpClass("search_text", name="gin_trgm_ops"), name="client_by_words"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("reseller", "rfc"), name="client_rfc_once_per_reseller"
            ),
            models.CheckConstraint(
                condition=Q(rfc__regex=rfc_rules.PATTERN),
                name="client_rfc_is_well_formed",
            ),
            models.CheckConstraint(
                condition=~Q(rfc__in=list(rfc_rules.GENERIC)),
                name="client_rfc_is_not_generic",
            ),
            models.CheckConstraint(
                condition=Q(postal_code__regex=r"^[0-9]{5}$"),
                name="client_postal_code_has_five_digits",
            ),
        )

    def __str__(self) -> str:
        return self.legal_name

    def get_absolute_url(self) -> str:
        return reverse("clients:detail", args=[self.public_id])

    @property
    def taxpayer_kind(self) -> str:
        return rfc_rules.taxpayer_kind(self.rfc)

    @property
    def balance(self) -> int:
        return self.account.balance

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def statuses_on(self, today: date) -> list[Status]:
        """The status first, then the secondary facts."""
        return true_statuses(
            suspended_at=self.suspended_at,
            expires_on=self.expires_on,
            balance=self.account.balance,
            today=today,
        )

    def status_on(self, today: date) -> Status:
        return self.statuses_on(today)[0]

    def shown_statuses_on(self, today: date) -> list[Status]:
        """The statuses that a screen may name. An archived client can't stamp, whatever
        its other facts are, so *activo* is never said of it."""
        return [
            status
            for status in self.statuses_on(today)
            if not (self.is_archived and status is Status.ACTIVE)
        ]

    def may_stamp_on(self, today: date) -> bool:
        """Whether a stamp of one folio would be accepted."""
        return not self.is_archived and self.status_on(today) is Status.ACTIVE


class Plan(Terms):
    """The client's own copy of a package, taken the moment it is assigned."""

    client = models.OneToOneField(
        Client, on_delete=models.PROTECT, primary_key=True, related_name="plan"
    )
    # The package that was copied; its terms may have changed since.
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="plans")
    # Somebody edited it: its name says so, and renewing the same keeps its services.
    is_customized = models.BooleanField("personalizado", default=False)
    assigned_at = models.DateTimeField("asignado")

    class Meta(Terms.Meta):
        verbose_name = "plan"

    def __str__(self) -> str:
        return self.name


class PlanService(Inclusion):
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="inclusions")

    class Meta:
        ordering = ("service_id",)
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "service"), name="plan_includes_a_service_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__gte=1),
                name="plan_service_quantity_is_positive",
            ),
        )


class FolioAccount(models.Model):
    """The balance, in one narrow row that every movement and every verb locks first.

    `last_seq` numbers everything that ever happened to the client, entries and events
    alike, without gaps. The other fields are the totals that FolioDay stores by day.
    Only clients/ledger writes here.
    """

    client = models.OneToOneField(
        Client, on_delete=models.PROTECT, primary_key=True, related_name="account"
    )
    balance = models.BigIntegerField("folios", default=0)
    last_seq = models.BigIntegerField(default=0)
    spent = models.BigIntegerField("gastados", default=0)
    dry = models.IntegerField("días sin folios", default=0)
    moved_on = models.DateField("último movimiento", null=True)
    stamped_on = models.DateField("último timbrado", null=True)

    class Meta:
        verbose_name = "cuenta de folios"
        constraints = (
            models.CheckConstraint(
                condition=Q(balance__gte=0), name="balance_is_never_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.balance} folios"
