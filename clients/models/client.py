"""A client: facts, and queries about them. What it has is in plans.py."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, TextField, Value

from accounts.models import Actor, Reseller
from accounts.text import EmailLineField, LineField, PrintableLine
from clients.models.rfcs import MAIN_RFC_IS_NOT_ADDITIONAL, AdditionalRfc
from clients.models.triggers import STANDING_OF_CLIENT
from clients.search import (
    Folded,
    IsAnyOf,
    Joined,
    begins_with,
    id_or_rfc,
    is_beginning,
    matches,
    sorting_key,
)
from clients.status import Status, true_statuses
from reseller_panel.spanish import listed
from reseller_panel.urls_by_id import url_of
from sat import rfc as rfc_rules
from sat.regimes import REGIME_CHOICES

# Before there were digital documents.
ALWAYS = date(2005, 1, 1)
# What another system may not have of a client.
MAY_BE_MISSING = ("tax_regime", "postal_code", "contact_email")


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

    def incomplete(self) -> Self:
        """Those of whom something is still to be asked for."""
        return self.filter(Q(tax_regime="") | Q(postal_code="") | Q(contact_email=""))

    def with_facts(self) -> Self:
        """Clients with the related objects that a row, a verb or a status reads."""
        return self.select_related("account", "plan__package", "reseller")

    def history_begins_at(self) -> datetime | None:
        """The first `known_since` of these; None of none. Each of the two is the first
        of an index."""
        here = self.filter(history_from=None).order_by("created_at")
        brought = self.filter(history_from__isnull=False).order_by("history_from")
        first = here.values_list("created_at")[:1].union(
            brought.values_list("history_from")[:1], all=True
        )
        return min((at for (at,) in first), default=None)

    def find(self, text: str, *, today: date) -> "Client | None":
        """The client with this public id or RFC, as programs write it. Its additional
        RFCs in force `today` name it too."""
        name = id_or_rfc(text)
        if name is None:
            return None
        if isinstance(name, uuid.UUID):
            return self.filter(public_id=name).first()
        # Two questions: one with OR would read every client of the reseller.
        main = self.filter(rfc=name).first()
        return main or self.with_additional_rfc(name, on=today).first()

    def with_additional_rfc(self, rfc: str, *, on: date) -> Self:
        return self.filter(
            Q(additional_rfcs__ends_on=None) | Q(additional_rfcs__ends_on__gte=on),
            additional_rfcs__rfc=rfc,
            additional_rfcs__starts_on__lte=on,
        )

    def issuing(self, rfc: str, *, on: date) -> Sequence["Client"]:
        """Whose a document of this issuer and day is, by reseller. If it is nobody's,
        those who had the RFC on other days."""
        found = list(self.with_additional_rfc(rfc, on=on))
        others = self.exclude(reseller__in={client.reseller_id for client in found})
        found.extend(others.filter(rfc=rfc))
        return found or list(self.filter(additional_rfcs__rfc=rfc).distinct())

    def matching(self, text: str) -> Self:
        """Clients with every word of `text` somewhere in the name, RFC (additional ones
        too) or contact; of one or two letters, those whose name or RFC begins so."""
        if is_beginning(text):
            return self.filter(begins_with(text, of="standing__"))
        return self.filter(matches(text, has=_has))


def _has(text: str) -> Q:
    folded = Folded(Value(text))
    holders = AdditionalRfc.objects.annotate(
        folded=Folded("rfc", output_field=TextField())
    ).filter(folded__contains=folded)
    return Q(search_text__contains=folded) | Q(
        IsAnyOf(F("pk"), ArraySubquery(holders.values("client")))
    )


class Client(models.Model):
    """A taxpayer who buys folios. Four facts decide what it may do: the balance (in
    FolioAccount), `expires_on`, `suspended_at` and `archived_at`."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        related_name="clients",
        editable=False,
    )
    legal_name = LineField("razón social", max_length=254)
    rfc = models.CharField("RFC", max_length=13, validators=[rfc_rules.validate])
    # The day from which it is this client's: until then it may be an additional RFC of
    # another. Of clients older than this column it always was.
    rfc_since = models.DateField(
        "RFC desde", default=ALWAYS, db_default=ALWAYS, editable=False
    )
    # This, the postal code and the e-mail are blank where another system had none
    # (lifecycle/importing.py): whoever types a client's data has to give them.
    tax_regime = models.CharField(
        "régimen fiscal", max_length=3, choices=REGIME_CHOICES
    )
    postal_code = models.CharField(
        "código postal",
        max_length=5,
        validators=[RegexValidator(r"^[0-9]{5}\Z", "Son cinco dígitos.")],
    )
    contact_name = LineField("contacto", max_length=120, blank=True)
    contact_email = EmailLineField("correo")
    contact_phone = models.CharField("teléfono", max_length=20, blank=True)
    # The person whom the reseller gave the account to last. Whether it may open it is
    # said by its membership alone (memberships.py). Nobody while there is no e-mail.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="persona",
        on_delete=models.PROTECT,
        null=True,
        related_name="clients",
        editable=False,
    )

    created_at = models.DateTimeField("creado", editable=False)
    # Of one that was created in another system: from when its history is here.
    history_from = models.DateTimeField("historial desde", null=True, editable=False)
    expires_on = models.DateField(
        "vigencia", null=True, editable=False, help_text="Último día utilizable."
    )
    suspended_at = models.DateTimeField("suspendido", null=True, editable=False)
    archived_at = models.DateTimeField("archivado", null=True, editable=False)

    search_text = models.GeneratedField(
        expression=Folded(
            Joined(
                "legal_name", "rfc", "contact_email", "contact_name", "contact_phone"
            )
        ),
        output_field=TextField(),
        db_persist=True,
        verbose_name="texto de búsqueda",
    )
    sort_name = models.GeneratedField(
        expression=sorting_key(F("legal_name")),
        output_field=TextField(db_collation="C"),
        db_persist=True,
        verbose_name="nombre para ordenar",
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = "cliente"
        ordering = ("-created_at", "-id")
        triggers = (MAIN_RFC_IS_NOT_ADDITIONAL, STANDING_OF_CLIENT)
        indexes = (
            models.Index(
                fields=("reseller", "-created_at", "-id"), name="client_by_creation"
            ),
            # The first whose history is here: few brought, or few not brought.
            models.Index(
                fields=("reseller", "history_from"),
                condition=Q(history_from__isnull=False),
                name="client_brought",
            ),
            models.Index(
                fields=("reseller", "created_at"),
                condition=Q(history_from=None),
                name="client_not_brought",
            ),
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
                condition=Q(postal_code__regex=r"^([0-9]{5})?$"),
                name="client_postal_code_has_five_digits",
            ),
            models.CheckConstraint(
                condition=Q(history_from=None) | Q(history_from__gte=F("created_at")),
                name="client_history_does_not_begin_before_it",
            ),
            models.CheckConstraint(
                condition=PrintableLine("legal_name", "contact_name"),
                name="client_names_are_printable",
            ),
        )

    def __str__(self) -> str:
        return self.legal_name

    def get_absolute_url(self) -> str:
        return url_of("clients:detail", self.public_id)

    @property
    def taxpayer_kind(self) -> str:
        return rfc_rules.taxpayer_kind(self.rfc)

    @property
    def contact(self) -> str:
        """Whom to ask for, as the client's own reseller wrote it."""
        return self.contact_name or self.contact_email

    @property
    def known_since(self) -> datetime:
        """The moment of its first record here; before it nothing is known of it."""
        return self.history_from or self.created_at

    @property
    def missing(self) -> list[str]:
        """What of its data is still to be asked for, by field name."""
        return [name for name in MAY_BE_MISSING if not getattr(self, name)]

    @property
    def missing_in_words(self) -> str:
        """«régimen fiscal y correo»"""
        named = [str(self._meta.get_field(name).verbose_name) for name in self.missing]  # type: ignore[union-attr]
        return listed(named)

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
