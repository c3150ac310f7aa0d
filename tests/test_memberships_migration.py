"""The migrations of memberships and proven addresses, there and back, with people that
the panel had before them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests import factories

ADDRESSES = ("account", "0009_emailaddress_unique_primary_email")
BEFORE = [("accounts", "0002_access"), ("clients", "0003_additional_rfcs"), ADDRESSES]
AFTER = [("accounts", "0003_proven_address"), ("clients", "0004_memberships")]


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The models before them; at the end all migrations are there again."""
    yield migrate(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def make(apps: Any, email: str, password: str, *, contact: str = "") -> Any:
    """A person, and its client if `contact` is given."""
    person = apps.get_model("accounts", "User").objects.create(
        email=email, name="Un Nombre", password=password
    )
    if contact:
        reseller, _ = apps.get_model("accounts", "Reseller").objects.get_or_create(
            slug="alicia", defaults={"name": "Alicia"}
        )
        apps.get_model("clients", "Client").objects.create(
            reseller=reseller,
            user=person,
            legal_name=contact,
            rfc=factories.rfc(person.pk),
            tax_regime="601",
            postal_code="06000",
            contact_name="Un Nombre",
            contact_email=contact,
            created_at=timezone.now(),
        )
    return person


def test_people_keep_what_they_had_and_nothing_that_they_took(before: Any) -> None:
    make(before, "clara@k.mx", "argon2$x", contact="Clara@k.mx")
    make(before, "nueva@k.mx", "!x", contact="nueva@k.mx")
    taker = make(before, "victima@otra.mx", "argon2$x", contact="suya@k.mx")
    several = make(before, "dos@k.mx", "argon2$x", contact="dos@k.mx")
    make(before, "staff@k.mx", "argon2$x")
    addresses = before.get_model("account", "EmailAddress").objects
    for person, email in ((taker, "suya@k.mx"), (several, "ajena@otra.mx")):
        addresses.create(user_id=person.pk, email=email)

    after = migrate(AFTER)
    people = after.get_model("accounts", "User").objects
    proven = people.exclude(proven_email="").values_list("email", flat=True)
    assert set(proven) == {"clara@k.mx", "staff@k.mx"}
    assert set(people.exclude(name="").values_list("email", flat=True)) == {
        "staff@k.mx"
    }, "names of clients' people were typed by resellers"
    memberships = after.get_model("clients", "Membership").objects.all()
    assert {m.email for m in memberships} == {"clara@k.mx", "nueva@k.mx", "dos@k.mx"}
    assert all(m.confirmed_at and m.user.email == m.email for m in memberships)
    assert all(m.client.user_id == m.user_id for m in memberships)

    back = migrate(BEFORE)
    assert {p.name for p in back.get_model("accounts", "User").objects.all()} == {
        "Un Nombre"
    }
    assert back.get_model("clients", "Client").objects.count() == 4
    assert set(connection.introspection.table_names()).isdisjoint(
        {"clients_membership"}
    )
