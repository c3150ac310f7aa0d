"""The admin speaks Spanish, looks like the panel, and offers only what may be done."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client as Browser
from django.urls import reverse
from django.utils.text import camel_case_to_spaces
from pytest_django.asserts import assertContains, assertNotContains

from accounts import keys, people
from accounts.models import AccessEvent, User
from accounts.support import SupportAdmin
from clients.models import Client
from tests import factories

OURS = ("accounts", "packages", "clients", "portal", "followup", "api", "manual")
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]
# Fields whose Spanish name is also their English one.
ALIKE = {"id", "pk", "folios", "total", "plan", "rfc"}
ENGLISH = re.compile(
    r"\b(True|False|Search|Yes|Unknown|Empty|Select|View|Change|Client|User|Users"
    r"|Reseller|Package|Scopes|Prefix|Created|Home|Log out)\b"
)
PEOPLE = ("as_ana", "as_soporte")


@pytest.fixture
def as_ana(db: None) -> Browser:
    """Support without superuser's rights."""
    browser = Browser()
    ana = factories.SupportFactory(email="ana@panel.mx", is_superuser=False)
    browser.force_login(ana)
    return browser


@pytest.fixture
def something(alicia: User, soporte: User, clara: Client) -> None:
    """A row of every kind that the admin shows."""
    made = keys.make(clara.reseller, name="Caja", scopes=["stamps"], by=alicia)
    keys.revoke(made.key, by=alicia)
    people.end_sessions(alicia, by=soporte)
    assert AccessEvent.objects.exists()


def _words(page: str) -> str:
    """What is seen and what is said of pictures."""
    page = re.sub(r"(?s)<script.*?</script>|<style.*?</style>", " ", page)
    said = re.findall(r'(?:alt|title|placeholder|aria-label)="([^"]*)"', page)
    shown = re.sub(r"<[^>]+>", " ", page)
    return " ".join([shown, *said])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_and_field_has_a_spanish_name(model: type[Model]) -> None:
    opts = model._meta
    assert opts.object_name
    if opts.model_name not in ALIKE:
        assert opts.verbose_name != camel_case_to_spaces(opts.object_name)
    unnamed = [
        field.name
        for field in opts.fields
        if field.verbose_name == field.name.replace("_", " ")
        and field.name not in ALIKE
    ]
    assert unnamed == []


def test_every_app_has_a_spanish_name() -> None:
    names = {label: str(apps.get_app_config(label).verbose_name) for label in OURS}
    assert names == {
        "accounts": "Cuentas",
        "packages": "Paquetes",
        "clients": "Clientes",
        "portal": "Mi cuenta",
        "followup": "Seguimiento",
        "api": "API",
        "manual": "Ayuda",
    }


@pytest.mark.parametrize("who", PEOPLE)
def test_no_page_of_the_admin_speaks_english(
    who: str, something: None, request: pytest.FixtureRequest
) -> None:
    browser: Browser = request.getfixturevalue(who)
    urls = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls.append(reverse(f"{name}_changelist"))
        if first := model._default_manager.first():
            urls.append(reverse(f"{name}_change", args=[first.pk]))
    assert len(urls) > 20
    for url in urls:
        page = browser.get(url)
        assert page.status_code == 200, url
        assert ENGLISH.findall(_words(page.text)) == [], url
        assertContains(page, "/static/admin.css")
        assertContains(page, f'<a href="{reverse("manual:contents")}">Volver al panel')
        assertNotContains(page, "Ver en el sitio")


def test_the_way_back_leads_to_a_page_that_support_may_open(as_ana: Browser) -> None:
    page = as_ana.get(reverse("manual:contents"))
    assertContains(page, "Administración")


def test_support_is_offered_only_what_it_may_change(
    as_ana: Browser, soporte: User, alicia: User
) -> None:
    def names(url: str) -> set[str]:
        fields = re.findall(
            r'<(?:input|select)[^>]* name="([^"]+)"', as_ana.get(url).text
        )
        return {name for name in fields if not name.startswith(("initial-", "_"))}

    never = {"is_staff", "is_superuser", "groups", "user_permissions"}
    assert not names(reverse("admin:accounts_user_add")) & never
    of_alicia = names(reverse("admin:accounts_user_change", args=[alicia.pk]))
    assert of_alicia - {"csrfmiddlewaretoken"} == {"name", "is_active"}
    of_support = names(reverse("admin:accounts_user_change", args=[soporte.pk]))
    assert of_support <= {"csrfmiddlewaretoken"}
    page = as_ana.get(reverse("admin:accounts_user_change", args=[soporte.pk]))
    assertContains(page, "Puede entrar")
    assertNotContains(page, "icon-yes")


def test_who_is_archived_is_filtered_in_words(as_ana: Browser, clara: Client) -> None:
    page = as_ana.get(reverse("admin:clients_client_changelist"))
    choices = page.text.partition("Archivado")[2].partition("</ul>")[0]
    assert re.findall(r">(\w+)</a>", choices) == ["Todos", "No", "Sí"]


def test_every_page_is_of_the_class_that_opens_one_by_one() -> None:
    assert all(isinstance(one, SupportAdmin) for one in admin.site._registry.values())
