"""The keys with which programs of a reseller call the API."""

import hashlib
import secrets
import uuid
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models.people import User
from accounts.models.resellers import Reseller
from accounts.text import LineField, PrintableLine


class Scope(models.TextChoices):
    STAMPS = "stamps", "Timbrar"
    CLIENTS_READ = "clients:read", "Consultar clientes"
    CLIENTS_WRITE = "clients:write", "Administrar clientes"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, user: User) -> Self:
        """The keys of the user's reseller; all for support; none for anybody else."""
        if user.is_staff:
            return self
        if not user.reseller_id:
            return self.none()
        return self.filter(reseller=user.reseller_id)

    def usable(self) -> Self:
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """The credential with which a program of the reseller calls the API.

    The secret is shown once. Only its SHA-256 is stored, which is enough for a random
    secret. A key is revoked, never deleted, because histories name it.
    """

    # Code that takes an Actor reads this: a key never counts as support.
    is_staff = False

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        related_name="api_keys",
    )
    name = LineField("nombre", max_length=80)
    prefix = models.CharField("principio", max_length=12, editable=False)
    digest = models.BinaryField("huella", max_length=32, unique=True, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=20, choices=Scope.choices), verbose_name="permisos"
    )
    created_at = models.DateTimeField("creada", default=timezone.now, editable=False)
    # Nobody for the keys of before it was kept, and of the demo.
    made_by = models.ForeignKey(
        User,
        verbose_name="creada por",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    revoked_at = models.DateTimeField("revocada", null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        User,
        verbose_name="revocada por",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    last_used_at = models.DateTimeField(
        "último uso", null=True, blank=True, editable=False
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "llave de API"
        verbose_name_plural = "llaves de API"
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=PrintableLine("name"), name="key_name_is_printable"
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_by=None) | ~models.Q(revoked_at=None),
                name="api_key_revoked_by_somebody_is_revoked",
            ),
        )
        triggers = (pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def scope_labels(self) -> list[str]:
        return [scope.label for scope in Scope if scope in self.scopes]

    @property
    def maker_has_left(self) -> bool:
        """Whoever made it may no longer enter for this reseller; the key goes on."""
        maker = self.made_by
        return maker is not None and not (
            maker.is_active and maker.reseller_id == self.reseller_id
        )

    @staticmethod
    def digest_of(secret: str) -> bytes:
        return hashlib.sha256(secret.encode()).digest()

    @classmethod
    def issue(
        cls,
        reseller: Reseller,
        *,
        name: str,
        scopes: list[str],
        secret: str = "",
        made_by: User | None = None,
    ) -> tuple["ApiKey", str]:
        """Create a key. Returns it and its secret, which cannot be read again."""
        secret = secret or f"tp_{secrets.token_urlsafe(32)}"
        key = cls.objects.create(
            reseller=reseller,
            name=name,
            scopes=scopes,
            prefix=secret[:8],
            digest=cls.digest_of(secret),
            made_by=made_by,
        )
        return key, secret
