"""Who sells packages of folios."""

import uuid
import zoneinfo
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.text import EmailLineField, LineField, PhoneField, PrintableLine

PHONE_OR_NONE = r"^(\+[0-9]{8,15})?$"  # as phones.cleaned leaves them


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            "«%(zone)s» no es una zona horaria.", params={"zone": value}
        )


class Reseller(models.Model):
    """Who sells packages of folios. Its zone decides when a day ends."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    name = LineField("nombre", max_length=120)
    slug = models.SlugField("clave", unique=True)
    time_zone = models.CharField(
        "zona horaria",
        max_length=64,
        default="America/Mexico_City",
        validators=[validate_time_zone],
    )
    contact_email = EmailLineField(
        "correo de contacto",
        blank=True,
        help_text="Recibe lo que sus clientes responden. Sin él, responde su personal.",
    )
    contact_phone = PhoneField(
        "teléfono de contacto",
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="Sus clientes lo ven en Mi cuenta y lo marcan de ahí.",
    )
    contact_whatsapp = PhoneField(
        "WhatsApp de contacto",
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="El número con WhatsApp al que le escriben sus clientes.",
    )
    created_at = models.DateTimeField("creado", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "revendedor"
        verbose_name_plural = "revendedores"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=PrintableLine("name"), name="reseller_name_is_printable"
            ),
            models.CheckConstraint(
                condition=models.Q(contact_phone__regex=PHONE_OR_NONE)
                & models.Q(contact_whatsapp__regex=PHONE_OR_NONE),
                name="reseller_phones_can_be_dialled",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def local_date(self, moment: datetime) -> date:
        """The business day of a moment: the calendar day in the reseller's zone."""
        return moment.astimezone(self.zone).date()
