"""Entering as a client: every promise of quality.md, over HTTP.

The actor is alicia, the client is clara. "Inside" means that a visit is open, so that
pages are shown as clara's user sees them.
"""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Role, User, UserManager
from clients import lifecycle
from clients.models import Client, EventKind
from portal import impersonation
from portal.middleware import ALLOWED_INSIDE
from portal.models import GRANT_LASTS, Grant
from tests import factories
from tests.cast import MakeClient
from tests.environment import GENEROUS_SECONDS

REASON = "Pidió ayuda con su primer timbrado"
HTMX = {"HX-Request": "true"}


def url_of(client: Client) -> str:
    return reverse("portal:enter", args=[client.public_id])


def detail_of(client: Client) -> str:
    return reverse("clients:detail", args=[client.public_id])


def enter(
    browser: Browser, client: Client, *, key: str = "", reason: str = REASON
) -> Any:
    data = {"reason": reason, "key": key or factories.reference()}
    return browser.post(url_of(client), data)


def leave(browser: Browser) -> Any:
    return browser.post(reverse("portal:leave"))


def is_inside(browser: Browser, client: Client) -> bool:
    """Does not follow redirects, so that the check itself ends no visit."""
    response = browser.get("/mi-cuenta/")
    return response.status_code == 200 and client.legal_name in text(response)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def visits(client: Client) -> list[tuple[str, User, User]]:
    kinds = (EventKind.ENTERED, EventKind.LEFT)
    events = client.events.filter(kind__in=kinds).order_by("seq")
    return [(event.kind, event.by, event.on_behalf_of) for event in events]


@pytest.fixture
def inside(as_alicia: Browser, clara: Client) -> Browser:
    """Alicia's browser, in clara's account."""
    assert enter(as_alicia, clara).url == "/mi-cuenta/"
    return as_alicia


# ── Entering ──────────────────────────────────────────────────────────────────────


def test_entering_opens_the_clients_account(inside: Browser, clara: Client) -> None:
    response = inside.get("/mi-cuenta/")
    assert response.status_code == 200
    assert str(response.wsgi_request.user) == "Clara Kemper"
    assert "ESCUELA KEMPER URGATE" in text(response)


def test_the_real_person_is_never_lost(
    inside: Browser, alicia: User, clara: Client
) -> None:
    request = inside.get("/mi-cuenta/").wsgi_request
    assert request.actor == alicia
    assert request.user.pk is None, "nobody of the database, with nobody's rights"
    assert request.user.email == clara.contact_email


def test_without_a_visit_the_actor_is_the_user(
    as_clara: Browser, clara: Client
) -> None:
    request = as_clara.get("/mi-cuenta/").wsgi_request
    assert request.actor == request.user == clara.user
    assert request.grant is None


def test_the_session_keeps_the_grants_number_and_nothing_else(
    as_alicia: Browser, alicia: User, clara: Client
) -> None:
    before = dict(as_alicia.session.items())
    enter(as_alicia, clara)
    after = dict(as_alicia.session.items())
    assert after == before | {"grant": Grant.objects.get().pk}
    assert after["_auth_user_id"] == str(alicia.pk)


def test_the_dialog_says_who_will_be_seen_and_that_the_client_will_know(
    as_alicia: Browser, clara: Client
) -> None:
    response = as_alicia.get(url_of(clara))
    assert response.status_code == 200
    for words in (
        "ESCUELA KEMPER URGATE",
        "EKU9003173C9",
        "clara@kemper.mx",
        "30 minutos",
        "El cliente verá en su cuenta que usted entró",
        'value="Ayuda solicitada por el cliente"',
    ):
        assert words in text(response)


def test_looking_at_the_dialog_starts_nothing(
    as_alicia: Browser, clara: Client
) -> None:
    as_alicia.get(url_of(clara))
    assert not Grant.objects.exists()
    assert visits(clara) == []


