"""The answers to suggestions, and the tasks of a client: stored facts only.

A suggestion is derived (forecast/suggestions.py) and never stored; what is stored is
which one a person answered, how, and the facts (`basis`) it was derived from. Only
lifecycle/followup.py writes here.
"""

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Actor
from accounts.text import LineField, PrintableLine
from clients.models.client import Client


class SuggestionKind(models.TextChoices):
    """What may be suggested; forecast/suggestions.py decides which."""

    FOLIOS = "folios", "ofrecer folios"
    RENEWAL = "renewal", "ofrecer renovación"
    BIGGER = "bigger", "ofrecer un paquete mayor"
    SEAL = "seal", "avisar del sello"
    CALL = "call", "llamar"
    REVIEW = "review", "activar o archivar"


class Answer(models.TextChoices):
    """How a person answered a suggestion."""

    POSTPONED = "postponed", "pospuesto"
    DISMISSED = "dismissed", "descartado"
    CONTACTED = "contacted", "contactado"


class Channel(models.TextChoices):
    WHATSAPP = "whatsapp", "WhatsApp"
    EMAIL = "email", "correo"
    PHONE = "phone", "teléfono"


class FollowUp(models.Model):
    """The last answer to a client's suggestion. It applies while the suggestion has the
    same `basis` and, if postponed, while today < `until`."""

    client = models.OneToOneField(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="followup",
    )
    how = models.CharField("cómo", max_length=10, choices=Answer.choices)
    kind = models.CharField("sugerencia", max_length=10, choices=SuggestionKind.choices)
    basis = models.CharField("hechos en que se basa", max_length=200)
    until = models.DateField("hasta", null=True)
    channel = models.CharField(
        "medio", max_length=10, choices=Channel.choices, blank=True
    )
    reason = LineField("motivo", max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField("cuándo")
    # Of the event that says it: which answer an undo means.
    seq = models.BigIntegerField("núm.")

    class Meta:
        verbose_name = "seguimiento"
        constraints = (
            models.CheckConstraint(
                condition=Q(how__in=Answer.values), name="followup_is_one_of_three"
            ),
            models.CheckConstraint(
                condition=~Q(kind="") & ~Q(basis=""), name="followup_answers_something"
            ),
            models.CheckConstraint(
                condition=Q(how=Answer.POSTPONED, until__isnull=False)
                | ~Q(how=Answer.POSTPONED) & Q(until=None),
                name="only_what_is_postponed_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(how=Answer.DISMISSED) | ~Q(reason=""),
                name="what_is_dismissed_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(how=Answer.CONTACTED, channel__in=Channel.values)
                | ~Q(how=Answer.CONTACTED) & Q(channel=""),
                name="only_who_was_contacted_has_a_channel",
            ),
            models.CheckConstraint(
                condition=PrintableLine("reason"), name="followup_reason_is_printable"
            ),
        )

    def __str__(self) -> str:
        return self.get_how_display()

    def holds(self, basis: str, today: date) -> bool:
        """Whether the answer still applies to a suggestion with this `basis`."""
        return self.basis == basis and (self.until is None or today < self.until)

    def says_the_same_as(self, other: "FollowUp") -> bool:
        """Whether both answer the same in the same way; who and when may differ."""
        names = ("client_id", "how", "kind", "basis", "until", "channel", "reason")
        return all(getattr(self, name) == getattr(other, name) for name in names)


# FollowUp.holds as SQL, over rows of `answer` and `suggested`.
HOLDS_SQL = (
    "answer.basis = suggested.basis"
    " AND (answer.until IS NULL OR answer.until > %(today)s)"
)


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: Actor) -> Self:
        return self.filter(client__in=Client.objects.visible_to(user))

    def pending(self) -> Self:
        return self.filter(done_at=None)

    def done(self) -> Self:
        """Done tasks, the last one first."""
        return self.filter(done_at__isnull=False).order_by("-done_at")

    def due(self, today: date) -> Self:
        """Tasks to be done today, or already late."""
        return self.pending().filter(due_on__lte=today)


class Task(models.Model):
    """Something promised to a client for a day: *pendiente* on the screen."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    client = models.ForeignKey(
        Client, verbose_name="cliente", on_delete=models.PROTECT, related_name="tasks"
    )
    text = LineField("qué hay que hacer", max_length=500)
    due_on = models.DateField("para el día")
    created_at = models.DateTimeField("agregado")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién lo anotó",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    done_at = models.DateTimeField("hecho", null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién lo hizo",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "pendiente"
        ordering = ("due_on", "id")
        indexes = (
            # Done tasks stay for ever, but the daily queries are about the others.
            models.Index(
                fields=("client", "due_on"),
                condition=Q(done_at=None),
                name="task_pending_by_day",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="task_says_something"),
            models.CheckConstraint(
                condition=PrintableLine("text"), name="task_text_is_printable"
            ),
            models.CheckConstraint(
                condition=Q(done_by=None) | Q(done_at__isnull=False),
                name="only_a_done_task_was_done_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    @property
    def done_mark(self) -> str:
        """Which time it was done, for an undo; empty while it is pending."""
        return f"{self.done_at.timestamp():.6f}" if self.done_at else ""
