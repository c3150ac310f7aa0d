"""Jobs: each step commits work and progress at once, so nothing is done twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from jobs import files, running
from jobs.models import File, Job, JobState
from reseller_panel import jobs as queue
from tests.workers import kill, until, worker


@pytest.fixture
def numbers() -> Iterator[list[int]]:
    """The kind «count»: ten items, one a step, noted in the file of the job."""
    seen: list[int] = []

    def count(work: running.Work) -> None:
        file, _ = File.objects.get_or_create(job=work.job, name="cuenta.txt")
        while work.job.done < 10:
            with work.step(1):
                seen.append(work.job.done)
                files.append(file, f"{work.job.done} ".encode())
        work.summary = "Diez."

    with handled("count", count):
        yield seen


@contextmanager
def handled(kind: str, handler: running.Handler) -> Iterator[None]:
    running.handles(kind)(handler)
    yield
    del running._handlers[kind]


def start(alicia: User, kind: str = "count", **how: Any) -> Job:
    return running.start(
        alicia.reseller, by=alicia, kind=kind, title="Contar", total=10, **how
    )


def waiting() -> list[int]:
    """The jobs in the queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args ->> 'job')::int FROM procrastinate_jobs WHERE status = 'todo'"
        )
        return [job for (job,) in cursor]


def text_of(job: Job) -> str:
    return b"".join(files.read(job.files.get())).decode()


def test_a_job_is_enqueued_by_the_transaction_that_wants_it(alicia: User) -> None:
    with transaction.atomic():
        start(alicia)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not waiting()
    job = start(alicia)
    assert waiting() == [job.pk]
    assert job.state is JobState.WAITING


def test_a_job_runs_to_its_end(alicia: User, numbers: list[int]) -> None:
    job = start(alicia)
    running.run(job.pk)
    job.refresh_from_db()
    assert numbers == [*range(10)]
    assert (job.done, job.summary, job.state) == (10, "Diez.", JobState.DONE)
    assert text_of(job) == "0 1 2 3 4 5 6 7 8 9 "


def test_a_job_that_ended_does_nothing_when_it_runs_again(
    alicia: User, numbers: list[int]
) -> None:
    job = start(alicia)
    running.run(job.pk)
    running.run(job.pk)
    assert len(numbers) == 10


def test_an_interrupted_job_goes_on_where_it_stopped(
    alicia: User, numbers: list[int]
) -> None:
    job = start(alicia)
    with pytest.raises(queue.HandedBack):
        running.run(job.pk, lambda: len(numbers) == 4)
    job.refresh_from_db()
    assert (job.done, job.state) == (4, JobState.RUNNING)
    running.run(job.pk)
    job.refresh_from_db()
    assert numbers == [*range(10)]
    assert text_of(job) == "0 1 2 3 4 5 6 7 8 9 "


def test_what_a_step_wrote_is_gone_with_its_failure(
    alicia: User, numbers: list[int]
) -> None:
    def lose(work: running.Work) -> None:
        file = files.create(work.job, name="x", content_type="text/plain")
        with work.step(1):
            files.append(file, b"half")
            raise OperationalError

    with handled("lose", lose):
        job = start(alicia, "lose")
        with pytest.raises(OperationalError):
            running.run(job.pk)
    job.refresh_from_db()
    assert (job.done, job.state) == (0, JobState.RUNNING)
    assert text_of(job) == ""


def test_whoever_takes_a_job_up_stops_the_one_before(
    alicia: User, numbers: list[int]
) -> None:
    """A worker that was taken for dead, and lives: it writes nothing more."""
    others: list[int] = []

    def overtaken() -> bool:
        if len(numbers) == 3 and not others:
            others.append(1)
            running.run(job.pk)
        return False

    job = start(alicia)
    running.run(job.pk, overtaken)
    assert numbers == [*range(10)]
    job.refresh_from_db()
    assert (job.attempt, job.done, job.state) == (2, 10, JobState.DONE)


def test_a_cancelled_job_ends_with_its_next_step(
    alicia: User, numbers: list[int]
) -> None:
    def cancelled() -> bool:
        if len(numbers) == 6:
            running.cancel(job)
        return False

    job = start(alicia)
    running.run(job.pk, cancelled)
    job.refresh_from_db()
    assert (job.done, job.state) == (6, JobState.CANCELLED)
    running.retry(job)
    running.run(job.pk)
    job.refresh_from_db()
    assert numbers == [*range(10)]
    assert job.state is JobState.DONE


def test_a_job_that_nobody_began_is_cancelled_at_once(
    alicia: User, numbers: list[int]
) -> None:
    job = start(alicia)
    running.cancel(job)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state is JobState.CANCELLED
    assert not numbers


