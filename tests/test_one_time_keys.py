"""A one-time key is bound to its content (domain.md, invariant 3): the same again is a
repeat, anything else under it is a conflict, said in words, with a fresh key."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import User
from clients import ledger, lifecycle, refusals
from clients.actions import ACTIONS
from clients.lifecycle import Details, Outcome
from clients.models import Client, EntryKind, OneTimeKey
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.programs import Program, refusal

NEW = Details(
    legal_name="XENON INDUSTRIAL ARTICLES",
    rfc="XIA190128J61",
    tax_regime="601",
    postal_code="76343",
    contact_name="Xavier Nava",
    contact_email="xavier@xenon.mx",
    contact_phone="+525512345678",
)


def add(client: Client, by: User | None = None, **given: object) -> Outcome:
    given = {"quantity": 50, "reference": "llave"} | given
    return lifecycle.add_folios(client, by=by, **given)  # type: ignore[arg-type]


def renew(client: Client, by: User | None = None, **given: object) -> Outcome:
    given = {"reference": "llave"} | given
    return lifecycle.renew(client, by=by, **given)  # type: ignore[arg-type]


def create(package: Package, details: Details = NEW, **given: object) -> Outcome:
    given = {"reference": "llave", "by": None} | given
    return lifecycle.create(
        package.reseller,
        details=details,
        package=package,
        **given,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "other", [{"quantity": 51}, {"reason": "Otro"}, {"activate": True}]
)
def test_an_addition_of_other_content_under_the_key_is_a_conflict(
    clara: Client, other: dict[str, object]
) -> None:
    add(clara)
    with pytest.raises(ledger.ReferenceConflict):
        add(clara, **other)
    assert factories.fresh(clara).balance == 150
    assert add(clara).is_repeat


def test_a_renewal_with_another_package_of_the_same_folios_is_a_conflict(
    clara: Client, make_package: MakePackage
) -> None:
    other = make_package(name="Otro de cien")
    renew(clara)
    with pytest.raises(ledger.ReferenceConflict):
        renew(clara, package=other)
    assert factories.fresh(clara).plan.name == "PYME"
    assert renew(clara).is_repeat


def test_a_renewal_that_also_activates_is_another(clara: Client) -> None:
    renew(clara)
    with pytest.raises(ledger.ReferenceConflict):
        renew(clara, activate=True)


@pytest.mark.parametrize("first", [add, renew])
def test_another_verb_under_the_key_is_a_conflict(
    clara: Client, first: Callable[..., Outcome]
) -> None:
    first(clara, **({"quantity": 100} if first is add else {}))
    with pytest.raises(ledger.ReferenceConflict):
        (renew if first is add else add)(
            clara, **({"quantity": 100} if first is renew else {})
        )


def test_a_persons_key_is_for_one_client(
    clara: Client, make_client: MakeClient, alicia: User
) -> None:
    other = make_client()
    add(clara, alicia)
    for verb in (add, renew):
        with pytest.raises(ledger.ReferenceConflict):
            verb(other, alicia)
    assert factories.fresh(other).balance == 100
    assert other.entries.count() == 1


def test_a_programs_reference_is_one_movement_of_each_client(
    clara: Client, make_client: MakeClient
) -> None:
    assert add(clara).changed
    assert add(make_client()).changed


def test_another_resellers_key_is_another(
    clara: Client, alicia: User, beto: User
) -> None:
    theirs = factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller)
    )
    assert add(clara, alicia).changed
    assert add(theirs, beto).changed


@pytest.mark.parametrize(
    "other",
    [
        {"rfc": "IIA040805DZ4"},
        {"legal_name": "OTRA"},
        {"contact_email": "otra@xenon.mx"},
    ],
)
def test_a_client_of_other_data_under_the_key_is_a_conflict(
    pyme: Package, other: dict[str, str]
) -> None:
    create(pyme)
    with pytest.raises(ledger.ReferenceConflict):
        create(pyme, replace(NEW, **other))
    assert Client.objects.count() == 1
    assert not User.objects.filter(email="otra@xenon.mx").exists()


def test_a_client_with_another_package_of_the_same_folios_is_a_conflict(
    pyme: Package, make_package: MakePackage
) -> None:
    create(pyme)
    with pytest.raises(ledger.ReferenceConflict):
        create(make_package(name="Otro de cien"))


def test_a_creation_is_a_repeat_though_the_client_was_edited_since(
    pyme: Package,
) -> None:
    client = create(pyme).client
    lifecycle.edit_plan(client, changes={"rfc": "IIA040805DZ4"}, by=None)
    again = create(pyme)
    assert again.is_repeat
    assert again.client == client


def test_an_adjustment_with_another_reason_is_a_conflict(
    clara: Client, soporte: User
) -> None:
    given = {"quantity": 5, "reference": "llave", "by": soporte}
    lifecycle.adjust(clara, reason="Uno", **given)  # type: ignore[arg-type]
    with pytest.raises(ledger.ReferenceConflict):
        lifecycle.adjust(clara, reason="Dos", **given)  # type: ignore[arg-type]


def test_a_stamps_reference_is_nobody_elses(clara: Client) -> None:
    lifecycle.consume(clara, reference="llave")
    with pytest.raises(ledger.ReferenceConflict):
        add(clara)
    add(clara, reference="otra")
    with pytest.raises(ledger.ReferenceConflict):
        lifecycle.consume(clara, reference="otra")


def test_a_refused_request_leaves_its_key_free(make_client: MakeClient) -> None:
    client = make_client(archived=True)
    with pytest.raises(refusals.ClientArchived):
        add(client)
    lifecycle.restore(client, by=None)
    assert add(client, quantity=7).changed


def test_a_stamp_binds_no_key(clara: Client) -> None:
    lifecycle.consume(clara, reference="F-1")
    assert not OneTimeKey.objects.filter(reference="F-1").exists()


def test_what_a_key_stands_for_is_never_changed(clara: Client) -> None:
    add(clara)
    with pytest.raises(ProgrammingError, match="append-only"):
        OneTimeKey.objects.update(content="")


def test_a_tasks_key_is_bound_to_its_words_day_and_client(
    clara: Client, make_client: MakeClient
) -> None:
    day = clara.reseller.local_date(timezone.now()) + timedelta(days=3)
    given = {"text": "Llamar", "due_on": day, "key": uuid4(), "by": None}
    lifecycle.add_task(clara, **given)
    assert not lifecycle.add_task(clara, **given).changed
    other = make_client()
    for client, change in (
        (clara, {"text": "Escribir"}),
        (clara, {"due_on": day + timedelta(days=1)}),
        (other, {}),
    ):
        with pytest.raises(refusals.KeyUsed):
            lifecycle.add_task(client, **given | change)
    assert clara.tasks.count() == 1
    assert not other.tasks.exists()


# --- In the panel and by the API ---------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "no script"])
@pytest.mark.parametrize(
    ("verb", "first", "second"),
    [
        ("add_folios", {"quantity": "25"}, {"quantity": "26"}),
        ("renew", {"package": ""}, {"package": "other"}),
    ],
)
def test_the_dialog_says_it_and_brings_a_fresh_key(
    as_alicia: Browser,
    clara: Client,
    make_package: MakePackage,
    verb: str,
    first: dict[str, str],
    second: dict[str, str],
    htmx: bool,
) -> None:
    other = make_package(name="Otro de cien")
    headers = {"HX-Request": "true"} if htmx else {}
    used, url = factories.reference(), ACTIONS[verb].url(clara)
    if "package" in second and second["package"]:
        second = {"package": str(other.public_id)}
    as_alicia.post(url, first | {"reference": used}, headers=headers)
    records = clara.entries.count() + clara.events.count()
    response = as_alicia.post(url, second | {"reference": used}, headers=headers)
    assert response.status_code == 409
    assertContains(
        response, "Con este formulario ya se guardó otra cosa", status_code=409
    )
    html = response.content.decode()
    assert f'value="{second.get("quantity") or second["package"]}"' in html
    fresh = re.search(r'name="reference" value="([^"]+)"', html)
    assert fresh
    assert fresh[1] != used
    assert clara.entries.count() + clara.events.count() == records
    done = as_alicia.post(url, second | {"reference": fresh[1]}, headers=headers)
    assert done.status_code == (200 if htmx else 302)
    assert clara.entries.count() + clara.events.count() > records


def test_the_form_of_a_new_client_says_it_too(
    as_alicia: Browser, pyme: Package
) -> None:
    url, used = reverse("clients:create"), factories.reference()
    data = vars(NEW) | {"package": str(pyme.public_id), "reference": used}
    assert as_alicia.post(url, data).status_code == 302
    response = as_alicia.post(url, data | {"rfc": "IIA040805DZ4"})
    assertContains(
        response, "Con este formulario ya se guardó otra cosa", status_code=409
    )
    assert f'value="{used}"' not in response.content.decode()
    assert Client.objects.count() == 1


def test_a_task_of_other_words_is_told_so_and_keeps_them(
    as_alicia: Browser, clara: Client
) -> None:
    day = clara.reseller.local_date(timezone.now()) + timedelta(days=3)
    url = reverse("clients:add_task", args=[clara.public_id])
    data = {"text": "Llamar", "due_on": f"{day}", "key": factories.reference()}
    as_alicia.post(url, data)
    response = as_alicia.post(url, data | {"text": "Escribir"})
    assertContains(response, "ya se guardó otra cosa", status_code=409)
    assertContains(response, 'value="Escribir"', status_code=409)
    assert f'value="{data["key"]}"' not in response.content.decode()


@pytest.mark.parametrize(
    ("path", "first", "other"),
    [
        ("folios", {"quantity": 5}, {"quantity": 5, "reason": "Otro"}),
        ("folios", {"quantity": 5}, {"quantity": 5, "activate": True}),
        ("renewals", {}, {"package": True}),
        ("renewals", {}, {"activate": True}),
    ],
)
def test_a_program_is_answered_409_reference_conflict(
    program: Program,
    clara: Client,
    make_package: MakePackage,
    path: str,
    first: dict[str, object],
    other: dict[str, object],
) -> None:
    package = make_package(name="Otro de cien")
    if "package" in other:
        other = {"package": str(package.public_id)}
    url, key = f"/clients/{clara.rfc}/{path}", {"reference": "R-1"}
    assert program.post(url, first | key).status_code == 201
    assert program.post(url, first | key).status_code == 200
    assert refusal(program.post(url, other | key)) == (409, "reference_conflict")
    assert clara.entries.exclude(kind=EntryKind.ASSIGNMENT).count() == 1
