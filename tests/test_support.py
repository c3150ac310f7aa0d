"""Who support may become: nobody. Identity and credentials are a superuser's to change.

Law: domain.md, "The people"; quality.md, "Access". Whatever is changed of a person is
told at the address they had, ends their sessions and stays in a record; the pages that
libraries bring along for the admin, with secrets in them, do not exist.
"""

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.asserts import assertContains, assertNotContains
from pytest_django.fixtures import Settings

from accounts import keys, people, second_factor
from accounts.models import AccessEvent, AccessKind, ApiKey, User
from clients.models import Client
from tests import factories
from tests.cast import prove

Commit = DjangoCaptureOnCommitCallbacks

# Every page of the admin, by model. A library's new one fails this: decide about it.
PAGES = {
    "accounts.AccessEvent",
    "accounts.ApiKey",
    "accounts.Reseller",
    "accounts.User",
    "admin.LogEntry",
    "clients.Client",
    "clients.ClientEvent",
    "clients.FolioLedger",
    "clients.Membership",
    "packages.Package",
    "packages.Service",
}
CHANGED = {"email": "otra@panel.mx", "name": "Otra", "is_active": "on"}


@pytest.fixture
def ana(db: None) -> User:
    """Support without superuser's rights."""
    return factories.SupportFactory(
        email="ana@panel.mx", name="Ana Soporte", is_superuser=False
    )


@pytest.fixture
def as_ana(ana: User) -> Browser:
    browser = Browser()
    browser.force_login(ana)
    return prove(browser)


def page_of(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])


def form_of(person: User, **changes: Any) -> dict[str, Any]:
    """What the page of a person sends; None leaves a field out, as an empty box."""
    flags = ("is_active", "is_staff", "is_superuser")
    form: dict[str, Any] = {
        "email": person.email,
        "name": person.name,
        "reseller": person.reseller_id or "",
    } | {name: "on" for name in flags if getattr(person, name)}
    return {k: v for k, v in (form | changes).items() if v is not None}


def people_page(browser: Browser, action: str, *persons: User) -> str:
    form = {
        "action": action,
        "_selected_action": [str(person.pk) for person in persons],
        "confirmed": "1",
    }
    url = reverse("admin:accounts_user_changelist")
    return browser.post(url, form, follow=True).content.decode()


# ── Which pages there are ─────────────────────────────────────────────────────────


def test_every_page_of_the_admin_was_decided_on() -> None:
    assert {model._meta.label for model in admin.site._registry} == PAGES


def test_what_a_library_registers_is_not_taken() -> None:
    class Page(admin.ModelAdmin):
        pass

    admin.site.register(EmailAddress, Page)
    admin.site.register(Authenticator)
    assert not admin.site.is_registered(EmailAddress)
    assert not admin.site.is_registered(Authenticator)


def test_there_is_one_page_for_ones_password(as_soporte: Browser) -> None:
    url = reverse("admin:password_change")
    new = {"old_password": factories.PASSWORD} | dict.fromkeys(
        ("new_password1", "new_password2"), "otra-clave-muy-larga"
    )
    for response in (as_soporte.get(url), as_soporte.post(url, new)):
        assert response.url == reverse("account_change_password")
    assert User.objects.get(email="soporte@panel.mx").check_password(factories.PASSWORD)


# ── What plain support may not ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        {"email": "ana+1@panel.mx"},
        {"name": "Nadie"},
        {"is_active": None},
        {"is_staff": None},
        {"is_superuser": None},
    ],
)
def test_support_changes_nothing_of_a_superuser(
    as_ana: Browser, soporte: User, change: dict[str, Any]
) -> None:
    as_ana.post(page_of(soporte), form_of(soporte, **change))
    after = User.objects.get(pk=soporte.pk)
    assert form_of(after) == form_of(soporte)
    assert not AccessEvent.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"email": "ana+1@panel.mx"},
        {"is_staff": "on"},
        {"is_superuser": "on"},
        {"reseller": None},
    ],
)
def test_support_takes_nobodys_place(
    as_ana: Browser, alicia: User, clara: Client, change: dict[str, Any]
) -> None:
    for person in (alicia, clara.user):
        as_ana.post(page_of(person), form_of(person, **change))
        assert form_of(User.objects.get(pk=person.pk)) == form_of(person)


