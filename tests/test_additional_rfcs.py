"""Additional RFCs (Multiempresa): entered, counted against the plan, found everywhere,
spent from, and one RFC of one client of a reseller on any day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Event, Thread
from time import sleep
from typing import Any
from uuid import uuid4

import pgtrigger
import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import User
from api.stamping import batch
from clients import ledger, lifecycle, refusals
from clients.details import InvalidDetails
from clients.lifecycle import Details
from clients.models import AdditionalRfc, Client, EntryKind, EventKind
from packages.models import Package, Service
from reseller_panel.refusals import Refused
from sat.cfdi import read
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.cfdis import OTHER, UUID, cfdi, withholding
from tests.programs import MakeProgram, Program, refusal

MORE = "CACX7605101P8"
AGAIN = "XIA190128J61"
THIRD = "IXS7607092R5"
# To make MORE the RFC of a client: it is a person's.
PERSON = {"rfc": MORE, "tax_regime": "612"}


def today() -> date:
    return timezone.localdate()


def add(client: Client, rfc: str = MORE, **how: Any) -> AdditionalRfc:
    lifecycle.add_rfc(client, rfc=rfc, by=None, **how)
    return client.additional_rfcs.get(rfc=rfc, starts_on=how.get("starts_on", today()))


# ── Adding and ending ─────────────────────────────────────────────────────────────────


def test_one_is_added_from_today_without_end_and_the_event_says_so(
    clara: Client, alicia: User
) -> None:
    outcome = lifecycle.add_rfc(clara, rfc=" cacx-760510 1p8 ", by=alicia)
    assert outcome.message == f"Lo que timbre {MORE} gasta folios de {clara}."
    additional = clara.additional_rfcs.get()
    assert (additional.rfc, additional.starts_on, additional.ends_on) == (
        MORE,
        today(),
        None,
    )
    event = clara.events.latest("seq")
    assert (event.kind, event.by) == (EventKind.RFC_ADDED, alicia)
    assert event.after == {"additional_rfc": MORE, "since": today().isoformat()}
    assert not factories.fresh(clara).plan.is_customized


def test_adding_the_same_twice_changes_nothing(clara: Client) -> None:
    add(clara)
    again = lifecycle.add_rfc(clara, rfc=MORE, by=None)
    assert not again.changed
    assert clara.events.filter(kind=EventKind.RFC_ADDED).count() == 1


@pytest.mark.parametrize("rfc", ["", "XAXX010101000", "EKU90", "EKU9913323C9"])
def test_what_cannot_be_a_clients_rfc_is_refused(clara: Client, rfc: str) -> None:
    with pytest.raises(InvalidDetails) as caught:
        lifecycle.add_rfc(clara, rfc=rfc, by=None)
    assert set(caught.value.errors) == {"rfc"}


def test_a_wrong_check_digit_is_a_warning(clara: Client) -> None:
    wrong = MORE[:-1] + "9"
    with pytest.raises(InvalidDetails) as caught:
        lifecycle.add_rfc(clara, rfc=wrong, by=None)
    assert caught.value.doubts_rfc
    assert add(clara, wrong, accept_rfc=True)


def test_an_archived_client_gets_none_and_ends_none(make_client: MakeClient) -> None:
    client = make_client()
    additional = add(client)
    lifecycle.suspend(client, reason="x", by=None)
    lifecycle.archive(client, by=None)
    with pytest.raises(refusals.ClientArchived):
        lifecycle.add_rfc(client, rfc=AGAIN, by=None)
    with pytest.raises(refusals.ClientArchived):
        lifecycle.end_rfc(additional, by=None)


def test_an_end_that_has_passed_or_precedes_the_start_is_refused(
    clara: Client,
) -> None:
    for how in (
        {"ends_on": today() - timedelta(days=1)},
        {"starts_on": today() + timedelta(days=9), "ends_on": today()},
    ):
        with pytest.raises(refusals.DayNotAhead):
            lifecycle.add_rfc(clara, rfc=MORE, by=None, **how)


def test_it_ends_today_and_serves_until_midnight(clara: Client, alicia: User) -> None:
    additional = add(clara)
    lifecycle.end_rfc(additional, by=alicia)
    additional.refresh_from_db()
    assert additional.ends_on == today()
    assert additional.is_in_force(today())
    assert not additional.is_in_force(today() + timedelta(days=1))
    event = clara.events.latest("seq")
    assert (event.kind, event.by) == (EventKind.RFC_ENDED, alicia)
    assert event.after == {"additional_rfc": MORE, "until": today().isoformat()}
    assert not lifecycle.end_rfc(additional, by=alicia).changed


def test_one_added_by_mistake_is_taken_out_if_it_was_not_used(clara: Client) -> None:
    additional = add(clara)
    yesterday = today() - timedelta(days=1)
    lifecycle.end_rfc(additional, last_day=yesterday, by=None)
    assert not clara.additional_rfcs.exists()
    assert clara.events.filter(kind=EventKind.RFC_ADDED).exists()
    assert not lifecycle.end_rfc(additional, last_day=yesterday, by=None).changed


@pytest.mark.parametrize("how", ["document", "stamp"])
def test_it_does_not_end_before_what_was_stamped_with_it(
    clara: Client, how: str
) -> None:
    additional = add(clara, starts_on=today() - timedelta(days=30))
    day = today() - timedelta(days=3) if how == "document" else today()
    if how == "document":
        document = read(cfdi(issuer=MORE, moment=f"{day}T12:00:00").encode())
        lifecycle.consume_cfdi(clara, document)
    else:
        lifecycle.consume(clara, reference="F-1", additional_rfc=MORE)
    with pytest.raises(refusals.RfcUsedLater, match=f"{day:%d/%m/%Y}"):
        lifecycle.end_rfc(additional, last_day=day - timedelta(days=1), by=None)
    lifecycle.end_rfc(additional, last_day=day, by=None)


# ── Up to the plan's number ───────────────────────────────────────────────────────────


def test_a_plan_includes_so_many_at_once(clara: Client) -> None:
    first = add(clara)
    add(clara, AGAIN)
    with pytest.raises(refusals.TooManyRfcs, match="Serían 3 .* el plan incluye 2"):
        lifecycle.add_rfc(clara, rfc=THIRD, by=None)
    lifecycle.end_rfc(first, by=None)
    with pytest.raises(refusals.TooManyRfcs):
        lifecycle.add_rfc(clara, rfc=THIRD, by=None)  # today there are three
    add(clara, THIRD, starts_on=today() + timedelta(days=1))


def test_a_later_end_is_counted_again(clara: Client) -> None:
    first = add(clara)
    lifecycle.end_rfc(first, by=None)
    add(clara, AGAIN)
    add(clara, THIRD, starts_on=today() + timedelta(days=1))
    with pytest.raises(refusals.TooManyRfcs):
        lifecycle.end_rfc(first, last_day=today() + timedelta(days=5), by=None)


def test_a_plan_without_multiempresa_includes_none(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package())
    with pytest.raises(refusals.TooManyRfcs, match="no los incluye"):
        lifecycle.add_rfc(client, rfc=MORE, by=None)


def test_a_plan_cannot_be_edited_to_fewer_than_are_used(clara: Client) -> None:
    add(clara)
    service = Service.objects.get(code="multiempresa")
    with pytest.raises(refusals.TooManyRfcs):
        lifecycle.edit_plan(clara, changes={}, services={}, by=None)
    lifecycle.edit_plan(clara, changes={}, services={service.pk: 1}, by=None)
    with pytest.raises(refusals.TooManyRfcs):
        lifecycle.add_rfc(clara, rfc=AGAIN, by=None)


def test_a_renewal_with_fewer_than_are_used_is_refused_whole(
    clara: Client, make_package: MakePackage
) -> None:
    additional = add(clara)
    bare = make_package()
    before = factories.fresh(clara)
    with pytest.raises(refusals.TooManyRfcs):
        lifecycle.renew(clara, reference="r", package=bare, by=None)
    after = factories.fresh(clara)
    assert (after.balance, after.expires_on) == (before.balance, before.expires_on)
    lifecycle.renew(clara, reference="r-1", by=None)
    lifecycle.end_rfc(additional, last_day=today() - timedelta(days=1), by=None)
    lifecycle.renew(clara, reference="r-2", package=bare, by=None)


# ── Once per reseller ─────────────────────────────────────────────────────────────────


def test_the_main_rfc_of_a_client_is_nobodys_additional(
    clara: Client, make_client: MakeClient
) -> None:
    other = make_client(rfc=MORE)
    with pytest.raises(refusals.RfcTaken, match=str(other)):
        lifecycle.add_rfc(clara, rfc=MORE, by=None)
    with pytest.raises(refusals.RfcTaken):
        lifecycle.add_rfc(clara, rfc=clara.rfc, by=None)


def test_an_additional_rfc_is_nobody_elses(
    clara: Client, make_client: MakeClient
) -> None:
    add(clara)
    other = make_client()
    words = f"{MORE} ya es un RFC adicional de {clara}"
    for refused in (
        lambda: lifecycle.add_rfc(other, rfc=MORE, by=None),
        lambda: lifecycle.edit_plan(other, changes=PERSON, by=None),
        lambda: lifecycle.edit_plan(clara, changes=PERSON, by=None),
        lambda: make_client(rfc=MORE),
    ):
        with pytest.raises(refusals.AdditionalRfcTaken, match=words) as caught:
            refused()
        assert (caught.value.code, caught.value.field) == ("rfc_taken", "rfc")


def test_two_resellers_may_have_the_same(clara: Client, beto: User) -> None:
    package = factories.PackageFactory(
        reseller=beto.reseller, services={"multiempresa": 1}
    )
    theirs = factories.make_client(package=package)
    add(clara)
    add(theirs)
    factories.make_client(package=package, rfc=AGAIN)
    add(clara, AGAIN)


def test_the_day_after_it_ended_it_may_be_anothers(
    clara: Client, make_client: MakeClient
) -> None:
    lifecycle.end_rfc(add(clara), by=None)
    lifecycle.end_rfc(add(clara, AGAIN), by=None)
    other = make_client()
    with pytest.raises(refusals.AdditionalRfcTaken):
        make_client(rfc=MORE)
    with pytest.raises(refusals.AdditionalRfcTaken):
        lifecycle.add_rfc(other, rfc=AGAIN, by=None)
    tomorrow = today() + timedelta(days=1)
    add(other, AGAIN, starts_on=tomorrow)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert make_client(rfc=MORE).rfc_since == tomorrow


def test_an_rfc_that_a_client_left_may_be_anothers_additional(
    clara: Client, make_client: MakeClient
) -> None:
    other = make_client(rfc=MORE)
    lifecycle.edit_plan(other, changes={"rfc": factories.rfc(30_000)}, by=None)
    assert factories.fresh(other).rfc_since == today()
    add(clara)


DAY = date(2026, 11, 1)
HELD: dict[str, Callable[[Client, Client], Any]] = {
    "main": lambda _, other: Client.objects.filter(pk=other.pk).update(rfc=MORE),
    "main of its own": lambda one, _: Client.objects.filter(pk=one.pk).update(rfc=MORE),
    "additional": lambda _, other: AdditionalRfc.objects.create(
        client=other, rfc=MORE, starts_on=DAY + timedelta(days=10)
    ),
    "again": lambda one, _: AdditionalRfc.objects.create(
        client=one, rfc=MORE, starts_on=DAY - timedelta(days=9), ends_on=DAY
    ),
    "many": lambda _, other: AdditionalRfc.objects.bulk_create(
        [AdditionalRfc(client=other, rfc=MORE, starts_on=DAY)]
    ),
    "since": lambda _, other: AdditionalRfc.objects.filter(client=other).update(
        rfc=MORE
    ),
}


@pytest.mark.parametrize("write", HELD.values(), ids=HELD)
def test_the_database_refuses_an_rfc_that_is_had_already(
    clara: Client, make_client: MakeClient, write: Callable[[Client, Client], Any]
) -> None:
    """Written without the verbs."""
    other = make_client()
    AdditionalRfc.objects.create(client=clara, rfc=MORE, starts_on=DAY)
    AdditionalRfc.objects.create(client=other, rfc=AGAIN, starts_on=DAY)
    with pytest.raises(IntegrityError) as caught:
        write(clara, other)
    assert caught.value.__cause__.diag.constraint_name == "rfc_once_per_reseller"


@contextmanager
def at_once(*acts: Callable[[], Any]) -> Iterator[list[Any]]:
    """Each in a thread and connection of its own; what it gave or refused."""
    results: list[Any] = []

    def run(act: Callable[[], Any]) -> None:
        try:
            results.append(act())
        except Refused as refusal:
            results.append(refusal)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    yield results
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["additional", "main"])
def test_of_two_who_take_an_rfc_at_once_exactly_one_gets_it(
    clara: Client, make_client: MakeClient, second: str
) -> None:
    other = make_client()
    acts = {
        "additional": lambda: lifecycle.add_rfc(other, rfc=MORE, by=None),
        "main": lambda: lifecycle.edit_plan(other, changes=PERSON, by=None),
    }
    first = partial(lifecycle.add_rfc, clara, rfc=MORE, by=None)
    with at_once(first, acts[second]) as results:
        pass
    # Whoever was first has it; the other was told so.
    holders = AdditionalRfc.objects.filter(rfc=MORE).count()
    mains = Client.objects.filter(rfc=MORE).count()
    assert holders + mains == 1
    assert sorted(getattr(one, "code", "done") for one in results) == [
        "done",
        "rfc_taken",
    ]


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_waits_for_the_first_and_is_refused(
    clara: Client, make_client: MakeClient
) -> None:
    other = make_client()
    first, second = Event(), Event()

    def slowly() -> Any:
        with transaction.atomic():
            outcome = lifecycle.add_rfc(clara, rfc=MORE, by=None)
            first.set()
            second.wait(timeout=4)
        return outcome

    with at_once(slowly, lambda: _after(first, other)) as results:
        assert first.wait(timeout=4)
        sleep(0.3)
        assert results == []  # it waits for the commit
        second.set()
    assert [type(one) for one in results] == [
        lifecycle.Outcome,
        refusals.AdditionalRfcTaken,
    ]


@pytest.mark.django_db(transaction=True)
def test_without_the_trigger_both_would_get_it(
    clara: Client, make_client: MakeClient
) -> None:
    """The control of the test above: what it looks for can happen."""
    other, first, second = make_client(), Event(), Event()

    def slowly() -> Any:
        with transaction.atomic():
            outcome = lifecycle.add_rfc(clara, rfc=MORE, by=None)
            first.set()
            second.wait(timeout=4)
        return outcome

    def unguarded(act: Callable[[], Any]) -> Any:
        with pgtrigger.ignore("clients.AdditionalRfc:additional_rfc_once"):
            return act()

    with at_once(
        lambda: unguarded(slowly), lambda: unguarded(lambda: _after(first, other))
    ) as results:
        assert first.wait(timeout=4)
        while not results:  # it does not wait
            sleep(0.01)
        second.set()
    assert AdditionalRfc.objects.filter(rfc=MORE).count() == 2


def _after(first: Event, other: Client) -> Any:
    first.wait(timeout=4)
    return lifecycle.add_rfc(other, rfc=MORE, by=None)


# ── Spending ──────────────────────────────────────────────────────────────────────────


def _report(program: Program, document: str) -> Any:
    return program.post("/cfdi", document.encode(), content_type="application/xml")


def test_a_document_of_it_spends_the_clients_folios_and_is_remembered(
    program: Program, clara: Client
) -> None:
    add(clara, starts_on=date(2026, 11, 1))
    response = _report(program, cfdi(issuer=MORE))
    assert response.status_code == 201
    assert response.json()["client"] == str(clara.public_id)
    assert _report(program, cfdi(issuer=MORE)).status_code == 200
    assert _report(program, withholding(issuer=MORE, uuid=OTHER)).status_code == 201
    entry = clara.entries.get(reference=UUID.lower())
    assert (entry.additional_rfc, entry.cfdi.issuer_rfc) == (MORE, MORE)
    movements = program.get(f"/clients/{MORE}/movements").json()["movements"]
    assert [line["additional_rfc"] for line in movements] == [None, MORE, MORE]
    assert factories.fresh(clara).balance == 98


def test_its_own_documents_remember_no_other(program: Program, clara: Client) -> None:
    add(clara, starts_on=date(2026, 11, 1))
    _report(program, cfdi())
    assert clara.entries.latest("seq").additional_rfc == ""


def test_a_document_counts_by_its_day(
    program: Program, clara: Client, make_client: MakeClient
) -> None:
    """Not by the day on which it is reported: by then the RFC may be another's."""
    additional = add(clara, starts_on=date(2026, 11, 1))
    lifecycle.end_rfc(additional, last_day=date(2026, 11, 20), by=None)
    other = make_client(rfc=MORE)
    response = _report(program, cfdi(issuer=MORE, moment="2026-11-20T23:59:59"))
    assert response.json()["client"] == str(clara.public_id)
    later = cfdi(issuer=MORE, moment="2026-11-21T00:00:00", uuid=OTHER)
    assert _report(program, later).json()["client"] == str(other.public_id)


