"""Memberships: who may open which client's account, and what one reseller can do to
people of another.

Law: domain.md, "The people": a person is an e-mail and its credentials; what it may
enter are memberships. quality.md: "One e-mail may belong to people of two resellers:
nothing of one is seen or ended by the other."
"""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from clients import lifecycle, refusals
from clients.models import Client, EventKind, Membership, membership_of
from portal import own
from tests import factories
from tests.cast import MakeClient
from tests.test_login import log_in
from tests.test_login_urls import NEW_PASSWORD, choose_password
from tests.test_stale_forms import fields

HOME = "/mi-cuenta/"
CHOICES = "/mis-cuentas/"
PAGES = ("home", "statement", "statement_csv", "visits")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.get(pk=user.pk))
    return browser


def access_to(client: Client) -> Membership:
    access = membership_of(client)
    assert access is not None
    return access


def opens(browser: Browser, client: Client) -> bool:
    """Whether any page of the account is shown; they must agree."""
    choice = {"cliente": str(client.public_id)}
    shown = {
        browser.get(reverse(f"portal:{name}"), choice).status_code == 200
        for name in PAGES
    }
    assert len(shown) == 1
    return shown.pop()


@pytest.fixture
def theirs(clara: Client, beto: User) -> Client:
    """A client of beto's to which it gave clara's address; she has not accepted."""
    return factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller),
        by=beto,
        legal_name="Ferretería Beto",
        contact_name="Nombre Que Puso Beto",
        contact_email="CLARA@kemper.mx",
        confirmed=False,
    )


@pytest.fixture
def shared(theirs: Client) -> Client:
    """The same, accepted."""
    factories.let_in(theirs)
    return theirs


# ── Who gets in ───────────────────────────────────────────────────────────────────


def test_a_new_person_gets_in_when_its_address_is_proven(
    make_client: MakeClient, alicia: User
) -> None:
    client = make_client(confirmed=False)
    access = access_to(client)
    assert (access.email, access.created_by) == (client.contact_email, alicia)
    assert access.is_pending
    assert not opens(browser_of(client.user), client)
    factories.let_in(client)
    assert opens(browser_of(client.user), client)
    assert not client.events.filter(kind=EventKind.ACCEPTED).exists()


def test_an_existing_person_gets_in_only_when_it_accepts(
    as_clara: Browser, clara: Client, theirs: Client
) -> None:
    assert theirs.user == clara.user
    assert not opens(as_clara, theirs)
    assert opens(as_clara, clara)
    as_clara.post(reverse("portal:accept", args=[access_to(theirs).public_id]))
    assert opens(as_clara, theirs)
    assert opens(as_clara, clara)


def test_accepting_twice_accepts_once(clara: Client, theirs: Client) -> None:
    access = access_to(theirs)
    first = lifecycle.confirm_access(access, by=clara.user)
    second = lifecycle.confirm_access(access, by=clara.user)
    assert (first.changed, second.changed) == (True, False)
    assert theirs.events.filter(kind=EventKind.ACCEPTED).count() == 1


def test_nobody_else_accepts_or_declines(
    theirs: Client, alicia: User, beto: User, soporte: User, make_client: MakeClient
) -> None:
    for person in (alicia, beto, soporte, make_client().user):
        for verb in (lifecycle.confirm_access, lifecycle.decline_access):
            with pytest.raises(refusals.AccessEnded):
                verb(access_to(theirs), by=person)
        for name in ("accept", "decline"):
            url = reverse(f"portal:{name}", args=[access_to(theirs).public_id])
            assert browser_of(person).post(url).status_code == 404
    assert access_to(theirs).is_pending


def test_an_unproven_address_accepts_nothing(clara: Client, theirs: Client) -> None:
    User.objects.filter(pk=clara.user.pk).update(proven_email="", proven_at=None)
    person = User.objects.get(pk=clara.user.pk)
    with pytest.raises(refusals.AccessEnded):
        lifecycle.confirm_access(access_to(theirs), by=person)
    assert not opens(browser_of(person), clara), "not even what it had"


