"""What was done to keys and to people's access: who, to whom, when; append-only.

Law: quality.md, "Access". The verbs of keys.py, people.py and sheet_links.py write it
in the transaction of the change; nobody changes or deletes a row, the database refuses
it.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from reseller_panel.triggers import append_only

if TYPE_CHECKING:
    from accounts.models import ApiKey, User


class AccessKind(models.TextChoices):
    KEY_MADE = "key_made", "llave creada"
    KEY_CHANGED = "key_changed", "llave editada"
    KEY_REVOKED = "key_revoked", "llave revocada"
    PERSON_ADDED = "person_added", "persona agregada"
    PERSON_CHANGED = "person_changed", "acceso cambiado"
    SESSIONS_ENDED = "sessions_ended", "sesiones cerradas"
    FACTOR_REMOVED = "factor_removed", "segundo factor quitado"
    LINK_MADE = "link_made", "enlace de una vista creado"
    LINK_REVOKED = "link_revoked", "enlace de una vista revocado"


class AccessEvent(models.Model):
    """One change of who may enter, or of a key, with what was before and after."""

    kind = models.CharField("qué", max_length=20, choices=AccessKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="a quién",
        on_delete=models.PROTECT,
        null=True,
        related_name="access_events",
    )
    api_key = models.ForeignKey(
        "accounts.ApiKey",
        verbose_name="llave",
        on_delete=models.PROTECT,
        null=True,
        related_name="access_events",
    )
    before = models.JSONField("antes", default=dict)
    after = models.JSONField("después", default=dict)
    created_at = models.DateTimeField("cuándo", default=timezone.now)

    class Meta:
        verbose_name = "cambio de acceso"
        verbose_name_plural = "cambios de acceso"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person=None) ^ models.Q(api_key=None),
                name="access_event_is_about_a_person_or_a_key",
            ),
        )
        triggers = append_only("the record of access")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person or self.api_key}"


def record(
    kind: AccessKind,
    *,
    by: "User | None",
    person: "User | None" = None,
    api_key: "ApiKey | None" = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AccessEvent:
    """Write one, about a person or a key."""
    return AccessEvent.objects.create(
        kind=kind,
        by=by,
        person=person,
        api_key=api_key,
        before=before or {},
        after=after or {},
    )