def test_a_document_of_a_day_on_which_it_was_nobodys_is_refused_with_the_reason(
    program: Program, clara: Client
) -> None:
    add(clara, starts_on=date(2026, 11, 24))
    response = _report(program, cfdi(issuer=MORE))
    assert refusal(response) == (409, "rfc_not_in_force")
    assert response.json()["detail"] == (
        f"{MORE} no es un RFC de {clara} el 23/11/2026, día del documento."
    )
    assert clara.entries.count() == 1


def test_a_document_of_another_issuer_is_never_a_clients(clara: Client) -> None:
    with pytest.raises(refusals.RfcNotInForce):
        lifecycle.consume_cfdi(clara, read(cfdi(issuer=MORE).encode()))


def test_a_stamp_of_one_rfc_and_a_document_of_another_is_a_conflict(
    program: Program, clara: Client
) -> None:
    add(clara, starts_on=date(2026, 11, 1))
    program.stamp(MORE, UUID)
    response = _report(program, cfdi())
    assert refusal(response) == (409, "reference_conflict")
    assert f"RFC del emisor: {MORE}, no {clara.rfc}" in response.json()["detail"]
    assert _report(program, cfdi(issuer=MORE)).status_code == 200


def test_a_stamp_of_a_client_named_by_its_id_may_be_of_any_of_its_rfcs(
    program: Program, clara: Client
) -> None:
    add(clara, starts_on=date(2026, 11, 1))
    program.stamp(str(clara.public_id), UUID)
    assert _report(program, cfdi(issuer=MORE)).status_code == 200
    record = clara.entries.get(reference=UUID.lower()).cfdi
    assert record.issuer_rfc == MORE
    program.stamp(str(clara.public_id), OTHER)
    early = cfdi(issuer=MORE, uuid=OTHER, moment="2026-10-31T12:00:00")
    assert refusal(_report(program, early)) == (409, "rfc_not_in_force")