def test_what_the_reseller_took_back_is_not_accepted(
    as_clara: Browser, clara: Client, theirs: Client
) -> None:
    access = access_to(theirs)
    lifecycle.edit_plan(theirs, changes={"contact_email": "otra@beto.mx"}, by=None)
    with pytest.raises(refusals.AccessEnded):
        lifecycle.confirm_access(access, by=clara.user)
    url = reverse("portal:accept", args=[access.public_id])
    assert as_clara.post(url).status_code == 404


def test_an_archived_client_is_not_accepted(
    as_clara: Browser, clara: Client, theirs: Client
) -> None:
    access = access_to(theirs)
    lifecycle.suspend(theirs, reason="x", by=None)
    lifecycle.archive(theirs, by=None)
    with pytest.raises(refusals.ClientArchived):
        lifecycle.confirm_access(access, by=clara.user)
    assert as_clara.get(HOME).status_code == 200, "and it is not offered"


def test_no_is_mine_ends_it_and_the_reseller_sees_it(
    as_clara: Browser, as_beto: Browser, clara: Client, theirs: Client
) -> None:
    access = access_to(theirs)
    as_clara.post(reverse("portal:decline", args=[access.public_id]))
    access.refresh_from_db()
    assert access.was_declined
    assert "Rechazó el acceso" in text(as_clara.get(HOME)), "the toast"
    assert "Ferretería" not in text(as_clara.get(HOME))
    assert not opens(as_clara, theirs)
    page = text(as_beto.get(theirs.get_absolute_url()))
    assert "nadie: clara@kemper.mx dijo que la cuenta no es suya" in page
    event = theirs.events.get(kind=EventKind.DECLINED)
    assert (event.by, event.who) == (clara.user, "clara@kemper.mx")


def test_the_form_of_an_answer_is_only_posted(
    as_clara: Browser, theirs: Client
) -> None:
    for name in ("accept", "decline"):
        url = reverse(f"portal:{name}", args=[access_to(theirs).public_id])
        assert as_clara.get(url).status_code == 405
        assert Browser(enforce_csrf_checks=True).post(url).status_code == 403


# ── The hijack ────────────────────────────────────────────────────────────────────


def test_whoever_took_an_address_without_proof_opens_nothing_given_to_it(
    clara: Client, beto: User
) -> None:
    """As the page of addresses, now gone, allowed: clara's person took the address of
    a stranger, to whom beto then gives the account of a client."""
    hijacker = clara.user
    User.objects.filter(pk=hijacker.pk).update(email="victima@otra.mx")
    victims = factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller),
        contact_email="victima@otra.mx",
        confirmed=False,
    )
    stranger = Browser()
    hijacker.refresh_from_db()
    response = log_in(stranger, hijacker)
    assert response.status_code == 403
    assert "Falta comprobar que el correo es suyo" in text(response)
    assert "_auth_user_id" not in stranger.session
    assert not opens(browser_of(hijacker), victims)


def test_the_former_address_opens_nothing_and_gets_no_link(
    as_clara: Browser, clara: Client
) -> None:
    former = clara.user
    lifecycle.edit_plan(clara, changes={"contact_email": "nueva@kemper.mx"}, by=None)
    assert "/cuenta/login/" in as_clara.get(HOME).url, "the next request"
    assert log_in(Browser(), former).status_code == 403
    Browser().post(reverse("account_reset_password"), {"email": former.email})
    assert mail.outbox == []


# ── What one reseller does ends access to its own accounts only ────────────────────


def end_by(verb: str, client: Client) -> None:
    match verb:
        case "suspend":
            lifecycle.suspend(client, reason="Debe", message="Pague", by=None)
        case "archive":
            lifecycle.suspend(client, reason="Debe", by=None)
            lifecycle.archive(client, by=None)
        case "e-mail":
            changes = {"contact_email": "otra@persona.mx"}
            lifecycle.edit_plan(client, changes=changes, by=None)


