"""Stamped documents that a person brings: many XML at once, or a ZIP of them.

Law: domain.md, "What counts as a stamp"; quality.md, "Bad input". Each is counted once,
whatever it is called and however often it comes, by the verb of the API
(lifecycle.consume_cfdi). They are counted by a job, one a step, and read bit by bit, so
that neither many nor a large one need memory.
"""

import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.db.models import Count

from accounts.models import Reseller, User
from clients import lifecycle
from clients.models import Client
from jobs import files, running
from jobs.models import ERROR_MAX, LINE_MAX, Job, Line, LineState
from reseller_panel.characters import one_line
from reseller_panel.refusals import Refused
from reseller_panel.spanish import counted
from sat import cfdi

KIND = "cfdi"
DOCUMENTS_MAX = 20_000
# Of the table of contents of a ZIP, which is read whole.
ENTRIES_MAX = 2 * DOCUMENTS_MAX
# Bytes of all documents of a ZIP; no more of one is read than it says it has. Of the
# ZIPs that come with other files, which are packed anew while somebody waits.
UNZIPPED_MAX = 1024 * 1024 * 1024
PACKED_MAX = 100 * 1024 * 1024
SECONDS = 2.0
_IGNORED = ("__macosx/", ".ds_store", "thumbs.db")
_ENTRY = b"PK\x01\x02"
# The others may make gigabytes of one block.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What reading a ZIP may raise that is damaged, or made to deceive: a document may be
# said to begin before the file does.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError)


def _closed() -> cfdi.CfdiError:
    return cfdi.CfdiError(
        "closed", "El ZIP lo guarda con contraseña o de un modo que no se puede leer."
    )


class UnreadableZip(Exception):
    """The message says why, in Spanish, and what to do."""


class Counted(NamedTuple):
    state: LineState
    said: str


def count(reseller: Reseller, uploads: Sequence[UploadedFile], *, by: User) -> Job:
    """Count these files: at once as far as it takes SECONDS, the rest in a job. Loose
    documents are put in a ZIP of their own. Raises UnreadableZip."""
    with TemporaryFile() as packed:
        source: IO[bytes] = packed
        if len(uploads) == 1 and zipfile.is_zipfile(uploads[0]):
            source = _bytes_of(uploads[0])
        else:
            _pack(uploads, packed)
        total = len(_contents(source))
        if not total:
            raise UnreadableZip("El archivo no tiene documentos.")
        with transaction.atomic():
            job = running.start(
                reseller,
                by=by,
                kind=KIND,
                title=f"Contar {counted(total, 'CFDI', 'CFDI')}",
                total=total,
                in_request=True,
            )
            kept = files.create(
                job, name="cfdi.zip", content_type="application/zip", is_hidden=True
            )
            source.seek(0)
            files.store(kept, iter(partial(source.read, files.CHUNK), b""))
    return running.run_now(job, seconds=SECONDS)


def _pack(uploads: Sequence[UploadedFile], into: IO[bytes]) -> None:
    """Several files in one ZIP, those of a ZIP under its name."""
    taken: Counter[str] = Counter()

    def free(name: str) -> str:
        """Two folders may have a file of the same name."""
        taken[name] += 1
        return f"{name} ({taken[name]})" if taken[name] > 1 else name

    size = 0
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
        for upload in uploads:
            name = free(os.path.basename(upload.name or "documento.xml"))
            if not zipfile.is_zipfile(upload):
                upload.seek(0)
                packed.writestr(name, upload.read())
                continue
            contents = _contents(_bytes_of(upload))
            size += sum(one.file_size for one in contents)
            if size > PACKED_MAX:
                raise UnreadableZip(f"«{one_line(name, 80)}» es grande: súbalo solo.")
            with zipfile.ZipFile(_bytes_of(upload)) as inner:
                for one in contents:
                    path = free(f"{name}/{one.filename}")
                    packed.writestr(path, _whole(inner, one))


def _bytes_of(upload: UploadedFile) -> IO[bytes]:
    assert upload.file
    return upload.file


