"""Agregar cliente from a constancia or a CFDI: filled in, seen, and saved only then."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from clients.models import Client, ClientEvent
from packages.models import Package
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.cfdis import cfdi
from tests.constancias import COMPANY, INDIVIDUAL

URL = reverse("clients:create")


@pytest.fixture
def blank(pyme: Package) -> dict[str, Any]:
    """The form as it is opened, with what a browser sends of empty fields."""
    names = "rfc legal_name tax_regime postal_code contact_email contact_name"
    sent = dict.fromkeys([*names.split(), "contact_phone", "package", "text"], "")
    return sent | {"reference": factories.reference(), "send_welcome": "on"}


def file(text: str | bytes, name: str = "constancia.txt") -> BytesIO:
    content = BytesIO(text if isinstance(text, bytes) else text.encode())
    content.name = name
    return content


def shown(response: Any) -> dict[str, str]:
    form = response.context["form"]
    names = ("rfc", "legal_name", "tax_regime", "postal_code")
    return {name: form[name].value() or "" for name in names}


UNIVERSITY = {
    "rfc": "URE180429TM6",
    "legal_name": "UNIVERSIDAD ROBOTICA ESPAÑOLA",
    "tax_regime": "601",
    "postal_code": "86991",
}


@pytest.mark.parametrize("how", ["file", "pasted"])
def test_a_constancia_fills_the_form_says_so_and_stores_nothing(
    how: str, as_alicia: Browser, blank: dict[str, Any]
) -> None:
    given = {"document": file(COMPANY)} if how == "file" else {"text": COMPANY}
    response = as_alicia.post(URL, blank | {"leer": "1"} | given)
    assert response.status_code == 200
    assert shown(response) == UNIVERSITY
    assertContains(response, "Se llenó con la Constancia de Situación Fiscal:")
    assertContains(response, "RFC, razón social, régimen fiscal y código postal.")
    assertContains(response, "nada se guarda hasta que agregue al cliente")
    # What is still to be typed is not wrong yet, and is where the focus goes.
    assertNotContains(response, "obligatorio")
    assertNotContains(response, "aria-invalid")
    focused = [f.name for f in response.context["form"] if "autofocus" in str(f)]
    assert focused == ["contact_email"]
    assertNotContains(response, "idCIF")  # the text is asked for no more
    assert not Client.objects.exists()
    assert not ClientEvent.objects.exists()


def test_what_was_filled_in_is_saved_like_what_is_typed(
    as_alicia: Browser, blank: dict[str, Any], pyme: Package
) -> None:
    filled = shown(as_alicia.post(URL, blank | {"leer": "1", "text": COMPANY}))
    rest = {"contact_email": "ure@x.mx", "package": str(pyme.public_id)}
    response = as_alicia.post(URL, blank | filled | rest)
    assert response.status_code == 302
    client = Client.objects.get()
    assert {name: getattr(client, name) for name in UNIVERSITY} == UNIVERSITY


def test_what_was_typed_elsewhere_stays_and_the_package_keeps_its_preview(
    as_alicia: Browser, blank: dict[str, Any], pyme: Package
) -> None:
    typed = {"contact_name": "Clara Núñez", "package": str(pyme.public_id)}
    response = as_alicia.post(URL, blank | typed | {"leer": "1", "text": COMPANY})
    assertContains(response, 'value="Clara Núñez"')
    assertContains(response, "<ins>100 folios</ins>")
    assertContains(response, blank["reference"])


def test_of_several_regimes_the_first_is_put_and_all_are_said(
    as_alicia: Browser, blank: dict[str, Any]
) -> None:
    response = as_alicia.post(URL, blank | {"leer": "1", "text": INDIVIDUAL})
    assert shown(response)["tax_regime"] == "612"
    assertContains(response, "Tiene 2 regímenes: 612 Personas Físicas con")
    assertContains(response, "y 606 Arrendamiento")


def test_what_the_document_does_not_say_is_said_and_left_alone(
    as_alicia: Browser, blank: dict[str, Any]
) -> None:
    text = "RFC: URE180429TM6 Denominación/Razón Social: UNIVERSIDAD"
    typed = {"postal_code": "86991"}
    response = as_alicia.post(URL, blank | typed | {"leer": "1", "text": text})
    assertContains(response, "No dice: régimen fiscal y código postal.")
    assert shown(response)["postal_code"] == "86991"


def test_of_a_cfdi_the_issuer_is_taken_and_the_receiver_is_one_click_away(
    as_alicia: Browser, blank: dict[str, Any]
) -> None:
    document = cfdi(receiver="XIA190128J61").replace(
        "RECEPTOR", "XENON INDUSTRIAL ARTICLES SA DE CV"
    )
    document = document.replace("Moneda=", 'LugarExpedicion="42501" Moneda=')
    response = as_alicia.post(
        URL, blank | {"leer": "1", "document": file(document, "x.xml")}
    )
    assert shown(response)["rfc"] == "EKU9003173C9"
    assertContains(response, "Se llenó con el CFDI que emitió:")
    assertContains(response, "El código postal es el del lugar de expedición")
    (other,) = response.context["others"]
    assertContains(response, "Usar sus datos")
    second = as_alicia.post(URL, blank | shown(response) | {"usar": other.button})
    assert shown(second)["rfc"] == "XIA190128J61"
    assertContains(second, "Se llenó con el mismo CFDI:")
    # It says what it has; what it hasn't stays for the user to see.
    assertContains(second, "No dice: régimen fiscal y código postal.")
    assertContains(second, "aquí sobra <span hx-disable>«SA DE CV»</span>")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Elija un archivo o pegue el texto."),
        ({"document": b""}, "El archivo está vacío."),
        ({"document": b"%PDF-1.7 ..."}, "Es un PDF, que aquí no se abre."),
        ({"document": b"\x89PNG\r\n\x1a\n\x00\x00"}, "El archivo no es de texto."),
        ({"document": b"<html/>"}, "No es un CFDI"),
        ({"text": "Le mando mis datos"}, "No parece una Constancia"),
        ({"text": "x" * 100_001}, "100000"),
    ],
)
def test_a_wrong_document_is_said_beside_it_and_what_was_typed_stays(
    given: dict[str, Any], said: str, as_alicia: Browser, blank: dict[str, Any]
) -> None:
    if "document" in given:
        given = {"document": file(given["document"])}
    typed = {"rfc": "EKU9003173C9"}
    response = as_alicia.post(URL, blank | typed | {"leer": "1"} | given)
    assertContains(response, said, status_code=422)
    assertContains(response, 'value="EKU9003173C9"', status_code=422)
    assertNotContains(response, "Se llenó con", status_code=422)
    assertNotContains(response, "obligatorio", status_code=422)


def test_who_is_a_client_already_is_said_at_once_and_no_stranger_s(
    as_alicia: Browser,
    as_beto: Browser,
    beto: User,
    blank: dict[str, Any],
    make_client: MakeClient,
    make_package: MakePackage,
) -> None:
    make_package(reseller=beto.reseller)
    known = make_client(rfc="URE180429TM6", legal_name="La de siempre")
    asked = blank | {"leer": "1", "text": COMPANY}
    response = as_alicia.post(URL, asked)
    assertContains(response, "Ya tiene un cliente con ese RFC: La de siempre")
    assertContains(response, known.get_absolute_url())
    stranger = as_beto.post(URL, asked)
    assert shown(stranger) == UNIVERSITY
    assertNotContains(stranger, "La de siempre")
    assertNotContains(stranger, "Ya tiene un cliente")


@pytest.mark.parametrize("value", ["", "|", "|||", "a", "x|y|z|w|v", "|" * 500])
def test_a_button_s_value_is_judged_like_what_is_typed(
    value: str, as_alicia: Browser, blank: dict[str, Any]
) -> None:
    response = as_alicia.post(URL, blank | {"usar": value})
    assert response.status_code == 200
    assert not Client.objects.exists()


def test_a_name_with_its_regimen_de_capital_is_warned_of_and_mended_by_one_click(
    as_alicia: Browser, blank: dict[str, Any]
) -> None:
    asked = {"rfc": "EKU9003173C9", "legal_name": "Escuela Kemper, S.A. de C.V."}
    note = as_alicia.get(
        URL, asked, headers={"HX-Request": "true", "HX-Target": "capital"}
    )
    assertContains(note, "«S.A. de C.V.»")
    assertNotContains(note, "<form")
    person = {"rfc": "CACX7605101P8"}
    assertNotContains(
        as_alicia.get(
            URL, asked | person, headers={"HX-Request": "true", "HX-Target": "capital"}
        ),
        "sobra",
    )
    response = as_alicia.post(URL, blank | asked | {"sin_capital": "1"})
    assert response.status_code == 200
    assert shown(response)["legal_name"] == "Escuela Kemper"
    assertNotContains(response, "sobra")
    assertNotContains(response, "obligatorio")


def test_it_is_no_refusal(
    as_alicia: Browser, blank: dict[str, Any], pyme: Package
) -> None:
    data = blank | {
        "rfc": "EKU9003173C9",
        "legal_name": "ESCUELA KEMPER URGATE SA DE CV",
        "tax_regime": "601",
        "postal_code": "42501",
        "contact_email": "clara@kemper.mx",
        "package": str(pyme.public_id),
    }
    response = as_alicia.post(URL, data, follow=True)
    assertContains(response, "CFDI 4.0 pide la razón social sin «SA DE CV»")
    assert Client.objects.get().legal_name == "ESCUELA KEMPER URGATE SA DE CV"


@pytest.mark.parametrize("htmx", [False, True])
def test_editing_offers_the_same_and_saves_only_afterwards(
    htmx: bool, as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(rfc="EKU9003173C9", legal_name="KEMPER S. DE R.L. DE C.V.")
    url = reverse("clients:edit_plan", args=[client.public_id])
    headers = {"HX-Request": "true"} if htmx else {}
    opened = as_alicia.get(url, headers=headers)
    assertContains(opened, "«S. DE R.L. DE C.V.»")
    form = opened.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data = {name: value for name, value in data.items() if value is not False}
    response = as_alicia.post(url, data | {"sin_capital": "1"}, headers=headers)
    assert response.status_code == 200
    assert response.context["form"]["legal_name"].value() == "KEMPER"
    assertContains(response, "data-refused")  # not saved yet
    assert factories.fresh(client).legal_name == "KEMPER S. DE R.L. DE C.V."
    as_alicia.post(url, data | {"legal_name": "KEMPER"}, headers=headers)
    assert factories.fresh(client).legal_name == "KEMPER"
