"""*Buscar*: what a text finds, for whom, in which order, and at what cost."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from clients import finding, lifecycle
from clients.finding import MENU, SHOWN, Result
from clients.models import Client
from sat import cfdi as documents
from tests.cast import MakeClient, MakePackage
from tests.cfdis import OTHER, UUID, cfdi

URL = "/buscar/"
HTMX = {"HX-Request": "true", "HX-Target": "finding"}


def found(text: str, user: User) -> dict[str, list[Result]]:
    today = timezone.localdate()
    return {
        group.key: [*group.results]
        for group in finding.find(text, user=user, today=today)
    }


def titles(text: str, user: User) -> dict[str, list[str]]:
    return {key: [one.title for one in many] for key, many in found(text, user).items()}


@pytest.fixture
def stamped(clara: Client) -> Client:
    moment = f"{timezone.now():%Y-%m-%dT00:00:00}"
    document = cfdi(issuer=clara.rfc, moment=moment)
    lifecycle.consume_cfdi(clara, documents.read(document.encode()), by=None)
    lifecycle.consume(clara, reference="F-1029", quantity=3, by=None)
    return clara


# ── Clients ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["kemper", "URGATE escuela", "EKU9003173C9", "eku9"])
def test_a_client_is_found_by_any_part_of_its_name_or_rfc(
    text: str, alicia: User, clara: Client
) -> None:
    (one,) = found(text, alicia)["clients"]
    assert (one.title, one.about) == (clara.legal_name, clara.rfc)
    assert one.url == clara.get_absolute_url()
    assert one.badge is not None
    assert one.badge.label == "activo"


def test_a_client_is_found_by_the_id_that_programs_use(
    alicia: User, clara: Client
) -> None:
    assert titles(f"{clara.public_id}", alicia)["clients"] == [clara.legal_name]


def test_an_archived_client_is_found_and_said_to_be_archived(
    alicia: User, make_client: MakeClient
) -> None:
    make_client(legal_name="Guardada", archived=True)
    (one,) = found("guardada", alicia)["clients"]
    assert one.badge is not None
    assert one.badge.label == "archivado"


def test_where_more_match_than_are_shown_the_list_has_them_all(
    alicia: User, make_client: MakeClient
) -> None:
    for number in range(SHOWN + 2):
        make_client(legal_name=f"Común & Cía {number}")
    *clients, last = found("comun & cia", alicia)["clients"]
    assert len(clients) == SHOWN
    assert clients[0].title == f"Común & Cía {SHOWN + 1}", "the newest first"
    assert last.url == f"{reverse('clients:list')}?{urlencode({'q': 'comun & cia'})}"


def test_strangers_find_nothing(
    beto: User, stamped: Client, make_package: MakePackage
) -> None:
    package = make_package(name="Secreto")
    texts = ["kemper", stamped.rfc, f"{stamped.public_id}", UUID, "renovar kemper"]
    for text in [*texts, "kemper F-1029", "F-1029", f"kemper {UUID}", package.name]:
        assert titles(text, beto) == {}, text


# ── What may be done to them ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("renovar kemper", "Renovar"),
        ("kemper renovar", "Renovar"),
        ("ren kemper", "Renovar"),
        ("Agregar folios EKU9003173C9", "Agregar folios"),
        ("agregar fol kemper", "Agregar folios"),
        ("suspénder kemper urgate", "Suspender"),
        ("entrar como cliente kemper", "Entrar como cliente"),
        ("editar kemper", "Editar plan"),
    ],
)
def test_a_verb_is_offered_for_the_client_that_is_named_beside_it(
    text: str, title: str, alicia: User, clara: Client
) -> None:
    groups = found(text, alicia)
    assert [*groups][:1] == ["actions"], "what was asked for comes first"
    (one,) = groups["actions"]
    assert (one.title, one.about) == (title, clara.legal_name)
    assert one.opens_dialog
    assert [c.title for c in groups["clients"]] == [clara.legal_name]


def test_only_what_the_client_allows_today_is_offered(
    alicia: User, make_client: MakeClient
) -> None:
    make_client(legal_name="Norte activa")
    make_client(legal_name="Norte suspendida", suspended=True)
    for text, names in (
        ("activar norte", ["Norte suspendida"]),
        ("suspender norte", ["Norte activa"]),
        ("restaurar norte", None),
    ):
        offered = found(text, alicia).get("actions")
        assert (offered and [one.about for one in offered]) == names


def test_the_only_client_found_has_all_its_actions_and_several_have_none(
    alicia: User, clara: Client, make_client: MakeClient
) -> None:
    offered = titles("kemper", alicia)["actions"]
    assert offered == [
        *("Entrar como cliente", "Agregar folios", "Renovar", "Editar plan"),
        "Suspender",
    ]
    make_client(legal_name="Otra Kemper")
    assert "actions" not in found("kemper", alicia)


def test_a_name_that_begins_like_a_verb_is_a_name_first(
    alicia: User, make_client: MakeClient
) -> None:
    make_client(legal_name="Activar Consultores")
    make_client(legal_name="Consultores del Sur", suspended=True)
    groups = titles("activar consultores", alicia)
    assert groups["clients"] == ["Activar Consultores"]
    assert groups["actions"] == ["Activar"]
    assert titles("activar", alicia)["clients"] == ["Activar Consultores"]


# ── Movements, packages, pages ────────────────────────────────────────────────────


@pytest.mark.parametrize("text", [UUID, UUID.lower(), f"kemper {UUID}"])
def test_a_cfdi_is_found_by_its_uuid(text: str, alicia: User, stamped: Client) -> None:
    (one,) = found(text, alicia)["movements"]
    assert one.title == UUID
    assert one.about.startswith("Timbrado de 1 folio el ")
    assert stamped.legal_name in one.about
    day = stamped.reseller.local_date(timezone.now())
    assert one.url == f"/clientes/{stamped.public_id}/movimientos/?dia={day}"


def test_a_movement_is_found_by_its_client_and_reference(
    alicia: User, stamped: Client
) -> None:
    (one,) = found("kemper F-1029", alicia)["movements"]
    assert (one.title, one.about[:20]) == ("F-1029", "Timbrado de 3 folios")
    assert "movements" not in found("F-1029", alicia)
    assert "movements" not in found("kemper F-1", alicia)


def test_a_reference_that_is_a_uuid_is_found_in_either_case(
    alicia: User, clara: Client
) -> None:
    reference = f"{uuid4()}"
    lifecycle.consume(clara, reference=reference, by=None)
    for text in (reference, reference.upper()):
        (one,) = found(f"kemper {text}", alicia)["movements"]
        assert one.title == reference


def test_packages_are_found_those_on_sale_first(
    alicia: User, make_package: MakePackage
) -> None:
    gone = make_package(name="Básico viejo", folios=10)
    make_package(name="Básico nuevo", folios=1_000)
    gone.withdrawn_at = timezone.now() - timedelta(days=1)
    gone.save()
    assert titles("basico", alicia)["packages"] == ["Básico nuevo", "Básico viejo"]
    first, last = found("basico", alicia)["packages"]
    assert first.about == "1,000 folios · 1 año"
    assert last.about.endswith("retirado")


@pytest.mark.parametrize(
    ("text", "title"),
    [("seg", "Seguimiento"), ("llaves", "API"), ("CONTRASENA", "Contraseña")],
)
def test_pages_are_found_by_the_beginning_of_their_words(
    text: str, title: str, alicia: User
) -> None:
    assert titles(text, alicia)["pages"][0] == title


def test_the_name_of_a_page_leads_to_it_first(
    alicia: User, make_client: MakeClient
) -> None:
    make_client(legal_name="Capital Api")
    assert [*found("api", alicia)][0] == "pages"
    assert [*found("cap", alicia)][0] == "clients"


def test_every_page_of_the_menu_opens(as_alicia: Browser) -> None:
    for page in MENU:
        assert as_alicia.get(reverse(page.url_name)).status_code in {200, 302}


# ── The page and the palette ──────────────────────────────────────────────────────


def test_without_htmx_it_is_a_page_with_links(
    as_alicia: Browser, clara: Client
) -> None:
    page = as_alicia.get(URL, {"q": "kemper"}).text
    assert f'href="{clara.get_absolute_url()}"' in page
    assert 'value="kemper"' in page
    before_the_palette = page.partition("<template")[0]
    assert 'role="option"' not in before_the_palette


def test_htmx_gets_the_options_alone(as_alicia: Browser, clara: Client) -> None:
    response = as_alicia.get(URL, {"q": "renovar kemper"}, headers=HTMX)
    assert "<html" not in response.text
    assert response.text.count('role="option"') == 2
    assert f'hx-get="/clientes/{clara.public_id}/renovar/"' in response.text


def test_nothing_and_nothing_found_are_said_in_words(as_alicia: Browser) -> None:
    assert "renovar kemper" in as_alicia.get(URL, headers=HTMX).text
    response = as_alicia.get(URL, {"q": "nadie así"}, headers=HTMX)
    assert "Nada coincide con «nadie así»." in response.text


HOSTILE = (
    *("\u0301\u0301\u0301", "%", "_", "\\", "'; --", "<b>", "\u202e", "-", "a" * 500),
    *("9" * 90, "x " * 200, "kemper " + "9" * 64, OTHER, "ren \u0301"),
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_is_answered(text: str, as_alicia: Browser, clara: Client) -> None:
    assert as_alicia.get(URL, {"q": text}, headers=HTMX).status_code == 200


def test_the_palette_is_on_the_pages_of_a_reseller_alone(
    as_alicia: Browser, as_clara: Browser, as_soporte: Browser
) -> None:
    for url in ("/", "/clientes/", "/paquetes/", "/ayuda/", "/cuenta/sessions/"):
        assert 'id="palette"' in as_alicia.get(url).text, url
    assert 'id="palette"' not in as_clara.get("/mi-cuenta/").text
    assert 'id="palette"' not in as_soporte.get("/ayuda/").text


def test_one_result_and_many_cost_the_same_queries(
    as_alicia: Browser,
    make_client: MakeClient,
    make_package: MakePackage,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def make(number: int) -> None:
        client = make_client(
            legal_name=f"Común {number}", package=make_package(name=f"Común {number}")
        )
        lifecycle.consume(client, reference="F-1", by=None)

    make(0)
    texts = {"comun": 8, "renovar comun": 11, "comun F-1": 11}
    for text, queries in texts.items():
        with django_assert_num_queries(queries):
            as_alicia.get(URL, {"q": text}, headers=HTMX)
    for number in range(1, 12):
        make(number)
    for text, queries in texts.items():
        with django_assert_num_queries(queries):
            as_alicia.get(URL, {"q": text}, headers=HTMX)


# ── An action from the page of another client ─────────────────────────────────────


def test_an_action_from_another_clients_page_does_not_replace_that_client(
    as_alicia: Browser, clara: Client, make_client: MakeClient
) -> None:
    other = make_client()
    page = f"http://testserver{other.get_absolute_url()}"
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    for client, target in (
        (clara, f"#row-{clara.public_id}"),
        (other, "#client"),
    ):
        url = reverse("clients:suspend", args=[client.public_id])
        assert f'hx-target="{target}"' in as_alicia.get(url, headers=headers).text
