"""Agregar cliente (domain.md): always allowed; the plan is a copy, folios are granted,
the term begins today, and the user with the contact e-mail gets the account."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import Role, User
from clients import ledger, lifecycle, refusals
from clients.lifecycle import Details, Outcome
from clients.models import Client, EntryKind, EventKind
from clients.status import Status
from packages.models import Package, PackageService
from tests import factories
from tests.cast import MakeClient, MakePackage

XENON = Details(
    legal_name="XENON INDUSTRIAL ARTICLES",
    rfc="XIA190128J61",
    tax_regime="601",
    postal_code="76343",
    contact_name="Xavier Nava",
    contact_email="xavier@xenon.mx",
    contact_phone="+525512345678",
)
NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)


def create(package: Package, details: Details = XENON, **given: Any) -> Outcome:
    given = {"reference": "llave", "by": None, "now": NOON} | given
    return lifecycle.create(
        given.pop("reseller", package.reseller),
        details=details,
        package=package,
        **given,
    )


def test_a_new_client_is_active_with_the_packages_folios(
    pyme: Package, alicia: User
) -> None:
    outcome = create(pyme, by=alicia)
    client = factories.fresh(outcome.client)
    assert Details.of(client) == XENON
    assert client.reseller == alicia.reseller
    assert client.created_at == NOON
    assert client.balance == 100
    assert client.status_on(date(2026, 11, 23)) is Status.ACTIVE
    assert outcome.changed
    assert outcome.message == ("XENON INDUSTRIAL ARTICLES quedó activo con 100 folios.")


def test_the_plan_is_a_copy_of_the_package(make_package: MakePackage) -> None:
    package = make_package(
        name="Grande",
        folios=500,
        term_count=6,
        term_unit="month",
        leftover_rule="keep_up_to",
        leftover_limit=50,
        services={"correo-smtp": None, "multiempresa": 3},
    )
    plan = factories.fresh(create(package).client).plan
    assert plan.terms() == package.terms()
    assert plan.package == package
    assert plan.assigned_at == NOON
    assert not plan.is_customized
    copied = dict(plan.inclusions.values_list("service__code", "quantity"))
    assert copied == {"correo-smtp": None, "multiempresa": 3}


def test_editing_the_package_later_never_changes_a_plan_already_sold(
    pyme: Package,
) -> None:
    client = create(pyme).client
    before = factories.fresh(client).plan.terms()
    Package.objects.update(name="Otro", folios=1, term_count=None, term_unit="")
    PackageService.objects.all().delete()
    after = factories.fresh(client)
    assert after.plan.terms() == before
    assert after.plan.inclusions.count() == 2
    assert after.expires_on == date(2027, 11, 23)


@pytest.mark.parametrize(
    ("count", "unit", "expires_on"),
    [
        (None, "", None),
        (1, "day", date(2026, 11, 24)),
        (30, "day", date(2026, 12, 23)),
        (1, "month", date(2026, 12, 23)),
        (3, "month", date(2027, 2, 23)),
        (2, "year", date(2028, 11, 23)),
    ],
)
def test_the_term_begins_today(
    make_package: MakePackage, count: int | None, unit: str, expires_on: date | None
) -> None:
    package = make_package(term_count=count, term_unit=unit)
    assert factories.fresh(create(package).client).expires_on == expires_on


def test_today_is_the_resellers_day_not_the_servers(
    beto: User, make_package: MakePackage
) -> None:
    """At 06:30 UTC it is the 23rd in Mexico City and the 22nd in Tijuana."""
    instant = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    terms = {"term_count": 1, "term_unit": "day"}
    here = create(make_package(**terms), now=instant).client
    there = factories.PackageFactory(reseller=beto.reseller, **terms)
    assert here.expires_on == date(2026, 11, 24)
    assert create(there, now=instant).client.expires_on == date(2026, 11, 23)


def test_the_history_begins_with_the_event_and_the_assignment(
    pyme: Package, alicia: User
) -> None:
    client = create(pyme, by=alicia).client
    event, entry = client.events.get(), client.entries.get()
    assert (event.seq, entry.seq) == (1, 2)
    assert (event.kind, event.by) == (EventKind.CREATED, alicia)
    assert event.before == {}
    assert event.after == asdict(XENON) | {
        "login_email": "xavier@xenon.mx",
        "plan": "PYME",
        "expires_on": "2027-11-23",
        "services": ["Correo personalizado", "Multiempresa: 2 RFC adicionales"],
    }
    assert (entry.kind, entry.quantity) == (EntryKind.ASSIGNMENT, 100)
    assert (entry.balance_after, entry.reference, entry.by) == (100, "llave", alicia)
    assert entry.created_at == event.created_at == NOON


# --- The client's user ----------------------------------------------------------


def test_the_person_of_the_e_mail_gets_the_account(pyme: Package) -> None:
    details = replace(XENON, contact_email="Xavier@Xenon.MX")
    user = create(pyme, details).client.user
    assert (user.email, user.name) == ("xavier@xenon.mx", ""), "the name is support's"
    assert user.role is Role.CLIENT
    assert not user.has_usable_password()


def test_a_person_with_two_companies_is_one_person(pyme: Package) -> None:
    one = create(pyme).client
    details = replace(XENON, rfc="IIA040805DZ4", contact_name="X.")
    other = create(pyme, details, reference="otra").client
    assert one.user == other.user


@pytest.mark.parametrize("who", ["alicia", "beto", "soporte"])
def test_the_e_mail_of_staff_cannot_be_told_from_another(
    pyme: Package, request: pytest.FixtureRequest, who: str
) -> None:
    staff = request.getfixturevalue(who)
    outcome = create(pyme, replace(XENON, contact_email=staff.email.upper()))
    assert outcome.message == "XENON INDUSTRIAL ARTICLES quedó activo con 100 folios."
    access = outcome.client.memberships.get()
    assert (access.user, access.is_pending, access.opens) == (staff, True, False)


# --- Refused --------------------------------------------------------------------


def test_one_rfc_is_one_client_of_a_reseller(pyme: Package) -> None:
    first = create(pyme).client
    with pytest.raises(refusals.RfcTaken) as caught:
        create(pyme, reference="otra")
    assert caught.value.client == first
    assert (caught.value.code, caught.value.field) == ("rfc_taken", "rfc")
    assert str(caught.value) == (
        "Ya tiene un cliente con ese RFC: XENON INDUSTRIAL ARTICLES."
    )
    assert factories.fresh(first).balance == 100


def test_a_refused_creation_leaves_nobody_behind(pyme: Package) -> None:
    create(pyme)
    with pytest.raises(refusals.RfcTaken):
        create(pyme, replace(XENON, contact_email="otra@persona.mx"), reference="otra")
    assert not User.objects.filter(email="otra@persona.mx").exists()


def test_an_archived_client_with_that_rfc_is_named_with_the_way_back(
    make_client: MakeClient, pyme: Package
) -> None:
    make_client(rfc=XENON.rfc, legal_name="Xenon", archived=True)
    with pytest.raises(refusals.RfcTaken, match="está archivado y puede restaurarlo"):
        create(pyme)


def test_two_resellers_may_have_the_same_taxpayer_each_with_its_balance(
    pyme: Package, beto: User
) -> None:
    theirs = factories.PackageFactory(reseller=beto.reseller, folios=7)
    one, other = create(pyme).client, create(theirs).client
    assert one.rfc == other.rfc
    lifecycle.consume(other, reference="F-1", now=NOON)
    assert factories.fresh(one).balance == 100
    assert factories.fresh(other).balance == 6


def test_a_package_withdrawn_from_sale_is_refused(make_package: MakePackage) -> None:
    package = make_package(name="Viejo", withdrawn_at=NOON)
    with pytest.raises(refusals.PackageNotOnSale) as caught:
        create(package)
    assert (caught.value.code, caught.value.field) == (
        "package_not_on_sale",
        "package",
    )
    assert str(caught.value) == ("El paquete Viejo ya no está a la venta. Elija otro.")


def test_another_resellers_package_is_refused(pyme: Package, beto: User) -> None:
    with pytest.raises(refusals.PackageNotOnSale):
        create(pyme, reseller=beto.reseller)
    assert not Client.objects.exists()


# --- Sent twice -----------------------------------------------------------------


def test_the_same_key_and_content_again_is_the_first_outcome(pyme: Package) -> None:
    first, again = create(pyme), create(pyme)
    assert again.is_repeat
    assert not again.changed
    assert (again.client, again.entry) == (first.client, first.entry)
    assert again.message == first.message
    assert factories.fresh(first.client).balance == 100
    assert first.client.events.count() == 1


def test_a_retry_is_answered_though_the_package_was_withdrawn_since(
    pyme: Package,
) -> None:
    create(pyme)
    pyme.withdrawn_at = NOON
    pyme.save()
    assert create(pyme).is_repeat


def test_a_conflict_makes_no_second_person(pyme: Package) -> None:
    create(pyme)
    with pytest.raises(ledger.ReferenceConflict):
        create(pyme, replace(XENON, contact_email="otra@persona.mx"))
    assert not User.objects.filter(email="otra@persona.mx").exists()


def test_the_same_key_with_another_quantity_is_a_conflict(
    pyme: Package, make_package: MakePackage
) -> None:
    create(pyme)
    with pytest.raises(ledger.ReferenceConflict):
        create(make_package(folios=500))


def test_a_key_that_moved_other_folios_of_that_client_is_a_conflict(
    make_client: MakeClient, pyme: Package
) -> None:
    client = make_client(rfc=XENON.rfc)
    lifecycle.add_folios(client, quantity=100, reference="llave", by=None)
    with pytest.raises(ledger.ReferenceConflict):
        create(pyme)
