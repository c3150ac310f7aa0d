"""What a reseller has the panel do that takes longer than a click: jobs, their files.

Facts only: the state is derived. How a job runs is running.py, how bytes are kept
files.py. Nothing here knows what a job does: that is said by `kind`, and done by
whoever handles it.
"""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Reseller, User
from accounts.text import LineField, PrintableLine

TITLE_MAX, ERROR_MAX, NAME_MAX, LINE_MAX = 150, 400, 120, 250
# For so long the files of a job can be downloaded.
FILE_DAYS = 7


class JobState(models.TextChoices):
    WAITING = "waiting", "en espera"
    RUNNING = "running", "en curso"
    STOPPING = "stopping", "deteniéndose"
    CANCELLED = "cancelled", "cancelado"
    FAILED = "failed", "falló"
    DONE = "done", "terminado"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        """Those of their reseller; to everybody else they do not exist."""
        if not user.reseller_id:
            return self.none()
        return self.filter(reseller=user.reseller_id)


class Job(models.Model):
    """`done` of `total` items are committed; without a total it is not known yet."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="jobs",
    )
    by = models.ForeignKey(
        User,
        verbose_name="quién",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField("clase", max_length=40)
    title = LineField("título", max_length=TITLE_MAX)
    # The page that shows more of it, or where it was asked for.
    url = models.CharField("dirección", max_length=500, blank=True)
    total = models.PositiveIntegerField("total", null=True)
    done = models.PositiveIntegerField("hechos", default=0)
    # What came of it, in words.
    summary = LineField("resultado", max_length=ERROR_MAX, blank=True)
    error = LineField("por qué falló", max_length=ERROR_MAX, blank=True)
    created_at = models.DateTimeField("creado", default=timezone.now, editable=False)
    started_at = models.DateTimeField("empezó", null=True, editable=False)
    finished_at = models.DateTimeField("terminó", null=True, editable=False)
    cancelled_at = models.DateTimeField("se canceló", null=True, editable=False)
    # How often it was taken up. Whoever took it up last may go on with it.
    attempt = models.PositiveIntegerField("intento", default=0, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "trabajo"
        verbose_name_plural = "trabajos"
        ordering = ("-id",)
        indexes = (models.Index(fields=("reseller", "-id"), name="job_of_reseller"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(total=None) | Q(done__lte=F("total")),
                name="job_does_no_more_than_all",
            ),
            models.CheckConstraint(
                condition=Q(error="") | Q(finished_at__isnull=False),
                name="job_that_failed_has_ended",
            ),
            models.CheckConstraint(
                condition=PrintableLine("title", "summary", "error"),
                name="job_text_is_printable",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.public_id])

    @property
    def state(self) -> JobState:
        if self.finished_at:
            if self.error:
                return JobState.FAILED
            return JobState.CANCELLED if self.cancelled_at else JobState.DONE
        if self.cancelled_at:
            return JobState.STOPPING
        return JobState.RUNNING if self.started_at else JobState.WAITING

    @property
    def is_unfinished(self) -> bool:
        return self.finished_at is None

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in (JobState.WAITING, JobState.RUNNING)

    @property
    def can_be_retried(self) -> bool:
        """It goes on where it stopped."""
        return self.state in (JobState.FAILED, JobState.CANCELLED)


class File(models.Model):
    """Of a job: what was uploaded for it, or what it made. Its bytes are in chunks, so
    that they are written in the transaction of the step that made them."""

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    job = models.ForeignKey(
        Job, verbose_name="trabajo", on_delete=models.CASCADE, related_name="files"
    )
    name = models.CharField("nombre", max_length=NAME_MAX)
    content_type = models.CharField("tipo", max_length=100)
    size = models.PositiveBigIntegerField("bytes", default=0)
    created_at = models.DateTimeField("creado", default=timezone.now, editable=False)
    # One that only the job itself reads.
    is_hidden = models.BooleanField("interno", default=False)

    class Meta:
        verbose_name = "archivo de un trabajo"
        verbose_name_plural = "archivos de trabajos"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    @property
    def until(self) -> datetime:
        """From then on it cannot be downloaded."""
        return self.created_at + timedelta(days=FILE_DAYS)


class LineState(models.TextChoices):
    NEW = "new", "hecho"
    KNOWN = "known", "ya estaba"
    REFUSED = "refused", "rechazado"


class Line(models.Model):
    """What became of one item of a job, where somebody reads them one by one."""

    job = models.ForeignKey(
        Job,
        verbose_name="trabajo",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="lines",
    )
    place = models.PositiveIntegerField("lugar")
    name = LineField("nombre", max_length=LINE_MAX)
    state = models.CharField("resultado", max_length=7, choices=LineState.choices)
    said = LineField("detalle", max_length=ERROR_MAX, blank=True)

    class Meta:
        verbose_name = "renglón de un trabajo"
        verbose_name_plural = "renglones de trabajos"
        ordering = ("place",)
        constraints = (
            models.UniqueConstraint(
                fields=("job", "place"), name="line_once_per_place"
            ),
            models.CheckConstraint(
                condition=PrintableLine("name", "said"), name="line_is_printable"
            ),
        )

    def __str__(self) -> str:
        return f"{self.place}: {self.name}"


class Chunk(models.Model):
    file = models.ForeignKey(
        File,
        verbose_name="archivo",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="chunks",
    )
    number = models.PositiveIntegerField("número")
    data = models.BinaryField("contenido")

    class Meta:
        verbose_name = "parte de un archivo"
        verbose_name_plural = "partes de archivos"
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("file", "number"), name="chunk_once_per_file"
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"