def test_the_command_finds_it_too(clara: Client, tmp_path: Any) -> None:
    add(clara, starts_on=date(2026, 11, 1))
    file = tmp_path / "a.xml"
    file.write_text(cfdi(issuer=MORE))
    call_command("stamp_cfdi", str(file))
    assert clara.entries.latest("seq").additional_rfc == MORE


def test_stamping_by_it_spends_the_clients_folios_and_is_remembered(
    program: Program, clara: Client
) -> None:
    add(clara)
    assert program.stamp(MORE, "F-1").status_code == 201
    assert program.stamp(MORE.lower(), "F-1").status_code == 200
    items = [
        {"client": name, "reference": f"B-{name}", "quantity": 1}
        for name in (MORE, clara.rfc, str(clara.public_id), AGAIN)
    ]
    results = program.post("/stamps", {"stamps": items}).json()["results"]
    assert [one["status"] for one in results] == [201, 201, 201, 404]
    kinds = clara.entries.filter(kind=EntryKind.STAMP).order_by("seq")
    assert [entry.additional_rfc for entry in kinds] == [MORE, MORE, "", ""]
    path = f"/clients/{MORE}/stamps/F-1/reversal"
    assert program.post(path).status_code == 201


@pytest.mark.parametrize("days", [-1, 1], ids=["over", "to come"])
def test_one_that_is_not_of_today_does_not_stamp(
    program: Program, clara: Client, days: int
) -> None:
    if days < 0:
        past = today() - timedelta(days=9)
        additional = add(clara, starts_on=past)
        lifecycle.end_rfc(additional, last_day=today() - timedelta(days=1), by=None)
    else:
        add(clara, starts_on=today() + timedelta(days=1))
    assert refusal(program.stamp(MORE)) == (404, "unknown_client")
    assert program.get(f"/clients/{MORE}").status_code == 404