def test_support_does_not_give_itself_a_reseller_nor_rights(
    as_ana: Browser, ana: User, alicia: User
) -> None:
    for change in (
        {"reseller": alicia.reseller_id, "is_staff": None},
        {"is_superuser": "on"},
    ):
        as_ana.post(page_of(ana), form_of(ana, **change))
        assert form_of(User.objects.get(pk=ana.pk)) == form_of(ana)


def test_support_adds_the_first_person_of_a_reseller_and_no_other(
    as_ana: Browser, alicia: User
) -> None:
    add = reverse("admin:accounts_user_add")
    form = {"email": "ana+1@panel.mx", "is_active": "on"}
    second = as_ana.post(add, form | {"reseller": alicia.reseller_id})
    assertContains(second, "Sólo un superusuario")
    nobodys = as_ana.post(add, form)
    assertContains(nobodys, "Sólo un superusuario")
    for right in ("is_staff", "is_superuser"):
        as_ana.post(add, form | {right: "on"})
    assert not User.objects.filter(email="ana+1@panel.mx").exists()
    new = factories.ResellerFactory()
    as_ana.post(add, form | {"reseller": new.pk})
    assert User.objects.get(email="ana+1@panel.mx").reseller == new


@pytest.mark.parametrize("field", ["email", "is_active", "is_staff", "is_superuser"])
def test_the_verbs_refuse_it_whatever_page_asks(
    ana: User, soporte: User, field: str
) -> None:
    """The check stands where it is written."""
    new = "x@panel.mx" if field == "email" else False
    with pytest.raises(people.SuperuserOnly):
        people.change(soporte, {field: new}, by=ana)
    with pytest.raises(people.SuperuserOnly):
        people.end_sessions(soporte, by=ana)
    with pytest.raises(people.SuperuserOnly):
        people.remove_second_factor(ana, by=ana)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "x@y.mx"),
        ("reseller", None),
        ("is_staff", True),
        ("is_superuser", True),
    ],
)
def test_of_a_resellers_person_plain_support_changes_name_and_activity_alone(
    ana: User, alicia: User, field: str, value: object
) -> None:
    with pytest.raises(people.SuperuserOnly):
        people.change(alicia, {field: value}, by=ana)
    people.change(alicia, {"name": "Alicia Otra", "is_active": False}, by=ana)
    assert not User.objects.get(pk=alicia.pk).is_active


def test_nobody_but_support_has_these_verbs(alicia: User, clara: Client) -> None:
    for person in (alicia, clara.user):
        with pytest.raises(people.SuperuserOnly):
            people.change(person, {"name": "Otro"}, by=alicia)
        with pytest.raises(people.SuperuserOnly):
            people.end_sessions(person, by=alicia)
        with pytest.raises(people.SuperuserOnly):
            people.add({"email": "x@y.mx"}, by=alicia)


def test_nobody_changes_their_own_access(as_soporte: Browser, soporte: User) -> None:
    prove(as_soporte)
    for change in ({"is_superuser": None}, {"is_active": None}, {"email": "x@y.mx"}):
        page = as_soporte.post(page_of(soporte), form_of(soporte, **change))
        assertContains(page, "Nadie cambia su propio acceso")
    as_soporte.post(page_of(soporte), form_of(soporte, name="Sofía"))
    assert User.objects.get(pk=soporte.pk).name == "Sofía"


# ── What a change does ────────────────────────────────────────────────────────────


