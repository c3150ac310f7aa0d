"""What the API refused to programs, stored for the reseller to see.

Only the model is here; api/refusal_log.py writes it.
"""

from django.db import models

from accounts.models import ApiKey
from clients.models.client import Client
from reseller_panel.problems import TITLES

# Spanish names of the calls of the API, by operation id.
CALLS = {
    "entitlement": "consultar",
    "stamp": "timbrar",
    "stamps": "timbrar un lote",
    "reversal": "devolver",
    "cfdi": "informar un CFDI",
    "movements": "movimientos",
    "clients": "lista de clientes",
    "create_client": "agregar cliente",
    "edit_plan": "editar plan",
    "add_folios": "agregar folios",
    "renew": "renovar",
    "suspend": "suspender",
    "activate": "activar",
    "archive": "archivar",
    "restore": "restaurar",
    "packages": "paquetes",
}


class ApiRefusal(models.Model):
    """What a program was refused: one row per key, client, call and code, so that the
    table cannot grow with the number of calls. Only api/refusal_log.py writes it."""

    api_key = models.ForeignKey(
        ApiKey, verbose_name="llave", on_delete=models.CASCADE, related_name="refusals"
    )
    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
        on_delete=models.CASCADE,
        null=True,
        related_name="refusals",
    )
    call = models.CharField("llamada", max_length=30)
    code = models.CharField("motivo", max_length=30)
    # From the last refusal: how the caller named the client, and its reference.
    asked = models.CharField("cliente pedido", max_length=64, blank=True)
    reference = models.CharField("referencia", max_length=64, blank=True)
    times = models.PositiveBigIntegerField("veces")
    first_at = models.DateTimeField("primera vez")
    last_at = models.DateTimeField("última vez")

    class Meta:
        verbose_name = "rechazo de la API"
        verbose_name_plural = "rechazos de la API"
        ordering = ("-last_at",)
        indexes = (
            models.Index(fields=("api_key", "-last_at"), name="refusal_by_recency"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("api_key", "client", "call", "code"),
                name="refusal_once_per_kind",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.call}: {self.code} × {self.times:,}"

    @property
    def call_label(self) -> str:
        """What was asked for, in Spanish."""
        return CALLS.get(self.call, self.call)

    @property
    def reason_label(self) -> str:
        """Why it was refused, in Spanish."""
        return TITLES.get(self.code, self.code)
