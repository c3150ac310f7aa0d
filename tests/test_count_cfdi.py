"""Many stamped documents at once: each is counted once, and says what became of it."""

import random
import tracemalloc
import zipfile
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clients import documents, lifecycle
from clients.models import CfdiRecord, Client
from jobs import running
from jobs.models import Job, JobState, Line
from reseller_panel import jobs as queue
from tests.cfdis import cfdi
from tests.workers import kill, until, worker

URL = reverse("clients:count_cfdi")


def document(client: Client, uuid: object = None) -> bytes:
    moment = f"{timezone.now():%Y-%m-%dT00:00:00}"
    stamp = str(uuid or uuid4()).upper()
    return cfdi(issuer=client.rfc, uuid=stamp, moment=moment).encode()


def packed(contents: Mapping[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file.getvalue()


def sent(browser: Browser, **contents: bytes) -> Any:
    """`a_zip` is sent as `a.zip`."""
    files = [
        SimpleUploadedFile(name.replace("_", "."), content)
        for name, content in contents.items()
    ]
    return browser.post(URL, {"documents": files})


def lines() -> list[tuple[str, str, str]]:
    return [*Line.objects.values_list("name", "state", "said")]


def balance(client: Client) -> int:
    return Client.objects.with_facts().get(pk=client.pk).balance


def test_a_zip_counts_each_document_once(as_alicia: Browser, clara: Client) -> None:
    same = document(clara)
    content = packed(
        {
            "noviembre/": b"",
            "noviembre/a.xml": same,
            "noviembre/otra carpeta/B.XML": document(clara),
            "copia de a.xml": same,
            "factura.pdf": b"%PDF-1.7",
            "roto.xml": b"<cfdi",
            "ajeno.xml": cfdi(issuer="AAA010101AAA").encode(),
            "__MACOSX/noviembre/._a.xml": b"x",
            "vacio.xml": b"",
        }
    )
    response = sent(as_alicia, a_zip=content)
    job = Job.objects.get()
    assert response["Location"] == job.get_absolute_url()
    assert (job.state, job.total, job.done) == (JobState.DONE, 7, 7)
    assert job.summary == "2 contados, 1 ya estaba, 4 rechazados."
    assert balance(clara) == 98
    assert [(name, state) for name, state, _ in lines()] == [
        ("noviembre/a.xml", "new"),
        ("noviembre/otra carpeta/B.XML", "new"),
        ("copia de a.xml", "known"),
        ("factura.pdf", "refused"),
        ("roto.xml", "refused"),
        ("ajeno.xml", "refused"),
        ("vacio.xml", "refused"),
    ]
    page = as_alicia.get(job.get_absolute_url() + "?ver=refused").content.decode()
    assert "factura.pdf" in page
    assert "copia de a.xml" not in page
    assert "no es su cliente" in page
    sent(as_alicia, a_zip=content)
    assert balance(clara) == 98
    assert Job.objects.latest("pk").summary == "3 ya estaban, 4 rechazados."


def test_loose_documents_are_counted_together(
    as_alicia: Browser, clara: Client
) -> None:
    inner = packed({"c.xml": document(clara)})
    sent(as_alicia, a_xml=document(clara), b_xml=document(clara), c_zip=inner)
    assert balance(clara) == 97
    assert [name for name, *_ in lines()] == ["a.xml", "b.xml", "c.zip/c.xml"]


def test_the_record_says_who_brought_it(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    stamp = uuid4()
    sent(as_alicia, a_xml=document(clara, stamp))
    record = CfdiRecord.objects.get()
    assert (record.uuid, record.by, record.entry.by) == (
        UUID(str(stamp)),
        alicia,
        alicia,
    )


def test_without_folios_the_rest_is_refused_one_by_one(
    as_alicia: Browser, clara: Client
) -> None:
    lifecycle.consume(clara, quantity=98, reference="F-1", by=None)
    sent(as_alicia, a_zip=packed({f"{n}.xml": document(clara) for n in range(4)}))
    assert [state for _, state, _ in lines()] == ["new", "new", "refused", "refused"]
    assert balance(clara) == 0


BAD = {
    "not a zip": (b"PK\x03\x04 no", "rejected one by one"),
    "empty zip": (packed({}), "no tiene documentos"),
    "cut": (packed({"a.xml": b"<a/>" * 99})[:-30], "rejected one by one"),
    "only folders": (packed({"a/": b"", "b/": b""}), "no tiene documentos"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_zip_is_answered_in_words(
    as_alicia: Browser, clara: Client, name: str
) -> None:
    content, said = BAD[name]
    response = sent(as_alicia, a_zip=content)
    if said == "rejected one by one":
        # What is no ZIP is taken for a document, and is none.
        assert [state for _, state, _ in lines()] == ["refused"]
    else:
        assert response.status_code == 422
        assert said in response.content.decode()
        assert not Job.objects.exists()


def test_bombs_and_tricks_in_a_zip_refuse_only_themselves(
    as_alicia: Browser, clara: Client
) -> None:
    contents = {
        "bomba.xml": b"<a>" + b" " * 30_000_000 + b"</a>",
        "entidades.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "../../etc/passwd": b"root",
        "C:\\windows\\a.xml": b"x",
        "nombre\u202e\x1b[31m.xml": b"x",
        "anidado.zip": packed({"a.xml": document(clara)}),
        "bueno.xml": document(clara),
    }
    sent(as_alicia, a_zip=packed(contents))
    states = {name: state for name, state, _ in lines()}
    assert [*states.values()] == ["refused"] * 6 + ["new"]
    assert balance(clara) == 99
    assert not any("\x1b" in name or "\u202e" in name for name in states)


def test_a_document_without_a_name_is_counted_too(
    as_alicia: Browser, clara: Client
) -> None:
    """A name ends where its first NUL stands."""
    content = packed({"Xa.xml": document(clara), "b.xml": document(clara)})
    sent(as_alicia, a_zip=content.replace(b"Xa.xml", b"\0a.xml"))
    assert [(name, state) for name, state, _ in lines()] == [
        ("—", "new"),
        ("b.xml", "new"),
    ]


def test_a_zip_with_a_password_says_so(as_alicia: Browser, clara: Client) -> None:
    content = bytearray(packed({"a.xml": document(clara)}))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + place] |= 1
    sent(as_alicia, a_zip=bytes(content))
    assert "contraseña" in lines()[0][2]


def test_a_directory_that_would_fill_memory_is_not_read(
    as_alicia: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ENTRIES_MAX", 99)
    content = packed({f"{number}.xml": b"" for number in range(100)})
    response = sent(as_alicia, a_zip=content)
    assert response.status_code == 422
    assert "demasiados archivos" in response.content.decode()


def test_a_damaged_document_refuses_only_itself(
    as_alicia: Browser, clara: Client
) -> None:
    content = bytearray(packed({"a.xml": document(clara), "b.xml": document(clara)}))
    content[content.index(b"a.xml") + 60] ^= 0xFF
    sent(as_alicia, a_zip=bytes(content))
    assert [state for _, state, _ in lines()] == ["refused", "new"]


def test_nothing_chosen_is_said(as_alicia: Browser) -> None:
    response = as_alicia.post(URL, {})
    assert response.status_code == 422
    assert "Elija los XML" in response.content.decode()


def _has(goal: int) -> bool:
    return Line.objects.count() >= goal


def test_many_go_on_in_a_job(
    alicia: User, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SECONDS", -1)
    content = packed({f"{n}.xml": document(clara) for n in range(30)})
    upload = SimpleUploadedFile("a.zip", content)
    assert alicia.reseller
    job = documents.count(alicia.reseller, [upload], by=alicia)
    assert job.done == 0
    # Interrupted in the middle, and taken up again.
    for goal in (10, 20):
        with pytest.raises(queue.HandedBack):
            running.run(job.pk, partial(_has, goal))
    running.run(job.pk)
    assert Line.objects.count() == 30
    assert balance(clara) == 70


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_counts_none_twice(
    alicia: User, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SECONDS", -1)
    content = packed({f"{n}.xml": document(clara) for n in range(60)})
    assert alicia.reseller
    upload = SimpleUploadedFile("a.zip", content)
    job = documents.count(alicia.reseller, [upload], by=alicia)
    with worker() as process:
        until(lambda: Line.objects.count() >= 15)
        kill(process)
    with worker():
        until(lambda: not Job.objects.get(pk=job.pk).is_unfinished)
    assert Job.objects.get(pk=job.pk).summary == "60 contados."
    assert balance(clara) == 40


# ── Made to deceive ───────────────────────────────────────────────────────────────


def damaged_directory(client: Client) -> bytes:
    """It has an end, so it is taken for a ZIP, but its contents cannot be read."""
    return packed({"a.xml": document(client)}).replace(b"PK\x01\x02", b"PK\x01\x09")


def test_a_damaged_zip_among_others_is_answered_in_words(
    as_alicia: Browser, clara: Client
) -> None:
    response = sent(as_alicia, a_xml=document(clara), b_zip=damaged_directory(clara))
    assert response.status_code == 422
    assert "está dañado" in response.content.decode()


def test_zips_that_come_with_other_files_are_not_unpacked_without_end(
    as_alicia: Browser, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "PACKED_MAX", 1_000_000)
    blanks = packed({f"{n}.xml": b" " * 600_000 for n in range(2)})
    response = sent(as_alicia, a_xml=document(clara), b_zip=blanks)
    assert response.status_code == 422
    assert "b.zip» es grande" in response.content.decode()
    assert not Job.objects.exists()


def test_all_documents_of_a_zip_have_a_limit_together(
    as_alicia: Browser, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "UNZIPPED_MAX", 1_000_000)
    content = packed({f"{n}.xml": b" " * 600_000 for n in range(2)})
    assert sent(as_alicia, a_zip=content).status_code == 422


def test_a_document_that_says_it_is_small_is_read_no_further(
    as_alicia: Browser, clara: Client
) -> None:
    bomb = packed({"a.xml": b" " * 50_000_000, "b.xml": document(clara)})
    size = (50_000_000).to_bytes(4, "little")
    lying = bomb.replace(size, (100).to_bytes(4, "little"))
    tracemalloc.start()
    response = sent(as_alicia, a_zip=lying, c_xml=document(clara))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert response.status_code == 422
    assert peak < 20_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_method_that_unpacks_gigabytes_at_once_is_refused(
    as_alicia: Browser, clara: Client, method: int
) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.xml", document(clara))
    sent(as_alicia, a_zip=file.getvalue())
    assert "de un modo que no se puede leer" in lines()[0][2]


def test_whatever_is_wrong_with_a_zip_it_ends_in_words(
    as_alicia: Browser, clara: Client
) -> None:
    """Of a hundred ZIPs with bytes changed, none stops the job."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    good = packed({"a.xml": document(clara), "ñ.xml": b"<a/>"})
    for _ in range(100):
        content = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            content[-1 - chance.randrange(160)] = chance.choice([0, 1, 127, 200, 255])
        assert sent(as_alicia, a_zip=bytes(content)).status_code in (302, 422)
    assert not Job.objects.exclude(error="").exists()


def test_files_of_the_same_name_are_told_apart(
    as_alicia: Browser, clara: Client
) -> None:
    uploads = [SimpleUploadedFile("a.xml", document(clara)) for _ in range(2)]
    as_alicia.post(URL, {"documents": uploads})
    assert [name for name, _, _ in lines()] == ["a.xml", "a.xml (2)"]
    assert balance(clara) == 98


def test_hundreds_of_loose_documents_may_be_sent_at_once(
    as_alicia: Browser, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SECONDS", -1)
    uploads = [SimpleUploadedFile(f"{n}.xml", b"<a/>") for n in range(300)]
    assert as_alicia.post(URL, {"documents": uploads}).status_code == 302
    assert Job.objects.get().total == 300


def test_a_job_that_is_tried_again_when_its_files_are_gone_says_so(
    alicia: User, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SECONDS", -1)
    assert alicia.reseller
    upload = SimpleUploadedFile("a.xml", document(clara))
    job = documents.count(alicia.reseller, [upload], by=alicia)
    job.files.all().delete()
    running.run(job.pk)
    assert "Súbalos otra vez" in Job.objects.get(pk=job.pk).error


def test_an_empty_file_among_others_refuses_only_itself(
    as_alicia: Browser, clara: Client
) -> None:
    sent(as_alicia, a_xml=b"", b_xml=document(clara))
    assert [state for _, state, _ in lines()] == ["refused", "new"]
