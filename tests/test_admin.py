"""Support in Django's admin: what it sees and may do, and what nobody may do."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ApiKey, User
from clients import lifecycle
from clients.models import Client, EntryKind
from tests import factories
from tests.cast import MakeClient, prove
from tests.programs import Program, refusal

CLIENTS = reverse("admin:clients_client_changelist")


@pytest.fixture
def as_plain_support(db: None) -> Browser:
    """A browser of support without superuser rights."""
    browser = Browser()
    browser.force_login(
        factories.SupportFactory(email="ana@panel.mx", is_superuser=False)
    )
    return browser


def act(browser: Browser, verb: str, *clients: Client, **data: str) -> str:
    """Post an admin action as its confirmation page does; return the next page."""
    chosen = [str(client.pk) for client in clients]
    form = {"action": verb, "_selected_action": chosen, "confirmed": "1"} | data
    return browser.post(CLIENTS, form, follow=True).content.decode()


def test_clients_are_found_without_accents_and_show_their_status(
    as_plain_support: Browser, make_client: MakeClient
) -> None:
    make_client(legal_name="Órganos Ñandú", suspended=True, expired=True)
    make_client(legal_name="Otra")
    response = as_plain_support.get(CLIENTS, {"q": "organos nandu"})
    assertContains(response, "Órganos Ñandú")
    assertContains(response, "suspendido · expirado")
    assertNotContains(response, "Otra")


def test_the_list_costs_the_same_queries_for_one_and_for_fifty(
    as_soporte: Browser,
    make_client: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_client()
    with django_assert_num_queries(5) as one:
        as_soporte.get(CLIENTS)
    for _ in range(49):
        make_client()
    with django_assert_num_queries(len(one)):
        as_soporte.get(CLIENTS)


@pytest.mark.parametrize(
    "url", ["accounts_reseller", "accounts_user", "packages_package", "accounts_apikey"]
)
def test_the_other_lists_can_be_searched(
    as_plain_support: Browser, clara: Client, url: str
) -> None:
    ApiKey.issue(clara.reseller, name="Prueba", scopes=["stamps"])
    response = as_plain_support.get(
        reverse(f"admin:{url}_changelist"), {"q": "Distribuidora"}
    )
    assert response.status_code == 200
    assertContains(response, "Distribuidora")


@pytest.mark.parametrize("model", ["folioledger", "clientevent"])
def test_history_is_only_read_even_by_a_superuser(
    as_soporte: Browser, clara: Client, model: str
) -> None:
    listing = as_soporte.get(reverse(f"admin:clients_{model}_changelist"))
    assertContains(listing, "ESCUELA KEMPER URGATE")
    assert as_soporte.get(reverse(f"admin:clients_{model}_add")).status_code == 403
    row = (clara.entries if model == "folioledger" else clara.events).get()
    change = reverse(f"admin:clients_{model}_change", args=[row.pk])
    page = as_soporte.get(change)
    assert page.status_code == 200
    assertNotContains(page, 'name="_save"')
    assert as_soporte.post(change, {"reason": "otra"}).status_code == 403
    delete = reverse(f"admin:clients_{model}_delete", args=[row.pk])
    assert as_soporte.post(delete, {"post": "yes"}).status_code == 403


def test_a_client_is_neither_added_nor_deleted_nor_edited_here(
    as_soporte: Browser, clara: Client
) -> None:
    assert as_soporte.get(reverse("admin:clients_client_add")).status_code == 403
    for name in ("change", "delete"):
        url = reverse(f"admin:clients_client_{name}", args=[clara.pk])
        assert as_soporte.post(url, {"legal_name": "X"}).status_code == 403


def test_an_action_first_asks(as_soporte: Browser, clara: Client) -> None:
    response = as_soporte.post(
        CLIENTS, {"action": "adjust", "_selected_action": [str(clara.pk)]}
    )
    assertContains(response, "Motivo")
    assertContains(response, "ESCUELA KEMPER URGATE")
    assert clara.entries.count() == 1


def test_the_verbs_go_through_lifecycle_with_the_person_who_did_it(
    as_soporte: Browser, soporte: User, clara: Client
) -> None:
    act(as_soporte, "suspend", clara, reason="Fraude", message="")
    assert factories.fresh(clara).is_suspended
    act(as_soporte, "archive", clara)
    assert factories.fresh(clara).is_archived
    act(as_soporte, "restore", clara)
    act(as_soporte, "activate", clara)
    key = factories.reference()
    act(as_soporte, "add_folios", clara, quantity="7", reason="Regalo", reference=key)
    act(as_soporte, "renew", clara, reference=factories.reference())
    client = factories.fresh(clara)
    assert client.balance == 207
    people = {event.by for event in client.events.exclude(kind="created")}
    assert people == {soporte}


def test_an_adjustment_takes_or_gives_once_and_says_why(
    as_soporte: Browser, soporte: User, clara: Client
) -> None:
    key = factories.reference()
    for _ in range(2):  # sent twice
        act(
            as_soporte,
            "adjust",
            clara,
            direction="take",
            quantity="30",
            reason="Doble cobro",
            reference=key,
        )
    entry = clara.entries.get(kind=EntryKind.ADJUSTMENT)
    assert (entry.quantity, entry.reason, entry.by) == (-30, "Doble cobro", soporte)
    assert factories.fresh(clara).balance == 70


@pytest.mark.parametrize(
    "data",
    [
        {"direction": "take", "quantity": "30", "reason": ""},
        {"direction": "take", "quantity": "", "reason": "x"},
        {"direction": "take", "quantity": "0", "reason": "x"},
        {"direction": "take", "quantity": "101", "reason": "x"},
        {"direction": "take", "quantity": "-30", "reason": "x"},
        {"direction": "give", "quantity": "10,00", "reason": "x"},
        {"quantity": "30", "reason": "x"},
    ],
)
def test_an_adjustment_that_cannot_be_writes_nothing(
    as_soporte: Browser, clara: Client, data: dict[str, str]
) -> None:
    act(as_soporte, "adjust", clara, reference=factories.reference(), **data)
    assert clara.entries.count() == 1


def test_one_refusal_does_not_stop_the_others(
    as_soporte: Browser, make_client: MakeClient
) -> None:
    suspended = make_client(suspended=True)
    active = make_client()
    page = act(as_soporte, "suspend", suspended, active, reason="Cierre", message="")
    assert "ya está suspendido" in page
    assert factories.fresh(active).is_suspended


def test_support_makes_a_reseller_and_its_people(
    as_soporte: Browser, alicia: User
) -> None:
    prove(as_soporte).post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Nueva@Alicia.mx",
            "name": "Nueva",
            "reseller": alicia.reseller_id,
            "is_active": "on",
        },
    )
    person = User.objects.get(email="nueva@alicia.mx")
    assert person.reseller == alicia.reseller
    assert not person.has_usable_password()


def test_a_clients_person_may_also_become_staff(
    as_soporte: Browser, alicia: User, clara: Client
) -> None:
    url = reverse("admin:accounts_user_change", args=[clara.user_id])
    response = prove(as_soporte).post(
        url,
        {
            "email": clara.user.email,
            "reseller": alicia.reseller_id,
            "is_active": "on",
        },
    )
    assert response.status_code == 302
    assert User.objects.get(pk=clara.user_id).reseller_id == alicia.reseller_id


def test_only_a_superuser_makes_support(
    as_plain_support: Browser, alicia: User
) -> None:
    url = reverse("admin:accounts_user_change", args=[alicia.pk])
    prove(as_plain_support).post(
        url, {"email": alicia.email, "is_active": "on", "is_staff": "on"}
    )
    assert not User.objects.get(pk=alicia.pk).is_staff


def test_a_key_is_revoked_and_never_shown(
    as_soporte: Browser, soporte: User, clara: Client
) -> None:
    key, secret = ApiKey.issue(clara.reseller, name="Caja", scopes=["stamps"])
    page = as_soporte.get(reverse("admin:accounts_apikey_change", args=[key.pk]))
    assertNotContains(page, secret)
    assertNotContains(page, key.digest.hex())
    prove(as_soporte)
    keys = reverse("admin:accounts_apikey_changelist")
    form = {"action": "revoke", "_selected_action": [str(key.pk)]}
    asked = as_soporte.post(keys, form)
    assertContains(asked, "Caja")
    assert Program(secret).stamp(clara.rfc).status_code == 201, "only asked so far"
    as_soporte.post(keys, form | {"confirmed": "1"})
    assert refusal(Program(secret).stamp(clara.rfc)) == (401, "unauthorized")
    key.refresh_from_db()
    assert key.revoked_by == soporte


def test_the_admin_of_a_reseller_is_hidden_from_others(
    as_alicia: Browser, clara: Client
) -> None:
    lifecycle.suspend(clara, reason="x", by=None)
    act(as_alicia, "activate", clara)
    assert factories.fresh(clara).is_suspended


def test_the_zone_of_a_reseller_is_chosen_once(
    as_soporte: Browser, alicia: User
) -> None:
    url = reverse("admin:accounts_reseller_change", args=[alicia.reseller_id])
    as_soporte.post(
        url,
        {"name": "Otra", "slug": "otra", "time_zone": "America/Tijuana"},
    )
    alicia.refresh_from_db()
    assert alicia.reseller is not None
    assert alicia.reseller.name == "Otra"
    assert alicia.reseller.time_zone == "America/Mexico_City"
