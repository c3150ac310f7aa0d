"""Searching and sorting names: accents and case do not matter, ñ comes after n."""

import random

import pytest
from django.db import connection
from django.test import Client as Browser

from accounts.models import User
from clients.models import Client
from tests.cast import MakeClient

# In the order of a Spanish dictionary.
SORTED = [
    "Ágata, S.A.",
    "Alfombras",
    "ÁLVAREZ",
    "Canada Dry",
    "Canal Once",
    "Cantera",
    "Canzona",
    "Caña Brava",
    "CAÑÓN",
    "Caoba",
    "Ébano",
    "Nube",
    "Núñez y Asociados",
    "Nuo",
    "Ñandú",
    "ÑERI",
    "Óptica",
    "Zapatería",
]


@pytest.fixture
def dictionary(make_client: MakeClient) -> list[str]:
    names = random.sample(SORTED, len(SORTED))
    for name in names:
        make_client(legal_name=name)
    return names


def test_names_are_sorted_as_in_a_dictionary(dictionary: list[str]) -> None:
    names = Client.objects.order_by("sort_name").values_list("legal_name", flat=True)
    assert list(names) == SORTED


def test_names_are_sorted_backwards_too(dictionary: list[str]) -> None:
    names = Client.objects.order_by("-sort_name").values_list("legal_name", flat=True)
    assert list(names) == SORTED[::-1]


def test_a_renamed_client_is_sorted_by_its_new_name(make_client: MakeClient) -> None:
    client = make_client(legal_name="Zapatería")
    make_client(legal_name="Nube")
    Client.objects.filter(pk=client.pk).update(legal_name="Abarrotes")
    first = Client.objects.order_by("sort_name")[0]
    assert first.legal_name == "Abarrotes"
    assert Client.objects.matching("abarrotes").get() == client


@pytest.fixture
def clients(make_client: MakeClient) -> dict[str, Client]:
    names = {
        "oño": ("ORGANICOS ÑAVEZ OSORIO", "OÑO120726RX3", "oso@ñavez.mx"),
        "hye": ("Herrería & Eléctricos", "H&E951128469", "Ventas_1@HyE.mx"),
        "pct": ("Descuentos 100% Reales \\ Cía", "XIA190128J61", "a@b.mx"),
        "gom": ("Gómez-Núñez, S.A. de C.V.", "IIA040805DZ4", "GOMEZ@correo.mx"),
    }
    return {
        key: make_client(legal_name=name, rfc=rfc, contact_email=email)
        for key, (name, rfc, email) in names.items()
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("organicos", {"oño"}),
        ("ORGÁNICOS", {"oño"}),
        ("ñavez", {"oño"}),
        ("navez", {"oño"}),
        ("NÁVEZ", {"oño"}),
        ("oso", {"oño"}),
        ("OÑO120726RX3", {"oño"}),
        ("ono120726", {"oño"}),
        ("oño12", {"oño"}),
        ("herreria", {"hye"}),
        ("ELECTRICOS herrería", {"hye"}),
        ("h&e951128469", {"hye"}),
        ("ventas_1@hye.mx", {"hye"}),
        ("gomez", {"gom"}),
        ("Gómez nunez", {"gom"}),
        ("nuñez gomez@correo", {"gom"}),
        ("", {"oño", "hye", "pct", "gom"}),
        ("   ", {"oño", "hye", "pct", "gom"}),
        (".mx", {"oño", "hye", "pct", "gom"}),
        ("gomez organicos", set()),
        ("nadie", set()),
        # Wildcards of SQL are ordinary characters.
        ("%", {"pct"}),
        ("100%", {"pct"}),
        ("100% reales", {"pct"}),
        ("_", {"hye"}),
        ("s_1", {"hye"}),
        ("g_mez", set()),
        ("g%mez", set()),
        ("\\", {"pct"}),
        ("\\%", set()),
        ("'", set()),
        ("'; DROP TABLE clients_client; --", set()),
        ("üñïçö", set()),
    ],
)
def test_every_word_must_stand_somewhere(
    clients: dict[str, Client], text: str, found: set[str]
) -> None:
    matching = set(Client.objects.matching(text))
    assert {key for key, client in clients.items() if client in matching} == found


def test_the_search_is_applied_after_the_scope(
    clients: dict[str, Client], alicia: User, beto: User
) -> None:
    assert Client.objects.visible_to(alicia).matching("gomez").count() == 1
    assert not Client.objects.visible_to(beto).matching("gomez").exists()


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "%00", "a" * 5000])
def test_a_search_for_what_cannot_be_a_name_finds_nothing_and_breaks_nothing(
    clients: dict[str, Client], as_alicia: Browser, text: str
) -> None:
    answer = as_alicia.get("/clientes/", {"q": text.encode("utf-8", "replace")})
    assert answer.status_code in {200, 400}


def test_the_search_uses_its_index(clients: dict[str, Client]) -> None:
    """With few rows the planner would scan the table, so that is disabled."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Client.objects.matching("gomez").order_by().explain()
    assert "client_by_words" in plan