def _whole(inner: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    try:
        with _opened(inner, one) as file:
            # With a size it never unpacks more at once.
            return file.read(one.file_size)
    except cfdi.CfdiError:
        raise UnreadableZip(
            "Uno de los ZIP está dañado o tiene contraseña; súbalo solo."
        ) from None


@contextmanager
def _opened(packed: zipfile.ZipFile, one: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """A document of a ZIP. Raises CfdiError, also while it is read."""
    if one.compress_type not in _METHODS:
        raise _closed()
    try:
        with packed.open(one) as file:
            yield file
    except _DAMAGED:
        raise cfdi.CfdiError("damaged", "Está dañado dentro del ZIP.") from None
    except RuntimeError:
        raise _closed() from None


def _contents(source: IO[bytes]) -> list[zipfile.ZipInfo]:
    """The documents of a ZIP, in its order. Raises UnreadableZip."""
    _refuse_many_entries(source)
    try:
        with zipfile.ZipFile(source) as packed:
            found = [one for one in packed.infolist() if _is_document(one)]
    except (*_DAMAGED, NotImplementedError):
        raise UnreadableZip(
            "El ZIP está dañado o incompleto. Vuelva a crearlo y súbalo otra vez."
        ) from None
    if len(found) > DOCUMENTS_MAX:
        raise UnreadableZip(
            f"El ZIP tiene {len(found):,} documentos; el máximo son "
            f"{DOCUMENTS_MAX:,}. Divídalo en varios."
        )
    if sum(one.file_size for one in found) > UNZIPPED_MAX:
        raise UnreadableZip(
            f"Sus documentos miden más de {UNZIPPED_MAX // 1024**3} GB. Divídalo en "
            "varios."
        )
    return found


def _refuse_many_entries(source: IO[bytes]) -> None:
    """zipfile reads the table of contents whole, whatever size it says it has. Each of
    its entries begins with the same mark, so they are counted before."""
    source.seek(0)
    parts = iter(partial(source.read, files.CHUNK), b"")
    if sum(part.count(_ENTRY) for part in parts) > ENTRIES_MAX:
        raise UnreadableZip(
            "El ZIP tiene demasiados archivos. Divídalo en varios más pequeños."
        )


def _is_document(one: zipfile.ZipInfo) -> bool:
    name = one.filename.lower()
    # Not is_dir(), which fails where there is no name at all.
    return not name.endswith("/") and not any(part in name for part in _IGNORED)


# ── The job ───────────────────────────────────────────────────────────────────────


@running.handles(KIND)
def execute(work: running.Work) -> None:
    kept = work.job.files.first()
    if kept is None:
        raise running.Failed("Sus archivos ya no se guardan. Súbalos otra vez.")
    with TemporaryFile() as source:
        for chunk in files.read(kept):
            source.write(chunk)
        contents = _contents(source)
        with zipfile.ZipFile(source) as packed:
            for place in range(work.job.done, len(contents)):
                with work.step(1):
                    _note(work.job, place, contents[place], packed)
    work.summary = summary_of(work.job)


def _note(job: Job, place: int, one: zipfile.ZipInfo, packed: zipfile.ZipFile) -> None:
    counted_as = _count_one(job, one, packed)
    Line.objects.create(
        job=job,
        place=place + 1,
        name=one_line(one.filename, LINE_MAX) or "—",
        state=counted_as.state,
        said=one_line(counted_as.said, ERROR_MAX),
    )


def _count_one(job: Job, one: zipfile.ZipInfo, packed: zipfile.ZipFile) -> Counted:
    """Within a step. What is refused leaves nothing but its line."""
    try:
        with _opened(packed, one) as file:
            document = cfdi.read(file, size=one.file_size or None)
        with transaction.atomic():
            client = _issuer(job.reseller, document)
            posted = lifecycle.consume_cfdi(client, document, by=job.by)
    except (cfdi.CfdiError, Refused) as refused:
        return Counted(LineState.REFUSED, str(refused))
    except OperationalError as error:
        if not running.gave_up_waiting(error):
            raise
        return Counted(LineState.REFUSED, "Estaba ocupado; súbalo otra vez.")
    left = f"{client} tiene {posted.entry.balance_after:,} folios."
    if posted.is_repeat:
        return Counted(LineState.KNOWN, f"Ya estaba contado, de {client}.")
    return Counted(LineState.NEW, f"Un folio; {left}")


class NobodysDocument(Refused):
    code = "unknown_client"


def _issuer(reseller: Reseller, document: cfdi.Cfdi) -> Client:
    mine = Client.objects.filter(reseller=reseller).select_related("reseller")
    found = mine.issuing(document.issuer_rfc, on=document.issued_at.date())
    if not found:
        raise NobodysDocument(f"Su emisor, {document.issuer_rfc}, no es su cliente.")
    return found[0]


_SAID = {
    LineState.NEW: ("contado", "contados"),
    LineState.KNOWN: ("ya estaba", "ya estaban"),
    LineState.REFUSED: ("rechazado", "rechazados"),
}


def summary_of(job: Job) -> str:
    """«9,998 contados, 1 ya estaba, 1 rechazado.»"""
    numbers = dict(job.lines.order_by().values_list("state").annotate(Count("pk")))
    parts = [
        counted(numbers[state], *words)
        for state, words in _SAID.items()
        if numbers.get(state)
    ]
    return f"{', '.join(parts)}." if parts else ""
