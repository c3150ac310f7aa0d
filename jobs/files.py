"""The files of a job: kept in the database in chunks, read without holding them whole.

In the database, because the web server and the worker may be on different machines,
and because a chunk is then committed together with the work that made it.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from jobs.models import FILE_DAYS, Chunk, File, Job

# Bytes. What is appended at once is one chunk, or several of this size.
CHUNK = 1024 * 1024
KEPT = timedelta(days=FILE_DAYS)


def create(job: Job, *, name: str, content_type: str, is_hidden: bool = False) -> File:
    return File.objects.create(
        job=job, name=name, content_type=content_type, is_hidden=is_hidden
    )


def append(file: File, data: bytes) -> None:
    """At the end of the file. Within a step of its job, so that nobody else does."""
    number = Chunk.objects.filter(file=file).count()
    parts = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    Chunk.objects.bulk_create(
        Chunk(file=file, number=number + place, data=part)
        for place, part in enumerate(parts)
    )
    File.objects.filter(pk=file.pk).update(size=F("size") + len(data))
    file.size += len(data)


def store(file: File, parts: Iterable[bytes]) -> None:
    """Append an upload, part by part."""
    for part in parts:
        append(file, part)


def empty(file: File) -> None:
    """For a job that has to begin its file again."""
    file.chunks.all().delete()
    File.objects.filter(pk=file.pk).update(size=0)
    file.size = 0


def read(file: File) -> Iterator[bytes]:
    """Chunk by chunk, in order."""
    for number in range(Chunk.objects.filter(file=file).count()):
        yield bytes(Chunk.objects.get(file=file, number=number).data)


def remove_expired() -> int:
    """How many files were removed, because nobody may download them any more."""
    since = timezone.now() - KEPT
    old = File.objects.filter(created_at__lt=since, job__finished_at__isnull=False)
    Chunk.objects.filter(file__in=old).delete()
    removed, _ = old.delete()
    return removed