def test_a_dialog_for_htmx_is_no_page(as_alicia: Browser, clara: Client) -> None:
    response = as_alicia.get(url_of(clara), headers=HTMX)
    assert response["HX-Retarget"] == "#dialog"
    assert "<html" not in text(response)


def test_entering_by_htmx_moves_the_window(as_alicia: Browser, clara: Client) -> None:
    data = {"reason": REASON, "key": factories.reference()}
    response = as_alicia.post(url_of(clara), data, headers=HTMX)
    assert response["HX-Redirect"] == "/mi-cuenta/"


@pytest.mark.parametrize(
    "reason", ["", "   ", "con\x00nulo", "\u202eal revés", "x" * 501]
)
def test_a_reason_is_asked_for(as_alicia: Browser, clara: Client, reason: str) -> None:
    response = enter(as_alicia, clara, reason=reason)
    assert response.status_code == 422
    assert not Grant.objects.exists()
    assert visits(clara) == []


@pytest.mark.parametrize("key", ["", "1", "no-es-una-clave"])
def test_a_form_without_its_key_is_refused(
    as_alicia: Browser, clara: Client, key: str
) -> None:
    response = as_alicia.post(url_of(clara), {"reason": REASON, "key": key})
    assert response.status_code == 422
    assert not Grant.objects.exists()


def test_an_archived_client_is_not_entered(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(archived=True)
    for response in (as_alicia.get(url_of(client)), enter(as_alicia, client)):
        assert response.status_code == 409
        assert "está archivado" in text(response)
        assert 'name="reason"' not in text(response)
    assert not Grant.objects.exists()
    assert visits(client) == []


@pytest.mark.parametrize("state", ["suspended", "expired", "exhausted"])
def test_a_client_who_cannot_stamp_is_entered_to_help(
    as_alicia: Browser, make_client: MakeClient, state: str
) -> None:
    client = make_client(**{state: True})
    enter(as_alicia, client)
    assert is_inside(as_alicia, client)


@pytest.mark.parametrize("who", ["as_beto", "as_clara", "as_soporte"])
def test_to_everybody_else_the_door_does_not_exist(
    request: pytest.FixtureRequest, clara: Client, who: str
) -> None:
    browser: Browser = request.getfixturevalue(who)
    assert browser.get(url_of(clara)).status_code == 404
    assert enter(browser, clara).status_code == 404
    missing = reverse("portal:enter", args=[uuid.uuid4()])
    assert browser.get(missing).status_code == 404
    assert not Grant.objects.exists()


def test_without_a_log_in_one_is_asked_for(anonymous: Browser, clara: Client) -> None:
    assert "/cuenta/login/" in enter(anonymous, clara).url
    assert "/cuenta/login/" in leave(anonymous).url
    assert not Grant.objects.exists()


@pytest.mark.parametrize("who", ["alicia", "beto", "soporte"])
def test_a_visit_never_acts_as_staff(
    as_alicia: Browser,
    make_client: MakeClient,
    request: pytest.FixtureRequest,
    who: str,
) -> None:
    """The person of the client is staff as well: the visitor gets none of its rights,
    and the dialog is like that of any other client."""
    staff: User = request.getfixturevalue(who)
    client = make_client(contact_email=staff.email, contact_name="Rosa")
    dialog = text(as_alicia.get(url_of(client)))
    assert "Rosa" in dialog
    assert staff.name not in dialog.partition('class="facts"')[2]
    assert enter(as_alicia, client).url == "/mi-cuenta/"
    response = as_alicia.get("/mi-cuenta/")
    user = response.wsgi_request.user
    assert (user.pk, user.is_staff, user.is_superuser) == (None, False, False)
    assert (user.reseller, user.role) == (None, Role.CLIENT)
    assert "Rosa" in text(response)
    for url in ("/admin/", "/clientes/", "/paquetes/", "/mis-cuentas/"):
        assert as_alicia.get(url).status_code == 403


def test_other_methods_are_refused(as_alicia: Browser, clara: Client) -> None:
    assert as_alicia.put(url_of(clara)).status_code == 405
    assert as_alicia.get(reverse("portal:leave")).status_code == 405


def test_starting_and_ending_need_the_csrf_token(alicia: User, clara: Client) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alicia)
    assert enter(browser, clara).status_code == 403
    assert leave(browser).status_code == 403
    assert not Grant.objects.exists()