VERBS = ("suspend", "archive", "e-mail")


@pytest.mark.parametrize("verb", VERBS)
def test_what_one_reseller_closes_leaves_the_others_account_open(
    as_clara: Browser, clara: Client, shared: Client, verb: str
) -> None:
    assert opens(as_clara, shared)
    end_by(verb, shared)
    assert not opens(as_clara, shared), "at the next request"
    assert opens(as_clara, clara), "and the session goes on"
    assert User.objects.get(pk=clara.user.pk).session_epoch == 0


@pytest.mark.parametrize("verb", VERBS)
def test_with_nothing_else_open_the_session_ends(
    as_clara: Browser, clara: Client, theirs: Client, verb: str
) -> None:
    """What is only offered by another reseller is not open."""
    end_by(verb, clara)
    assert "/cuenta/login/" in as_clara.get(HOME).url
    assert User.objects.get(pk=clara.user.pk).session_epoch >= 1


@pytest.mark.parametrize("verb", VERBS)
def test_a_session_of_staff_is_never_ended_by_a_reseller(
    make_client: MakeClient, as_beto: Browser, beto: User, verb: str
) -> None:
    client = make_client(contact_email=beto.email)
    assert opens(as_beto, client)
    end_by(verb, client)
    assert not opens(as_beto, client)
    assert as_beto.get("/clientes/").status_code == 200
    assert User.objects.get(pk=beto.pk).session_epoch == 0


def test_suspending_tells_the_other_reseller_nothing(
    as_alicia: Browser, clara: Client, shared: Client
) -> None:
    def page() -> str:
        shown = text(as_alicia.get(clara.get_absolute_url()))
        return re.sub("X-CSRFToken[^>]*|csrf[^>]*|[0-9a-f-]{36}", "", shown)

    before = page()
    end_by("suspend", shared)
    assert page() == before


# ── Names and messages ────────────────────────────────────────────────────────────


def test_a_reseller_reads_its_own_names_only(
    as_alicia: Browser, as_beto: Browser, as_clara: Browser, shared: Client
) -> None:
    """Every page and file of a client, after a visit of each reseller."""
    clara = Client.objects.get(legal_name="ESCUELA KEMPER URGATE")
    own = {as_alicia: (clara, "Clara Kemper"), as_beto: (shared, "Nombre Que Puso")}
    for browser, (client, name) in own.items():
        key = factories.reference()
        url = reverse("portal:enter", args=[client.public_id])
        pages = [browser.get(url)]
        browser.post(url, {"reason": "Ayuda", "key": key})
        pages += [browser.get(reverse(f"portal:{page}")) for page in PAGES]
        browser.post(reverse("portal:leave"))
        for page in ("detail", "statement", "statement_csv", "edit_plan", "suspend"):
            pages.append(
                browser.get(reverse(f"clients:{page}", args=[client.public_id]))
            )
        pages += [browser.get(path) for path in ("/", "/clientes/", "/seguimiento/")]
        shown = " ".join(
            (b"".join(page) if page.streaming else page.content).decode()
            for page in pages
        )
        assert name in shown
        assert client.legal_name in shown
        (stranger,) = {"Clara Kemper", "Nombre Que Puso"} - {name}
        assert stranger not in shown
        assert ("Ferretería" in shown) is (client == shared)


def test_a_person_has_no_name_that_a_reseller_typed(theirs: Client) -> None:
    assert theirs.user.name == ""
    assert str(theirs.user) == "clara@kemper.mx"


