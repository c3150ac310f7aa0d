"""What was asked for under a one-time key: one key, one content, for ever.

Law: domain.md, invariant 3; quality.md, "What people do at the same time". Written by
lifecycle/one_time.py alone, with the movement itself. Stamps have no row here: their
entry says all there is, its quantity.
"""

from django.db import models
from django.db.models import Q

from accounts.models import Reseller
from clients.models.client import Client
from clients.models.history import APPEND_ONLY


class OneTimeKey(models.Model):
    """A reference with the verb and the content that it was first sent with.

    The key of a person's form stands for one movement of the reseller, whoever the
    client is; a program's reference for one movement of each client. `content` is a
    SHA-256: it is compared, never read.
    """

    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    reference = models.CharField("referencia", max_length=64)
    verb = models.CharField("acción", max_length=20)
    content = models.CharField("contenido", max_length=64)
    is_of_reseller = models.BooleanField(
        "vale para todo el revendedor",
    )

    class Meta:
        verbose_name = "llave de una sola vez"
        verbose_name_plural = "llaves de una sola vez"
        triggers = APPEND_ONLY
        constraints = (
            models.UniqueConstraint(
                fields=("client", "reference"), name="one_time_key_once_per_client"
            ),
            models.UniqueConstraint(
                fields=("reseller", "reference"),
                condition=Q(is_of_reseller=True),
                name="one_time_key_once_per_reseller",
            ),
        )

    def __str__(self) -> str:
        return f"{self.verb}: {self.reference}"
