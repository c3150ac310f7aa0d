"""Every row action over HTTP: success, invalid, refused, stranger, double click.

Each verb has a test file of its own; this one tests the path from click to row.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from clients import lifecycle
from clients.actions import ACTIONS
from clients.models import Client, EventKind
from clients.status import Status
from tests import factories
from tests.cast import MakeClient

Data = dict[str, str]


def key() -> Data:
    return {"reference": factories.reference()}


def details(client: Client) -> Data:
    return {
        name: str(value) for name, value in vars(lifecycle.Details.of(client)).items()
    }


@dataclass(frozen=True)
class Case:
    """Valid data of an action, invalid data, and a state in which it is refused."""

    state: dict[str, bool]
    data: Callable[[Client], Data]
    says: str
    refused_in: dict[str, bool]
    invalid: Data | None = None
    dialog: str = ""
    extra: Data = field(default_factory=dict)


CASES = {
    "add_folios": Case(
        {},
        lambda client: {"quantity": "25"} | key(),
        "Se agregaron 25 folios",
        {"archived": True},
        {"quantity": "0"},
        "Agregar folios",
    ),
    "renew": Case(
        {"expired": True},
        lambda client: {"package": ""} | key(),
        "Se renovó",
        {"archived": True},
        {"package": "00000000-0000-4000-8000-000000000000"},
        "Renovar",
    ),
    "edit_plan": Case(
        {},
        lambda client: details(client) | {"legal_name": "Otro nombre"},
        "personalizado",
        {"archived": True},
        {"rfc": "XAXX010101000"},
        "Editar plan",
    ),
    "suspend": Case(
        {},
        lambda client: {"reason": "No ha pagado", "message": "Llámenos"},
        "quedó suspendido",
        {"suspended": True},
        {"reason": ""},
        "Suspender",
    ),
    "activate": Case(
        {"suspended": True}, lambda client: {}, "quedó activo", {}, None, "Activar"
    ),
    "archive": Case(
        {"exhausted": True}, lambda client: {}, "quedó archivado", {}, None, "Archivar"
    ),
    "restore": Case(
        {"archived": True}, lambda client: {}, "otra vez en la lista", {}, None, ""
    ),
}
every_action = pytest.mark.parametrize("verb", CASES)


def url(verb: str, client: Client) -> str:
    return ACTIONS[verb].url(client)


def hx(client: Client) -> dict[str, str]:
    return {
        "HX-Request": "true",
        "HX-Target": f"row-{client.public_id}",
        "HX-Current-URL": f"http://testserver{reverse('clients:list')}",
    }


def records(client: Client) -> int:
    return client.entries.count() + client.events.count()


def test_every_action_is_proven_here() -> None:
    assert set(ACTIONS) == set(CASES) | {"enter"}  # enter: tests/test_impersonation.py


@every_action
def test_the_dialog_says_what_will_change_and_changes_nothing(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(**CASES[verb].state)
    before = records(client)
    response = as_alicia.get(url(verb, client), headers=hx(client))
    assert response.status_code == 200
    assertContains(response, 'class="changes"')
    assertContains(response, client.legal_name)
    assertNotContains(response, "<html")
    assert response["HX-Retarget"] == "#dialog"
    assert records(client) == before


@every_action
def test_without_javascript_the_dialog_is_a_page(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(**CASES[verb].state)
    response = as_alicia.get(url(verb, client))
    assertContains(response, "<html")
    assertContains(response, "csrfmiddlewaretoken")


@every_action
def test_success_answers_one_row_a_toast_and_the_counts(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(**CASES[verb].state)
    response = as_alicia.post(
        url(verb, client), CASES[verb].data(client), headers=hx(client)
    )
    html = response.content.decode().strip()
    assert response.status_code == 200
    assert html.startswith(f'<tr id="row-{client.public_id}"')
    assert html.count("<tr ") == 1
    assert CASES[verb].says in html
    assert 'hx-swap-oob="beforeend:#toasts"' in html
    assert 'id="chips"' in html
    assert html.index("</tr>") < html.index("hx-swap-oob")


@every_action
def test_without_javascript_success_goes_to_the_detail_and_says_so(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(**CASES[verb].state)
    response = as_alicia.post(url(verb, client), CASES[verb].data(client), follow=True)
    detail = reverse("clients:detail", args=[client.public_id])
    assert response.redirect_chain == [(detail, 302)]
    assertContains(response, CASES[verb].says)


@pytest.mark.parametrize("verb", [v for v, case in CASES.items() if case.invalid])
def test_wrong_input_shows_the_dialog_again_and_changes_nothing(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    case = CASES[verb]
    client = make_client(**case.state)
    before = records(client)
    assert case.invalid is not None
    data = case.data(client) | case.invalid
    response = as_alicia.post(url(verb, client), data, headers=hx(client))
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#dialog"
    assertContains(response, "errorlist", status_code=422)
    assert records(client) == before


@every_action
def test_an_action_that_does_not_apply_is_refused_with_the_reason(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    """`{}` is an active client, to which activate, archive and restore do not apply."""
    client = make_client(**CASES[verb].refused_in)
    before = records(client)
    got = as_alicia.get(url(verb, client), headers=hx(client))
    posted = as_alicia.post(
        url(verb, client), CASES[verb].data(client), headers=hx(client)
    )
    for response in (got, posted):
        assert response.status_code == 409
        assertContains(response, client.legal_name, status_code=409)
        assertContains(response, 'class="note', status_code=409)
    assert records(client) == before
    row = as_alicia.get(
        reverse("clients:detail", args=[client.public_id])
    ).content.decode()
    assert f'data-action="{verb}"' not in row


@every_action
def test_to_a_stranger_the_client_does_not_exist(
    as_beto: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(**CASES[verb].state)
    before = records(client)
    assert as_beto.get(url(verb, client)).status_code == 404
    posted = as_beto.post(url(verb, client), CASES[verb].data(client))
    assert posted.status_code == 404
    assert records(client) == before


@every_action
def test_a_double_click_does_it_once(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(**CASES[verb].state)
    data = CASES[verb].data(client)
    as_alicia.post(url(verb, client), data, headers=hx(client))
    once = records(client)
    again = as_alicia.post(url(verb, client), data, headers=hx(client))
    assert again.status_code in (200, 409)
    assert records(client) == once


def post(browser: Browser, verb: str, client: Client, **data: str) -> HttpResponse:
    return browser.post(url(verb, client), data, headers=hx(client))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("suspend", {}),
        ("activate", {"suspended": True}),
        ("archive", {"exhausted": True}),
        ("restore", {"archived": True}),
    ],
)
def test_undo_brings_the_former_facts_back(
    as_alicia: Browser, make_client: MakeClient, verb: str, state: dict[str, bool]
) -> None:
    client = make_client(**state)
    before = (client.is_suspended, client.is_archived)
    response = post(as_alicia, verb, client, **CASES[verb].data(client))
    seq = factories.fresh(client).account.last_seq
    undo = f"{ACTIONS[ACTIONS[verb].undo].url(client)}?deshacer={seq}"
    assertContains(response, f'hx-post="{undo}"')
    undone = as_alicia.post(undo, headers=hx(client))
    assert undone.status_code == 200
    client = factories.fresh(client)
    assert (client.is_suspended, client.is_archived) == before


def test_undoing_an_activation_keeps_the_reason_and_the_message(
    as_alicia: Browser, clara: Client
) -> None:
    post(as_alicia, "suspend", clara, reason="No ha pagado", message="Llámenos")
    post(as_alicia, "activate", clara)
    seq = factories.fresh(clara).account.last_seq
    as_alicia.post(f"{url('suspend', clara)}?deshacer={seq}", headers=hx(clara))
    last = clara.events.filter(kind=EventKind.SUSPENDED).order_by("seq").last()
    assert last is not None
    assert (last.reason, last.message) == ("No ha pagado", "Llámenos")


def test_counts_in_the_answer_follow_the_filters_of_the_page(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(legal_name="Una sola")
    make_client(legal_name="Otra")
    headers = hx(client) | {
        "HX-Current-URL": f"http://testserver{reverse('clients:list')}?q=sola"
    }
    response = as_alicia.post(url("suspend", client), {"reason": "x"}, headers=headers)
    assertContains(response, "Todos<b>1</b>")
    assertContains(response, "Suspendidos<b>1</b>")


def test_from_the_detail_the_detail_comes_back(
    as_alicia: Browser, clara: Client
) -> None:
    headers = hx(clara) | {"HX-Target": "client"}
    response = as_alicia.post(url("suspend", clara), {"reason": "x"}, headers=headers)
    assert response.content.decode().strip().startswith('<div id="client"')
    assertContains(response, "Usted lo suspendió")


def test_the_preview_follows_what_is_typed(as_alicia: Browser, clara: Client) -> None:
    headers = hx(clara) | {"HX-Target": "preview"}
    response = as_alicia.get(
        url("add_folios", clara), {"quantity": "1,250"}, headers=headers
    )
    assertContains(response, "<ins>1,350</ins>")
    assertNotContains(response, "<form")


def test_the_preview_of_a_renewal_follows_the_package(
    as_alicia: Browser, clara: Client, make_package: Callable[..., object]
) -> None:
    big = make_package(name="Grande", folios=900)
    headers = hx(clara) | {"HX-Target": "preview"}
    response = as_alicia.get(
        url("renew", clara),
        {"package": str(big.public_id)},  # type: ignore[attr-defined]
        headers=headers,
    )
    assertContains(response, "<ins>Grande</ins>")
    assertContains(response, "<ins>1,000</ins>")


@pytest.mark.parametrize("verb", ["add_folios", "renew"])
def test_a_suspended_client_may_be_activated_in_the_same_step(
    as_alicia: Browser, make_client: MakeClient, verb: str
) -> None:
    client = make_client(suspended=True)
    dialog = as_alicia.get(url(verb, client), headers=hx(client))
    assertContains(dialog, "Activar también")
    assertContains(dialog, "Lo recomendado es activarlo primero")
    data = CASES[verb].data(client)
    post(as_alicia, verb, client, **data)
    assert factories.fresh(client).is_suspended
    data = CASES[verb].data(client) | {"activate": "on"}
    response = post(as_alicia, verb, client, **data)
    client = factories.fresh(client)
    assert client.status_on(client.reseller.local_date(client.created_at)) is (
        Status.ACTIVE
    )
    assertContains(response, "Activo")


def test_adding_to_an_expired_client_offers_the_renewal_instead(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(expired=True)
    dialog = as_alicia.get(url("add_folios", client), headers=hx(client))
    assertContains(dialog, "Renovar en su lugar")
    response = post(as_alicia, "add_folios", client, quantity="5", **key())
    assertContains(response, "Sigue expirado")


def test_a_renewal_that_loses_leftovers_warns_before(
    as_alicia: Browser, make_client: MakeClient, make_package: Callable[..., object]
) -> None:
    client = make_client(package=make_package(name="Fugaz", leftover_rule="lose"))
    dialog = as_alicia.get(url("renew", client), headers=hx(client))
    assertContains(dialog, "se pierden 100")
    button = re.findall(r"<button[^>]*renew-button[^>]*>", dialog.content.decode())
    assert len(button) == 1
    assert 'class="btn pri danger"' in button[0]
    assertContains(dialog, "Renovar y perder 100")


def test_the_button_of_a_renewal_follows_the_package_with_the_preview(
    as_alicia: Browser, make_client: MakeClient, make_package: Callable[..., object]
) -> None:
    client = make_client(package=make_package(name="Fugaz", leftover_rule="lose"))
    headers = hx(client) | {"HX-Target": "preview"}
    preview = as_alicia.get(url("renew", client), {"package": ""}, headers=headers)
    assertContains(preview, 'id="renew-button" hx-swap-oob="true"')
    assertContains(preview, "Renovar y perder 100")
    assertNotContains(preview, "<form")


def test_a_renewal_that_loses_nothing_has_a_plain_button(
    as_alicia: Browser, clara: Client
) -> None:
    dialog = as_alicia.get(url("renew", clara), headers=hx(clara))
    assertContains(dialog, '<button class="btn pri" id="renew-button">')
    assertNotContains(dialog, "perder")


def lines(response: HttpResponse) -> dict[str, str]:
    """The lines of a preview: what changes → how."""
    html = response.content.decode().partition('class="changes"')[2].split("</dl>")[0]
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", html, re.DOTALL)
    return {
        name: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for name, text in found
    }


def test_the_preview_of_a_renewal_says_the_price_and_the_final_balance(
    as_alicia: Browser, clara: Client, make_package: Callable[..., object]
) -> None:
    big = make_package(name="Grande", folios=900, price="1890.5")
    headers = hx(clara) | {"HX-Target": "preview"}
    asked = {"package": str(big.public_id)}  # type: ignore[attr-defined]
    said = lines(as_alicia.get(url("renew", clara), asked, headers=headers))
    assert said["Precio"] == "$1,890.50"
    assert said["Recibe"] == "900 folios"
    assert said["Saldo final"] == "100 pasa a 1,000"
    same = lines(as_alicia.get(url("renew", clara), headers=hx(clara)))
    assert "Precio" not in same, "PYME has none"
    assert same["Paquete"] == "PYME no cambia"


def test_the_dialog_of_the_plan_says_in_its_footer_what_becomes_of_its_name(
    as_alicia: Browser, clara: Client
) -> None:
    def footer() -> str:
        html = as_alicia.get(url("edit_plan", clara), headers=hx(clara))
        text = html.content.decode().partition("<footer")[2]
        return " ".join(re.sub(r"<[^>]+>", " ", text).split())

    assert "PYME pasa a personalizado" in footer()
    post(as_alicia, "edit_plan", clara, **details(clara) | {"legal_name": "Otro"})
    assert "El plan ya es personalizado" in footer()


def test_an_unknown_method_is_not_an_action(as_alicia: Browser, clara: Client) -> None:
    assert as_alicia.delete(url("suspend", clara)).status_code == 405


def test_a_form_without_the_token_is_refused(clara: Client, alicia: object) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alicia)  # type: ignore[arg-type]
    assert browser.post(url("suspend", clara), {"reason": "x"}).status_code == 403
    assert not factories.fresh(clara).is_suspended


def test_the_actions_of_rows_that_are_drawn_once_are_each_clients_own(
    as_alicia: Browser, make_client: MakeClient, alicia: User
) -> None:
    names = ["{name} & {id}", "<b>CSRF</b> {csrf}", "Otra '\" SA"]
    clients = [make_client(legal_name=name) for name in names]
    page = as_alicia.get("/clientes/").content.decode()
    for client in clients:
        for verb in ("renovar", "agregar-folios", "suspender"):
            assert page.count(f'href="/clientes/{client.public_id}/{verb}/"') == 1
        assert f'aria-label="Renovar: {escape(client.legal_name)}"' in page
    assert "Renovar (tecla R)" in page
    User.objects.update(uses_letters=False)
    assert "(tecla" not in as_alicia.get("/clientes/").content.decode()