def test_under_the_lock_it_is_looked_at_again_but_a_repeat_is_answered(
    clara: Client, program: Program
) -> None:
    """It was found, and taken out before the account was locked."""
    additional = add(clara)
    assert program.key
    first = [_request(program, clara, "F-1"), _request(program, clara, "F-2")]
    batch.write(first[:1], ledger.WAIT)
    clara.additional_rfcs.all().delete()
    again = [_request(program, clara, "F-1"), _request(program, clara, "F-2")]
    batch.write(again, ledger.WAIT)
    assert [one.status for one in again] == [200, 404]
    assert again[1].body["code"] == "unknown_client"
    assert additional.rfc == MORE


def _request(program: Program, client: Client, reference: str) -> batch.StampRequest:
    assert program.key
    request = batch.StampRequest(bytes(program.key.digest), MORE, reference, 1)
    request.client_id, request.public_id = client.pk, client.public_id
    request.additional_rfc = MORE
    return request


def test_today_is_the_resellers(clara: Client, program: Program) -> None:
    with time_machine.travel(datetime(2027, 1, 11, 5, 30, tzinfo=UTC), tick=False):
        add(clara, starts_on=date(2027, 1, 10), ends_on=date(2027, 1, 10))
        assert program.stamp(MORE, "F-1").status_code == 201  # 23:30 of the 10th
    with time_machine.travel(datetime(2027, 1, 11, 6, 0, tzinfo=UTC), tick=False):
        assert program.stamp(MORE, "F-2").status_code == 404


