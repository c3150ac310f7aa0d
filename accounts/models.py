"""Who may enter: resellers, people and the keys of their programs.

A person is identified by an e-mail address. What a person may do follows from fields
(`is_staff`, `reseller`), never from a stored role. Nothing here knows of clients.
"""

import hashlib
import secrets
import uuid
import zoneinfo
from datetime import date, datetime
from typing import Any, ClassVar, Self

import pgtrigger
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.events import AccessEvent, AccessKind
from accounts.text import EmailLineField, LineField, PrintableLine

__all__ = [
    "AccessEvent",
    "AccessKind",
    "Actor",
    "ApiKey",
    "ApiKeyQuerySet",
    "Reseller",
    "Role",
    "Scope",
    "User",
    "UserManager",
]


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            "«%(zone)s» no es una zona horaria.", params={"zone": value}
        )


class Reseller(models.Model):
    """Who sells packages of folios. Its zone decides when a day ends."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
    created_at = models.DateTimeField("creado", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "revendedor"
        verbose_name_plural = "revendedores"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=PrintableLine("name"), name="reseller_name_is_printable"
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


class Role(models.TextChoices):
    SUPPORT = "support", "soporte"
    RESELLER = "reseller", "revendedor"
    CLIENT = "client", "cliente"


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)  # None sets an unusable password
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True} | fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person: an e-mail and its credentials. Staff of a reseller has `reseller`,
    support has `is_staff`. Which accounts of clients a person may open, staff or not,
    is said by memberships (clients/models/memberships.py).

    `name` is typed by support, never by a reseller: every reseller of the person would
    read it."""

    email = EmailLineField("correo", unique=True)
    name = LineField("nombre", max_length=120, blank=True)
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
    )
    # The address that was proven to be the person's, by a link that it followed. With
    # another e-mail than this one nothing is proven.
    proven_email = EmailLineField("correo comprobado", blank=True, editable=False)
    proven_at = models.DateTimeField("comprobado", null=True, editable=False)
    is_staff = models.BooleanField("es soporte", default=False)
    is_active = models.BooleanField("puede entrar", default=True)
    # Part of the session hash: raising it ends all sessions of the person at once.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    date_joined = models.DateTimeField("alta", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "persona"
        verbose_name_plural = "personas"
        ordering = ("email",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="user_email_is_lower_case",
            ),
            models.CheckConstraint(
                condition=~models.Q(is_staff=True, reseller__isnull=False),
                name="user_is_support_or_reseller_not_both",
            ),
            models.CheckConstraint(
                condition=PrintableLine("name"), name="user_name_is_printable"
            ),
            models.CheckConstraint(
                condition=models.Q(proven_email="", proven_at=None)
                | (~models.Q(proven_email="") & models.Q(proven_at__isnull=False)),
                name="user_proof_has_its_address_and_time",
            ),
        )
        triggers = (
            # However it is written: whoever is switched off and on again does not find
            # the old sessions open, and no late save brings an ended one back.
            pgtrigger.Trigger(
                name="end_sessions",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
IF (NEW.email, NEW.is_active, NEW.is_staff, NEW.is_superuser, NEW.reseller_id)
   IS DISTINCT FROM
   (OLD.email, OLD.is_active, OLD.is_staff, OLD.is_superuser, OLD.reseller_id)
THEN
    NEW.session_epoch := GREATEST(NEW.session_epoch, OLD.session_epoch + 1);
ELSE
    NEW.session_epoch := GREATEST(NEW.session_epoch, OLD.session_epoch);
END IF;
RETURN NEW;
""",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = UserManager.normalize_email(self.email)

    @property
    def is_of_staff(self) -> bool:
        """Of a reseller or of support, whatever else it is."""
        return self.is_staff or self.reseller_id is not None

    @property
    def has_proven_address(self) -> bool:
        return self.proven_email == self.email

    @property
    def role(self) -> Role:
        if self.is_staff:
            return Role.SUPPORT
        return Role.RESELLER if self.reseller_id else Role.CLIENT

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        base = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        return hashlib.sha256(f"{base}:{self.session_epoch}".encode()).hexdigest()


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

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reseller = models.ForeignKey(
        Reseller, on_delete=models.PROTECT, related_name="api_keys"
    )
    name = LineField("nombre", max_length=80)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Nobody for the keys of before it was kept, and of the demo.
    made_by = models.ForeignKey(
        User,
        verbose_name="creada por",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        User,
        verbose_name="revocada por",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

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


# Who acts: a person, or a program by its key. Both have `is_staff` and `reseller_id`.
Actor = User | ApiKey
