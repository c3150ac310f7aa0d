"""lifecycle.create_many: many clients at once are as if each had been created alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from accounts.models import User
from clients import lifecycle
from clients.details import InvalidDetails
from clients.lifecycle import Details, Newcomer
from clients.lifecycle.importing import newcomer_of
from clients.management.commands.audit_ledger import add_up
from clients.management.commands.audit_past import compare
from clients.models import Client, FolioDay, Membership, OneTimeKey
from clients.refusals import AdditionalRfcTaken, PackageNotOnSale, RfcTaken
from clients.status import Status
from packages import catalogue
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
# What is another one for each client: its ids, and whose they are.
OWN = {"id", "public_id", "client_id", "plan_id", "user_id", "search_text", "sort_name"}


def details(number: int, **changes: str) -> Details:
    return Details(
        **{
            "legal_name": f"EMPRESA {number}",
            "rfc": factories.rfc(number),
            "tax_regime": "601",
            "postal_code": "06000",
            "contact_email": f"Pagos{number}@ejemplo.mx",
            "contact_name": "Pagos",
            "contact_phone": "+525512345678",
        }
        | changes
    )


def newcomer(package: Package, number: int, **changes: Any) -> Newcomer:
    made = newcomer_of(
        package,
        details=details(number),
        reference=f"import:{number}",
        today=package.reseller.local_date(NOW),
    )
    values = {name: getattr(made, name) for name in made.__slots__}
    return Newcomer(**values | changes)


def stored(row: models.Model) -> dict[str, Any]:
    """All that is stored of a row, except which row it is."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in OWN
    }


def facts(client: Client) -> dict[str, Any]:
    """Every stored fact of a client, in all tables that say anything of it."""
    of_one = {"client": stored(client), "person": stored_person(client.user)}
    for name in ("account", "plan", "standing"):
        of_one[name] = stored(getattr(client, name))
    rows = {
        "services": client.plan.inclusions.all(),
        "entries": client.entries.all(),
        "events": client.events.all(),
        "memberships": client.memberships.all(),
        "days": FolioDay.objects.filter(client=client),
    }
    return of_one | {name: [stored(row) for row in all_] for name, all_ in rows.items()}


def stored_person(person: User | None) -> dict[str, Any]:
    assert person is not None
    kept = stored(person)
    for different in ("password", "date_joined"):
        del kept[different]
    return kept | {"may log in": person.has_usable_password()}


@pytest.mark.parametrize(
    "sold",
    [
        {"services": {"correo-personalizado": None, "multiempresa": 2}},
        {"term_count": None},
    ],
    ids=["with services and a term", "without either"],
)
def test_one_of_many_is_as_one_created_alone(
    alicia: User, make_package: MakePackage, sold: dict[str, Any]
) -> None:
    package = make_package(**sold)
    alone = lifecycle.create(
        alicia.reseller,
        details=details(1),
        package=package,
        reference="import:1",
        by=alicia,
        now=NOW,
    ).client
    ids = lifecycle.create_many(
        alicia.reseller,
        [newcomer(package, 2), newcomer(package, 3)],
        by=alicia,
        now=NOW,
    )
    expected = facts(Client.objects.get(pk=alone.pk))
    for number, pk in enumerate(ids, 2):
        assert as_first(facts(Client.objects.get(pk=pk)), number) == repr(expected)


def as_first(found: dict[str, Any], number: int) -> str:
    """The facts of another one as if they were those of number 1."""
    text = repr(found)
    for own, first in (
        (factories.rfc(number), factories.rfc(1)),
        (f"EMPRESA {number}", "EMPRESA 1"),
        (f"empresa {number}", "empresa 1"),
        (f"agos{number}@", "agos1@"),
        (f"import:{number}", "import:1"),
    ):
        text = text.replace(own, first)
    return text