def test_another_resellers_rfc_names_nobody(
    clara: Client, make_program: MakeProgram, beto: User
) -> None:
    add(clara, starts_on=date(2026, 11, 1))
    theirs = make_program(reseller=beto.reseller)
    assert refusal(theirs.stamp(MORE)) == (404, "unknown_client")
    assert theirs.get(f"/clients/{MORE}").status_code == 404
    assert refusal(_report(theirs, cfdi(issuer=MORE))) == (404, "unknown_client")


# ── Found and seen ────────────────────────────────────────────────────────────────────


def test_the_api_finds_the_client_by_it_and_lists_them(
    program: Program, clara: Client
) -> None:
    add(clara)
    add(clara, AGAIN, starts_on=today() + timedelta(days=1))
    body = program.get(f"/clients/{MORE}").json()
    assert (body["id"], body["rfc"]) == (str(clara.public_id), clara.rfc)
    assert body["additional_rfcs"] == [
        {"rfc": MORE, "starts_on": today().isoformat(), "ends_on": None},
        {
            "rfc": AGAIN,
            "starts_on": (today() + timedelta(days=1)).isoformat(),
            "ends_on": None,
        },
    ]
    (listed,) = program.get("/clients").json()["clients"]
    assert listed["additional_rfcs"] == body["additional_rfcs"]


