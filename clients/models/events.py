"""Everything done to a client other than moving folios; append-only."""

from datetime import date
from typing import NamedTuple

from django.db import models
from django.db.models import QuerySet

from accounts.text import ParagraphsField, PrintableParagraphs
from clients.models.client import Client
from clients.models.history import APPEND_ONLY, Record


class EventKind(models.TextChoices):
    CREATED = "created", "alta"
    PLAN_EDITED = "plan_edited", "plan editado"
    RENEWED = "renewed", "renovado"
    RENEWAL_UNDONE = "unrenewed", "renovación deshecha"
    SUSPENDED = "suspended", "suspendido"
    ACTIVATED = "activated", "activado"
    ARCHIVED = "archived", "archivado"
    RESTORED = "restored", "restaurado"
    ENTERED = "entered", "entró como cliente"
    LEFT = "left", "salió de la cuenta"
    NOTE = "note", "nota"
    POSTPONED = "postponed", "sugerencia pospuesta"
    DISMISSED = "dismissed", "sugerencia descartada"
    CONTACTED = "contacted", "contactado"
    RESUMED = "resumed", "sugerencia reanudada"
    TASK_ADDED = "task_added", "pendiente agregado"
    TASK_DONE = "task_done", "pendiente hecho"
    TASK_REOPENED = "task_reopen", "pendiente reabierto"
    RFC_ADDED = "rfc_added", "RFC adicional agregado"
    RFC_ENDED = "rfc_ended", "RFC adicional terminado"
    ACCEPTED = "accepted", "acceso aceptado"
    DECLINED = "declined", "acceso rechazado"
    WELCOMED = "welcomed", "bienvenida otra vez"


# What the client's person does, who is not one of the reseller's people.
_BY_THE_PERSON = {EventKind.ACCEPTED: "after", EventKind.DECLINED: "before"}


# What is only said of a client, and changes no fact.
ASIDES = (
    EventKind.ENTERED,
    EventKind.LEFT,
    EventKind.NOTE,
    EventKind.POSTPONED,
    EventKind.DISMISSED,
    EventKind.CONTACTED,
    EventKind.RESUMED,
    EventKind.TASK_ADDED,
    EventKind.TASK_DONE,
    EventKind.TASK_REOPENED,
)


class FactChange(NamedTuple):
    label: str
    before: str
    after: str


_FACT_LABELS = {
    "plan": "paquete",
    "services": "servicios",
    "expires_on": "vigencia",
    "suggestion": "sugerencia",
    "additional_rfc": "RFC",
    "since": "desde el",
    "until": "hasta el",
    "channel": "por",
    "due_on": "para el",
    "login_email": "entra con",
}
_DAYS = ("expires_on", "since", "until", "due_on")


def _fact_text(name: str, value: str | list[str] | None) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if name in _DAYS:
        return f"{date.fromisoformat(value):%d/%m/%Y}" if value else "sin vigencia"
    return value or ""


def _field(name: str) -> models.Field:
    """The field of Client whose label names the fact."""
    field = Client._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


class ClientEvent(Record):
    """Something done to a client other than moving folios, before and after."""

    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="events",
    )
    kind = models.CharField("qué", max_length=12, choices=EventKind.choices)
    message = ParagraphsField("mensaje al cliente", max_length=500, blank=True)
    before = models.JSONField("antes", default=dict)
    after = models.JSONField("después", default=dict)

    class Meta(Record.Meta):
        abstract = False
        verbose_name = "evento"
        verbose_name_plural = "eventos de clientes"
        ordering = ("client", "seq")
        triggers = APPEND_ONLY
        indexes = (
            *Record.Meta.indexes,
            # For the forecast, which asks every client of a list for its suspensions.
            models.Index(
                fields=("client", "seq"),
                condition=models.Q(kind__in=("suspended", "activated")),
                name="client_suspensions",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("client", "seq"), name="event_seq_once_per_client"
            ),
            models.CheckConstraint(
                condition=PrintableParagraphs("reason", "message"),
                name="event_text_is_printable",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq}: {self.get_kind_display()}"

    @property
    def who(self) -> str:
        """The client's person is called by the address that the reseller gave it."""
        if side := _BY_THE_PERSON.get(EventKind(self.kind)):
            return str(getattr(self, side)["login_email"])
        return super().who

    @property
    def changes(self) -> list["FactChange"]:
        """What the event changed, as the screen shows it."""
        # Of a new client only what it was granted is shown; the rest is its data.
        names = set(self.after)
        if self.kind == EventKind.CREATED:
            names &= {"plan", "expires_on"}
        return [
            FactChange(
                _FACT_LABELS.get(name) or str(_field(name).verbose_name),
                _fact_text(name, self.before[name]) if name in self.before else "",
                _fact_text(name, self.after[name]) or "—",
            )
            for name in sorted(names)
        ]


def suspension_of(client: Client) -> ClientEvent | None:
    """The event of the suspension in force, with its reason and message."""
    if not client.is_suspended:
        return None
    events: QuerySet[ClientEvent] = client.events.filter(kind=EventKind.SUSPENDED)
    return events.order_by("-seq").first()
