"""Which person may open which client's account.

Law: domain.md, "The people". A person is an e-mail and its credentials
(accounts/models.py); a membership says that one client's reseller gave it the account,
and whether it accepted. Verbs write it (lifecycle/memberships.py), and every request of
the portal reads it.
"""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import User
from accounts.text import EmailLineField
from clients.models.client import Client


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self) -> Self:
        """Those that neither the reseller nor the person has ended."""
        return self.filter(ended_at=None)

    def of(self, user: User) -> Self:
        """The live ones of a person; none while its address is not proven."""
        return self.live().filter(user=user.pk, user__proven_email=F("user__email"))

    def with_facts(self) -> Self:
        """With what the portal reads of each account."""
        return self.select_related(
            "user", "client__account", "client__plan__package", "client__reseller"
        )


class Membership(models.Model):
    """The account of a client, given to a person by the client's reseller."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="persona",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    # As the reseller typed it. The person's own may be another one by now, which the
    # reseller is not shown.
    email = EmailLineField("entra con")
    created_at = models.DateTimeField("dado")
    # Empty if a program gave it: the event has the key.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién lo dio",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    # With the first proof of its address a person accepts the one account that it was
    # made for (lifecycle.confirm_first_access).
    confirmed_at = models.DateTimeField("aceptado", null=True)
    ended_at = models.DateTimeField("terminado", null=True)
    # The person itself, if it said that the account is not its own.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="quién lo terminó",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "acceso"
        verbose_name_plural = "accesos de clientes"
        ordering = ("client", "-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("client", "user"),
                condition=Q(ended_at=None),
                name="membership_live_once_per_client_and_person",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & ~Q(email=""),
                name="membership_email_is_lower_case",
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False),
                name="only_an_ended_membership_was_ended_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} en la cuenta de {self.client}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None

    @property
    def is_pending(self) -> bool:
        """The person has yet to accept, or to prove its address: the reseller is not
        shown which, because that would tell whether the person exists elsewhere."""
        return self.is_live and (
            self.confirmed_at is None or not self.user.has_proven_address
        )

    @property
    def was_declined(self) -> bool:
        return self.ended_by_id is not None and self.ended_by_id == self.user_id

    @property
    def opens(self) -> bool:
        """Whether the person may open the account today."""
        return (
            self.is_live
            and not self.is_pending
            and not self.client.is_suspended
            and not self.client.is_archived
        )


def membership_of(client: Client) -> Membership | None:
    """Whom the client's account was given to last, live or not."""
    newest = client.memberships.select_related("user").order_by("-created_at", "-id")
    return newest.first()


def login_of(client: Client) -> str:
    """The address with which one enters the client's account; "" if nobody may."""
    access = membership_of(client)
    return access.email if access and access.is_live else ""