def test_in_the_history_a_person_is_called_as_its_reseller_knows_it(
    as_beto: Browser, clara: Client, shared: Client, beto: User
) -> None:
    """Also after the person got a name and another address of its own."""
    lifecycle.enter(shared, reason="Ayuda", by=beto)
    User.objects.filter(pk=clara.user.pk).update(name="Secreto", email="x@secreto.mx")
    page = text(as_beto.get(shared.get_absolute_url()))
    assert "ecreto" not in page
    assert "en nombre de Nombre Que Puso Beto" in page
    assert "Acceso aceptado" in page


def test_a_message_of_somebody_whom_the_person_did_not_accept_is_never_read(
    clara: Client, theirs: Client
) -> None:
    """Anybody could write to anybody by giving an account and suspending it."""
    lifecycle.suspend(theirs, reason="x", message="Llame al 900 y pague", by=None)
    lifecycle.suspend(clara, reason="Debe", message="Falta su pago", by=None)
    browser = Browser()
    response = log_in(browser, clara.user)
    pages = text(response) + text(browser.get(CHOICES, follow=True))
    assert "Llame al 900" not in pages
    assert "Falta su pago" in pages, "the control"


def test_of_accounts_that_waited_for_the_first_proof_each_is_accepted(
    make_client: MakeClient, beto: User
) -> None:
    """A reseller might give an account to an address before anybody has it, and write
    to its person by suspending it, once another reseller's link brings it in."""
    theirs = factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller),
        contact_email="nueva@ejemplo.mx",
        confirmed=False,
    )
    lifecycle.suspend(theirs, reason="x", message="Llame al 900 y pague", by=None)
    client = make_client(contact_email="nueva@ejemplo.mx", confirmed=False)
    browser = Browser()
    choose_password(client.user)
    log_in(browser, client.user, NEW_PASSWORD)
    page = text(browser.get("/", follow=True))
    assert page.count(">Aceptar<") == 2
    assert "Llame al 900" not in page
    assert not opens(browser, client)
    assert [one.message for one in own.choices_of(client.user)] == ["", ""]


def test_with_the_first_proof_one_opens_the_one_account_one_was_made_for(
    make_client: MakeClient,
) -> None:
    client = make_client(confirmed=False)
    choose_password(client.user)
    browser = Browser()
    log_in(browser, client.user, NEW_PASSWORD)
    assert browser.get("/", follow=True).redirect_chain == [(HOME, 302)]
    assert opens(browser, client)


def test_the_proof_of_another_address_accepts_nothing_given_to_the_former(
    make_client: MakeClient,
) -> None:
    client = make_client(confirmed=False)
    User.objects.filter(pk=client.user_id).update(email="otra@ejemplo.mx")
    choose_password(User.objects.get(pk=client.user_id))
    assert access_to(client).is_pending


def test_a_first_password_of_staff_accepts_nothing(
    make_client: MakeClient, beto: User
) -> None:
    client = make_client(contact_email=beto.email, confirmed=False)
    choose_password(beto)
    assert access_to(client).is_pending
    assert access_to(client).user.has_proven_address


def test_each_suspended_account_is_shown_with_its_own_message(
    clara: Client, shared: Client
) -> None:
    lifecycle.suspend(shared, reason="Motivo B", message="Mensaje B", by=None)
    browser = browser_of(clara.user)
    page = text(browser.get(CHOICES))
    assert "<strong>Mensaje de Timbres Beto</strong> <p>Mensaje B</p>" in page
    assert f'href="/mi-cuenta/?cliente={clara.public_id}"' in page
    assert str(shared.public_id) not in page, "it is not entered"
    assert "Motivo B" not in page
    home = text(browser.get(HOME, {"cliente": str(clara.public_id)}))
    assert "Mensaje B" not in home
    assert "Ferretería" not in home


# ── The chooser ───────────────────────────────────────────────────────────────────


def test_with_one_account_one_goes_straight_in(clara: Client) -> None:
    browser = Browser()
    log_in(browser, clara.user)
    chain = browser.get("/", follow=True).redirect_chain
    assert chain == [(HOME, 302)]