@pytest.mark.parametrize("words", [MORE, MORE.lower(), MORE[:6], "kemper cacx"])
def test_the_search_finds_it_whether_it_is_over_or_not(
    as_alicia: Browser, as_beto: Browser, clara: Client, words: str
) -> None:
    additional = add(clara)
    for _ in range(2):
        page = as_alicia.get("/clientes/", {"q": words}).content.decode()
        assert str(clara.public_id) in page
        lifecycle.end_rfc(additional, by=None)
    theirs = as_beto.get("/clientes/", {"q": words}).content.decode()
    assert str(clara.public_id) not in theirs


def test_the_search_still_uses_the_index_of_the_words(clara: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Client.objects.matching("kemper").order_by().explain()
    assert "client_by_words" in plan
    assert "BitmapOr" in plan


def test_the_page_of_the_client_adds_and_ends_one(
    as_alicia: Browser, clara: Client, alicia: User
) -> None:
    detail = reverse("clients:detail", args=[clara.public_id])
    url = reverse("clients:add_rfc", args=[clara.public_id])
    response = as_alicia.post(url, {"rfc": MORE, "starts_on": today().isoformat()})
    assert (response.status_code, response["Location"]) == (302, f"{detail}#rfcs")
    page = as_alicia.get(detail).content.decode()
    assert MORE in page
    assert "RFC adicional agregado" in page
    additional = clara.additional_rfcs.get()
    end = reverse("clients:end_rfc", args=[additional.public_id])
    last_day = today() + timedelta(days=5)
    as_alicia.post(end, {"last_day": last_day.isoformat()})
    additional.refresh_from_db()
    assert additional.ends_on == last_day
    assert clara.events.latest("seq").by == alicia


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"rfc": ""}, "Escriba el RFC."),
        ({"rfc": "XAXX010101000"}, "es el RFC genérico"),
        ({"rfc": "EKU9003173C9"}, "Ya tiene un cliente con ese RFC"),
        ({"rfc": MORE[:-1] + "9"}, "Es correcto: así lo dio el SAT"),
        ({"rfc": MORE, "starts_on": "ayer"}, "Introduzca una fecha válida"),
        ({"rfc": MORE, "ends_on": "2020-01-01"}, "que no haya pasado"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    as_alicia: Browser, clara: Client, data: dict[str, str], words: str
) -> None:
    url = reverse("clients:add_rfc", args=[clara.public_id])
    sent = {"starts_on": today().isoformat()} | data
    response = as_alicia.post(url, sent)
    assert response.status_code in (409, 422)
    page = response.content.decode()
    assert words in page
    assert f'value="{data["rfc"]}"' in page or not data["rfc"]
    assert not clara.additional_rfcs.exists()