def test_what_is_derived_of_many_adds_up(alicia: User, pyme: Package) -> None:
    """With folios and without, suspended, expired, created long ago, of one person."""
    before = NOW - timedelta(days=900)
    some = [
        newcomer(pyme, 1),
        newcomer(pyme, 2, folios=0),
        newcomer(pyme, 3, is_suspended=True, folios=7),
        newcomer(pyme, 4, is_suspended=True, folios=0),
        newcomer(pyme, 5, expires_on=date(2026, 1, 31), created_at=before),
        newcomer(pyme, 6, expires_on=None),
        newcomer(pyme, 7, details=details(7, contact_email="pagos1@ejemplo.mx")),
        newcomer(pyme, 8, details=details(8, contact_email="", postal_code="")),
    ]
    ids = lifecycle.create_many(
        alicia.reseller, some, by=alicia, reason="De clientes.csv", now=NOW
    )
    found = {
        client.rfc: client for client in Client.objects.with_facts().filter(pk__in=ids)
    }
    made = [found[one.details.rfc] for one in some]
    today = alicia.reseller.local_date(NOW)
    assert [client.status_on(today) for client in made] == [
        Status.ACTIVE,
        Status.EXHAUSTED,
        Status.SUSPENDED,
        Status.SUSPENDED,
        Status.EXPIRED,
        Status.ACTIVE,
        Status.ACTIVE,
        Status.ACTIVE,
    ]
    assert [client.balance for client in made] == [100, 0, 7, 0, 100, 100, 100, 100]
    assert made[4].created_at == before
    assert made[4].known_since == NOW
    assert [client.plan.anchor_day for client in made[4:6]] == [31, None]
    assert made[0].user == made[6].user
    assert made[7].user is None
    assert made[7].missing == ["postal_code", "contact_email"]
    event = made[3].events.get(kind="suspended")
    assert (event.seq, event.reason) == (
        2,
        "Ya estaba suspendido en el sistema anterior.",
    )
    assert made[0].events.get(kind="created").reason == "De clientes.csv"
    assert add_up().wrong == []
    assert add_up().wrong_counts == []
    call_command("audit_past", pairs=5_000)


def test_nobody_is_told_and_access_is_pending(
    alicia: User, pyme: Package, mailoutbox: list[Any]
) -> None:
    (pk,) = lifecycle.create_many(
        alicia.reseller, [newcomer(pyme, 1)], by=alicia, now=NOW
    )
    (access,) = Membership.objects.filter(client=pk)
    assert access.is_pending
    assert access.email == "pagos1@ejemplo.mx"
    assert mailoutbox == []
    assert not OneTimeKey.objects.exists()


def test_who_cannot_be_created_hinders_nobody_else(
    alicia: User, clara: Client, make_package: MakePackage, pyme: Package
) -> None:
    gone = make_package()
    catalogue.withdraw(gone, by=alicia)
    gone.refresh_from_db()
    additional = factories.rfc(9)
    lifecycle.add_rfc(clara, rfc=additional, by=alicia)
    results = lifecycle.create_many(
        alicia.reseller,
        [
            newcomer(pyme, 1, details=details(1, rfc=clara.rfc)),
            newcomer(pyme, 9),
            newcomer(gone, 2),
            newcomer(pyme, 3),
        ],
        by=alicia,
    )
    assert isinstance(results[0], RfcTaken)
    assert isinstance(results[1], AdditionalRfcTaken)
    assert isinstance(results[2], PackageNotOnSale)
    assert results[3] == Client.objects.get(rfc=factories.rfc(3)).pk
    assert Client.objects.count() == 2


def test_the_same_ones_again_are_nobody(alicia: User, pyme: Package) -> None:
    some = [newcomer(pyme, number) for number in range(1, 4)]
    lifecycle.create_many(alicia.reseller, some, by=alicia)
    again = lifecycle.create_many(alicia.reseller, some, by=alicia)
    assert all(isinstance(one, RfcTaken) for one in again)
    assert Client.objects.count() == 3
    assert add_up().wrong == []


def test_a_thousand_cost_as_many_queries_as_ten(
    alicia: User, pyme: Package, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(22):
        lifecycle.create_many(
            alicia.reseller, [newcomer(pyme, n) for n in range(100)], by=alicia
        )


def test_nothing_is_said_of_the_days_before_the_history_is_here(
    alicia: User, pyme: Package, make_client: MakeClient, as_alicia: Any
) -> None:
    now = timezone.now()
    make_client(now=now - timedelta(days=500))
    created = now - timedelta(days=300)
    (pk,) = lifecycle.create_many(
        alicia.reseller, [newcomer(pyme, 1, created_at=created)], by=alicia
    )
    client = Client.objects.get(pk=pk)
    day = (now - timedelta(days=100)).date()
    page = as_alicia.get(f"{client.get_absolute_url()}?al={day}")
    assert "cuando se trajo de otro sistema" in page.text
    assert client.legal_name not in as_alicia.get(f"/clientes/?al={day}").text
    assert compare(2_000, 1)[2] == []


def test_what_is_missing_is_asked_for_and_may_wait(alicia: User, pyme: Package) -> None:
    """An edit of something else is not refused for it."""
    blank = details(1, tax_regime="", postal_code="", contact_email="")
    (pk,) = lifecycle.create_many(
        alicia.reseller, [newcomer(pyme, 1, details=blank)], by=alicia
    )
    client = Client.objects.get(pk=pk)
    lifecycle.edit_plan(client, changes={"contact_name": "Ana"}, by=alicia)
    lifecycle.edit_plan(client, changes={"contact_email": "ana@ejemplo.mx"}, by=alicia)
    client = factories.fresh(client)
    assert client.user is not None
    assert client.user.email == "ana@ejemplo.mx"
    with pytest.raises(InvalidDetails):
        lifecycle.edit_plan(client, changes={"contact_email": ""}, by=alicia)
