"""E-mails: in whose name, who gets the answer, one voice; the welcome sent again.

Law: domain.md, "The people": no name of one reseller reaches the client of another.
"""

import re
from datetime import timedelta
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.conf import settings as project
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from clients import lifecycle, refusals
from clients.lifecycle.memberships import WELCOMES_PER_HOUR
from clients.models import Client, EventKind
from packages.models import Package
from tests import factories
from tests.cast import MakeClient
from tests.programs import Program

RESET = reverse("account_reset_password")


def again(client: Client) -> str:
    return reverse("clients:welcome_again", args=[client.public_id])


def from_and_answers(message: Any) -> tuple[str, str, list[str]]:
    """The name and address it comes from, and who gets the answer, as sent."""
    sent = message.message()
    name, address = parseaddr(str(sent["From"]))
    answers = getaddresses([str(sent["Reply-To"] or "")])
    return name, address, [answer for _, answer in answers if answer]


@pytest.fixture
def pending(make_client: MakeClient) -> Client:
    """A client whose person has not come in yet."""
    return make_client(
        legal_name="Peña & Muñoz SC", contact_email="pena@ejemplo.mx", confirmed=False
    )


def change(user: User, **fields: str) -> None:
    """Change the reseller of this person."""
    assert user.reseller
    for name, value in fields.items():
        setattr(user.reseller, name, value)
    user.reseller.full_clean()
    user.reseller.save()


# ── In whose name ─────────────────────────────────────────────────────────────────


def test_the_welcome_comes_from_the_reseller_and_answers_go_to_it(
    as_alicia: Browser, alicia: User, pending: Client
) -> None:
    as_alicia.post(again(pending))
    (message,) = mail.outbox
    assert message.to == ["pena@ejemplo.mx"]
    sender = ("Distribuidora Alicia", "panel@localhost")
    assert from_and_answers(message) == (*sender, [alicia.email])

    change(alicia, contact_email="ventas@distribuidora.mx")
    as_alicia.post(again(pending))
    assert from_and_answers(mail.outbox[1]) == (*sender, ["ventas@distribuidora.mx"])


def test_without_a_contact_the_answer_goes_to_whoever_sent_it(
    alicia: User, pending: Client
) -> None:
    colleague = factories.UserFactory(email="ana@alicia.mx", reseller=alicia.reseller)
    browser = Browser()
    browser.force_login(colleague)
    browser.post(again(pending))
    assert from_and_answers(mail.outbox[0])[2] == ["ana@alicia.mx"]


def test_of_a_welcome_that_a_program_sent_the_answer_goes_to_the_staff(
    program: Program, alicia: User, pyme: Package
) -> None:
    data = {
        "rfc": factories.rfc(77),
        "legal_name": "Otra",
        "tax_regime": "601",
        "postal_code": "06000",
        "contact_email": "otra@ejemplo.mx",
        "package": str(pyme.public_id),
        "reference": "alta-77",
        "send_welcome": True,
    }
    assert program.post("/clients", data).status_code == 201
    assert from_and_answers(mail.outbox[0])[2] == [alicia.email]


@pytest.mark.parametrize(
    "name", ['Papelería "La Güera", S.A.', "Ñandú <otro@sitio.mx>", "a@b.mx", "A; B"]
)
def test_no_name_changes_the_address_it_comes_from(
    as_alicia: Browser, alicia: User, pending: Client, name: str, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "TimbrePanel <panel@timbres.mx>"
    change(alicia, name=name)
    as_alicia.post(again(pending))
    ((_, address),) = getaddresses([str(mail.outbox[0].message()["From"])])
    assert address == "panel@timbres.mx"


def test_a_reset_comes_from_the_only_reseller_of_the_person(
    anonymous: Browser, clara: Client, alicia: User
) -> None:
    anonymous.post(RESET, {"email": clara.contact_email})
    (message,) = mail.outbox
    assert from_and_answers(message) == (
        "Distribuidora Alicia",
        "panel@localhost",
        [alicia.email],
    )
    assert "Distribuidora Alicia, con TimbrePanel" in message.body


def test_of_two_resellers_neither_writes_in_its_name_and_none_to_staff(
    anonymous: Browser, clara: Client, alicia: User, beto: User
) -> None:
    factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller),
        by=beto,
        contact_email=clara.contact_email,
    )
    for email in (clara.contact_email, alicia.email):
        anonymous.post(RESET, {"email": email})
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert from_and_answers(message) == ("", "panel@localhost", [])
        assert "Distribuidora" not in message.body
        assert "Beto" not in message.body


# ── One voice ─────────────────────────────────────────────────────────────────────

TEMPLATES = Path(project.BASE_DIR, "templates")
# What allauth could send and the product never does: nobody signs up, confirms or
# changes an address there, or gets a code by mail.
NEVER = re.compile(
    r"account/email/(account_already_exists|unknown_account|email_\w+|\w+_code)$"
)
TO_A_FRIEND = re.compile(
    r"\b(tú|tu|tus|ti|te|tuyo|haz|elige|entra|ignora|puedes|tienes|quieres|pulsa|"
    r"cambia|avisa|escribe|solicitaste|recibes)\b",
    re.IGNORECASE,
)