def test_with_several_one_chooses_after_the_log_in(
    clara: Client, shared: Client
) -> None:
    browser = Browser()
    log_in(browser, clara.user)
    response = browser.get("/", follow=True)
    assert response.redirect_chain == [(HOME, 302), (CHOICES, 302)]
    page = text(response)
    assert "con Distribuidora Alicia" in page
    assert "con Timbres Beto" in page


def test_what_waits_for_an_answer_is_asked_after_the_log_in(
    clara: Client, theirs: Client
) -> None:
    browser = Browser()
    log_in(browser, clara.user)
    page = text(browser.get("/", follow=True))
    assert (
        "Timbres Beto le dio acceso a la cuenta de <strong>Ferretería Beto</strong>"
        in page
    )
    assert f'action="/mis-cuentas/{access_to(theirs).public_id}/aceptar/"' in page
    assert theirs.rfc in page


def test_who_has_only_something_to_accept_gets_in_to_accept_it(
    clara: Client, theirs: Client
) -> None:
    lifecycle.suspend(clara, reason="Debe", by=None)
    browser = Browser()
    log_in(browser, clara.user)
    assert browser.get("/", follow=True).redirect_chain[-1] == (CHOICES, 302)
    browser.post(reverse("portal:decline", args=[access_to(theirs).public_id]))
    response = browser.get(CHOICES)
    assert response.status_code == 403
    assert "_auth_user_id" not in browser.session, "nothing is left"


def test_the_chooser_is_reached_from_an_open_account(
    as_clara: Browser, clara: Client, shared: Client
) -> None:
    page = text(as_clara.get(HOME, {"cliente": str(clara.public_id)}))
    assert f'href="{CHOICES}"' in page
    assert f'href="?cliente={shared.public_id}"' in page


def test_the_chooser_costs_the_same_for_two_accounts_and_for_ten(
    as_clara: Browser,
    clara: Client,
    shared: Client,
    make_client: MakeClient,
    django_assert_num_queries: Any,
) -> None:
    lifecycle.suspend(shared, reason="x", message="y", by=None)
    as_clara.get(CHOICES)
    with django_assert_num_queries(4):
        as_clara.get(CHOICES)
    for _ in range(4):
        make_client(contact_email=clara.contact_email)
        make_client(contact_email=clara.contact_email, suspended=True)
    with django_assert_num_queries(4):
        as_clara.get(CHOICES)


def test_staff_with_accounts_go_to_their_panel_and_find_the_accounts(
    make_client: MakeClient, beto: User
) -> None:
    def after_log_in() -> Browser:
        browser = Browser()
        log_in(browser, beto)
        assert browser.get("/").status_code == 200, "the panel"
        return browser

    client = make_client(contact_email=beto.email, confirmed=False)
    assert not opens(after_log_in(), client)
    assert CHOICES not in text(after_log_in().get("/")), "the address is not proven"
    factories.let_in(client)
    browser = after_log_in()
    assert f'href="{CHOICES}"' in text(browser.get("/"))
    assert client.legal_name in text(browser.get(CHOICES))
    assert opens(browser, client)
    assert browser.get(client.get_absolute_url()).status_code == 404, (
        "its account is not its page in the panel of alicia"
    )


def test_without_any_account_the_chooser_does_not_exist_for_staff(
    as_beto: Browser, as_soporte: Browser
) -> None:
    for browser in (as_beto, as_soporte):
        assert browser.get(CHOICES).status_code == 404


# ── Changing who enters ───────────────────────────────────────────────────────────


def edit(browser: Browser, client: Client, **changes: str) -> Any:
    data = {
        "rfc": client.rfc,
        "legal_name": client.legal_name,
        "tax_regime": client.tax_regime,
        "postal_code": client.postal_code,
        "contact_name": client.contact_name,
        "contact_email": client.contact_email,
        "contact_phone": client.contact_phone,
    }
    url = reverse("clients:edit_plan", args=[client.public_id])
    return browser.post(url, data | changes, follow=True)


