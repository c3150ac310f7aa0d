"""Until when the RFCs of a client can seal documents.

Law: domain.md, "What counts as a stamp". Every CFDI carries the certificate it was
sealed with. Of the certificates of an RFC the one that ends last counts, in whatever
order the documents come. Only lifecycle/documents.py writes here.
"""

from django.db import models

from clients.models.client import Client


class Seal(models.Model):
    """The newest certificate seen of one RFC of a client, its own or an additional one.

    It is what the documents say; nobody has verified it.
    """

    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="seals",
    )
    rfc = models.CharField("RFC", max_length=13)
    ends_at = models.DateTimeField("fin del certificado")

    class Meta:
        verbose_name = "sello"
        constraints = (
            models.UniqueConstraint(fields=("client", "rfc"), name="seal_once_per_rfc"),
        )

    def __str__(self) -> str:
        return f"{self.rfc}: {self.ends_at:%d/%m/%Y}"
