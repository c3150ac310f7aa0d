"""Searching and sorting names: accents and case do not matter, ñ comes after n."""

import random

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("m", ["Mudanzas Ñu"]),
        ("Ñ", ["Ñandú y Cía"]),
        ("ña", ["Ñandú y Cía"]),
        ("é", ["Élite"]),
        ("zz", ["Élite"]),
        ("z", ["Élite", "Ñandú y Cía"]),
        (" z ", ["Élite", "Ñandú y Cía"]),
        ("nz", []),
    ],
)
def test_one_or_two_letters_are_the_beginning_of_a_name_or_rfc(
    make_client: MakeClient, text: str, found: list[str]
) -> None:
    make_client(legal_name="Mudanzas Ñu", rfc="MUD010101AB1")
    make_client(legal_name="Ñandú y Cía", rfc="ZAN010101AB1")
    make_client(legal_name="Élite", rfc="ZZE010101AB1")
    matching = Client.objects.matching(text).order_by("legal_name")
    assert sorted(str(client) for client in matching) == sorted(found)


def test_the_search_is_applied_after_the_scope(
    clients: dict[str, Client], alicia: User, beto: User
) -> None:
    assert Client.objects.visible_to(alicia).matching("gomez").count() == 1
    assert not Client.objects.visible_to(beto).matching("gomez").exists()


def test_the_migration_of_the_search_goes_back_and_forth(clara: Client) -> None:
    executor = MigrationExecutor(connection)
    (wider,) = [key for key in executor.loader.disk_migrations if "search" in key[1]]
    before = [
        parent
        for parent in executor.loader.disk_migrations[wider].dependencies
        if parent[0] == "clients"
    ]
    text = "SELECT search_text FROM clients_client"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        executor.migrate(before)
        cursor.execute(text)
        assert "clara kemper" not in cursor.fetchone()[0]
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        cursor.execute(text)
        assert cursor.fetchone()[0] == (
            "escuela kemper urgate eku9003173c9 clara@kemper.mx"
            " clara kemper +527711234567"
        )


@pytest.fixture
def people(make_client: MakeClient) -> dict[str, Client]:
    given = {
        "øst": ("Bjørn Østergård", "CACX7605101P8", "Łucja Đorđević", "+527711234567"),
        "ß": ("Groß & Þór Cœur", "H&E951128469", "Æsa Ħal", "+12125550123"),
        "oño": ("Pan\u0303ol E\u0301bano", "OÑO120726RX3", "Ana", "+525555550199"),
    }
    return {
        key: make_client(
            legal_name=name,
            rfc=rfc,
            contact_name=contact,
            contact_phone=phone,
            tax_regime="612" if len(rfc) == 13 else "601",
        )
        for key, (name, rfc, contact, phone) in given.items()
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # Letters that are no letter with an accent to Unicode.
        ("bjorn ostergard", {"øst"}),
        ("BJØRN", {"øst"}),
        ("lucja", {"øst"}),
        ("ŁUCJA dordevic", {"øst"}),
        ("gross", {"ß"}),
        ("GROSS thor coeur aesa hal", {"ß"}),
        ("Groß Þór", {"ß"}),
        # In both forms of Unicode, whichever was typed.
        ("pañol", {"oño"}),
        ("pan\u0303ol", {"oño"}),
        ("e\u0301bano", {"oño"}),
        ("ostergarð", {"øst"}),
        ("ｐａｎｏｌ", {"oño"}),
        # What cannot be seen is not asked for.
        ("pa\u00adñol\u200b", {"oño"}),
        ("\ufeffpañol", {"oño"}),
        # The contact, and its telephone in every way in which it is written.
        ("7711234567", {"øst"}),
        ("771 123 4567", {"øst"}),
        ("771-123-4567", {"øst"}),
        ("(771) 123 4567", {"øst"}),
        ("+52 771 123 4567", {"øst"}),
        ("+52 1 771 123 4567", {"øst"}),
        ("01 (771) 123-45-67", {"øst"}),
        ("\u202a+52 771 123 4567\u202c", {"øst"}),
        ("123-4567", {"øst"}),
        ("5555-0199", {"oño"}),
        ("212.555.0123", {"ß"}),
        # An RFC as it is written in letters and on forms.
        ("CACX-760510-1P8", {"øst"}),
        ("cacx 760510 1p8", {"øst"}),
        ("CACX-760510", {"øst"}),
        ("H&E-951128-469", {"ß"}),
        ("OÑO\u2011120726\u2011RX3", {"oño"}),
        ("ono-120726-rx3", {"oño"}),
        ("ON\u0303O120726RX3", {"oño"}),
        ("OÑO120726\u200bRX3", {"oño"}),
        ("771-123-9999", set()),
        ("CACX-760510-1P9", set()),
    ],
)
def test_a_client_is_found_however_it_is_written(
    people: dict[str, Client], text: str, found: set[str]
) -> None:
    matching = set(Client.objects.matching(text))
    assert {key for key, client in people.items() if client in matching} == found


def test_letters_of_other_languages_are_sorted_among_their_kin(
    make_client: MakeClient,
) -> None:
    for name in ("Zeta", "Øst", "Łucja", "Oso", "Luz", "Ña", "Nu"):
        make_client(legal_name=name)
    names = Client.objects.order_by("sort_name").values_list("legal_name", flat=True)
    assert list(names) == ["Łucja", "Luz", "Nu", "Ña", "Oso", "Øst", "Zeta"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_archived_clients_that_match_are_offered(
    as_alicia: Browser, make_client: MakeClient, headers: dict[str, str]
) -> None:
    make_client(legal_name="Perdida y Hallada")
    make_client(legal_name="Perdida Uno", archived=True)
    make_client(legal_name="Perdida Dos", archived=True, suspended=True)
    make_client(legal_name="Otra", archived=True)
    url = '?q=perdida&amp;archivados=1"'

    def asked(**query: str) -> str:
        return as_alicia.get("/clientes/", query, headers=headers).content.decode()

    both = asked(q="perdida")
    assert "2 clientes archivados coinciden también." in both
    assert both.count(url) == 2, "the sentence and the chip"
    assert "1 cliente archivado coincide." in asked(q="perdida uno")
    assert "Ningún cliente coincide" in asked(q="perdida uno")
    assert "2 clientes archivados" in asked(q="perdida", estatus="expirado")
    assert "coincide" not in asked()
    assert "archivado coincide" not in asked(q="hallada")
    assert "archivados coinciden" not in asked(q="perdida", archivados="1")
    rows = as_alicia.get("/clientes/?q=perdida&archivados=1").context["rows"]
    assert len(rows) == 2


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "%00", "a" * 5000])
def test_a_search_for_what_cannot_be_a_name_finds_nothing_and_breaks_nothing(
    clients: dict[str, Client], as_alicia: Browser, text: str
) -> None:
    answer = as_alicia.get("/clientes/", {"q": text.encode("utf-8", "replace")})
    assert answer.status_code in {200, 400}


@pytest.mark.parametrize("text", ["gomez", "771-123-4567", "EKU-900317-3C9"])
def test_the_search_uses_its_index(clients: dict[str, Client], text: str) -> None:
    """With few rows the planner would scan the table, so that is disabled."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Client.objects.matching(text).order_by().explain()
    assert "client_by_words" in plan