def test_the_dialog_says_who_enters_and_what_a_change_does(
    as_alicia: Browser, clara: Client
) -> None:
    page = text(as_alicia.get(reverse("clients:edit_plan", args=[clara.public_id])))
    assert "Con este correo entra a su cuenta" in page
    assert "Hoy entra con clara@kemper.mx." in page
    assert re.search(r'<input[^>]*name="login_follows"[^>]*checked', page)


def test_with_the_box_the_account_goes_along_and_the_person_is_told(
    as_alicia: Browser, as_clara: Browser, clara: Client
) -> None:
    page = text(
        edit(as_alicia, clara, contact_email="nueva@kemper.mx", login_follows="on")
    )
    assert "El acceso de nueva@kemper.mx está pendiente de confirmar." in page
    assert "nueva@kemper.mx: acceso pendiente de confirmar" in page
    assert [m.to for m in mail.outbox] == [["nueva@kemper.mx"]]
    assert "/cuenta/login/" in as_clara.get(HOME).url


def test_without_the_box_one_enters_as_until_now(
    as_alicia: Browser, as_clara: Browser, clara: Client
) -> None:
    page = text(edit(as_alicia, clara, contact_email="nueva@kemper.mx"))
    assert "clara@kemper.mx: acceso confirmado" in page
    assert factories.fresh(clara).contact_email == "nueva@kemper.mx"
    assert mail.outbox == []
    assert opens(as_clara, clara)
    dialog = text(as_alicia.get(reverse("clients:edit_plan", args=[clara.public_id])))
    assert "Hoy entra con clara@kemper.mx." in dialog
    assert not re.search(r'<input[^>]*name="login_follows"[^>]*checked', dialog)


def test_what_was_parted_stays_parted_until_somebody_says_so(
    as_alicia: Browser, as_clara: Browser, clara: Client
) -> None:
    lifecycle.edit_plan(
        clara, changes={"contact_email": "a@k.mx"}, login_follows=False, by=None
    )
    lifecycle.edit_plan(clara, changes={"contact_email": "b@k.mx"}, by=None)
    assert access_to(clara).email == "clara@kemper.mx"
    edit(as_alicia, factories.fresh(clara), login_follows="on")
    assert access_to(clara).email == "b@k.mx"
    assert "/cuenta/login/" in as_clara.get(HOME).url


def test_changing_who_enters_is_in_the_history(clara: Client, alicia: User) -> None:
    changes = {"contact_email": "nueva@kemper.mx"}
    lifecycle.edit_plan(clara, changes=changes, by=alicia)
    event = clara.events.latest("seq")
    assert event.before["login_email"] == "clara@kemper.mx"
    assert event.after["login_email"] == "nueva@kemper.mx"
    assert "entra con" in {change.label for change in event.changes}
    ended = clara.memberships.get(email="clara@kemper.mx")
    assert ended.ended_at == access_to(clara).created_at
    assert access_to(clara).created_by == alicia


def test_an_account_that_was_declined_is_given_anew(
    as_alicia: Browser, clara: Client
) -> None:
    lifecycle.decline_access(access_to(clara), by=clara.user)
    assert "nadie: clara@kemper.mx dijo" in text(
        as_alicia.get(clara.get_absolute_url())
    )
    page = text(edit(as_alicia, clara, login_follows="on"))
    assert "clara@kemper.mx: acceso pendiente de confirmar" in page
    assert "PYME" in page, "who enters is not the plan"
    assert clara.memberships.count() == 2


def test_another_change_leaves_access_alone(as_alicia: Browser, clara: Client) -> None:
    before = access_to(clara)
    edit(as_alicia, clara, contact_phone="5512345678", login_follows="on")
    assert access_to(clara) == before
    assert mail.outbox == []


