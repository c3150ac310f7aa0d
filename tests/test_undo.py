"""Undo (domain.md): what one did oneself, and only while nothing else happened since.
What others did meanwhile is never undone without a word."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from clients import lifecycle, refusals
from clients.actions import ACTIONS
from clients.lifecycle import Outcome
from clients.models import (
    Answer,
    Channel,
    Client,
    EntryKind,
    EventKind,
    FollowUp,
    SuggestionKind,
    Task,
)
from followup import totals
from packages import catalogue
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage

SUGGESTION = {"kind": SuggestionKind.FOLIOS, "basis": "folios:100:few"}


def facts(client: Client) -> tuple[Any, ...]:
    client = factories.fresh(client)
    plan = client.plan
    return (
        client.balance,
        client.expires_on,
        client.is_suspended,
        plan.terms(),
        plan.package_id,
        plan.is_customized,
        plan.assigned_at,
        plan.anchor_day,
        sorted(plan.inclusions.values_list("service_id", "quantity")),
    )


def add(client: Client, **given: Any) -> Outcome:
    given = {"quantity": 50, "reference": factories.reference(), "by": None} | given
    return lifecycle.add_folios(client, **given)


def renew(client: Client, **given: Any) -> Outcome:
    given = {"reference": factories.reference(), "by": None} | given
    return lifecycle.renew(client, **given)


def undo_in(response: Any) -> Any:
    html = response.content.decode()
    return re.search(r'action="([^"]*deshacer/\?deshacer=\d+)"', html)


UNDO = {"add_folios": lifecycle.undo_addition, "renew": lifecycle.undo_renewal}
DO = {"add_folios": add, "renew": renew}
both = pytest.mark.parametrize("verb", UNDO)


# --- Folios and renewals ----------------------------------------------------------


@both
def test_an_undo_puts_everything_back_by_entries(
    clara: Client, alicia: User, verb: str
) -> None:
    before = facts(clara)
    outcome = DO[verb](clara)
    undone = UNDO[verb](clara, seq=outcome.seq, by=alicia)
    assert facts(clara) == before
    entry = undone.entry
    assert entry
    assert outcome.entry
    assert (entry.kind, entry.quantity) == ("withdrawal", -outcome.entry.quantity)
    assert entry.by == alicia
    assert f"núm. {outcome.entry.seq}" in entry.reason
    assert clara.entries.filter(pk=outcome.entry.pk).exists()
    assert "tiene 100 folios" in undone.message


def test_an_undone_renewal_brings_back_plan_services_term_and_leftovers(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    losing = make_package(name="Sin sobrantes", leftover_rule="lose", folios=700)
    client = make_client(package=losing)
    multi = factories.services()["multiempresa"].pk
    lifecycle.edit_plan(client, changes={}, services={multi: 7}, by=None)
    before = facts(client)
    big = make_package(name="Chico", folios=10, term_count=2, term_unit="month")
    outcome = renew(client, package=big)
    assert factories.fresh(client).balance == 10
    lifecycle.undo_renewal(client, seq=outcome.seq, by=None)
    assert facts(client) == before
    kinds = list(client.entries.order_by("seq").values_list("kind", "quantity"))
    assert kinds == [
        ("assignment", 700),
        ("expiry", -700),
        ("renewal", 10),
        ("withdrawal", -10),
        ("expiry", 700),
    ]
    event = client.events.latest("seq")
    assert event.kind == EventKind.RENEWAL_UNDONE
    changes = {change.label: change.after for change in event.changes}
    assert changes["paquete"] == "personalizado"


@both
def test_done_and_undone_in_an_expired_client_leaves_it_expired(
    make_client: MakeClient, verb: str
) -> None:
    client = make_client(expired=True, exhausted=True)
    before = facts(client)
    UNDO[verb](client, seq=DO[verb](client).seq, by=None)
    assert facts(client) == before


@both
def test_what_it_activated_is_suspended_again_with_the_former_words(
    clara: Client, verb: str
) -> None:
    lifecycle.suspend(clara, reason="No ha pagado", message="Llámenos", by=None)
    outcome = DO[verb](clara, activate=True)
    epoch = factories.fresh(clara).user.session_epoch
    UNDO[verb](clara, seq=outcome.seq, by=None)
    client = factories.fresh(clara)
    assert client.is_suspended
    assert client.user.session_epoch == epoch + 1
    last = clara.events.filter(kind=EventKind.SUSPENDED).latest("seq")
    assert (last.reason, last.message) == ("No ha pagado", "Llámenos")


@both
def test_undoing_twice_is_once(clara: Client, verb: str) -> None:
    outcome = DO[verb](clara)
    UNDO[verb](clara, seq=outcome.seq, by=None)
    seq = factories.fresh(clara).account.last_seq
    again = UNDO[verb](clara, seq=outcome.seq, by=None)
    assert again.is_repeat
    assert factories.fresh(clara).account.last_seq == seq


@both
def test_what_was_undone_may_be_done_again(clara: Client, verb: str) -> None:
    UNDO[verb](clara, seq=DO[verb](clara).seq, by=None)
    assert DO[verb](clara).changed
    assert factories.fresh(clara).balance > 100


SINCE = {
    "a stamp": lambda client: lifecycle.consume(client, reference="S"),
    "an addition": add,
    "a renewal": renew,
    "a suspension": lambda client: lifecycle.suspend(client, reason="x", by=None),
    "an edited plan": lambda client: lifecycle.edit_plan(
        client, changes={"contact_name": "Z"}, by=None
    ),
    "a reversal": lambda client: lifecycle.reverse(client, reference="S-0", by=None),
}


@both
@pytest.mark.parametrize("what", SINCE)
def test_whatever_happened_since_makes_it_too_late(
    clara: Client, verb: str, what: str
) -> None:
    lifecycle.consume(clara, reference="S-0")
    outcome = DO[verb](clara)
    SINCE[what](clara)
    seq = factories.fresh(clara).account.last_seq
    with pytest.raises(refusals.TooLateToUndo):
        UNDO[verb](clara, seq=outcome.seq, by=None)
    assert factories.fresh(clara).account.last_seq == seq


@both
def test_a_note_since_does_not(clara: Client, verb: str) -> None:
    outcome = DO[verb](clara)
    lifecycle.add_note(clara, text="Llamó", by=None)
    assert UNDO[verb](clara, seq=outcome.seq, by=None).changed


@both
@pytest.mark.parametrize("seq", [-1, 0, 1, 2, 99])
def test_of_what_was_none_nothing_is_undone(clara: Client, verb: str, seq: int) -> None:
    with pytest.raises(refusals.TooLateToUndo):
        UNDO[verb](clara, seq=seq, by=None)
    assert factories.fresh(clara).balance == 100


def test_an_addition_is_not_undone_as_a_renewal(clara: Client) -> None:
    outcome = add(clara)
    with pytest.raises(refusals.TooLateToUndo):
        lifecycle.undo_renewal(clara, seq=outcome.seq, by=None)


@both
def test_of_an_archived_client_nothing_is_undone(
    make_client: MakeClient, verb: str
) -> None:
    client = make_client(suspended=True)
    outcome = DO[verb](client)
    lifecycle.archive(client, by=None)
    with pytest.raises(refusals.ClientArchived):
        UNDO[verb](client, seq=outcome.seq, by=None)


@both
def test_what_was_undone_was_not_sold(clara: Client, alicia: User, verb: str) -> None:
    assert alicia.reseller
    today = alicia.reseller.local_date(timezone.now())
    month = totals.Month.of(today)
    UNDO[verb](clara, seq=DO[verb](clara).seq, by=None)
    (row,) = totals.by_client(alicia, alicia.reseller, month)
    assert row.sold == 100  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
@both
def test_the_ledger_and_its_days_add_up_after_an_undo(
    make_client: MakeClient, make_package: MakePackage, verb: str
) -> None:
    client = make_client(package=make_package(name="P", leftover_rule="lose"))
    lifecycle.consume(client, reference="S", quantity=9)
    UNDO[verb](client, seq=DO[verb](client).seq, by=None)
    renew(client)
    lifecycle.reverse(client, reference="S", by=None)
    totals.close_days(client.reseller, timezone.now() + timedelta(days=2))
    call_command("audit_ledger")
    call_command("audit_days")


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "no script"])
@both
def test_the_toast_undoes_it(
    as_alicia: Browser, clara: Client, verb: str, htmx: bool
) -> None:
    headers = {"HX-Request": "true", "HX-Target": f"row-{clara.public_id}"}
    headers = headers if htmx else {}
    data = {"quantity": "50", "package": "", "reference": factories.reference()}
    url = ACTIONS[verb].url(clara)
    response = as_alicia.post(url, data, headers=headers, follow=True)
    found = re.search(
        r'action="([^"]*deshacer/\?deshacer=\d+)"', response.content.decode()
    )
    assert found
    assertContains(response, "Deshacer")
    undone = as_alicia.post(found[1], headers=headers, follow=True)
    assertContains(undone, "Se deshizo")
    assert factories.fresh(clara).balance == 100
    # Too late, it is said.
    response = as_alicia.post(
        url, data | {"reference": factories.reference()}, headers=headers, follow=True
    )
    found = re.search(
        r'action="([^"]*deshacer/\?deshacer=\d+)"', response.content.decode()
    )
    assert found
    lifecycle.consume(clara, reference="S")
    late = as_alicia.post(found[1], headers=headers, follow=True)
    assert late.status_code == (409 if htmx else 200)
    assertContains(late, "Ya no se puede deshacer", status_code=late.status_code)


@both
@pytest.mark.parametrize("seq", ["", "?deshacer=", "?deshacer=x", "?deshacer=²"])
def test_an_undo_of_nothing_is_said(
    as_alicia: Browser, clara: Client, verb: str, seq: str
) -> None:
    url = reverse(f"clients:{ACTIONS[verb].undo}", args=[clara.public_id])
    response = as_alicia.post(url + seq, headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert factories.fresh(clara).account.last_seq == 2


@both
def test_to_a_stranger_there_is_nothing_to_undo(
    as_beto: Browser, clara: Client, verb: str
) -> None:
    outcome = DO[verb](clara)
    url = reverse(f"clients:{ACTIONS[verb].undo}", args=[clara.public_id])
    assert as_beto.post(f"{url}?deshacer={outcome.seq}").status_code == 404


# --- More than five times the plan ------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "no script"])
def test_more_than_five_times_the_plan_is_asked_a_second_time(
    as_alicia: Browser, clara: Client, htmx: bool
) -> None:
    headers = {"HX-Request": "true"} if htmx else {}
    url = ACTIONS["add_folios"].url(clara)
    data = {"quantity": "501", "reference": factories.reference()}
    response = as_alicia.post(url, data, headers=headers)
    assertContains(response, "más de cinco veces los 100 del plan", status_code=422)
    assertContains(response, "Son 501 folios", status_code=422)
    assert factories.fresh(clara).balance == 100
    # The answer is to that number, no other.
    yes = data | {"asked": "501", "sure": "on"}
    other = as_alicia.post(url, yes | {"quantity": "5010"}, headers=headers)
    assertContains(other, "Son 5,010 folios", status_code=422)
    assertNotContains(other, " checked", status_code=422)
    assert factories.fresh(clara).balance == 100
    assert as_alicia.post(url, yes, headers=headers).status_code in (200, 302)
    assert factories.fresh(clara).balance == 601


def test_five_times_the_plan_is_not(as_alicia: Browser, clara: Client) -> None:
    data = {"quantity": "500", "reference": factories.reference()}
    url = ACTIONS["add_folios"].url(clara)
    assertNotContains(as_alicia.get(url), "sure")
    assert as_alicia.post(url, data).status_code == 302


def test_what_was_answered_without_a_question_is_asked(
    as_alicia: Browser, clara: Client
) -> None:
    data = {"quantity": "501", "reference": factories.reference(), "sure": "on"}
    url = ACTIONS["add_folios"].url(clara)
    assert as_alicia.post(url, data).status_code == 422


def test_support_is_asked_too(as_soporte: Browser, clara: Client) -> None:
    data = {
        "action": "add_folios",
        "_selected_action": [clara.pk],
        "confirmed": "1",
        "quantity": "501",
        "reason": "Regalo",
        "reference": factories.reference(),
    }
    url = reverse("admin:clients_client_changelist")
    assertContains(as_soporte.post(url, data), "más de cinco veces")
    assert factories.fresh(clara).balance == 100
    as_soporte.post(url, data | {"asked": "501", "sure": "on"})
    assert factories.fresh(clara).balance == 601


# --- Undo and others --------------------------------------------------------------


@pytest.mark.parametrize("answer", ["dismiss", "contacted", "postpone"])
def test_a_late_undo_of_ones_postponement_leaves_a_colleagues_answer(
    as_alicia: Browser, clara: Client, alicia: User, answer: str
) -> None:
    day = clara.reseller.local_date(timezone.now())
    until = day + timedelta(days=7)
    mine = lifecycle.postpone(clara, **SUGGESTION, until=until, by=alicia)
    colleague = factories.UserFactory(reseller=alicia.reseller)
    how = {
        "dismiss": {"reason": "Cierra"},
        "contacted": {"channel": Channel.PHONE},
        "postpone": {"until": until + timedelta(days=1)},
    }[answer]
    verb = getattr(lifecycle, answer)
    verb(clara, **SUGGESTION, **how, by=colleague)
    with pytest.raises(refusals.AnsweredAgain):
        lifecycle.resume(clara, by=alicia, undoing=mine.seq)
    url = reverse("followup:resume", args=[clara.public_id])
    response = as_alicia.post(f"{url}?deshacer={mine.seq}", follow=True)
    assertContains(response, "se respondió otra vez")
    assert FollowUp.objects.get(client=clara).by == colleague


def test_ones_own_answer_is_taken_back(clara: Client, alicia: User) -> None:
    mine = lifecycle.dismiss(clara, **SUGGESTION, reason="Cierra", by=alicia)
    assert FollowUp.objects.get(client=clara).seq == mine.seq
    lifecycle.add_note(clara, text="Llamó", by=None)
    assert lifecycle.resume(clara, by=alicia, undoing=mine.seq).changed
    assert not FollowUp.objects.exists()
    assert not lifecycle.resume(clara, by=alicia, undoing=mine.seq).changed


def test_what_a_colleague_has_answered_alike_is_not_mine_to_undo(
    as_alicia: Browser, make_client: MakeClient, alicia: User
) -> None:
    client = make_client(exhausted=True)
    url = reverse("followup:dismiss", args=[client.public_id])
    basis = re.search(
        r'name="basis" value="([^"]+)"', as_alicia.get(url).content.decode()
    )
    assert basis
    data = {"basis": basis[1], "reason": "Cierra"}
    first = as_alicia.post(url, data, follow=True)
    assertContains(first, "Deshacer")
    again = as_alicia.post(url, data, follow=True)
    assertNotContains(again, "reanudar/?deshacer")
    assert FollowUp.objects.get().how == Answer.DISMISSED


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "no script"])
def test_an_old_undo_of_an_activation_does_not_suspend_again(
    as_alicia: Browser, clara: Client, htmx: bool
) -> None:
    headers = {"HX-Request": "true", "HX-Target": f"row-{clara.public_id}"}
    headers = headers if htmx else {}
    lifecycle.suspend(clara, reason="No ha pagado", by=None)
    response = as_alicia.post(
        ACTIONS["activate"].url(clara), headers=headers, follow=True
    )
    found = re.search(r'action="([^"]*deshacer=\d+)"', response.content.decode())
    assert found
    renew(clara)
    late = as_alicia.post(found[1], headers=headers, follow=True)
    assertContains(late, "Ya no se puede deshacer", status_code=409 if htmx else 200)
    assert not factories.fresh(clara).is_suspended


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("suspend", {}),
        ("activate", {"suspended": True}),
        ("archive", {"exhausted": True}),
        ("restore", {"archived": True}),
    ],
)
def test_an_undo_of_access_is_of_what_was_done_and_of_nothing_else(
    make_client: MakeClient, verb: str, state: dict[str, bool]
) -> None:
    client = make_client(**state)
    given = {"reason": "x"} if verb == "suspend" else {}
    outcome = getattr(lifecycle, verb)(client, by=None, **given)
    inverse = getattr(lifecycle, ACTIONS[verb].undo)
    given = {"reason": "x"} if ACTIONS[verb].undo == "suspend" else {}
    inverse(client, by=None, **given)
    again = {"reason": "x"} if verb == "suspend" else {}
    getattr(lifecycle, verb)(client, by=None, **again)
    with pytest.raises(refusals.TooLateToUndo):
        inverse(client, by=None, undoing=outcome.seq, **given)


def test_an_undo_of_access_waits_for_no_stamp(clara: Client) -> None:
    lifecycle.suspend(clara, reason="x", by=None)
    outcome = lifecycle.activate(clara, by=None)
    lifecycle.consume(clara, reference="S")
    lifecycle.add_note(clara, text="Llamó", by=None)
    lifecycle.suspend(clara, reason="x", by=None, undoing=outcome.seq)
    assert factories.fresh(clara).is_suspended


def test_a_task_done_again_by_a_colleague_stays_done(
    clara: Client, alicia: User
) -> None:
    day = clara.reseller.local_date(timezone.now())
    key = uuid4()
    lifecycle.add_task(clara, text="Llamar", due_on=day, key=key, by=None)
    task = Task.objects.get(public_id=key)
    lifecycle.finish_task(task, by=alicia)
    mark = Task.objects.get(pk=task.pk).done_mark
    lifecycle.reopen_task(task, by=None, undoing=mark)
    lifecycle.finish_task(task, by=None)
    with pytest.raises(refusals.TooLateToUndo):
        lifecycle.reopen_task(task, by=alicia, undoing=mark)
    assert Task.objects.get(pk=task.pk).is_done


def test_a_package_withdrawn_again_by_a_colleague_stays_withdrawn(
    as_alicia: Browser, pyme: Package
) -> None:
    mark = catalogue.withdraw(pyme, by=None).withdrawn_mark
    catalogue.put_back(pyme, by=None, undoing=mark)
    catalogue.withdraw(pyme, by=None)
    url = reverse("packages:put_back", args=[pyme.public_id])
    response = as_alicia.post(f"{url}?deshacer={mark}", follow=True)
    assertContains(response, "se retiró otra vez")
    assert not Package.objects.get().is_on_sale


# --- What was lost stays lost -----------------------------------------------------


def reversed_after_renewals(
    client: Client, *renewals: dict[str, Any], stamps: int = 90
) -> int:
    """The balance after stamps were made, the plan renewed, the stamps reversed."""
    lifecycle.consume(client, reference="S", quantity=stamps)
    for given in renewals:
        renew(client, **given)
    lifecycle.reverse(client, reference="S", by=None)
    return factories.fresh(client).balance


@pytest.mark.parametrize(
    ("rule", "limit", "balance"),
    [("lose", None, 100), ("keep_up_to", 30, 130), ("keep", None, 200)],
)
def test_reversing_an_old_stamp_brings_no_leftover_back(
    make_client: MakeClient,
    make_package: MakePackage,
    rule: str,
    limit: int | None,
    balance: int,
) -> None:
    package = make_package(name="P", leftover_rule=rule, leftover_limit=limit)
    client = make_client(package=package)
    assert reversed_after_renewals(client, {}) == balance


def test_the_loss_is_an_entry_of_its_own_with_its_reason(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package(name="P", leftover_rule="lose"))
    reversed_after_renewals(client, {})
    reversal, loss = client.entries.order_by("-seq")[:2][::-1]
    assert (reversal.kind, reversal.quantity) == (EntryKind.REVERSAL, 90)
    assert (loss.kind, loss.quantity) == (EntryKind.EXPIRY, -90)
    assert loss.reason == "Sobrantes que una renovación ya quitó: timbrado S"
    assert lifecycle.reverse(client, reference="S", by=None).is_repeat
    assert factories.fresh(client).balance == 100


def test_many_stamps_keep_together_what_one_would(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    package = make_package(name="P", leftover_rule="keep_up_to", leftover_limit=30)
    client = make_client(package=package)
    for number in range(4):
        lifecycle.consume(client, reference=f"S-{number}", quantity=20)
    renew(client)  # 20 left, all kept
    for number in range(4):
        lifecycle.reverse(client, reference=f"S-{number}", by=None)
    assert factories.fresh(client).balance == 130


def test_a_stamp_after_the_renewal_is_given_back_whole(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package(name="P", leftover_rule="lose"))
    renew(client)
    lifecycle.consume(client, reference="S", quantity=5)
    lifecycle.reverse(client, reference="S", by=None)
    assert factories.fresh(client).balance == 100


def test_the_rule_is_that_of_the_plan_that_the_renewal_ended(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    keeping = make_package(name="K")
    client = make_client(package=make_package(name="P", leftover_rule="lose"))
    assert reversed_after_renewals(client, {"package": keeping}) == 100
    other = make_client(package=keeping)
    losing = Package.objects.get(name="P")
    assert reversed_after_renewals(other, {"package": losing}) == 200


def test_a_renewal_that_was_undone_took_nothing(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    client = make_client(package=make_package(name="P", leftover_rule="lose"))
    lifecycle.consume(client, reference="S", quantity=90)
    lifecycle.undo_renewal(client, seq=renew(client).seq, by=None)
    lifecycle.reverse(client, reference="S", by=None)
    assert factories.fresh(client).balance == 100
