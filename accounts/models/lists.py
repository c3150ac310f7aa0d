"""How a person looks at the list of clients: their columns, and the views they saved.

Kept by person, so that it is the same on every machine. What a column or a parameter
means is said by the list itself; here they are names. The verbs are in
accounts/lists.py.
"""

import hashlib
import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.people import User
from accounts.models.resellers import Reseller
from accounts.text import LineField, PrintableLine

NAME_MAX = 60
# Of the parameters of a view: with the way back to it, an address stays short.
QUERY_MAX = 1_500
COLUMN_MAX, COLUMNS_MAX = 40, 40


class ListSettings(models.Model):
    """A person without a row has the usual list."""

    person = models.OneToOneField(
        User,
        verbose_name="persona",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="list_settings",
    )
    # In the order of the list; NULL: the usual ones, whichever they are.
    columns = ArrayField(
        models.CharField(max_length=COLUMN_MAX), verbose_name="columnas", null=True
    )
    page_size = models.PositiveSmallIntegerField("por página", null=True)
    is_compact = models.BooleanField("compacta", default=False)

    class Meta:
        verbose_name = "lista de una persona"
        verbose_name_plural = "listas de las personas"
        constraints = (
            models.CheckConstraint(
                condition=Q(columns=None) | Q(columns__len__lte=COLUMNS_MAX),
                name="list_has_so_many_columns",
            ),
            models.CheckConstraint(
                condition=Q(page_size=None) | Q(page_size__range=(1, 100)),
                name="list_has_a_page_size",
            ),
        )

    def __str__(self) -> str:
        return f"Lista de {self.person}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """Their own; to everybody else they do not exist."""
        return self.filter(person=user.pk)


class SavedView(models.Model):
    """A list with a name: the parameters of its address, without the page."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    person = models.ForeignKey(
        User,
        verbose_name="persona",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="saved_views",
    )
    name = LineField("nombre", max_length=NAME_MAX)
    query = models.CharField("parámetros", max_length=QUERY_MAX, blank=True)
    # The one that the list opens with.
    is_default = models.BooleanField("de entrada", default=False)
    created_at = models.DateTimeField("creada", default=timezone.now, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = "vista guardada"
        verbose_name_plural = "vistas guardadas"
        ordering = (Lower("name"), "id")
        constraints = (
            models.UniqueConstraint(
                "person", Lower("name"), name="view_name_once_per_person"
            ),
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(is_default=True),
                name="view_is_the_only_default_of_its_person",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
            models.CheckConstraint(
                condition=PrintableLine("name"), name="view_name_is_printable"
            ),
            models.CheckConstraint(
                condition=Q(query__regex=r"^[!-~]*$"), name="view_query_is_encoded"
            ),
        )

    def __str__(self) -> str:
        return self.name


class SheetLink(models.Model):
    """The address from which a spreadsheet reads a saved view without logging in.

    Whoever has its secret reads that view and nothing else. The secret is shown once;
    only its SHA-256 is stored, which is enough for a random secret. A link that was
    revoked is no more; one that is made anew has another secret.
    """

    view = models.OneToOneField(
        SavedView,
        verbose_name="vista",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="sheet_link",
    )
    # Whose clients it shows, as long as the person is of its staff.
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    digest = models.BinaryField("huella", max_length=32, unique=True, editable=False)
    made_at = models.DateTimeField("creado", default=timezone.now, editable=False)
    last_used_at = models.DateTimeField("último uso", null=True, editable=False)
    uses = models.PositiveBigIntegerField("usos", default=0, editable=False)

    class Meta:
        verbose_name = "enlace para hojas de cálculo"
        verbose_name_plural = "enlaces para hojas de cálculo"
        constraints = (
            models.CheckConstraint(
                condition=Q(uses=0, last_used_at=None)
                | Q(uses__gt=0, last_used_at__isnull=False),
                name="sheet_link_was_used_at_some_time",
            ),
        )

    def __str__(self) -> str:
        return f"Enlace de {self.view}"

    @staticmethod
    def digest_of(secret: str) -> bytes:
        return hashlib.sha256(secret.encode()).digest()