# ── Once, and one at a time ───────────────────────────────────────────────────────


def test_a_double_click_enters_once(as_alicia: Browser, clara: Client) -> None:
    key = factories.reference()
    assert enter(as_alicia, clara, key=key).url == "/mi-cuenta/"
    assert enter(as_alicia, clara, key=key).url == "/mi-cuenta/"
    assert Grant.objects.count() == 1
    assert [kind for kind, *_ in visits(clara)] == ["entered"]


def test_two_dialogs_of_one_client_enter_once(
    as_alicia: Browser, clara: Client
) -> None:
    enter(as_alicia, clara)
    assert enter(as_alicia, clara).url == "/mi-cuenta/"
    assert Grant.objects.count() == 1


def test_the_form_of_a_visit_that_is_over_does_not_start_it_again(
    as_alicia: Browser, clara: Client
) -> None:
    key = factories.reference()
    enter(as_alicia, clara, key=key)
    leave(as_alicia)
    response = enter(as_alicia, clara, key=key)
    assert response.status_code == 409
    assert "ya terminó" in text(response)
    assert not Grant.objects.filter(ended_at=None).exists()
    assert [kind for kind, *_ in visits(clara)] == ["entered", "left"]


def test_the_key_of_another_visit_opens_nothing(
    as_alicia: Browser, as_beto: Browser, beto: User, clara: Client
) -> None:
    key = factories.reference()
    enter(as_alicia, clara, key=key)
    package = factories.PackageFactory(reseller=beto.reseller)
    other = factories.make_client(package=package, by=beto)
    assert enter(as_beto, other, key=key).status_code == 409
    assert not is_inside(as_beto, clara)


def test_nobody_goes_deeper(
    inside: Browser, clara: Client, make_client: MakeClient
) -> None:
    other = make_client()
    assert inside.get(url_of(other)).status_code == 403
    assert enter(inside, other).status_code == 403
    assert Grant.objects.get().client == clara
    assert visits(other) == []
    assert is_inside(inside, clara)


def test_entering_from_another_browser_ends_the_first_visit(
    inside: Browser, alicia: User, clara: Client, make_client: MakeClient
) -> None:
    second = Browser()
    second.force_login(alicia)
    other = make_client()
    enter(second, other)
    assert is_inside(second, other)
    response = inside.get("/mi-cuenta/")
    assert response.url == detail_of(clara)
    assert [kind for kind, *_ in visits(clara)] == ["entered", "left"]


def test_two_people_of_a_reseller_may_be_inside_at_once(
    inside: Browser, alicia: User, clara: Client
) -> None:
    colleague = factories.UserFactory(reseller=alicia.reseller)
    browser = Browser()
    browser.force_login(colleague)
    enter(browser, clara)
    assert is_inside(inside, clara)
    assert is_inside(browser, clara)