def test_another_email_is_told_at_the_old_one_and_ends_what_it_opened(
    as_soporte: Browser,
    soporte: User,
    alicia: User,
    as_alicia: Browser,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    EmailAddress.objects.create(user=alicia, email=alicia.email, verified=True)
    assert as_alicia.get("/clientes/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        prove(as_soporte).post(
            page_of(alicia), form_of(alicia, email="Nueva@Distribuidora.mx")
        )
    after = User.objects.get(pk=alicia.pk)
    assert after.email == "nueva@distribuidora.mx"
    assert not after.has_usable_password(), "the new address chooses its own"
    assert not EmailAddress.objects.filter(user=alicia).exists()
    assert "/cuenta/login/" in as_alicia.get("/clientes/").url
    told = {address for message in mail.outbox for address in message.to}
    assert told == {"alicia@distribuidora.mx", "nueva@distribuidora.mx"}
    assert "correo: de alicia@distribuidora.mx a nueva@" in mail.outbox[0].body
    assert "Sofía Soporte" in mail.outbox[0].body
    event = AccessEvent.objects.get()
    assert (event.kind, event.person, event.by) == (
        AccessKind.PERSON_CHANGED,
        alicia,
        soporte,
    )
    assert event.before == {"email": "alicia@distribuidora.mx"}
    assert event.after == {"email": "nueva@distribuidora.mx"}


@pytest.mark.parametrize("field", ["is_active", "reseller", "is_staff"])
def test_every_change_of_access_is_told_and_ends_the_sessions(
    soporte: User,
    alicia: User,
    beto: User,
    as_alicia: Browser,
    field: str,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    changes: dict[str, Any] = {
        "is_active": {"is_active": False},
        "reseller": {"reseller": beto.reseller},
        "is_staff": {"reseller": None, "is_staff": True},
    }[field]
    assert as_alicia.get("/clientes/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        people.change(alicia, changes, by=soporte)
    assert "/cuenta/login/" in as_alicia.get("/clientes/").url
    assert [message.to for message in mail.outbox] == [[alicia.email]]
    assert AccessEvent.objects.get().by == soporte


def test_a_name_is_no_access(
    soporte: User, alicia: User, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        people.change(alicia, {"name": "Alicia Otra"}, by=soporte)
    assert not mail.outbox
    assert AccessEvent.objects.get().after == {"name": "Alicia Otra"}


def test_saving_without_a_change_does_nothing(soporte: User, alicia: User) -> None:
    people.change(alicia, {"email": "ALICIA@distribuidora.mx "}, by=soporte)
    assert not AccessEvent.objects.exists()
    assert User.objects.get(pk=alicia.pk).session_epoch == alicia.session_epoch


def test_a_mail_that_does_not_go_out_undoes_nothing(
    soporte: User,
    alicia: User,
    settings: Settings,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    with django_capture_on_commit_callbacks(execute=True):
        people.change(alicia, {"is_active": False}, by=soporte)
    assert not User.objects.get(pk=alicia.pk).is_active


def test_a_lost_second_factor_is_removed_by_a_superuser_alone(
    as_soporte: Browser, as_ana: Browser, alicia: User, as_alicia: Browser
) -> None:
    totp.TOTP.activate(alicia, totp.generate_totp_secret())
    people_page(as_ana, "remove_second_factor", alicia)
    assert second_factor.protects(alicia)
    people_page(prove(as_soporte), "remove_second_factor", alicia)
    assert not second_factor.protects(alicia)
    assert "/cuenta/login/" in as_alicia.get("/clientes/").url
    assert AccessEvent.objects.get().kind == AccessKind.FACTOR_REMOVED


def test_support_closes_the_sessions_of_a_reseller_but_not_of_support(
    as_ana: Browser, alicia: User, soporte: User, as_alicia: Browser
) -> None:
    page = people_page(as_ana, "end_sessions", alicia, soporte)
    assert "Se cerraron las sesiones de Alicia Gómez" in page
    assert "Sólo un superusuario" in page
    assert "/cuenta/login/" in as_alicia.get("/clientes/").url
    assert User.objects.get(pk=soporte.pk).session_epoch == soporte.session_epoch


# ── Proof and record ──────────────────────────────────────────────────────────────


def test_an_open_session_is_not_enough_to_change_access(
    as_soporte: Browser, alicia: User
) -> None:
    form = form_of(alicia, is_active=None)
    response = as_soporte.post(page_of(alicia), form)
    assert response.url.startswith(reverse("account_reauthenticate"))
    assert User.objects.get(pk=alicia.pk).is_active
    wrong = as_soporte.post(response.url, {"password": "otra-clave-cualquiera"})
    assert wrong.status_code == 200
    assert User.objects.get(pk=alicia.pk).is_active
    as_soporte.post(response.url, {"password": factories.PASSWORD})
    assert not User.objects.get(pk=alicia.pk).is_active, "what was sent is done"


@pytest.mark.parametrize("action", ["end_sessions", "remove_second_factor"])
def test_neither_is_it_for_an_action(
    as_soporte: Browser, alicia: User, action: str
) -> None:
    people_page(as_soporte, action, alicia)
    assert not AccessEvent.objects.exists()


def test_every_action_of_the_admin_asks_before_it_acts(
    as_soporte: Browser, soporte: User, clara: Client, alicia: User
) -> None:
    """Sent as the list sends it, no action does a thing."""
    prove(as_soporte)
    key, _ = ApiKey.issue(clara.reseller, name="Caja", scopes=["stamps"])
    rows = {Client: clara, User: alicia, ApiKey: key}
    request = as_soporte.get(reverse("admin:index")).wsgi_request
    tried = set()
    for model, page in admin.site._registry.items():
        for action in page.get_actions(request):
            row, meta = rows[model], model._meta
            url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            asked = as_soporte.post(
                url, {"action": action, "_selected_action": [str(row.pk)]}
            )
            assertContains(asked, 'name="confirmed"')
            tried.add(action)
    assert tried >= {"revoke", "end_sessions", "remove_second_factor", "adjust"}
    assert clara.entries.count() == clara.events.count() == 1
    assert not AccessEvent.objects.exists()
    assert not LogEntry.objects.exists()


def test_every_action_leaves_a_record(
    as_soporte: Browser, soporte: User, clara: Client, alicia: User
) -> None:
    key, _ = ApiKey.issue(clara.reseller, name="Caja", scopes=["stamps"])
    prove(as_soporte)
    people_page(as_soporte, "end_sessions", alicia)
    as_soporte.post(
        reverse("admin:accounts_apikey_changelist"),
        {"action": "revoke", "_selected_action": [str(key.pk)], "confirmed": "1"},
    )
    as_soporte.post(
        reverse("admin:clients_client_changelist"),
        {
            "action": "suspend",
            "_selected_action": [str(clara.pk)],
            "confirmed": "1",
            "reason": "Fraude",
        },
    )
    entries = LogEntry.objects.filter(user=soporte)
    assert {entry.object_id for entry in entries} == {
        str(alicia.pk),
        str(key.pk),
        str(clara.pk),
    }
    assertContains(
        as_soporte.get(reverse("admin:admin_logentry_changelist")), "Suspender"
    )


def test_the_record_of_access_is_read_and_never_changed(
    as_ana: Browser, soporte: User, alicia: User
) -> None:
    people.change(alicia, {"is_active": False}, by=soporte)
    page = as_ana.get(reverse("admin:accounts_accessevent_changelist"))
    assertContains(page, "acceso cambiado")
    assertContains(page, "Sofía Soporte")
    event = AccessEvent.objects.get()
    for name in ("change", "delete"):
        url = reverse(f"admin:accounts_accessevent_{name}", args=[event.pk])
        assert as_ana.post(url, {"post": "yes"}).status_code == 403
    for change in (
        lambda: AccessEvent.objects.update(by=None),
        AccessEvent.objects.all().delete,
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            _in_a_savepoint(change)


def _in_a_savepoint(change: Any) -> None:
    with transaction.atomic():
        change()


def test_whoever_dismisses_is_told_of_the_keys_that_go_on(
    as_soporte: Browser, alicia: User
) -> None:
    assert alicia.reseller is not None
    keys.make(alicia.reseller, name="Caja", scopes=["stamps"], by=alicia)
    page = prove(as_soporte).post(
        page_of(alicia), form_of(alicia, is_active=None), follow=True
    )
    assertContains(page, "Siguen vigentes llaves de API")
    assertContains(page, "Caja")
    keys_page = as_soporte.get(reverse("admin:accounts_apikey_changelist"))
    assertContains(keys_page, "quien la creó ya no entra")


# ── The second factor ─────────────────────────────────────────────────────────────


def test_in_production_support_needs_a_second_factor(
    as_ana: Browser, ana: User, settings: Settings
) -> None:
    settings.SUPPORT_NEEDS_SECOND_FACTOR = True
    for name in ("index", "clients_client_changelist", "jsi18n"):
        response = as_ana.get(reverse(f"admin:{name}"), follow=True)
        assert response.request["PATH_INFO"] == reverse("mfa_index")
        assertContains(response, "active antes su segundo factor")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(ana, secret)
    assert as_ana.get(reverse("admin:index")).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(
    as_ana: Browser, ana: User, settings: Settings
) -> None:
    settings.SUPPORT_NEEDS_SECOND_FACTOR = True
    RecoveryCodes.activate(ana)
    assert as_ana.get(reverse("admin:index")).status_code == 302


def test_the_secrets_of_second_factors_are_not_in_the_database(ana: User) -> None:
    secret = totp.generate_totp_secret()
    kept = totp.TOTP.activate(ana, secret)
    codes = RecoveryCodes.activate(ana)
    for keeper, name, plain in (
        (kept.instance, "secret", secret),
        (codes.instance, "seed", codes.generate_codes()[0]),
    ):
        written = Authenticator.objects.get(pk=keeper.pk).data[name]
        assert plain not in written
        assert written.startswith("gAAAA")
    now = int(time.time()) // 30
    code = totp.format_hotp_value(totp.hotp_value(secret, now))
    assert kept.validate_code(code)


def test_a_former_key_opens_and_no_other_does(ana: User, settings: Settings) -> None:
    secret = totp.generate_totp_secret()
    keeper = totp.TOTP.activate(ana, secret).instance
    former, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 60
    adapter = second_factor.MfaAdapter()
    assert adapter.decrypt(keeper.data["secret"]) not in ("", secret)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("reencrypt_second_factors")

    settings.SECRET_KEY_FALLBACKS = [former]
    assert adapter.decrypt(keeper.data["secret"]) == secret
    call_command("reencrypt_second_factors")
    settings.SECRET_KEY_FALLBACKS = []
    keeper.refresh_from_db()
    assert adapter.decrypt(keeper.data["secret"]) == secret


@pytest.mark.django_db(transaction=True)
def test_secrets_of_before_are_encrypted_by_the_migration_and_back() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", "0001_initial")])
    old = executor.loader.project_state([("accounts", "0001_initial")])
    person = old.apps.get_model("accounts", "User").objects.create(email="a@b.mx")
    keeper = Authenticator.objects.create(
        user_id=person.pk, type="totp", data={"secret": "JBSWY3DP"}
    )
    codes = Authenticator.objects.create(
        user_id=person.pk, type="recovery_codes", data={"seed": "0a", "used_mask": 3}
    )
    latest = MigrationExecutor(connection)
    latest.migrate(latest.loader.graph.leaf_nodes())
    keeper.refresh_from_db()
    codes.refresh_from_db()
    adapter = second_factor.MfaAdapter()
    assert keeper.data["secret"] != "JBSWY3DP"
    assert adapter.decrypt(keeper.data["secret"]) == "JBSWY3DP"
    assert adapter.decrypt(codes.data["seed"]) == "0a"
    assert codes.data["used_mask"] == 3

    back = MigrationExecutor(connection)
    back.migrate([("accounts", "0001_initial")])
    keeper.refresh_from_db()
    assert keeper.data == {"secret": "JBSWY3DP"}
    forward = MigrationExecutor(connection)
    forward.migrate(forward.loader.graph.leaf_nodes())


# ── Sessions follow the facts, however they are written ───────────────────────────


def test_an_old_session_does_not_revive_with_its_person(
    as_alicia: Browser, alicia: User
) -> None:
    User.objects.filter(pk=alicia.pk).update(is_active=False)
    User.objects.filter(pk=alicia.pk).update(is_active=True)
    assert "/cuenta/login/" in as_alicia.get("/clientes/").url


def test_a_late_save_brings_no_ended_session_back(
    as_alicia: Browser, alicia: User, soporte: User
) -> None:
    stale = User.objects.get(pk=alicia.pk)
    people.end_sessions(alicia, by=soporte)
    stale.save()
    assert "/cuenta/login/" in as_alicia.get("/clientes/").url


def test_the_page_of_a_person_shows_no_secret(
    as_soporte: Browser, alicia: User
) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(alicia, secret)
    page = as_soporte.get(page_of(alicia))
    assertNotContains(page, secret)
    assertNotContains(page, User.objects.get(pk=alicia.pk).password)