def test_a_box_that_was_seen_before_somebody_moved_the_access_moves_nothing_back(
    as_alicia: Browser, clara: Client
) -> None:
    opened = fields(as_alicia.get(reverse("clients:edit_plan", args=[clara.public_id])))
    lifecycle.edit_plan(clara, changes={"contact_email": "b@k.mx"}, by=None)
    edit(as_alicia, clara, **opened | {"contact_phone": "5512345678"})
    assert factories.fresh(clara).contact_phone == "+525512345678"
    assert access_to(clara).email == "b@k.mx"


def test_who_enters_is_not_changed_twice_without_a_word(
    as_alicia: Browser, clara: Client
) -> None:
    """A colleague parts the access from the contact while the dialog is open."""
    opened = fields(as_alicia.get(reverse("clients:edit_plan", args=[clara.public_id])))
    lifecycle.edit_plan(clara, changes={"contact_email": "b@k.mx"}, by=None)
    lifecycle.edit_plan(
        clara,
        changes={"contact_email": "clara@kemper.mx"},
        login_follows=False,
        by=None,
    )
    typed = opened | {"contact_email": "c@k.mx"}
    refused = edit(as_alicia, clara, **typed)
    assert "Ahora es «b@k.mx»; usted puso «c@k.mx»." in text(refused)
    assert access_to(clara).email == "b@k.mx"
    assert factories.fresh(clara).contact_email == "clara@kemper.mx"
    edit(as_alicia, clara, **fields(refused))
    assert access_to(clara).email == "c@k.mx"


# ── The mail, and what it tells the reseller ──────────────────────────────────────


def welcome(browser: Browser, email: str, number: int) -> tuple[str, str]:
    """Create a client with this address; the toast and the mail."""
    mail.outbox.clear()
    package = Client.objects.get(legal_name="ESCUELA KEMPER URGATE").plan.package
    response = browser.post(
        reverse("clients:create"),
        {
            "rfc": factories.rfc(9000 + number),
            "legal_name": "Otra",
            "tax_regime": "601",
            "postal_code": "06000",
            "contact_email": email,
            "package": str(package.public_id),
            "reference": factories.reference(),
            "send_welcome": "on",
        },
        follow=True,
    )
    (sent,) = mail.outbox
    assert sent.to == [email]
    (toast,) = response.context["messages"]
    return str(toast).replace(email, "CORREO"), str(sent.body)


def test_the_reseller_is_told_the_same_whoever_has_the_address(
    as_alicia: Browser, clara: Client, shared: Client, beto: User, soporte: User
) -> None:
    emails = ["nadie@ejemplo.mx", clara.contact_email, beto.email, soporte.email]
    toasts = {welcome(as_alicia, e, n)[0] for n, e in enumerate(emails)}
    assert len(toasts) == 1
    for client in Client.objects.filter(legal_name="Otra"):
        page = text(as_alicia.get(client.get_absolute_url()))
        assert f"{client.contact_email}: acceso pendiente de confirmar" in page


def test_only_whoever_has_no_password_gets_the_link_of_one(
    as_alicia: Browser, clara: Client
) -> None:
    _, new = welcome(as_alicia, "nadie@ejemplo.mx", 1)
    assert "/cuenta/password/reset/key/" in new
    _, known = welcome(as_alicia, clara.contact_email, 2)
    assert "/password/reset/" not in known
    assert "Distribuidora Alicia le dio acceso a la cuenta de Otra" in known
    assert CHOICES in known
    assert "No es mía" in known


def test_the_link_goes_to_the_persons_own_address_alone(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    """The contact e-mail may have parted from it."""
    client = make_client(confirmed=False)
    lifecycle.edit_plan(
        client, changes={"contact_email": "otra@k.mx"}, login_follows=False, by=None
    )
    edit(as_alicia, factories.fresh(client), login_follows="on")
    (sent,) = mail.outbox
    assert sent.to == [access_to(client).email] == ["otra@k.mx"]