def click_at_once(alicia: User, *clicks: tuple[Client, str]) -> list[int]:
    """Enter each client with its one-time key, all at the same instant, each in its
    own browser; return the statuses of the responses."""
    gate = threading.Barrier(len(clicks))
    answers: list[int] = []

    def click(browser: Browser, client: Client, key: str) -> None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=GENEROUS_SECONDS)
            answers.append(enter(browser, client, key=key).status_code)
        finally:
            connection.close()

    threads = []
    for client, key in clicks:
        # Django signals an exception to every test client; none may raise it.
        browser = Browser(raise_request_exception=False)
        browser.force_login(alicia)
        threads.append(threading.Thread(target=click, args=[browser, client, key]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=GENEROUS_SECONDS)
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_the_same_instant_open_one_visit(
    alicia: User, clara: Client
) -> None:
    assert click_at_once(alicia, *[(clara, factories.reference())] * 8) == [302] * 8
    assert Grant.objects.count() == 1
    assert [kind for kind, *_ in visits(clara)] == ["entered"]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_seven_of_eight_clicks_fail(
    alicia: User, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the lock all requests read before one writes. Even then a
    constraint allows only one open visit."""
    monkeypatch.setattr(
        UserManager,
        "select_for_update",
        lambda manager, **options: manager.get_queryset(),
    )
    meet = threading.Barrier(8)
    plain = lifecycle.enter

    def meet_and_enter(*args: Any, **kwargs: Any) -> lifecycle.Outcome:
        meet.wait(timeout=GENEROUS_SECONDS)
        return plain(*args, **kwargs)

    monkeypatch.setattr(lifecycle, "enter", meet_and_enter)
    answers = click_at_once(alicia, *[(clara, factories.reference())] * 8)
    assert answers == [302, *[500] * 7]
    assert [kind for kind, *_ in visits(clara)] == ["entered"]


@pytest.mark.django_db(transaction=True)
def test_two_clients_entered_at_the_same_instant_leave_one_visit_open(
    alicia: User, clara: Client, make_client: MakeClient
) -> None:
    clients = [clara, make_client()]
    answers = click_at_once(alicia, *[(c, factories.reference()) for c in clients])
    assert answers in ([302, 302], [302, 409])
    assert Grant.objects.filter(ended_at=None).count() == 1
    kinds = [kind for client in clients for kind, *_ in visits(client)]
    assert kinds.count("entered") == kinds.count("left") + 1


# ── Session ───────────────────────────────────────────────────────────────────────


def test_the_session_key_changes_when_a_visit_starts_and_when_it_ends(
    as_alicia: Browser, clara: Client
) -> None:
    keys = [as_alicia.session.session_key]
    enter(as_alicia, clara)
    keys.append(as_alicia.session.session_key)
    leave(as_alicia)
    keys.append(as_alicia.session.session_key)
    assert len(set(keys)) == 3
    assert list(Session.objects.values_list("pk", flat=True)) == keys[2:]


def test_a_session_inside_can_be_ended_from_the_list_of_sessions(
    anonymous: Browser, alicia: User, clara: Client
) -> None:
    """The list identifies a session by its key, which changes with a visit."""
    anonymous.post(
        reverse("account_login"),
        {"login": alicia.email, "password": factories.PASSWORD},
    )
    enter(anonymous, clara)
    listed = UserSession.objects.get(user=alicia)
    assert listed.session_key == anonymous.session.session_key
    listed.end()
    assert "/cuenta/login/" in anonymous.get("/mi-cuenta/").url


def test_the_clients_own_session_and_log_in_are_not_touched(
    inside: Browser, as_clara: Browser, clara: Client
) -> None:
    before = clara.user.last_login
    inside.get("/mi-cuenta/")
    leave(inside)
    assert User.objects.get(pk=clara.user.pk).last_login == before
    assert as_clara.get("/mi-cuenta/").status_code == 200
    assert "Volver a mi panel" not in text(as_clara.get("/mi-cuenta/"))


# ── While inside ──────────────────────────────────────────────────────────────────

PORTAL = ("home", "statement", "visits")


@pytest.mark.parametrize("name", PORTAL)
def test_the_banner_is_on_every_page_with_both_names_and_the_way_back(
    inside: Browser, name: str
) -> None:
    page = text(inside.get(reverse(f"portal:{name}")))
    banner = page[page.index('class="banner"') :].partition("</aside>")[0]
    assert "<strong>Alicia Gómez</strong>" in banner
    assert "<strong>ESCUELA KEMPER URGATE</strong>" in banner
    assert "le quedan 30 min" in banner
    assert 'method="post" action="/salir-de-cliente/"' in banner


def test_the_banner_is_on_error_pages_too(inside: Browser) -> None:
    for path in ("/mi-cuenta/?cliente=otro", "/mi-cuenta/no-existe/", "/paquetes/"):
        response = inside.get(path)
        assert response.status_code in (403, 404)
        assert 'class="banner"' in text(response), path


def test_markup_in_a_name_is_text_in_the_banner(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(legal_name="<script>alert(1)</script>")
    enter(as_alicia, client)
    page = as_alicia.get("/mi-cuenta/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def every_url() -> Iterator[tuple[str, str]]:
    """The name and a sample address of every URL of the site."""
    samples = {"public_id": str(uuid.uuid4()), "app_label": "accounts"}

    def walk(
        resolver: URLResolver, spaces: str, outer: list[str]
    ) -> Iterator[tuple[str, str]]:
        for each in resolver.url_patterns:
            arguments = [*outer, *each.pattern.regex.groupindex]
            if isinstance(each, URLResolver):
                space = f"{each.namespace}:" if each.namespace else ""
                yield from walk(each, spaces + space, arguments)
            elif each.name:
                kwargs = {name: samples.get(name, "1") for name in arguments}
                yield spaces + each.name, reverse(spaces + each.name, kwargs=kwargs)

    return walk(get_resolver(), "", [])


def test_everything_that_is_not_the_account_is_refused(inside: Browser) -> None:
    names = set()
    for name, url in every_url():
        if name in ALLOWED_INSIDE:
            continue
        if name == "sheet":
            # For spreadsheets: it reads no session, so the visit is none there.
            assert inside.get(url).status_code == 404
            continue
        names.add(name)
        for response in (inside.get(url), inside.post(url)):
            if name == "account_logout" and response.wsgi_request.method == "POST":
                continue
            if response["Content-Type"] == "application/problem+json":
                # API calls ignore the session, and so the visit.
                assert response.status_code in (401, 405), (name, url)
                continue
            assert response.status_code == 403, (name, url)
            assert "Está dentro de la cuenta de ESCUELA KEMPER URGATE" in text(response)
        if name == "account_logout":
            enter_again(inside)
    assert {
        "account_change_password",
        "account_set_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "usersessions_list",
        "account_reauthenticate",
        "clients:list",
        "clients:create",
        "clients:suspend",
        "admin:index",
    } <= names


def enter_again(browser: Browser) -> None:
    """Begin a new visit: logging out is allowed inside, and ends the visit."""
    browser.force_login(User.objects.get(email="alicia@distribuidora.mx"))
    enter(browser, Client.objects.get(rfc="EKU9003173C9"))


def test_what_is_allowed_inside_is_the_account_and_what_belongs_to_nobody() -> None:
    """A name without a URL would allow a future page of that name by mistake."""
    manual = {"manual:contents", "manual:whole", "manual:account"}
    portal = {name for name, _ in every_url() if name.startswith("portal:")}
    nobodys = {"home", "icons", "favicon", "healthz", "readyz"}
    own = {"portal:enter", "portal:accounts", "portal:accept", "portal:decline"}
    assert ALLOWED_INSIDE == (portal - own) | nobodys | manual


def test_a_refusal_offers_both_ways(inside: Browser) -> None:
    page = text(inside.get("/cuenta/password/change/"))
    assert "Volver a la cuenta" in page
    assert "Salir de la cuenta" in page
    assert 'action="/salir-de-cliente/"' in page


def test_a_refusal_for_htmx_opens_the_dialog_and_not_a_row(inside: Browser) -> None:
    headers = HTMX | {"HX-Target": "row-1"}
    for response in (
        inside.get("/clientes/", headers=headers),
        inside.post("/cuenta/password/change/", headers=headers),
    ):
        assert response.status_code == 403
        assert response["HX-Retarget"] == "#dialog"
        assert "<html" not in text(response)
        assert 'action="/salir-de-cliente/"' in text(response)


def test_another_tab_of_the_reseller_does_nothing_while_inside(
    inside: Browser, clara: Client
) -> None:
    """A page that was open before the visit is used during it."""
    url = reverse("clients:suspend", args=[clara.public_id])
    assert inside.post(url, {"reason": "x"}, headers=HTMX).status_code == 403
    assert not factories.fresh(clara).is_suspended


def test_the_start_page_leads_to_the_account(inside: Browser) -> None:
    assert inside.get("/").url == "/mi-cuenta/"


def test_icons_are_served_as_ever(inside: Browser) -> None:
    assert inside.get(reverse("icons")).status_code == 200


@pytest.mark.parametrize("name", [*PORTAL, "statement_csv"])
def test_no_page_of_the_account_is_kept_by_a_browser(
    inside: Browser, name: str
) -> None:
    response = inside.get(reverse(f"portal:{name}"))
    assert "no-store" in response["Cache-Control"]


def test_only_the_visited_client_is_seen(
    inside: Browser, clara: Client, make_client: MakeClient
) -> None:
    """Not even another client of the same user can be seen."""
    other = make_client(contact_email=clara.contact_email, legal_name="La Otra SA")
    assert "La Otra SA" not in text(inside.get("/mi-cuenta/"))
    for name in (*PORTAL, "statement_csv"):
        url = reverse(f"portal:{name}")
        response = inside.get(url, {"cliente": str(other.public_id)})
        assert response.status_code == 404


# ── Leaving ───────────────────────────────────────────────────────────────────────


def test_leaving_leads_back_to_the_clients_page(
    inside: Browser, alicia: User, clara: Client
) -> None:
    response = inside.post(reverse("portal:leave"), follow=True)
    assert response.redirect_chain == [(detail_of(clara), 302)]
    assert "Salió de la cuenta de ESCUELA KEMPER URGATE" in text(response)
    assert response.wsgi_request.user == alicia
    assert inside.get("/clientes/").status_code == 200
    assert "grant" not in inside.session


def test_leaving_twice_leaves_once(inside: Browser, clara: Client) -> None:
    leave(inside)
    assert leave(inside).url == "/"
    assert [kind for kind, *_ in visits(clara)] == ["entered", "left"]


def test_leaving_without_having_entered_goes_home(as_clara: Browser) -> None:
    assert leave(as_clara).url == "/"


def test_after_leaving_the_account_is_closed(inside: Browser) -> None:
    leave(inside)
    assert inside.get("/mi-cuenta/").status_code == 404


def test_both_names_are_in_every_record(
    inside: Browser, alicia: User, clara: Client
) -> None:
    leave(inside)
    assert visits(clara) == [
        ("entered", alicia, clara.user),
        ("left", alicia, clara.user),
    ]
    assert clara.events.get(kind=EventKind.ENTERED).reason == REASON


def test_logging_out_inside_ends_visit_and_session(
    inside: Browser, clara: Client
) -> None:
    inside.post(reverse("account_logout"))
    assert "_auth_user_id" not in inside.session
    assert [kind for kind, *_ in visits(clara)] == ["entered", "left"]
    assert "/cuenta/login/" in inside.get("/clientes/").url


def test_the_client_sees_who_entered_when_and_why(
    as_alicia: Browser, as_clara: Browser, clara: Client
) -> None:
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False) as clock:
        as_alicia.force_login(User.objects.get(email="alicia@distribuidora.mx"))
        as_clara.force_login(clara.user)
        enter(as_alicia, clara)
        assert "Dentro ahora" in text(as_clara.get("/mi-cuenta/"))
        clock.shift(timedelta(minutes=7, seconds=10))
        leave(as_alicia)
        for name in ("home", "visits"):
            page = text(as_clara.get(reverse(f"portal:{name}")))
            assert "Alicia Gómez" in page
            assert "23 nov 2026 12:00" in page.lower(), "in the reseller's time"
            assert "8 minutos" in page
            assert REASON in page
            assert "Dentro ahora" not in page


# ── When a visit ends by itself ───────────────────────────────────────────────────


def test_after_thirty_minutes_the_visit_is_over(alicia: User, clara: Client) -> None:
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False) as clock:
        browser = Browser()
        browser.force_login(alicia)
        enter(browser, clara)
        clock.shift(GRANT_LASTS - timedelta(seconds=1))
        assert is_inside(browser, clara)
        assert "le queda 1 min" in text(browser.get("/mi-cuenta/"))
        clock.shift(timedelta(seconds=1))
        response = browser.get("/mi-cuenta/", follow=True)
        assert response.redirect_chain == [(detail_of(clara), 302)]
        assert "Pasaron los 30 minutos" in text(response)
        assert 'class="banner"' not in text(response)
        assert "grant" not in browser.session


def test_what_is_asked_after_the_time_is_up_is_not_done(
    alicia: User, clara: Client
) -> None:
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False) as clock:
        browser = Browser()
        browser.force_login(alicia)
        enter(browser, clara)
        clock.shift(GRANT_LASTS)
        url = reverse("clients:suspend", args=[clara.public_id])
        response = browser.post(url, {"reason": "x"}, headers=HTMX)
        assert response["HX-Redirect"] == detail_of(clara)
        assert not factories.fresh(clara).is_suspended


def test_a_visit_that_ran_out_ended_when_its_time_was_up(
    alicia: User, clara: Client
) -> None:
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False) as clock:
        browser = Browser()
        browser.force_login(alicia)
        enter(browser, clara)
        key = browser.session.session_key
        clock.shift(timedelta(hours=1))
        browser.get("/mi-cuenta/")
        assert browser.session.session_key != key
        left = clara.events.get(kind=EventKind.LEFT)
        assert left.created_at == Grant.objects.get().ended_at
        assert left.created_at == Grant.objects.get().created_at + GRANT_LASTS


def test_icons_do_not_swallow_the_message_of_the_end(
    inside: Browser, clara: Client
) -> None:
    now = timezone.now()
    Grant.objects.update(created_at=now - GRANT_LASTS, expires_at=now)
    assert inside.get(reverse("icons")).status_code == 200
    assert inside.get("/mi-cuenta/").url == detail_of(clara)


def test_a_deactivated_person_is_out_at_once(
    inside: Browser, alicia: User, clara: Client
) -> None:
    User.objects.filter(pk=alicia.pk).update(is_active=False)
    assert "/cuenta/login/" in inside.get("/mi-cuenta/").url
    assert [kind for kind, *_ in visits(clara)] == ["entered", "left"]
    User.objects.filter(pk=alicia.pk).update(is_active=True)
    assert not is_inside(inside, clara)


def test_a_person_who_changed_reseller_is_out_at_once(
    inside: Browser, alicia: User, beto: User, clara: Client
) -> None:
    User.objects.filter(pk=alicia.pk).update(reseller=beto.reseller)
    assert "/cuenta/login/" in inside.get("/mi-cuenta/").url
    assert not is_inside(inside, clara)


def test_a_person_who_left_the_reseller_is_out_at_once(
    inside: Browser, alicia: User, clara: Client
) -> None:
    User.objects.filter(pk=alicia.pk).update(reseller=None)
    assert "/cuenta/login/" in inside.get("/mi-cuenta/").url
    assert not is_inside(inside, clara)


def test_a_person_whose_sessions_were_ended_is_out_at_once(
    inside: Browser, alicia: User
) -> None:
    User.objects.filter(pk=alicia.pk).update(session_epoch=alicia.session_epoch + 1)
    assert "/cuenta/login/" in inside.get("/mi-cuenta/").url


def test_archiving_the_client_ends_the_visit(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    enter(as_alicia, client)
    lifecycle.archive(client, by=None)
    response = as_alicia.get("/mi-cuenta/", follow=True)
    assert response.redirect_chain == [(detail_of(client), 302)]
    assert "fue archivado" in text(response)


def test_restoring_the_client_does_not_bring_the_visit_back(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    enter(as_alicia, client)
    lifecycle.archive(client, by=None)
    as_alicia.get("/mi-cuenta/")
    lifecycle.restore(client, by=None)
    assert not is_inside(as_alicia, client)


def test_suspending_the_client_does_not_end_the_visit(
    inside: Browser, clara: Client
) -> None:
    lifecycle.suspend(clara, reason="Debe", message="Pague, por favor", by=None)
    page = text(inside.get("/mi-cuenta/"))
    assert "Suspendido" in page
    assert "Pague, por favor" in page
    assert "Debe" not in page


def test_a_client_who_becomes_staff_gives_the_visitor_nothing(
    inside: Browser, clara: Client
) -> None:
    User.objects.filter(pk=clara.user.pk).update(is_staff=True, is_superuser=True)
    response = inside.get("/mi-cuenta/")
    assert response.status_code == 200
    assert response.wsgi_request.user.role is Role.CLIENT
    assert inside.get("/admin/").status_code == 403


def test_a_grant_ended_elsewhere_is_over_here(inside: Browser, clara: Client) -> None:
    Grant.objects.update(ended_at=timezone.now())
    assert inside.get("/mi-cuenta/").url == detail_of(clara)


def test_somebody_elses_grant_in_a_session_opens_nothing(
    inside: Browser, as_beto: Browser, clara: Client
) -> None:
    session = as_beto.session
    session["grant"] = Grant.objects.get().pk
    session.save()
    assert as_beto.get("/mi-cuenta/").status_code == 404
    assert is_inside(inside, clara)


def test_a_grant_that_does_not_exist_opens_nothing(as_alicia: Browser) -> None:
    session = as_alicia.session
    session["grant"] = 0
    session.save()
    assert as_alicia.get("/clientes/").status_code == 200


# ── The database table ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("grant_one_open_per_actor", {}),
        (
            "grant_lasts_half_an_hour_at_most",
            {"minutes": 31, "ended": 0},
        ),
        ("grant_lasts_half_an_hour_at_most", {"minutes": 0, "ended": 0}),
        ("grant_ends_within_its_time", {"ended": 31}),
        ("grant_ends_within_its_time", {"ended": -1}),
        ("grant_has_a_reason", {"ended": 0, "reason": ""}),
    ],
)
def test_the_database_refuses_a_grant_that_cannot_be(
    inside: Browser, alicia: User, clara: Client, name: str, fields: dict[str, Any]
) -> None:
    now = timezone.now()
    ended = fields.get("ended")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Grant.objects.create(
            client=clara,
            actor=alicia,
            reason=fields.get("reason", "x"),
            created_at=now,
            expires_at=now + timedelta(minutes=fields.get("minutes", 30)),
            ended_at=None if ended is None else now + timedelta(minutes=ended),
        )


def test_the_grant_of_a_colleague_opens_nothing(
    inside: Browser, alicia: User, clara: Client, as_alicia: Browser
) -> None:
    """Neither its number in a session nor its key in a form."""
    grant = Grant.objects.get()
    colleague = Browser()
    colleague.force_login(factories.UserFactory(reseller=alicia.reseller))
    session = colleague.session
    session[impersonation.SESSION_KEY] = grant.pk
    session.save()
    assert not is_inside(colleague, clara)
    enter(colleague, clara, key=str(grant.public_id))
    assert not is_inside(colleague, clara)
    assert is_inside(inside, clara)


def test_whoever_went_to_another_reseller_is_inside_no_more(
    inside: Browser, alicia: User, beto: User, clara: Client
) -> None:
    """Its sessions end too, but the grant does not rely on that."""
    grant = Grant.objects.with_facts().get()
    assert impersonation.why_over(grant, alicia, timezone.now()) == ""
    alicia.reseller = beto.reseller
    assert impersonation.why_over(grant, alicia, timezone.now())