def test_a_doubtful_one_is_accepted_on_the_page(
    as_alicia: Browser, clara: Client
) -> None:
    url = reverse("clients:add_rfc", args=[clara.public_id])
    data = {
        "rfc": MORE[:-1] + "9",
        "starts_on": today().isoformat(),
        "accept_rfc": "on",
    }
    assert as_alicia.post(url, data).status_code == 302
    assert clara.additional_rfcs.exists()


def test_a_strangers_is_not_there(as_beto: Browser, clara: Client) -> None:
    additional = add(clara)
    day = {"last_day": today().isoformat()}
    for url in (
        reverse("clients:end_rfc", args=[additional.public_id]),
        reverse("clients:end_rfc", args=[uuid4()]),
        reverse("clients:add_rfc", args=[clara.public_id]),
    ):
        assert as_beto.post(url, day).status_code == 404
    additional.refresh_from_db()
    assert additional.ends_on is None


def test_the_card_is_only_of_plans_with_multiempresa(
    as_alicia: Browser, make_client: MakeClient, make_package: MakePackage
) -> None:
    with_it, without = make_client(), make_client(package=make_package())
    for client, shown in ((with_it, True), (without, False)):
        url = reverse("clients:detail", args=[client.public_id])
        page = as_alicia.get(url).content.decode()
        assert ('id="rfcs"' in page) is shown


def test_the_client_sees_them_and_with_which_each_was_stamped(
    as_clara: Browser, as_alicia: Browser, clara: Client
) -> None:
    add(clara, ends_on=today() + timedelta(days=30))
    lifecycle.consume(clara, reference="F-1", additional_rfc=MORE)
    home = as_clara.get(reverse("portal:home")).content.decode()
    assert home.count(MORE) == 2
    detail = reverse("clients:detail", args=[clara.public_id])
    for browser, url in (
        (as_clara, reverse("portal:statement")),
        (as_alicia, reverse("clients:statement", args=[clara.public_id])),
        (as_alicia, detail),
    ):
        assert MORE in browser.get(url).content.decode()
    csv = reverse("clients:statement_csv", args=[clara.public_id])
    lines = b"".join(as_alicia.get(csv)).decode().splitlines()
    assert lines[-1].endswith(f",{MORE}")


def test_creating_one_whose_rfc_is_additional_is_said_on_the_page(
    as_alicia: Browser, clara: Client, pyme: Package
) -> None:
    add(clara)
    details = Details(
        legal_name="Xochilt",
        rfc=MORE,
        tax_regime="612",
        postal_code="06000",
        contact_email="x@x.mx",
    )
    data = vars(details) | {"package": pyme.public_id, "reference": uuid4()}
    response = as_alicia.post("/clientes/nuevo/", data)
    link = f'<a href="{clara.get_absolute_url()}" target="_blank">Ver a ESCUELA'
    assertContains(response, link, status_code=409)
    assert response.status_code == 409
    assert f"ya es un RFC adicional de {clara}" in response.content.decode()


def test_one_that_is_anothers_leads_to_that_client(
    as_alicia: Browser, clara: Client, make_client: MakeClient
) -> None:
    other = make_client(rfc=MORE)
    url = reverse("clients:add_rfc", args=[clara.public_id])
    response = as_alicia.post(url, {"rfc": MORE, "starts_on": today().isoformat()})
    link = f'<a href="{other.get_absolute_url()}" target="_blank">Ver a {other}'
    assertContains(response, link, status_code=409)