def test_a_failed_job_says_why_and_can_be_tried_again(alicia: User) -> None:
    fails = [True]

    def fail(work: running.Work) -> None:
        if fails.pop() if fails else False:
            raise running.Failed("Falta la columna «RFC».")

    with handled("fail", fail):
        job = start(alicia, "fail")
        running.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.error) == (JobState.FAILED, "Falta la columna «RFC».")
        running.retry(job)
        running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")


def test_an_unforeseen_fault_ends_the_job_and_is_logged(alicia: User) -> None:
    def break_down(work: running.Work) -> None:
        raise ZeroDivisionError

    with handled("break", break_down):
        job = start(alicia, "break")
        with pytest.raises(ZeroDivisionError):
            running.run(job.pk)
    job.refresh_from_db()
    assert job.state is JobState.FAILED
    assert "reintentar" in job.error


def test_a_short_job_ends_in_its_request(alicia: User, numbers: list[int]) -> None:
    job = running.run_now(start(alicia, in_request=True), seconds=60)
    assert job.state is JobState.DONE
    # What would have taken it up, had the server been killed.
    assert waiting() == [job.pk]


def test_a_long_job_goes_on_with_a_worker(alicia: User, numbers: list[int]) -> None:
    job = running.run_now(start(alicia, in_request=True), seconds=-1)
    assert job.state is JobState.RUNNING
    assert waiting() == [job.pk, job.pk]
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.done, job.state) == (10, JobState.DONE)


# ── The pages ─────────────────────────────────────────────────────────────────────


def test_the_page_says_that_a_job_waits_without_a_worker(
    as_alicia: Browser, alicia: User, numbers: list[int]
) -> None:
    job = start(alicia)
    page = as_alicia.get(reverse("jobs:list")).content.decode()
    assert "manage.py work" in page
    assert 'hx-trigger="every 2s"' in page
    running.run(job.pk)
    page = as_alicia.get(reverse("jobs:list")).content.decode()
    assert "manage.py work" not in page
    assert "every 2s" not in page
    assert "Terminado" in page


def test_only_who_started_it_downloads_its_file(
    as_alicia: Browser, alicia: User, numbers: list[int]
) -> None:
    job = start(alicia)
    running.run(job.pk)
    url = reverse("jobs:download", args=[job.files.get().public_id])
    got = as_alicia.get(url)
    assert b"".join(got.streaming_content) == b"0 1 2 3 4 5 6 7 8 9 "
    colleague = User.objects.create_user(
        "sol@distribuidora.mx", reseller=alicia.reseller
    )
    browser = Browser()
    browser.force_login(colleague)
    assert browser.get(job.get_absolute_url()).status_code == 200
    assert browser.get(url).status_code == 404


def test_a_file_can_be_downloaded_for_seven_days(
    as_alicia: Browser, alicia: User, numbers: list[int]
) -> None:
    job = start(alicia)
    running.run(job.pk)
    url = reverse("jobs:download", args=[job.files.get().public_id])
    File.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))
    assert as_alicia.get(url).status_code == 200
    assert files.remove_expired() == 0
    File.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
    assert as_alicia.get(url).status_code == 404
    assert url not in as_alicia.get(job.get_absolute_url()).content.decode()
    assert files.remove_expired() == 1


def test_the_list_has_as_many_queries_for_one_job_as_for_twenty(
    as_alicia: Browser, alicia: User, django_assert_num_queries: Any
) -> None:
    start(alicia)
    as_alicia.get(reverse("jobs:list"))
    with django_assert_num_queries(7) as one:
        as_alicia.get(reverse("jobs:list"))
    for _ in range(20):
        start(alicia)
    with django_assert_num_queries(len(one)):
        as_alicia.get(reverse("jobs:list"))


# ── A real worker ─────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_readyz_says_how_many_workers_live(anonymous: Browser) -> None:
    assert anonymous.get("/readyz").content == b"ok\nworkers: 0\n"
    with worker():
        until(lambda: queue.workers() == 1)
        assert anonymous.get("/readyz").content == b"ok\nworkers: 1\n"


def test_a_killed_worker_is_found_within_a_minute() -> None:
    assert queue.HEARTBEAT + queue.STALLED + queue.LOOK_EVERY < 60


def slow_job(alicia: User, total: int) -> Job:
    with transaction.atomic():
        job = start(alicia, "slow")
        Job.objects.filter(pk=job.pk).update(total=total)
        files.create(job, name="cuenta.txt", content_type="text/plain")
    return job


