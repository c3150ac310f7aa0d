"""Saving what somebody else has changed (domain.md): a form applies only what its user
changed; if somebody else changed the same, nothing is saved and both values are shown.
A preview is a promise: it is done as it was shown, or nothing is done."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts import keys
from accounts.models import ApiKey, Scope, User
from clients import lifecycle
from clients.actions import ACTIONS
from clients.lifecycle import PreviewChanged, basis_of, choices_of
from clients.models import Client, EventKind, SuggestionKind
from followup.models import MessageTemplate
from packages import catalogue
from packages.catalogue import PackageDetails
from packages.models import Package, Service
from reseller_panel.stale import MISSING, ChangedMeanwhile, Conflict, merge
from tests import factories
from tests.cast import MakeClient, MakePackage, prove

both_ways = pytest.mark.parametrize(
    "headers", [{"HX-Request": "true"}, {}], ids=["htmx", "no script"]
)


class _Fields(HTMLParser):
    """What a browser would send back of the forms of a page, nothing touched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self._textarea = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "option" and self._select and "selected" in given:
            self.data[self._select] = value
        if tag == "select":
            self._select = name or ""
        if tag == "textarea":
            self._textarea = name or ""
            self.data[self._textarea] = ""
        if tag != "input" or not name:
            return
        if given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                many = self.data.get(name)
                is_more = given["type"] == "checkbox" and many
                self.data[name] = [*many, value or "on"] if is_more else [value or "on"]
        elif name in self.data:
            self.data[name] = [*self.data[name], value]
        elif name == "initial-scopes":
            self.data[name] = [value]
        else:
            self.data[name] = value

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.data[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            name, self._textarea = self._textarea, ""
            self.data[name] = self.data[name].removeprefix("\n")


def fields(response: HttpResponse) -> dict[str, Any]:
    return _Fields(response.content.decode()).data


def opened(browser: Browser, url: str, headers: dict[str, str]) -> dict[str, Any]:
    return fields(browser.get(url, headers=headers))  # type: ignore[arg-type]


# --- The merge --------------------------------------------------------------------


def test_what_was_not_changed_stays_as_it_is_now() -> None:
    assert merge(
        seen={"a": 1, "b": 2}, wanted={"a": 1, "b": 3}, current={"a": 9, "b": 2}
    ) == {"a": 9, "b": 3}


def test_the_same_change_by_both_is_none() -> None:
    assert merge(seen={"a": 1}, wanted={"a": 2}, current={"a": 2}) == {"a": 2}


def test_what_is_not_there_is_a_value_too() -> None:
    assert merge(seen={1: None}, wanted={}, current={1: None, 2: 5}) == {2: 5}
    assert merge(seen={}, wanted={1: 3}, current={2: 5}) == {1: 3, 2: 5}
    with pytest.raises(ChangedMeanwhile) as caught:
        merge(seen={1: 2}, wanted={}, current={1: 3})
    assert caught.value.conflicts == {1: Conflict(3, MISSING)}


# --- Editar plan ------------------------------------------------------------------


@both_ways
def test_a_form_applies_only_the_fields_that_its_user_changed(
    as_alicia: Browser, clara: Client, headers: dict[str, str]
) -> None:
    url = ACTIONS["edit_plan"].url(clara)
    data = opened(as_alicia, url, headers)
    smtp = factories.services()["correo-smtp"].pk
    own = dict(clara.plan.inclusions.values_list("service_id", "quantity"))
    lifecycle.edit_plan(
        clara,
        changes={"contact_email": "nueva@kemper.mx", "postal_code": "42502"},
        services=own | {smtp: None},
        by=None,
    )
    response = as_alicia.post(url, data | {"contact_name": "Ana"}, headers=headers)
    assert response.status_code in (200, 302)
    after = factories.fresh(clara)
    assert (after.contact_name, after.contact_email, after.postal_code) == (
        "Ana",
        "nueva@kemper.mx",
        "42502",
    )
    assert smtp in dict(after.plan.inclusions.values_list("service_id", "quantity"))
    newest = clara.events.latest("seq")
    assert newest.after == {"contact_name": "Ana"}


@both_ways
def test_of_the_same_field_nothing_is_saved_and_both_values_are_shown(
    as_alicia: Browser, clara: Client, headers: dict[str, str]
) -> None:
    url = ACTIONS["edit_plan"].url(clara)
    mine = {"contact_name": "Ana", "postal_code": "42503"}
    data = opened(as_alicia, url, headers) | mine
    lifecycle.edit_plan(clara, changes={"contact_name": "Berta"}, by=None)
    response = as_alicia.post(url, data, headers=headers)
    assertContains(response, "Ahora es «Berta»; usted puso «Ana»", status_code=409)
    assertContains(response, "No se guardó nada", status_code=409)
    after = factories.fresh(clara)
    assert (after.contact_name, after.postal_code) == ("Berta", "42501")
    # Saved again it is meant.
    again = fields(response)  # type: ignore[arg-type]
    assert again["contact_name"] == "Ana"
    assert as_alicia.post(url, again, headers=headers).status_code in (200, 302)
    after = factories.fresh(clara)
    assert (after.contact_name, after.postal_code) == ("Ana", "42503")


def test_of_the_same_service_both_values_are_shown(
    as_alicia: Browser, clara: Client
) -> None:
    multi = factories.services()["multiempresa"].pk
    url = ACTIONS["edit_plan"].url(clara)
    data = opened(as_alicia, url, {})
    assert data[f"quantity_{multi}"] == "2"
    own = dict(clara.plan.inclusions.values_list("service_id", "quantity"))
    lifecycle.edit_plan(clara, changes={}, services=own | {multi: 5}, by=None)
    response = as_alicia.post(url, data | {f"quantity_{multi}": "7"})
    assertContains(response, "Ahora es «5»; usted puso «7»", status_code=409)
    del data[f"service_{multi}"]
    response = as_alicia.post(url, data)
    assertContains(response, "Ahora es «5»; usted puso «no incluido»", status_code=409)
    assert clara.plan.inclusions.get(service=multi).quantity == 5
    assert as_alicia.post(url, fields(response)).status_code == 302  # type: ignore[arg-type]
    assert not clara.plan.inclusions.filter(service=multi).exists()


def test_a_regime_is_said_by_its_name(as_alicia: Browser, clara: Client) -> None:
    url = ACTIONS["edit_plan"].url(clara)
    data = opened(as_alicia, url, {}) | {"tax_regime": "620"}
    lifecycle.edit_plan(clara, changes={"tax_regime": "603"}, by=None)
    response = as_alicia.post(url, data)
    assertContains(
        response, "Ahora es «603 · Personas Morales con Fines no", status_code=409
    )


def test_saving_what_was_opened_changes_nothing_even_if_all_is_other_now(
    as_alicia: Browser, clara: Client
) -> None:
    url = ACTIONS["edit_plan"].url(clara)
    data = opened(as_alicia, url, {})
    lifecycle.edit_plan(
        clara, changes={"contact_email": "nueva@kemper.mx"}, services={}, by=None
    )
    response = as_alicia.post(url, data, follow=True)
    assertContains(response, "No hubo cambios")
    after = factories.fresh(clara)
    assert after.contact_email == "nueva@kemper.mx"
    assert not after.plan.inclusions.exists()


# --- A preview is a promise -------------------------------------------------------


@both_ways
def test_renewing_from_two_tabs_renews_once(
    as_alicia: Browser, clara: Client, headers: dict[str, str]
) -> None:
    url = ACTIONS["renew"].url(clara)
    one, two = (opened(as_alicia, url, headers) for _ in range(2))
    assert one["reference"] != two["reference"]
    assert as_alicia.post(url, one, headers=headers).status_code in (200, 302)
    response = as_alicia.post(url, two, headers=headers)
    assertContains(response, "no se hizo nada", status_code=409)
    assertContains(response, "<ins>300</ins>", status_code=409)
    assert factories.fresh(clara).balance == 200
    # The fresh preview may be accepted.
    again = fields(response)  # type: ignore[arg-type]
    assert as_alicia.post(url, again, headers=headers).status_code in (200, 302)
    assert factories.fresh(clara).balance == 300


def test_a_double_click_is_no_second_tab(as_alicia: Browser, clara: Client) -> None:
    url = ACTIONS["renew"].url(clara)
    data = opened(as_alicia, url, {})
    assert as_alicia.post(url, data).status_code == 302
    assert as_alicia.post(url, data).status_code == 302
    assert factories.fresh(clara).balance == 200


WHAT_ELSE: dict[str, Callable[[Client], Any]] = {
    "an addition": lambda client: lifecycle.add_folios(
        client, quantity=5, reference="F", by=None
    ),
    "a renewal": lambda client: lifecycle.renew(client, reference="F", by=None),
    "a suspension": lambda client: lifecycle.suspend(client, reason="x", by=None),
    "an edited plan": lambda client: lifecycle.edit_plan(
        client, changes={"contact_name": "Z"}, by=None
    ),
    "a reversal": lambda client: lifecycle.reverse(client, reference="S", by=None),
}


@pytest.mark.parametrize("what", WHAT_ELSE)
@pytest.mark.parametrize("verb", ["add_folios", "renew", "suspend"])
def test_whatever_happened_since_the_preview_stops_it(
    as_alicia: Browser, clara: Client, verb: str, what: str
) -> None:
    lifecycle.consume(clara, reference="S")
    url = ACTIONS[verb].url(clara)
    data = opened(as_alicia, url, {}) | {"quantity": "7", "reason": "x"}
    WHAT_ELSE[what](clara)
    seq = factories.fresh(clara).account.last_seq
    assert as_alicia.post(url, data).status_code == 409
    assert factories.fresh(clara).account.last_seq == seq


@pytest.mark.parametrize(
    ("verb", "state", "change"),
    [
        ("activate", {"suspended": True}, {}),
        ("archive", {"exhausted": True}, {"activate": True}),
        ("restore", {"archived": True}, None),
    ],
)
def test_what_only_asks_for_a_click_keeps_its_promise_too(
    as_alicia: Browser,
    make_client: MakeClient,
    verb: str,
    state: dict[str, bool],
    change: Any,
) -> None:
    client = make_client(**state)
    url = ACTIONS[verb].url(client)
    data = opened(as_alicia, url, {})
    if verb == "restore":
        lifecycle.restore(client, by=None)
        lifecycle.archive(client, by=None)
    else:
        lifecycle.renew(client, reference="F", by=None)
        if verb == "archive":
            lifecycle.suspend(client, reason="x", by=None)
    assert as_alicia.post(url, data).status_code == 409


def test_a_stamp_or_a_note_does_not_stop_it(as_alicia: Browser, clara: Client) -> None:
    """A client who stamps every second could never be sold anything."""
    url = ACTIONS["renew"].url(clara)
    data = opened(as_alicia, url, {})
    lifecycle.consume(clara, reference="S")
    lifecycle.add_note(clara, text="Llamó", by=None)
    assert as_alicia.post(url, data).status_code == 302
    assert factories.fresh(clara).balance == 199


def test_a_package_edited_meanwhile_stops_a_renewal_with_it(
    as_alicia: Browser, clara: Client, pyme: Package, alicia: User
) -> None:
    url = ACTIONS["renew"].url(clara)
    data = opened(as_alicia, url, {})
    details = vars(PackageDetails.of(pyme)) | {"folios": 1}
    catalogue.edit(
        pyme,
        details=PackageDetails(**details),
        services=catalogue.services_of(pyme),
        by=alicia,
    )
    response = as_alicia.post(url, data)
    assertContains(response, "<ins>101</ins>", status_code=409)
    assert factories.fresh(clara).balance == 100
    assert as_alicia.post(url, fields(response)).status_code == 302  # type: ignore[arg-type]


def test_services_taken_from_a_package_stop_a_renewal_with_it(
    clara: Client, pyme: Package
) -> None:
    today = clara.reseller.local_date(timezone.now())
    basis = basis_of(factories.fresh(clara), today, choices_of(clara))
    catalogue.edit(pyme, details=PackageDetails.of(pyme), services={}, by=None)
    with pytest.raises(PreviewChanged):
        lifecycle.renew(clara, reference="F", by=None, basis=basis)


def test_a_preview_of_yesterday_is_none(clara: Client) -> None:
    yesterday = basis_of(
        factories.fresh(clara), clara.reseller.local_date(clara.created_at)
    )
    with pytest.raises(PreviewChanged):
        lifecycle.add_folios(
            clara,
            quantity=5,
            reference="F",
            by=None,
            basis=yesterday,
            now=clara.created_at.replace(year=clara.created_at.year + 1),
        )


@pytest.mark.parametrize(
    "basis", ["", "-", "x", "9999999-0123456789abcdef", "²-", "1" * 5000]
)
def test_a_basis_that_is_none_does_nothing(
    as_alicia: Browser, clara: Client, basis: str
) -> None:
    url = ACTIONS["add_folios"].url(clara)
    data = {"quantity": "5", "reference": factories.reference(), "basis": basis}
    assert as_alicia.post(url, data).status_code == 409
    assert factories.fresh(clara).balance == 100


def test_the_preview_of_a_new_client_is_a_promise(
    as_alicia: Browser, pyme: Package, alicia: User
) -> None:
    url = reverse("clients:create")
    data = opened(as_alicia, url, {}) | {
        "rfc": "XIA190128J61",
        "legal_name": "XENON",
        "tax_regime": "601",
        "postal_code": "76343",
        "contact_email": "x@xenon.mx",
        "package": str(pyme.public_id),
    }
    details = vars(PackageDetails.of(pyme)) | {"folios": 1}
    catalogue.edit(pyme, details=PackageDetails(**details), services={}, by=alicia)
    response = as_alicia.post(url, data)
    assertContains(response, "no se hizo nada", status_code=409)
    assert not Client.objects.exists()
    assert as_alicia.post(url, fields(response)).status_code == 302  # type: ignore[arg-type]
    assert Client.objects.get().account.balance == 1


# --- Packages, keys, messages -----------------------------------------------------


@both_ways
def test_two_who_edit_a_package_do_not_undo_each_other(
    as_alicia: Browser, make_package: MakePackage, headers: dict[str, str]
) -> None:
    package = make_package(name="Uno", folios=1200, price="1199.90")
    url = reverse("packages:edit", args=[package.public_id])
    data = opened(as_alicia, url, headers)
    details = vars(PackageDetails.of(package)) | {"price": 250, "folios": 1300}
    smtp = factories.services()["correo-smtp"].pk
    catalogue.edit(
        package,
        details=PackageDetails(**details),
        services={smtp: None},
        by=None,
    )
    done = as_alicia.post(url, data | {"name": "Dos"}, headers=headers)
    assert done.status_code in (200, 302)
    package = Package.objects.get()
    assert (package.name, package.folios, package.price) == ("Dos", 1300, 250)
    assert catalogue.services_of(package) == {smtp: None}
    # The same field, and the term, which is one thing.
    for mine, said in (
        ({"folios": "1500"}, "Ahora es «1300»; usted puso «1500»"),
        ({"term_count": "6"}, "Ahora es «2 meses»; usted puso «6 años»"),
    ):
        if "term_count" in mine:
            details = vars(PackageDetails.of(package)) | {
                "term_count": 2,
                "term_unit": "month",
            }
            catalogue.edit(
                package, details=PackageDetails(**details), services={}, by=None
            )
        response = as_alicia.post(url, data | {"name": "Dos"} | mine, headers=headers)
        assertContains(response, said, status_code=422)
        assert Package.objects.get().folios == 1300


def test_two_who_change_a_key_do_not_undo_each_other(
    as_alicia: Browser, alicia: User
) -> None:
    assert alicia.reseller
    key = keys.make(alicia.reseller, name="Caja", scopes=[Scope.STAMPS], by=alicia).key
    url = reverse("accounts:change_key", args=[key.public_id])
    prove(as_alicia)
    data = opened(as_alicia, url, {})
    keys.change(key, name="Caja", scopes=[Scope.STAMPS, Scope.CLIENTS_READ], by=alicia)
    assert as_alicia.post(url, data | {"name": "Tienda"}).status_code == 302
    key = ApiKey.objects.get()
    assert (key.name, key.scopes) == ("Tienda", ["stamps", "clients:read"])
    response = as_alicia.post(url, data | {"scopes": ["clients:write"]})
    assertContains(response, "Ahora es «Preguntar si un cliente", status_code=409)
    assert ApiKey.objects.get().scopes == ["stamps", "clients:read"]
    again = fields(response)  # type: ignore[arg-type]
    assert as_alicia.post(url, again | {"name": "Tienda"}).status_code == 302
    assert ApiKey.objects.get().scopes == ["clients:write"]


def test_a_key_revoked_meanwhile_is_not_changed(alicia: User) -> None:
    assert alicia.reseller
    key = keys.make(alicia.reseller, name="Caja", scopes=[Scope.STAMPS], by=alicia).key
    keys.revoke(ApiKey.objects.get(), by=alicia)
    with pytest.raises(keys.KeyRevoked):
        keys.change(key, name="Otra", scopes=[Scope.STAMPS], by=alicia)


def test_two_who_write_a_message_do_not_undo_each_other(as_alicia: Browser) -> None:
    url = f"{reverse('followup:messages')}?de={SuggestionKind.CALL}"
    first, second = (opened(as_alicia, url, {}) for _ in range(2))
    for data in (first, second):
        data.pop("restaurar", None)
    assert as_alicia.post(url, first | {"subject": "Hola"}).status_code == 302
    text = "Buenos días, {contacto}.\r\n\r\nSaludos"
    assert as_alicia.post(url, second | {"text": text}).status_code == 302
    own = MessageTemplate.objects.get()
    assert (own.subject, own.text) == ("Hola", text.replace("\r\n", "\n"))
    response = as_alicia.post(url, second | {"subject": "Adiós"})
    assertContains(response, "Ahora es «Hola»; usted puso «Adiós»", status_code=409)
    response = as_alicia.post(url, second | {"restaurar": "1"})
    assert response.status_code == 409
    assert MessageTemplate.objects.get().subject == "Hola"
    assert as_alicia.post(url, {"restaurar": "1"}).status_code == 302
    assert not MessageTemplate.objects.exists()


def test_what_was_seen_goes_along_as_text(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(contact_name='"><b>Ana</b>')
    url = ACTIONS["edit_plan"].url(client)
    response = as_alicia.get(url)
    assertNotContains(response, "<b>Ana</b>")
    lifecycle.edit_plan(client, changes={"contact_name": "<i>Eva</i>"}, by=None)
    data = fields(response) | {"contact_name": "<u>Uma</u>"}  # type: ignore[arg-type]
    refused = as_alicia.post(url, data)
    assertContains(refused, "«&lt;i&gt;Eva&lt;/i&gt;»", status_code=409)
    assertNotContains(refused, "<i>Eva", status_code=409)
    assert client.events.filter(kind=EventKind.PLAN_EDITED).count() == 1


# ── Support, in the admin ─────────────────────────────────────────────────────────


@pytest.fixture
def row_of(alicia: User, beto: User) -> Callable[[str], Any]:
    rows = {
        "accounts/reseller": alicia.reseller,
        "accounts/user": beto,
        "packages/service": Service.objects.first(),
    }
    return rows.__getitem__


@pytest.mark.parametrize(
    ("page", "other", "value"),
    [
        ("accounts/reseller", "contact_email", "ventas@alicia.mx"),
        ("accounts/user", "is_active", ""),
        ("packages/service", "description", "Con sus colores."),
    ],
)
def test_support_saves_only_what_it_has_changed(
    page: str, other: str, value: str, as_soporte: Browser, row_of: Callable[[str], Any]
) -> None:
    row, browser = row_of(page), prove(as_soporte)
    url = f"/admin/{page}/{row.pk}/change/"
    opened = fields(browser.get(url))
    type(row).objects.filter(pk=row.pk).update(name="De un colega")
    response = browser.post(url, opened | {other: value})
    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.name, getattr(row, other) or "") == ("De un colega", value)

    type(row).objects.filter(pk=row.pk).update(name="De otro colega")
    response = browser.post(url, opened | {other: value, "name": "Lo mío"})
    assertContains(response, "Ahora es «De otro colega»; usted puso «Lo mío».")
    row.refresh_from_db()
    assert row.name == "De otro colega"
    assert browser.post(url, fields(response)).status_code == 302
    row.refresh_from_db()
    assert row.name == "Lo mío"
