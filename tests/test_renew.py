"""Renovar (domain.md): the plan is copied again, leftovers follow their rule, the term
loses no day, and a suspension stays unless it is lifted too."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import User
from clients import ledger, lifecycle, refusals
from clients.lifecycle import Outcome, plan_renewal
from clients.models import Client, EntryKind, EventKind
from packages.models import Package, PackageService
from tests import factories
from tests.cast import MakeClient, MakePackage


def at(year: int, month: int, day: int) -> datetime:
    """Noon of that day in Mexico City."""
    return datetime(year, month, day, 18, tzinfo=UTC)


NOW = at(2026, 11, 23)


def renew(client: Client, package: Package | None = None, **given: Any) -> Outcome:
    given = {"reference": "llave", "by": None, "now": NOW} | given
    return lifecycle.renew(client, package=package, **given)


@pytest.fixture
def client(make_client: MakeClient, pyme: Package) -> Client:
    """Created with PYME (100 folios, one year) on 23 November 2026."""
    return make_client(now=NOW, legal_name="Renovada")


# --- What is written ------------------------------------------------------------


def test_a_renewal_is_an_entry_an_event_and_a_new_term(
    client: Client, alicia: User
) -> None:
    outcome = renew(client, by=alicia)
    after = factories.fresh(client)
    assert after.balance == 200
    assert after.expires_on == date(2028, 11, 23)
    entry, event = client.entries.latest("seq"), client.events.latest("seq")
    assert outcome.entry == entry
    assert (entry.seq, entry.kind, entry.quantity) == (3, EntryKind.RENEWAL, 100)
    assert (entry.reference, entry.by, entry.created_at) == ("llave", alicia, NOW)
    assert (event.seq, event.kind, event.by) == (4, EventKind.RENEWED, alicia)
    assert event.before.pop("former_plan")["balance"] == 100
    assert event.before == {"expires_on": "2027-11-23"}
    assert event.after == {"expires_on": "2028-11-23"}
    assert outcome.message == (
        "Se renovó Renovada hasta el 23/11/2028; tiene 200 folios."
    )


def test_another_package_replaces_the_plan(
    client: Client, make_package: MakePackage
) -> None:
    big = make_package(
        name="Grande",
        folios=500,
        term_count=6,
        term_unit="month",
        leftover_rule="keep_up_to",
        leftover_limit=20,
        services={"correo-smtp": None},
    )
    renew(client, big)
    after = factories.fresh(client)
    assert after.plan.package == big
    assert after.plan.terms() == big.terms()
    assert after.plan.assigned_at == NOW
    assert [str(i) for i in after.plan.inclusions.all()] == ["Correo SMTP"]
    assert after.balance == 600
    assert after.expires_on == date(2028, 5, 23)
    event = client.events.latest("seq")
    assert event.before.pop("former_plan")["balance"] == 100
    assert event.before == {
        "plan": "PYME",
        "expires_on": "2027-11-23",
        "services": ["Correo personalizado", "Multiempresa: 2 RFC adicionales"],
    }
    assert event.after == {
        "plan": "Grande",
        "expires_on": "2028-05-23",
        "services": ["Correo SMTP"],
    }


def test_the_same_package_is_copied_as_it_is_now(client: Client, pyme: Package) -> None:
    pyme.name, pyme.folios = "PYME 2027", 150
    pyme.save()
    PackageService.objects.filter(package=pyme, quantity=2).update(quantity=4)
    renew(client)
    after = factories.fresh(client)
    assert (after.plan.name, after.plan.folios) == ("PYME 2027", 150)
    assert "Multiempresa: 4 RFC adicionales" in map(str, after.plan.inclusions.all())
    assert after.balance == 250


# --- Leftovers ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "limit", "lost"),
    [
        ("keep", None, 0),
        ("keep_up_to", 40, 57),
        ("keep_up_to", 97, 0),
        ("lose", None, 97),
    ],
)
def test_leftovers_follow_the_rule_of_the_plan_they_were_bought_with(
    make_client: MakeClient,
    make_package: MakePackage,
    rule: str,
    limit: int | None,
    lost: int,
) -> None:
    package = make_package(name="R", leftover_rule=rule, leftover_limit=limit)
    client = make_client(package=package, now=NOW)
    lifecycle.consume(client, reference="F", quantity=3, now=NOW)
    renew(client, make_package(name="Otro", folios=500))
    assert factories.fresh(client).balance == 97 - lost + 500
    losses = client.entries.filter(kind=EntryKind.EXPIRY)
    if not lost:
        assert not losses.exists()
        return
    loss, renewal = losses.get(), client.entries.latest("seq")
    assert (loss.quantity, loss.balance_after) == (-lost, 97 - lost)
    assert loss.reference is None
    assert loss.seq == renewal.seq - 1
    label = "se pierden" if rule == "lose" else "se conservan hasta 40"
    assert loss.reason == f"Sobrantes al renovar: {label}"


def test_the_rule_of_the_new_plan_applies_only_at_the_next_renewal(
    client: Client, make_package: MakePackage
) -> None:
    losing = make_package(name="Sin sobrantes", leftover_rule="lose", folios=50)
    renew(client, losing)
    assert factories.fresh(client).balance == 150
    renew(client, reference="otra")
    assert factories.fresh(client).balance == 50


def test_with_nothing_left_nothing_is_lost(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    losing = make_package(name="Sin sobrantes", leftover_rule="lose")
    client = make_client(package=losing, now=NOW, exhausted=True)
    renew(client)
    assert not client.entries.filter(kind=EntryKind.EXPIRY).exists()


# --- The term -------------------------------------------------------------------


def test_renewing_early_loses_no_day(client: Client) -> None:
    renew(client, now=at(2027, 6, 1))
    assert factories.fresh(client).expires_on == date(2028, 11, 23)


def test_renewing_on_the_last_day_loses_no_day(client: Client) -> None:
    renew(client, now=at(2027, 11, 23))
    assert factories.fresh(client).expires_on == date(2028, 11, 23)


def test_renewing_the_day_after_counts_from_today(client: Client) -> None:
    renew(client, now=at(2027, 11, 24))
    assert factories.fresh(client).expires_on == date(2028, 11, 24)


def test_renewing_late_counts_from_today(client: Client) -> None:
    renew(client, now=at(2028, 2, 29))
    assert factories.fresh(client).expires_on == date(2029, 2, 28)


def test_renewing_early_twice_adds_two_terms(client: Client) -> None:
    renew(client)
    renew(client, reference="otra")
    assert factories.fresh(client).expires_on == date(2029, 11, 23)


def test_a_package_without_term_ends_the_term(
    client: Client, make_package: MakePackage
) -> None:
    outcome = renew(client, make_package(name="Sin vigencia", term_count=None))
    assert factories.fresh(client).expires_on is None
    assert outcome.message == "Se renovó Renovada; tiene 200 folios."


def test_a_term_after_none_begins_today(
    make_client: MakeClient, make_package: MakePackage, pyme: Package
) -> None:
    endless = make_package(name="Sin vigencia", term_count=None)
    client = make_client(package=endless, now=at(2025, 1, 1))
    renew(client, pyme)
    assert factories.fresh(client).expires_on == date(2027, 11, 23)


def test_today_is_the_resellers_day(beto: User) -> None:
    """06:30 UTC on the 24th is still the 23rd in Tijuana, the last usable day."""
    package = factories.PackageFactory(
        reseller=beto.reseller, term_count=1, term_unit="day"
    )
    client = factories.make_client(package=package, now=at(2026, 11, 22))
    assert client.expires_on == date(2026, 11, 23)
    renew(client, now=datetime(2026, 11, 24, 6, 30, tzinfo=UTC))
    assert factories.fresh(client).expires_on == date(2026, 11, 24)
    renew(client, now=datetime(2026, 11, 26, 8, 30, tzinfo=UTC), reference="otra")
    assert factories.fresh(client).expires_on == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("start", "count", "unit", "end"),
    [
        (date(2027, 1, 31), 1, "month", date(2027, 2, 28)),
        (date(2028, 1, 31), 1, "month", date(2028, 2, 29)),
        (date(2027, 1, 31), 2, "month", date(2027, 3, 31)),
        (date(2027, 1, 31), 3, "month", date(2027, 4, 30)),
        (date(2026, 12, 31), 2, "month", date(2027, 2, 28)),
        (date(2027, 2, 28), 1, "month", date(2027, 3, 28)),
        (date(2028, 2, 29), 1, "year", date(2029, 2, 28)),
        (date(2028, 2, 29), 4, "year", date(2032, 2, 29)),
        (date(2027, 2, 28), 1, "year", date(2028, 2, 28)),
        (date(2027, 12, 31), 1, "day", date(2028, 1, 1)),
        (date(2028, 2, 28), 1, "day", date(2028, 2, 29)),
        (date(2026, 11, 23), 3650, "day", date(2036, 11, 20)),
        (date(2026, 11, 23), 120, "month", date(2036, 11, 23)),
    ],
)
def test_a_term_keeps_the_day_number_and_clips_to_the_months_last_day(
    start: date, count: int, unit: str, end: date
) -> None:
    package = Package(term_count=count, term_unit=unit)
    assert package.expiry_from(start) == end


def test_no_term_never_ends() -> None:
    assert Package(term_count=None, term_unit="").expiry_from(date(2027, 1, 31)) is None


# --- Personalizado --------------------------------------------------------------


@pytest.fixture
def customized(client: Client) -> Client:
    """A client whose services were changed to only Multiempresa, for seven."""
    multi = factories.services()["multiempresa"]
    lifecycle.edit_plan(client, changes={}, services={multi.pk: 7}, by=None, now=NOW)
    return client


def test_renewing_the_same_keeps_a_customized_plans_services_and_name(
    customized: Client, pyme: Package
) -> None:
    pyme.folios = 150
    pyme.save()
    renew(customized)
    plan = factories.fresh(customized).plan
    assert (plan.name, plan.is_customized) == ("personalizado", True)
    assert [str(i) for i in plan.inclusions.all()] == [
        "Multiempresa: 7 RFC adicionales"
    ]
    assert (plan.folios, plan.package) == (150, pyme)


def test_renewing_with_another_package_ends_the_customizing(
    customized: Client, make_package: MakePackage
) -> None:
    renew(customized, make_package(name="Grande", services={"correo-smtp": None}))
    plan = factories.fresh(customized).plan
    assert (plan.name, plan.is_customized) == ("Grande", False)
    assert [str(i) for i in plan.inclusions.all()] == ["Correo SMTP"]


def test_choosing_the_own_package_by_name_returns_to_it(
    customized: Client, pyme: Package
) -> None:
    renew(customized, pyme)
    plan = factories.fresh(customized).plan
    assert (plan.name, plan.is_customized) == ("PYME", False)
    assert plan.inclusions.count() == 2


# --- Allowed and refused --------------------------------------------------------


def test_the_own_package_may_be_renewed_though_withdrawn(
    client: Client, pyme: Package
) -> None:
    pyme.withdrawn_at = NOW
    pyme.save()
    assert renew(client).changed


def test_another_package_that_was_withdrawn_is_refused(
    client: Client, make_package: MakePackage
) -> None:
    with pytest.raises(refusals.PackageNotOnSale):
        renew(client, make_package(name="Viejo", withdrawn_at=NOW))
    assert factories.fresh(client).account.last_seq == 2


def test_another_resellers_package_is_refused(client: Client, beto: User) -> None:
    with pytest.raises(refusals.PackageNotOnSale):
        renew(client, factories.PackageFactory(reseller=beto.reseller))


def test_refused_for_an_archived_client(make_client: MakeClient) -> None:
    client = make_client(archived=True)
    with pytest.raises(refusals.ClientArchived):
        renew(client, now=None)
    assert factories.fresh(client).balance == 100


def test_a_refused_renewal_loses_no_leftovers(
    make_client: MakeClient, make_package: MakePackage, beto: User
) -> None:
    losing = make_package(name="Sin sobrantes", leftover_rule="lose")
    client = make_client(package=losing, now=NOW)
    with pytest.raises(refusals.PackageNotOnSale):
        renew(client, factories.PackageFactory(reseller=beto.reseller))
    assert factories.fresh(client).balance == 100


@pytest.mark.parametrize("state", ["expired", "exhausted"])
def test_an_expired_or_exhausted_client_becomes_active(
    make_client: MakeClient, state: str
) -> None:
    client = make_client(**{state: True})
    outcome = renew(client, now=None)
    assert "Sigue" not in outcome.message
    assert not lifecycle.consume(client, reference="F-1").is_repeat


def test_a_suspension_is_not_lifted_and_the_message_says_so(
    make_client: MakeClient,
) -> None:
    client = make_client(suspended=True)
    outcome = renew(client, now=None)
    assert factories.fresh(client).is_suspended
    assert outcome.message.endswith("Sigue suspendido.")


def test_activar_tambien_lifts_the_suspension_after_the_renewal(
    make_client: MakeClient,
) -> None:
    client = make_client(suspended=True)
    outcome = renew(client, now=None, activate=True)
    assert not factories.fresh(client).is_suspended
    assert "Sigue" not in outcome.message
    kinds = list(client.events.order_by("-seq").values_list("kind", flat=True)[:2])
    assert kinds == [EventKind.ACTIVATED, EventKind.RENEWED]


# --- Sent twice -----------------------------------------------------------------


def test_a_double_click_renews_once(client: Client) -> None:
    first, again = renew(client), renew(client)
    assert again.is_repeat
    assert not again.changed
    assert again.entry == first.entry
    after = factories.fresh(client)
    assert (after.balance, after.expires_on) == (200, date(2028, 11, 23))
    assert client.events.count() == 2


def test_a_double_click_loses_leftovers_once(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    losing = make_package(name="Sin sobrantes", leftover_rule="lose")
    client = make_client(package=losing, now=NOW)
    renew(client)
    renew(client)
    assert factories.fresh(client).balance == 100
    assert client.entries.filter(kind=EntryKind.EXPIRY).count() == 1


def test_a_retry_is_answered_whatever_happened_since(
    client: Client, pyme: Package
) -> None:
    first = renew(client)
    pyme.folios, pyme.withdrawn_at = 999, NOW
    pyme.save()
    lifecycle.suspend(client, reason="No ha pagado", by=None, now=NOW)
    lifecycle.archive(client, by=None, now=NOW)
    again = renew(client)
    assert again.is_repeat
    assert again.entry == first.entry
    assert factories.fresh(client).is_archived


def test_a_repeat_does_not_lift_a_suspension_made_since(client: Client) -> None:
    renew(client, activate=True)
    lifecycle.suspend(client, reason="No ha pagado", by=None, now=NOW)
    assert renew(client, activate=True).is_repeat
    assert factories.fresh(client).is_suspended


def test_the_same_key_with_a_package_of_other_folios_is_a_conflict(
    client: Client, make_package: MakePackage
) -> None:
    renew(client)
    with pytest.raises(ledger.ReferenceConflict):
        renew(client, make_package(name="Grande", folios=500))
    assert factories.fresh(client).balance == 200


def test_a_key_that_moved_folios_otherwise_is_a_conflict(client: Client) -> None:
    lifecycle.add_folios(client, quantity=100, reference="llave", by=None)
    with pytest.raises(ledger.ReferenceConflict):
        renew(client)


# --- The preview ----------------------------------------------------------------


@pytest.mark.parametrize("rule", ["keep", "lose"])
def test_the_preview_says_what_the_verb_does(
    make_client: MakeClient, make_package: MakePackage, rule: str
) -> None:
    client = make_client(package=make_package(name="R", leftover_rule=rule), now=NOW)
    big = make_package(name="Grande", folios=500, term_count=2)
    said = plan_renewal(factories.fresh(client), big, today=NOW.date())
    renew(client, big)
    after = factories.fresh(client)
    assert said.balance_after == after.balance
    assert said.expires_on == after.expires_on
    assert said.name == after.plan.name
    assert said.granted == 500
    assert said.lost == (100 if rule == "lose" else 0)


def test_the_preview_writes_nothing(client: Client) -> None:
    before = factories.fresh(client)
    plan_renewal(before, None, today=NOW.date())
    after = factories.fresh(client)
    assert (after.balance, after.expires_on) == (before.balance, before.expires_on)
    assert after.account.last_seq == 2
