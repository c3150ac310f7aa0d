"""People: an e-mail, its credentials and which role follows from the fields."""

import hashlib
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.resellers import Reseller
from accounts.text import EmailLineField, LineField, PrintableLine


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
    session_epoch = models.PositiveIntegerField(
        "generación de sus sesiones", default=0, editable=False
    )
    # Whether one letter alone does something on a page: who dictates, or whose hands
    # shake, switches them off (WCAG 2.1.4).
    uses_letters = models.BooleanField(
        "teclas de una letra", default=True, db_default=True, editable=False
    )
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
    def is_of_support(self) -> bool:
        return self.is_staff or self.is_superuser

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
