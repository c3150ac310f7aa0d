"""Agregar cliente over HTTP: the form, its warnings, the preview, the welcome."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects
from stdnum.mx.rfc import calc_check_digit

from clients.models import Client
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage

URL = reverse("clients:create")
TOKENS = "X-CSRFToken[^>]*|csrf[^>]*|[0-9a-f-]{36}"  # made anew for every page


@pytest.fixture
def data(pyme: Package) -> dict[str, Any]:
    return {
        "reference": factories.reference(),
        "rfc": "eku-900317 3c9",
        "legal_name": "ESCUELA KEMPER URGATE",
        "tax_regime": "601",
        "postal_code": "42501",
        "contact_email": "Clara@Kemper.MX",
        "contact_name": "Clara",
        "contact_phone": "771 123 4567",
        "package": str(pyme.public_id),
    }


def test_the_client_is_created_and_its_detail_opens(
    as_alicia: Browser, data: dict[str, Any]
) -> None:
    response = as_alicia.post(URL, data, follow=True)
    client = Client.objects.with_facts().get()
    assertRedirects(response, reverse("clients:detail", args=[client.public_id]))
    assertContains(response, "quedó activo con 100 folios")
    assert (client.rfc, client.contact_email, client.contact_phone) == (
        "EKU9003173C9",
        "clara@kemper.mx",
        "+527711234567",
    )
    assert client.balance == 100
    assert client.user.email == "clara@kemper.mx"


def test_a_double_click_creates_one_client_with_one_assignment(
    as_alicia: Browser, data: dict[str, Any]
) -> None:
    first = as_alicia.post(URL, data)
    second = as_alicia.post(URL, data)
    assert first.url == second.url
    client = Client.objects.get()
    assert client.entries.count() == 1


def test_the_welcome_carries_a_link_to_choose_the_password(
    as_alicia: Browser, data: dict[str, Any], anonymous: Browser
) -> None:
    response = as_alicia.post(URL, data | {"send_welcome": "on"}, follow=True)
    assertContains(response, "Se envió la bienvenida a clara@kemper.mx")
    (message,) = mail.outbox
    assert message.to == ["clara@kemper.mx"]
    assert "Distribuidora Alicia" in message.subject
    link = next(word for word in message.body.split() if word.startswith("http"))
    page = anonymous.get(link.removeprefix("http://testserver"), follow=True)
    assertContains(page, 'name="password1"')


def test_a_welcome_that_cannot_be_sent_does_not_lose_the_client(
    as_alicia: Browser, data: dict[str, Any], settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # no server listens there
    response = as_alicia.post(URL, data | {"send_welcome": "on"}, follow=True)
    assertContains(response, "El correo de bienvenida no salió")
    assert Client.objects.count() == 1


def test_nothing_is_sent_unless_asked(as_alicia: Browser, data: dict[str, Any]) -> None:
    as_alicia.post(URL, data)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"rfc": "XAXX010101000"}, "RFC genérico"),
        ({"rfc": "EKU9013323C9"}, "El RFC no es válido"),
        ({"rfc": "hola"}, "El RFC no es válido"),
        ({"rfc": ""}, "obligatorio"),
        ({"tax_regime": "612"}, "Ese régimen no es de una persona moral"),
        ({"tax_regime": "999"}, "Escoja una opción válida"),
        ({"postal_code": "4250"}, "Son cinco dígitos"),
        ({"postal_code": "٤٢٥٠١"}, "Son cinco dígitos"),
        ({"contact_email": "clara"}, "correo"),
        ({"contact_phone": "12"}, "teléfono de diez dígitos"),
        ({"legal_name": "Ma\u202elo SA"}, "(U+202E) después de «Ma»"),
        ({"legal_name": "x" * 255}, "254"),
        ({"package": ""}, "obligatorio"),
        ({"reference": "nada"}, "El formulario había caducado"),
    ],
)
def test_wrong_input_says_what_to_do_and_creates_nothing(
    as_alicia: Browser, data: dict[str, Any], change: dict[str, str], error: str
) -> None:
    response = as_alicia.post(URL, data | change)
    assertContains(response, error, status_code=422)
    assert not Client.objects.exists()


def test_a_wrong_check_digit_is_a_warning_that_can_be_accepted(
    as_alicia: Browser, data: dict[str, Any]
) -> None:
    doubtful = data | {"rfc": "EKU9003173C8"}
    response = as_alicia.post(URL, doubtful)
    assertContains(response, "Es correcto: así lo dio el SAT", status_code=422)
    assertNotContains(response, "Empieza con", status_code=422)
    as_alicia.post(URL, doubtful | {"accept_rfc": "on"})
    assert Client.objects.get().rfc == "EKU9003173C8"


def test_an_inconvenient_word_is_a_warning_that_can_be_accepted(
    as_alicia: Browser, data: dict[str, Any]
) -> None:
    stem = "MAME900317AB"
    rfc = stem + calc_check_digit(stem)
    doubtful = data | {"rfc": rfc.lower(), "tax_regime": "612"}
    response = as_alicia.post(URL, doubtful)
    assertContains(response, "Empieza con «MAME»", status_code=422)
    assertContains(response, "Es correcto: así lo dio el SAT", status_code=422)
    assertNotContains(response, "El último carácter", status_code=422)
    assert not Client.objects.exists()
    as_alicia.post(URL, doubtful | {"accept_rfc": "on"})
    assert Client.objects.get().rfc == rfc


def test_what_cannot_be_seen_in_an_rfc_or_a_telephone_is_taken_out(
    as_alicia: Browser, data: dict[str, Any]
) -> None:
    pasted = {
        "rfc": "\u200bEKU\u2011900317\u20113C9\ufeff",
        "contact_phone": "\u202a+52 771 123 4567\u202c",
    }
    as_alicia.post(URL, data | pasted)
    client = Client.objects.get()
    assert (client.rfc, client.contact_phone) == ("EKU9003173C9", "+527711234567")


@pytest.mark.parametrize("field", ["rfc", "contact_phone"])
def test_what_is_no_mere_blank_is_named_there_too(
    as_alicia: Browser, data: dict[str, Any], field: str
) -> None:
    change = {field: f"{data[field][:3]}\x1b{data[field][3:]}"}
    response = as_alicia.post(URL, data | change)
    assertContains(response, "un carácter de control (U+001B)", status_code=422)
    assert not Client.objects.exists()


def test_an_rfc_that_is_already_a_client_is_named(
    as_alicia: Browser, data: dict[str, Any], clara: Client
) -> None:
    response = as_alicia.post(URL, data | {"contact_email": "otra@kemper.mx"})
    assertContains(response, "Ya tiene un cliente con ese RFC", status_code=409)
    link = f'<a href="{clara.get_absolute_url()}" target="_blank">Ver a ESCUELA'
    assertContains(response, link, status_code=409)
    assert Client.objects.count() == 1


def test_the_link_to_who_has_the_rfc_is_made_of_text(
    as_alicia: Browser, data: dict[str, Any], make_client: MakeClient
) -> None:
    name = '"><img src=x onerror=alert(1)>'
    make_client(rfc="EKU9003173C9", legal_name=name)
    response = as_alicia.post(URL, data | {"contact_email": "otra@kemper.mx"})
    assertNotContains(response, "<img", status_code=409)
    assertContains(response, "Ver a &quot;&gt;&lt;img", status_code=409)


def test_the_dialog_of_editing_links_to_who_has_the_rfc_too(
    as_alicia: Browser, data: dict[str, Any], clara: Client, make_client: MakeClient
) -> None:
    other = make_client()
    url = f"/clientes/{other.public_id}/editar-plan/"
    response = as_alicia.post(url, data | {"contact_email": other.contact_email})
    assertContains(response, f'href="{clara.get_absolute_url()}"', status_code=409)


def test_an_archived_one_can_be_restored_instead(
    as_alicia: Browser, data: dict[str, Any], make_client: MakeClient
) -> None:
    make_client(rfc="EKU9003173C9", archived=True)
    response = as_alicia.post(URL, data)
    assertContains(response, "está archivado y puede restaurarlo", status_code=409)


def test_the_e_mail_of_staff_cannot_be_told_from_another(
    as_alicia: Browser, data: dict[str, Any], beto: Any, pyme: Package
) -> None:
    pages = []
    for rfc, email in (("EKU9003173C9", beto.email), ("IVD920810GU2", "x@nadie.mx")):
        data |= {"rfc": rfc, "contact_email": email, "reference": factories.reference()}
        response = as_alicia.post(URL, data, follow=True)
        page = response.content.decode().replace(email, "CORREO").replace(rfc, "RFC")
        assert "CORREO: acceso pendiente de confirmar" in page
        pages.append(re.sub(f'datetime=[^>]*|#row-[^"]*|{TOKENS}', "", page))
    assert pages[0] == pages[1]


def test_the_preview_shows_what_the_package_grants(
    as_alicia: Browser, pyme: Package
) -> None:
    response = as_alicia.get(
        URL,
        {"package": str(pyme.public_id)},
        headers={"HX-Request": "true", "HX-Target": "preview"},
    )
    assertContains(response, "<ins>100 folios</ins>")
    assertContains(response, "<ins>activo</ins>")
    # Nothing was before: no "0 →".
    assertNotContains(response, "<del>")
    assertNotContains(response, "Precio")


def test_the_preview_of_a_new_client_says_the_price(
    as_alicia: Browser, make_package: MakePackage
) -> None:
    package = make_package(price="1890.5")
    response = as_alicia.get(
        URL,
        {"package": str(package.public_id)},
        headers={"HX-Request": "true", "HX-Target": "preview"},
    )
    assertContains(response, "<ins>$1,890.50</ins>")


def test_packages_of_strangers_and_withdrawn_ones_are_not_offered(
    as_alicia: Browser, data: dict[str, Any], beto: Any, make_package: MakePackage
) -> None:
    foreign = make_package(reseller=beto.reseller)
    response = as_alicia.post(URL, data | {"package": str(foreign.public_id)})
    assert response.status_code == 422
    assert not Client.objects.exists()


def test_without_packages_the_page_says_to_make_one_first(as_alicia: Browser) -> None:
    assertContains(as_alicia.get(URL), "Primero, un paquete")