def state(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_is_found_and_ended(
    alicia: User,
) -> None:
    job = slow_job(alicia, 30)
    with worker("-m", "tests.counting") as first:
        until(lambda: state(job).done >= 5)
        kill(first)
    assert state(job).state is JobState.RUNNING
    with worker("-m", "tests.counting"):
        until(lambda: state(job).attempt == 2)
        until(lambda: not state(job).is_unfinished)
    assert state(job).state is JobState.DONE
    assert text_of(job) == "".join(f"{n} " for n in range(30))


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_told_to_stop_hands_its_job_back(alicia: User) -> None:
    job = slow_job(alicia, 40)
    with worker("-m", "tests.counting") as first:
        until(lambda: state(job).done >= 3)
        first.terminate()
        assert first.wait(timeout=10) == 0
    left = state(job)
    assert left.state is JobState.RUNNING
    assert left.done < 40
    # At once: nobody has to find out that the first is gone.
    with worker("-m", "tests.counting"):
        until(lambda: state(job).attempt == 2)
        until(lambda: not state(job).is_unfinished)
    assert text_of(job) == "".join(f"{n} " for n in range(40))


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_does_a_job(alicia: User) -> None:
    with worker("-m", "tests.counting"), worker("-m", "tests.counting"):
        until(lambda: queue.workers() == 2)
        jobs = [slow_job(alicia, 5) for _ in range(4)]
        until(lambda: not any(state(job).is_unfinished for job in jobs))
    for job in jobs:
        assert state(job).attempt == 1
        assert text_of(job) == "0 1 2 3 4 "


@pytest.mark.django_db(transaction=True)
def test_what_a_request_did_not_end_is_a_workers_at_once(
    alicia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry for the case that the server is killed is older, and for later."""
    monkeypatch.setattr(running, "TAKEN_UP", 3_600)
    # Nobody handles this kind, so a worker ends it.
    job = start(alicia, "nobody", in_request=True)
    running.run_job(job.pk)
    with worker():
        until(lambda: not Job.objects.get(pk=job.pk).is_unfinished)
    assert Job.objects.get(pk=job.pk).state is JobState.FAILED


# ── In a wrong order ──────────────────────────────────────────────────────────────


def test_whoever_loses_the_right_in_the_middle_stops(
    alicia: User, numbers: list[int]
) -> None:
    def dismissed() -> bool:
        if len(numbers) == 4:
            User.objects.filter(pk=alicia.pk).update(is_active=False)
        return False

    job = start(alicia)
    running.run(job.pk, dismissed)
    job.refresh_from_db()
    assert numbers == [0, 1, 2, 3]
    assert (job.done, job.state) == (4, JobState.FAILED)
    assert "ya no tiene acceso" in job.error


def test_a_reason_with_strange_characters_ends_the_job_too(alicia: User) -> None:
    def fail(work: running.Work) -> None:
        raise running.Failed("El archivo «\x00\u202e\n.csv» no se entiende.")

    with handled("fail", fail):
        job = start(alicia, "fail")
        running.run(job.pk)
    job.refresh_from_db()
    assert job.state is JobState.FAILED
    assert "no se entiende" in job.error


def test_what_has_ended_is_not_said_to_be_cancelled(
    as_alicia: Browser, alicia: User, numbers: list[int]
) -> None:
    job = start(alicia)
    running.run(job.pk)
    url = reverse("jobs:cancel", args=[job.public_id])
    page = as_alicia.post(url, follow=True).content.decode()
    assert "ya había terminado" in page
    assert "Se canceló" not in page
    url = reverse("jobs:retry", args=[job.public_id])
    assert (
        "no hay nada que reintentar"
        in as_alicia.post(url, follow=True).content.decode()
    )


def test_trying_again_twice_goes_on_once(alicia: User) -> None:
    job = start(alicia)
    running.cancel(job)
    before = len(waiting())
    assert running.retry(job)
    assert not running.retry(job)
    assert len(waiting()) == before + 1


def test_a_file_may_have_any_name(as_alicia: Browser, alicia: User) -> None:
    job = start(alicia)
    name = 'año "2026"; x.csv'
    file = files.create(job, name=name, content_type="text/csv")
    files.append(file, b"x")
    url = reverse("jobs:download", args=[file.public_id])
    said = as_alicia.get(url)["Content-Disposition"]
    assert said == "attachment; filename*=utf-8''a%C3%B1o%20%222026%22%3B%20x.csv"


def test_a_csv_is_named_by_the_day_of_the_reseller(
    as_alicia: Browser, alicia: User
) -> None:
    job = start(alicia)
    # Seven in the evening of the 3rd in Mexico.
    Job.objects.filter(pk=job.pk).update(created_at="2026-11-04T01:00:00Z")
    url = reverse("jobs:lines_csv", args=[job.public_id])
    assert "trabajo-2026-11-03" in as_alicia.get(url)["Content-Disposition"]
