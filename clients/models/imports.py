"""What is brought from another system, while it is looked at: a file's lines, what each
would become, and what a person said of its columns and packages.

Law: domain.md, "The actions" (a preview is a promise). Nothing here is a fact of a
client: it is thrown away after a week. Lines and rows are written by COPY
(importing/staging.py), many at a time.
"""

import uuid
from datetime import timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Reseller, User
from accounts.text import LineField, PrintableLine
from clients.models.client import Client
from jobs.models import Job
from packages.models import Package

# For so long an import can be looked at.
IMPORT_DAYS = 7
# How many of a reseller are kept that nobody confirmed.
DRAFTS_MAX = 5


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> Self:
        if not user.reseller_id:
            return self.none()
        return self.filter(reseller=user.reseller_id)

    def old(self) -> Self:
        return self.filter(created_at__lt=timezone.now() - timedelta(days=IMPORT_DAYS))


class Import(models.Model):
    """One file or pasted table. `columns` has the key of each header's field
    (importing/recognition.py), "" where it is none."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        related_name="+",
    )
    by = models.ForeignKey(
        User,
        verbose_name="quién",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    name = LineField("nombre", max_length=120)
    created_at = models.DateTimeField("creado", default=timezone.now)
    headers = ArrayField(models.TextField(), verbose_name="encabezados")
    columns = ArrayField(
        models.CharField(max_length=20, blank=True), verbose_name="columnas"
    )
    remarks = ArrayField(models.TextField(), verbose_name="avisos", default=list)
    lines = models.PositiveIntegerField("renglones", default=0)
    # Of rows that name no package.
    default_package = models.ForeignKey(
        Package,
        verbose_name="paquete",
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    # What the check was made of: packages and day. Another basis asks for another one.
    basis = models.CharField("base", max_length=80, blank=True)
    # The last lines that were checked, written and reported: a job goes on from there.
    checked_line = models.PositiveIntegerField("revisado hasta", default=0)
    written_line = models.PositiveIntegerField("creado hasta", default=0)
    updated_line = models.PositiveIntegerField("actualizado hasta", default=0)
    reported_line = models.PositiveIntegerField("informado hasta", default=0)
    checked_at = models.DateTimeField("revisado", null=True)
    confirmed_at = models.DateTimeField("confirmado", null=True)
    finished_at = models.DateTimeField("terminado", null=True)
    updates_existing = models.BooleanField(
        "actualiza los que ya existen", default=False
    )
    check_job = models.ForeignKey(
        Job,
        verbose_name="revisión",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    job = models.ForeignKey(
        Job,
        verbose_name="trabajo",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = "importación"
        verbose_name_plural = "importaciones"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(checked_at__isnull=False),
                name="import_is_checked_before_it_is_confirmed",
            ),
            models.CheckConstraint(
                condition=PrintableLine("name"), name="import_name_is_printable"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """How far it is, in words."""
        if self.job is not None:
            return self.job.state.label
        return "por confirmar" if self.checked_at else "por revisar"


class ImportLine(models.Model):
    """The cells of a line, as they were read or corrected by hand."""

    pk = models.CompositePrimaryKey("batch", "line")
    batch = models.ForeignKey(
        Import,
        verbose_name="importación",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    line = models.PositiveIntegerField("línea")
    cells = ArrayField(models.TextField(), verbose_name="celdas")

    class Meta:
        verbose_name = "línea de una importación"
        verbose_name_plural = "líneas de importaciones"

    def __str__(self) -> str:
        return f"Línea {self.line}"


class Fate(models.TextChoices):
    """What an import would do with a row."""

    NEW = "new", "nuevo"
    EXISTS = "exists", "ya existe"
    CHANGES = "changes", "cambiaría"
    ERROR = "error", "con errores"


class Result(models.TextChoices):
    """What became of a row; blank while nothing did."""

    CREATED = "created", "creado"
    UPDATED = "updated", "actualizado"
    SKIPPED = "skipped", "no se hizo"


class ImportRow(models.Model):
    """What a line would become: its fate, and the values that would be stored."""

    pk = models.CompositePrimaryKey("batch", "line")
    batch = models.ForeignKey(
        Import,
        verbose_name="importación",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="rows",
    )
    line = models.PositiveIntegerField("línea")
    fate = models.CharField("destino", max_length=8, choices=Fate.choices)
    # Sentences, each with the name of its column.
    problems = ArrayField(models.TextField(), verbose_name="errores", default=list)
    warnings = ArrayField(models.TextField(), verbose_name="avisos", default=list)
    legal_name = models.TextField("razón social", blank=True)
    rfc = models.TextField("RFC", blank=True)
    tax_regime = models.TextField("régimen fiscal", blank=True)
    postal_code = models.TextField("código postal", blank=True)
    contact_email = models.TextField("correo", blank=True)
    contact_name = models.TextField("contacto", blank=True)
    contact_phone = models.TextField("teléfono", blank=True)
    package = models.ForeignKey(
        Package,
        verbose_name="paquete",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    # As it is written, where no package is called so.
    package_name = models.TextField("paquete desconocido", blank=True)
    folios = models.PositiveIntegerField("folios", default=0)
    expires_on = models.DateField("vigencia", null=True)
    created_on = models.DateField("creado", null=True)
    is_suspended = models.BooleanField("suspendido", default=False)
    # Whom it is already, and the last thing that had happened to it.
    client = models.ForeignKey(
        Client,
        verbose_name="cliente",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    seq = models.BigIntegerField("núm.", default=0)
    # What would change of it: its fields, and the sentences that say so.
    changed = ArrayField(models.TextField(), verbose_name="cambia", default=list)
    result = models.CharField(
        "resultado", max_length=8, choices=Result.choices, blank=True
    )
    reason = models.TextField("motivo", blank=True)

    class Meta:
        verbose_name = "renglón de una importación"
        verbose_name_plural = "renglones de importaciones"
        indexes = (
            models.Index(fields=("batch", "fate", "line"), name="import_row_by_fate"),
        )

    def __str__(self) -> str:
        return f"Línea {self.line}: {self.get_fate_display()}"


class ColumnNames(models.Model):
    """What a reseller's people said of the columns of tables with these headers."""

    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    # Of the folded headers in order of the alphabet.
    digest = models.CharField("huella", max_length=64)
    headers = ArrayField(models.TextField(), verbose_name="encabezados")
    columns = ArrayField(
        models.CharField(max_length=20, blank=True), verbose_name="columnas"
    )

    class Meta:
        verbose_name = "columnas de un sistema"
        verbose_name_plural = "columnas de sistemas"
        constraints = (
            models.UniqueConstraint(
                fields=("reseller", "digest"), name="columns_once_per_headers"
            ),
        )

    def __str__(self) -> str:
        return ", ".join(self.headers)


class PackageAlias(models.Model):
    """Which package a reseller's people chose for a name that none of theirs has."""

    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    name = models.CharField("nombre", max_length=200)  # folded
    package = models.ForeignKey(
        Package,
        verbose_name="paquete",
        on_delete=models.CASCADE,
        related_name="+",
    )

    class Meta:
        verbose_name = "otro nombre de un paquete"
        verbose_name_plural = "otros nombres de paquetes"
        constraints = (
            models.UniqueConstraint(
                fields=("reseller", "name"), name="package_alias_once_per_reseller"
            ),
        )

    def __str__(self) -> str:
        return self.name