def test_every_mail_of_the_library_has_our_words() -> None:
    source = Path(allauth.__file__).parent
    sent = {
        found
        for part in ("account", "mfa")
        for file in (source / part).rglob("*.py")
        for found in re.findall(
            r'"((?:account|mfa)/email/\w+)"', file.read_text(encoding="utf-8")
        )
    }
    missing = {
        prefix
        for prefix in sent
        if not NEVER.match(prefix)
        and not all(
            (TEMPLATES / f"{prefix}_{part}.txt").exists()
            for part in ("subject", "message")
        )
    }
    assert "account/email/password_changed" in sent
    assert missing == set()


def test_no_mail_speaks_as_to_a_friend() -> None:
    mails = [*TEMPLATES.rglob("email/*.txt"), *TEMPLATES.rglob("mail/*.txt")]
    assert len(mails) > 20
    said = {file.name: re.sub(r"{[{%].*?[%}]}", "", file.read_text()) for file in mails}
    assert {name for name, text in said.items() if TO_A_FRIEND.search(text)} == set()


def test_a_changed_password_is_told_with_usted(
    as_clara: Browser, clara: Client
) -> None:
    as_clara.post(
        reverse("account_change_password"),
        {
            "oldpassword": factories.PASSWORD,
            "password1": "otra-clave-muy-larga-1",
            "password2": "otra-clave-muy-larga-1",
        },
    )
    (message,) = mail.outbox
    assert message.subject == "Cambió su contraseña"
    assert "Si no fue usted" in message.body
    assert message.body.startswith("Buen día:")


def test_names_are_plain_text(as_alicia: Browser, pending: Client) -> None:
    as_alicia.post(again(pending))
    assert "Peña & Muñoz SC" in mail.outbox[0].body
    assert "&amp;" not in mail.outbox[0].body


# ── The welcome, once more ────────────────────────────────────────────────────────


def test_it_is_offered_until_the_person_has_come_in(
    as_alicia: Browser, pending: Client
) -> None:
    page = pending.get_absolute_url()
    assertContains(as_alicia.get(page), "Enviar bienvenida otra vez")
    response = as_alicia.post(again(pending), follow=True)
    assertRedirects(response, page)
    assertContains(response, "Se envió la bienvenida a pena@ejemplo.mx.")
    factories.let_in(pending)
    assertNotContains(as_alicia.get(page), "Enviar bienvenida otra vez")
    refused = as_alicia.post(again(pending), follow=True)
    assertContains(refused, "no hay un acceso pendiente")
    assert len(mail.outbox) == 1


def test_its_link_lets_the_person_choose_a_password(
    as_alicia: Browser, pending: Client, anonymous: Browser
) -> None:
    as_alicia.post(again(pending))
    body = str(mail.outbox[0].body)
    link = next(word for word in body.split() if "/reset/key/" in word)
    page = anonymous.get(link.removeprefix("http://testserver"), follow=True)
    assertContains(page, 'name="password1"')


def test_on_its_page_the_answer_is_the_page_again(
    as_alicia: Browser, pending: Client
) -> None:
    here = {
        "HX-Request": "true",
        "HX-Target": "client",
        "HX-Current-URL": f"http://testserver{pending.get_absolute_url()}",
    }
    response = as_alicia.post(again(pending), headers=here)
    assertContains(response, 'id="client"')
    assertContains(response, "Bienvenida otra vez")  # in the history


def test_it_is_an_event_with_who(
    as_alicia: Browser, alicia: User, pending: Client
) -> None:
    as_alicia.post(again(pending))
    event = pending.events.latest("seq")
    assert (event.kind, event.by) == (EventKind.WELCOMED, alicia)
    assert event.after == {"login_email": "pena@ejemplo.mx"}


def test_three_an_hour_are_enough(alicia: User, pending: Client) -> None:
    now = timezone.now()
    for _ in range(WELCOMES_PER_HOUR):
        lifecycle.welcome_again(pending, by=alicia, now=now)
    with pytest.raises(refusals.WelcomedOften):
        lifecycle.welcome_again(pending, by=alicia, now=now)
    lifecycle.welcome_again(pending, by=alicia, now=now + timedelta(hours=1))


@pytest.mark.parametrize(
    ("state", "refusal"),
    [("suspended", refusals.AccountClosed), ("archived", refusals.ClientArchived)],
)
def test_nobody_is_welcomed_to_an_account_that_does_not_open(
    as_alicia: Browser, make_client: MakeClient, state: str, refusal: type[Exception]
) -> None:
    client = make_client(confirmed=False, **{state: True})
    with pytest.raises(refusal):
        lifecycle.welcome_again(client, by=None)
    page = as_alicia.get(client.get_absolute_url())
    assertNotContains(page, "Enviar bienvenida otra vez")
    as_alicia.post(again(client))
    assert mail.outbox == []


def test_a_mail_that_does_not_go_out_is_said(
    as_alicia: Browser, pending: Client, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # no server listens there
    response = as_alicia.post(again(pending), follow=True)
    assertContains(response, "El correo de bienvenida no salió")


def test_a_stranger_welcomes_nobody(as_beto: Browser, pending: Client) -> None:
    assert as_beto.post(again(pending)).status_code == 404
    assert mail.outbox == []
