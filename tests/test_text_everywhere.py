"""Text is checked where facts are written (quality.md, "Bad input"): in every column
that a person or a program fills, whichever form, verb or call it comes through."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client as Browser
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts import keys
from accounts.models import Reseller, User
from accounts.text import LineField, ParagraphsField, UnprintableText
from clients import lifecycle
from clients.details import InvalidDetails, clean_details
from clients.lifecycle import Details
from clients.models import Client, FolioLedger, SuggestionKind, Task
from followup.models import MessageTemplate
from packages import catalogue
from packages.catalogue import PackageDetails
from packages.models import Package, Service
from portal.models import Grant
from reseller_panel import csv_files
from tests import factories
from tests.cast import MakeClient
from tests.programs import Program

OWN_APPS = ("accounts", "jobs", "packages", "clients", "followup", "portal")
# What no person writes freely: choices, slugs, and what has a stricter form of its own.
NOT_FREE = {
    "accounts.ApiKey.prefix",
    "accounts.Reseller.contact_phone",
    "accounts.Reseller.contact_whatsapp",
    "accounts.Reseller.time_zone",
    "accounts.SavedView.query",
    "accounts.User.password",
    "clients.AdditionalRfc.rfc",
    "clients.ApiRefusal.asked",
    "clients.ApiRefusal.call",
    "clients.ApiRefusal.code",
    "clients.ApiRefusal.reference",
    "clients.BulkRow.terms",
    "clients.BulkRun.verb",
    "clients.CfdiRecord.issuer_rfc",
    "clients.CfdiRecord.receiver_rfc",
    "clients.Client.contact_phone",
    "clients.Client.postal_code",
    "clients.Client.rfc",
    "clients.FollowUp.basis",
    "clients.FolioLedger.additional_rfc",
    "clients.FolioLedger.reference",
    # What a file said: judged by `clean_details` before it is a client's.
    *(
        f"clients.ImportRow.{name}"
        for name in (
            *("legal_name", "rfc", "tax_regime", "postal_code", "contact_email"),
            *("contact_name", "contact_phone", "package_name", "reason"),
        )
    ),
    "clients.ColumnNames.digest",
    "clients.Import.basis",
    "clients.PackageAlias.name",
    "clients.OneTimeKey.content",
    "clients.OneTimeKey.reference",
    "clients.OneTimeKey.verb",
    "clients.Seal.rfc",
    "clients.Standing.basis",
    # Copies, made by triggers, of what is checked where it is written.
    "clients.Standing.plan_name",
    "clients.Standing.rfc",
    "clients.Standing.sort_name",
    # Written by the panel alone.
    "jobs.File.content_type",
    "jobs.File.name",
    "jobs.Job.kind",
    "jobs.Job.url",
}
HOSTILE = {
    "escape": "\x1b[31mno pagó",
    "bell": "no\x07 pagó",
    "override": "no\u202e pagó",
    "line separator": "no\u2028 pagó",
    "carriage return": "no\r pagó",
    "noncharacter": "no\ufffe pagó",
    "soft hyphen": "no\u00ad pagó",
    "zero width": "no\u200b pagó",
    "tag": "no\U000e0041 pagó",
}
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def text_columns() -> list[models.Field]:
    return [
        field
        for app in OWN_APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not (
            field.choices or field.generated or isinstance(field, models.SlugField)
        )
    ]


def test_every_free_text_column_checks_what_it_is_given() -> None:
    unguarded = {
        str(field) for field in text_columns() if not isinstance(field, LineField)
    }
    assert unguarded == NOT_FREE


@pytest.mark.parametrize("field", [f for f in text_columns() if str(f) not in NOT_FREE])
def test_every_free_text_column_is_guarded_by_the_database_too(
    db: None, field: models.Field
) -> None:
    if isinstance(field, models.EmailField):
        return  # what is in force may be an address from before the rule
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass"
            " AND contype = 'c' AND strpos(pg_get_constraintdef(oid), '!~') > 0"
            " AND %s ~ ANY (SELECT attname FROM pg_attribute WHERE attrelid = conrelid"
            " AND attnum = ANY (conkey))",
            [field.model._meta.db_table, field.column],
        )
        assert cursor.fetchone()[0] >= 1


# --- The verbs --------------------------------------------------------------------

CLIENT_VERBS: dict[str, tuple[str, Callable[[Client, User, str], object]]] = {
    "suspend": (
        "reason",
        lambda client, by, text: lifecycle.suspend(client, reason=text, by=by),
    ),
    "suspend, the message": (
        "message",
        lambda client, by, text: lifecycle.suspend(
            client, reason="x", message=text, by=by
        ),
    ),
    "enter": (
        "reason",
        lambda client, by, text: lifecycle.enter(client, reason=text, by=by),
    ),
    "add folios": (
        "reason",
        lambda client, by, text: lifecycle.add_folios(
            client, quantity=1, reason=text, reference="r", by=by
        ),
    ),
    "dismiss": (
        "reason",
        lambda client, by, text: lifecycle.dismiss(
            client, kind=SuggestionKind.CALL, basis="b", reason=text, by=by
        ),
    ),
    "note": (
        "text",
        lambda client, by, text: lifecycle.add_note(client, text=text, by=by),
    ),
    "task": (
        "text",
        lambda client, by, text: lifecycle.add_task(
            client, text=text, due_on=timezone.localdate(), key=uuid4(), by=by
        ),
    ),
}


@hostile
@pytest.mark.parametrize("name", CLIENT_VERBS)
def test_a_verb_refuses_it_and_writes_nothing(
    clara: Client, alicia: User, name: str, text: str
) -> None:
    field, verb = CLIENT_VERBS[name]
    seq = factories.fresh(clara).account.last_seq
    with pytest.raises(UnprintableText, match=r"\(U\+[0-9A-F]{4,6}\)") as caught:
        verb(clara, alicia, text)
    assert (caught.value.field, caught.value.code) == (field, "validation")
    assert factories.fresh(clara).account.last_seq == seq
    assert not factories.fresh(clara).is_suspended


@hostile
def test_support_and_programs_are_refused_it_too(
    clara: Client, soporte: User, text: str
) -> None:
    lifecycle.consume(clara, reference="F-1")
    with pytest.raises(UnprintableText):
        lifecycle.adjust(clara, quantity=1, reason=text, reference="r", by=soporte)
    with pytest.raises(UnprintableText):
        lifecycle.reverse(clara, reference="F-1", reason=text, by=None)
    assert clara.entries.count() == 2


@hostile
@pytest.mark.parametrize("name", ["legal_name", "contact_name"])
def test_no_client_is_named_so(
    clara: Client, alicia: User, name: str, text: str
) -> None:
    with pytest.raises(InvalidDetails, match=r"\(U\+") as caught:
        lifecycle.edit_plan(clara, changes={name: text}, by=alicia)
    assert list(caught.value.errors) == [name]
    details = Details(**vars(Details.of(clara)) | {name: text, "rfc": "XIA190128J61"})
    with pytest.raises(UnprintableText):
        lifecycle.create(
            clara.reseller,
            details=details,
            package=clara.plan.package,
            reference="r",
            by=alicia,
        )
    assert Client.objects.count() == 1


@pytest.mark.parametrize(
    "email",
    ['"\x1b"@x.mx', '"a\x07b"@x.mx', "a@x\u200b.mx", '"\u202e"@x.mx', "a@\u00adx.mx"],
)
def test_an_address_in_quotes_is_checked_too(clara: Client, email: str) -> None:
    with pytest.raises(InvalidDetails) as caught:
        clean_details(vars(Details.of(clara)) | {"contact_email": email})
    assert list(caught.value.errors) == ["contact_email"]
    with pytest.raises(UnprintableText):
        User.objects.create_user(email)


@hostile
def test_what_other_apps_write_is_checked_where_it_is_written(
    clara: Client, alicia: User, pyme: Package, text: str
) -> None:
    reseller = alicia.reseller
    assert reseller
    key = keys.make(reseller, name="Bien", scopes=["stamps"], by=alicia).key
    service = Service.objects.all()[0]
    details = PackageDetails(name=text, folios=1)
    words = {"by": alicia, "at": timezone.now(), "kind": SuggestionKind.CALL}
    grant = {"client": clara, "actor": alicia, "created_at": timezone.now()}
    grant["expires_at"] = timezone.now() + timedelta(minutes=1)
    attempts: list[Callable[[], object]] = [
        lambda: keys.make(reseller, name=text, scopes=["stamps"], by=alicia),
        lambda: keys.change(key, name=text, scopes=["stamps"], by=alicia),
        lambda: catalogue.create(reseller, details=details, services={}, by=alicia),
        lambda: catalogue.edit(pyme, details=details, services={}, by=alicia),
        lambda: MessageTemplate.objects.update_or_create(
            reseller=reseller, defaults={**words, "subject": "x", "text": text}
        ),
        lambda: MessageTemplate.objects.update_or_create(
            reseller=reseller, defaults={**words, "subject": text, "text": "x"}
        ),
        lambda: Grant.objects.create(reason=text, **grant),
        lambda: User.objects.create_user("x@x.mx", name=text),
        lambda: Reseller.objects.filter(pk=reseller.pk).update(name=text),
        lambda: Service.objects.filter(pk=service.pk).update(description=text),
        lambda: Service.objects.filter(pk=service.pk).update(quantity_label=text),
        lambda: Task.objects.bulk_create([Task(client=clara, text=text)]),
    ]
    for attempt in attempts:
        with pytest.raises(UnprintableText), transaction.atomic():
            attempt()


def test_what_passes_every_check_is_still_refused_by_the_database(
    clara: Client,
) -> None:
    statements = {
        "clients_client": "UPDATE clients_client SET legal_name = %s",
        "clients_folioledger": "INSERT INTO clients_folioledger (client_id, seq, kind,"
        " quantity, balance_after, reason, created_at)"
        " VALUES (1, 99, 'addition', 1, 1, %s, now())",
        "accounts_user": "UPDATE accounts_user SET name = %s",
    }
    for statement in statements.values():
        for text in ("no\x1b pagó", "no\u200b pagó", "no\U000e0041 pagó", "x\uffff"):
            with (
                pytest.raises(IntegrityError, match="printable"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, [text])


# --- NFC --------------------------------------------------------------------------


def test_text_is_kept_composed(clara: Client, alicia: User) -> None:
    apart = "No\u00a0pago\u0301"
    lifecycle.suspend(clara, reason=apart, message=f"{apart}\r\nAdiós", by=alicia)
    event = clara.events.latest("seq")
    assert event.reason == "No pagó"
    assert event.message == "No pagó\nAdiós"
    lifecycle.add_folios(clara, quantity=1, reason=apart, reference="r", by=alicia)
    assert clara.entries.latest("seq").reason == "No pagó"
    lifecycle.edit_plan(clara, changes={"legal_name": "PAN\u0303OL"}, by=alicia)
    assert factories.fresh(clara).legal_name == "PAÑOL"
    key = keys.make(clara.reseller, name="Pa\u0301gina", scopes=[], by=alicia).key
    assert key.name == "Página"
    keys.change(key, name="Pa\u0301gina", scopes=[], by=alicia)
    assert key.access_events.count() == 1, "it was no change"


def test_the_same_name_in_another_form_is_no_change(
    make_client: MakeClient, alicia: User
) -> None:
    client = make_client(legal_name="Pañol")
    outcome = lifecycle.edit_plan(
        client, changes={"legal_name": "Pan\u0303ol"}, by=alicia
    )
    assert not outcome.changed


def test_two_packages_of_one_name_are_two_even_if_written_in_two_forms(
    alicia: User, pyme: Package
) -> None:
    assert alicia.reseller
    catalogue.create(
        alicia.reseller,
        details=PackageDetails(name="Básico", folios=1),
        services={},
        by=alicia,
    )
    with pytest.raises(catalogue.NameTaken):
        catalogue.create(
            alicia.reseller,
            details=PackageDetails(name="Ba\u0301sico", folios=1),
            services={},
            by=alicia,
        )


# --- The doors --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "data", "field"),
    [
        ("suspender", {}, "reason"),
        ("suspender", {"reason": "x"}, "message"),
        ("agregar-folios", {"quantity": "5", "reference": str(uuid4())}, "reason"),
        ("entrar", {"key": str(uuid4())}, "reason"),
        ("notas/agregar", {}, "text"),
        ("pendientes", {"due_on": "2099-01-01", "key": str(uuid4())}, "text"),
    ],
)
@hostile
def test_a_dialog_names_the_character(
    as_alicia: Browser,
    clara: Client,
    verb: str,
    data: dict[str, str],
    field: str,
    text: str,
) -> None:
    url = f"/clientes/{clara.public_id}/{verb}/"
    response = as_alicia.post(url, data | {field: text})
    assertContains(response, "(U+", status_code=422)
    assert factories.fresh(clara).account.last_seq == clara.account.last_seq


@hostile
def test_a_program_is_told_the_character(
    program: Program, clara: Client, text: str
) -> None:
    base = f"/clients/{clara.rfc}"
    for call, body, field in [
        ("suspension", {"reason": text}, "reason"),
        ("suspension", {"reason": "x", "message": text}, "message"),
        ("folios", {"quantity": 1, "reference": "r", "reason": text}, "reason"),
    ]:
        answer = program.post(f"{base}/{call}", body)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == field
        assert "(U+" in error["message"]
    answer = program.patch(base, {"legal_name": text})
    assert answer.status_code == 422
    assert "(U+" in answer.json()["errors"][0]["message"]


def test_a_message_to_the_client_may_have_lines_from_a_program_too(
    program: Program, clara: Client
) -> None:
    body = {"reason": "No pagó", "message": "Buen día:\r\n\r\nAdeuda \u2764\ufe0f"}
    program.post(f"/clients/{clara.rfc}/suspension", body)
    event = clara.events.latest("seq")
    assert event.message == "Buen día:\n\nAdeuda \u2764\ufe0f"


@pytest.mark.parametrize("char", ["\u034f", "\u3164", "\ufe0f", "\u200b", "\x1b"])
def test_a_reference_is_printable(program: Program, clara: Client, char: str) -> None:
    answer = program.post(
        f"/clients/{clara.rfc}/stamps",
        {"reference": f"F{char}1", "quantity": 1},
    )
    assert answer.status_code == 422


@hostile
def test_support_is_told_the_character(
    as_soporte: Browser, clara: Client, text: str
) -> None:
    data = {
        "action": "adjust",
        "_selected_action": [str(clara.pk)],
        "confirmed": "1",
        "direction": "give",
        "quantity": "5",
        "reason": text,
        "reference": str(uuid4()),
    }
    assertContains(as_soporte.post("/admin/clients/client/", data), "(U+")
    service = Service.objects.all()[0]
    data = {"code": service.code, "name": "x", "description": text}
    url = f"/admin/packages/service/{service.pk}/change/"
    assertContains(as_soporte.post(url, data), "(U+")
    assert clara.entries.count() == 1


# --- What is older than the rule ----------------------------------------------------


@hostile
def test_no_export_has_it(text: str) -> None:
    shown = csv_files.cell(text)
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert shown.replace("�", "").isprintable()
    assert csv_files.cell("Dos\nrenglones ❤️") == "Dos\nrenglones ❤️"


def test_the_migration_mends_what_is_there_and_goes_back(
    clara: Client, alicia: User
) -> None:
    """In one transaction, as PostgreSQL can; the history stays as it was written."""
    executor = MigrationExecutor(connection)
    mending = {
        key for key in executor.loader.disk_migrations if "printable_text" in key[1]
    }
    before = [
        parent
        for key in mending
        for parent in executor.loader.disk_migrations[key].dependencies
        if parent[0] == key[0]
    ]
    lifecycle.add_folios(clara, quantity=1, reason="x", reference="r", by=alicia)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        executor.migrate(before)
        cursor.execute(
            "UPDATE clients_client SET legal_name = %s, contact_name = %s",
            ["PAN\u0303OL\u200bROJO", "\x1bClara"],
        )
        cursor.execute("UPDATE accounts_user SET name = %s", ["A\u202eB"])
        cursor.execute(
            "INSERT INTO clients_folioledger (client_id, seq, kind, quantity,"
            " balance_after, reason, created_at)"
            " VALUES (%s, 99, 'addition', 1, 1, %s, now())",
            [clara.pk, "no\x1b pagó"],
        )
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    client = Client.objects.get(pk=clara.pk)
    assert (client.legal_name, client.contact_name) == ("PAÑOL ROJO", " Clara")
    assert User.objects.get(pk=alicia.pk).name == "A B"
    assert FolioLedger.objects.get(seq=99).reason == "no\x1b pagó"
    with pytest.raises(ValidationError):
        ParagraphsField().clean("no\x1b pagó", None)
