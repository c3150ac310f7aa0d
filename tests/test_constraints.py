"""The database refuses each row that breaks a rule, by a constraint with a name.

The invalid rows are written past all checks above the database: with
QuerySet.update(), bulk_create() and raw SQL.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pgtrigger
import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.db.models import Value
from django.utils import timezone

from accounts.models import (
    AccessEvent,
    AccessKind,
    ApiKey,
    ListSettings,
    Reseller,
    SavedView,
    SheetLink,
    User,
)
from clients import lifecycle
from clients.models import (
    AdditionalRfc,
    ApiRefusal,
    BulkRow,
    BulkRun,
    CfdiRecord,
    Client,
    ClientEvent,
    ColumnNames,
    EntryKind,
    EventKind,
    FolioAccount,
    FolioLedger,
    FollowUp,
    Import,
    Membership,
    OneTimeKey,
    PackageAlias,
    Plan,
    PlanService,
    Seal,
    Task,
)
from followup.models import MessageTemplate, OpenDay, ResellerDay
from jobs import files
from jobs.models import Chunk, Job, Line
from packages.models import Package, PackageService, Service
from tests import factories
from tests.cast import MakeClient

OURS = ("accounts", "packages", "clients", "portal", "followup")


@pytest.fixture(autouse=True)
def _world(clara: Client, soporte: User) -> None:
    """Valid rows to change: clara with a stamp, and a user of support."""
    lifecycle.consume(clara, reference="F-1")


def _update(model: type[models.Model], **values: Any) -> Callable[[], Any]:
    return lambda: model._default_manager.update(**values)


def _entry(**values: Any) -> Callable[[], Any]:
    """Writes an entry, valid but for `values`, without the ledger package."""

    def write() -> Any:
        return FolioLedger.objects.create(
            **{
                "client": Client.objects.get(),
                "seq": 99,
                "kind": EntryKind.ADDITION,
                "quantity": 1,
                "balance_after": 1,
                "created_at": timezone.now(),
            }
            | values
        )

    return write


def _twice(model: type[models.Model], **changes: Any) -> Callable[[], Any]:
    """Writes a copy of the first row with a new primary key (and `changes`)."""

    def write() -> Any:
        row = model._default_manager.order_by("pk")[0]
        for field in model._meta.concrete_fields:
            if field.primary_key or field.name == "public_id":
                setattr(row, field.attname, field.get_default())
        for name, value in changes.items():
            setattr(row, name, value)
        return row.save(force_insert=True)

    return write


def _reversal(**values: Any) -> Callable[[], Any]:
    return lambda: _entry(
        kind=EntryKind.REVERSAL,
        reverses=FolioLedger.objects.get(kind="stamp"),
        **values,
    )()


def _reversed_twice() -> None:
    lifecycle.reverse(Client.objects.get(), reference="F-1", by=None)
    _reversal()()


def _list(**values: Any) -> Callable[[], Any]:
    return lambda: ListSettings.objects.create(person=User.objects.first(), **values)


def _view(*several: dict[str, Any]) -> Callable[[], Any]:
    """Writes a view of one person for each, valid but for its values."""
    valid = {"name": "Cobranza", "query": "columnas=folios"}

    def write() -> None:
        person = User.objects.first()
        SavedView.objects.bulk_create(
            SavedView(**{"person": person} | valid | values) for values in several
        )

    return write


def _run(**values: Any) -> Callable[[], Any]:
    def write() -> None:
        person = User.objects.filter(reseller__isnull=False).first()
        assert person
        BulkRun.objects.bulk_create(
            [BulkRun(reseller=person.reseller, by=person, verb="renew", **values)]
        )

    return write


def _bulk(*several: dict[str, Any]) -> Callable[[], Any]:
    """Rows of one client in one run."""

    def write() -> None:
        _run()()
        run, client = BulkRun.objects.get(), Client.objects.first()
        BulkRow.objects.bulk_create(
            BulkRow(run=run, client=client, place=1, **values) for values in several
        )

    return write


def _job(**values: Any) -> Callable[[], Any]:
    def write() -> None:
        person = User.objects.filter(reseller__isnull=False).first()
        assert person
        given = {"kind": "x", "title": "Prueba"} | values
        Job.objects.bulk_create([Job(reseller=person.reseller, by=person, **given)])

    return write


def _lines(*several: dict[str, Any]) -> Callable[[], Any]:
    def write() -> None:
        _job()()
        job = Job.objects.get()
        Line.objects.bulk_create(
            Line(**{"job": job, "place": 1, "name": "a.xml", "state": "new"} | values)
            for values in several
        )

    return write


def _chunk_twice() -> None:
    _job()()
    file = files.create(Job.objects.get(), name="x", content_type="text/plain")
    Chunk.objects.bulk_create(Chunk(file=file, number=0, data=b"x") for _ in "12")


def _key_with_escape() -> None:
    ApiKey.issue(Reseller.objects.get(), name="x", scopes=["stamps"])
    ApiKey.objects.update(name=ESCAPE)


def _imported(**values: Any) -> Callable[[], Any]:
    """Writes an import, valid but for these values."""

    def write() -> None:
        person = User.objects.exclude(reseller=None).first()
        Import.objects.bulk_create(
            [
                Import(
                    **{
                        "reseller_id": person.reseller_id if person else None,
                        "by": person,
                        "name": "clientes.csv",
                        "headers": ["RFC"],
                        "columns": ["rfc"],
                    }
                    | values
                )
            ]
        )
        Import.objects.update(**values)

    return write


def _columns_twice() -> None:
    reseller = Reseller.objects.get()
    for _ in range(2):
        ColumnNames.objects.create(
            reseller=reseller, digest="x", headers=["rfc"], columns=["rfc"]
        )


def _alias_twice() -> None:
    package = Package.objects.get()
    for _ in range(2):
        PackageAlias.objects.create(
            reseller=package.reseller, name="oro", package=package
        )


def _import_with_escape() -> None:
    _imported()()
    Import.objects.update(name=ESCAPE)


def _view_with_escape() -> None:
    _view({})()
    SavedView.objects.update(name=ESCAPE)


def _unused_link_with_uses() -> None:
    person = User.objects.get(email="alicia@distribuidora.mx")
    view = SavedView.objects.create(person=person, name="Cobranza")
    SheetLink.objects.create(
        view=view, reseller=Reseller.objects.get(), digest=b"x", uses=1
    )


def _key_of_a_reseller_twice() -> None:
    """At two clients, as two dialogs of a person would at the same instant."""
    clara = Client.objects.get()
    other = factories.make_client(package=clara.plan.package)
    for client in (clara, other):
        OneTimeKey.objects.create(
            client=client,
            reseller=client.reseller,
            reference="llave",
            verb="renew",
            content="",
            is_of_reseller=True,
        )


def _refusal_told_twice() -> None:
    key, _ = ApiKey.issue(Reseller.objects.get(), name="x", scopes=["stamps"])
    now = timezone.now()
    for _ in range(2):
        ApiRefusal.objects.create(
            api_key=key,
            call="stamp",
            code="unknown_client",
            times=1,
            first_at=now,
            last_at=now,
        )


def _day(**values: int) -> Callable[[], Any]:
    def write() -> Any:
        facts = {"day": date(2026, 10, 1), "stamped": 0, "sold": 0} | values
        return ResellerDay.objects.create(reseller=Reseller.objects.get(), **facts)

    return write


def _day_counted_twice() -> None:
    reseller, now = Reseller.objects.first(), timezone.now()
    for _ in range(2):
        OpenDay.objects.create(
            reseller=reseller, day=now.date(), stamped=1, sold=1, at=now
        )


def _day_closed_twice() -> None:
    for _ in range(2):
        _day()()


def _followup(**values: Any) -> Callable[[], Any]:
    """A well-formed answer to a suggestion but for `values`."""
    given: dict[str, Any] = {
        "how": "contacted",
        "kind": "call",
        "basis": "b",
        "channel": "email",
    }
    given |= {"seq": 9}
    return lambda: FollowUp.objects.create(
        client=Client.objects.get(), at=timezone.now(), **given | values
    )


def _message(**values: Any) -> Callable[[], Any]:
    given = {"kind": "call", "subject": "x", "text": "x", "at": timezone.now()}

    def write() -> Any:
        alicia = User.objects.get(email="alicia@distribuidora.mx")
        who = {"reseller": alicia.reseller, "by": alicia}
        return MessageTemplate.objects.create(**who, **given | values)

    return write


def _seal_twice() -> None:
    client = Client.objects.get()
    for _ in range(2):
        Seal.objects.create(client=client, rfc=client.rfc, ends_at=timezone.now())


def _message_kept_twice() -> None:
    for _ in range(2):
        _message()()


def _rfc(**values: Any) -> Callable[[], Any]:
    """Writes an additional RFC, valid but for `values`."""
    given = {"rfc": "CACX7605101P8", "starts_on": date(2026, 11, 1)}
    return lambda: AdditionalRfc.objects.create(
        client=Client.objects.get(), **given | values
    )


def _cfdi(**values: Any) -> Callable[[], Any]:
    """Writes the data of a document of the stamp, valid but for `values`."""
    given = {"uuid": uuid4(), "issued_on": date(2026, 11, 1), "kind": "I", "total": 1}
    return lambda: CfdiRecord.objects.create(
        entry=FolioLedger.objects.get(kind="stamp"), **given | values
    )


def _task(**values: Any) -> Callable[[], Any]:
    now = timezone.now()
    given = {"text": "Llamar", "due_on": now.date(), "created_at": now}
    return lambda: Task.objects.create(client=Client.objects.get(), **given | values)


# Given as an expression it passes the check of its field.
ESCAPE = Value("a\x1bb")
TERM_UNITLESS = {"term_count": 1, "term_unit": ""}
LIMITLESS = {"leftover_rule": "keep_up_to", "leftover_limit": None}


def _access_event_of_nobody() -> None:
    AccessEvent.objects.create(kind=AccessKind.KEY_MADE)


def _revoked_by_without_a_moment() -> None:
    key, _ = ApiKey.issue(Reseller.objects.get(), name="x", scopes=["stamps"])
    key.revoked_by = User.objects.get(email="alicia@distribuidora.mx")
    key.save()


BROKEN: dict[str, list[Callable[[], Any]]] = {
    "user_email_is_lower_case": [_update(User, email="Alicia@Distribuidora.mx")],
    "user_is_support_or_reseller_not_both": [_update(User, is_staff=True)],
    "user_proof_has_its_address_and_time": [
        _update(User, proven_email="", proven_at=timezone.now()),
        _update(User, proven_email="clara@kemper.mx", proven_at=None),
    ],
    "membership_live_once_per_client_and_person": [_twice(Membership)],
    "membership_email_is_lower_case": [
        _update(Membership, email="Clara@kemper.mx"),
        _update(Membership, email=""),
    ],
    "only_an_ended_membership_was_ended_by_somebody": [
        _update(Membership, ended_by=models.F("user"))
    ],
    "package_grants_folios": [_update(Package, folios=0)],
    "package_term_is_whole_or_none": [
        _update(Package, **TERM_UNITLESS),
        _update(Package, term_count=None, term_unit="day"),
        _update(Package, term_count=0, term_unit="day"),
        _update(Package, term_count=1, term_unit="week"),
    ],
    "package_leftover_limit_fits_rule": [
        _update(Package, **LIMITLESS),
        _update(Package, leftover_rule="keep_up_to", leftover_limit=0),
        _update(Package, leftover_rule="keep", leftover_limit=5),
        _update(Package, leftover_rule="lose", leftover_limit=5),
        _update(Package, leftover_rule="burn"),
    ],
    "package_price_is_not_negative": [_update(Package, price=-1)],
    "package_name_once_per_reseller": [_twice(Package, name="pyme")],
    "package_includes_a_service_once": [_twice(PackageService)],
    "package_service_quantity_is_positive": [_update(PackageService, quantity=0)],
    "client_rfc_once_per_reseller": [_twice(Client)],
    "client_rfc_is_well_formed": [
        _update(Client, rfc="EKU9003173C"),
        _update(Client, rfc="eku9003173c9"),
        _update(Client, rfc="EKU9003173C9X"),
        _update(Client, rfc="EK 9003173C9"),
        _update(Client, rfc="ÉKU9003173C9"),
    ],
    "client_rfc_is_not_generic": [
        _update(Client, rfc="XAXX010101000"),
        _update(Client, rfc="XEXX010101000"),
    ],
    "client_postal_code_has_five_digits": [
        _update(Client, postal_code="4250"),
        _update(Client, postal_code="4250a"),
        _update(Client, postal_code="٤٢٥٠١"),
    ],
    "additional_rfc_is_well_formed": [_rfc(rfc="EKU9003173C")],
    "additional_rfc_is_not_generic": [_rfc(rfc="XEXX010101000")],
    "additional_rfc_ends_after_it_starts": [_rfc(ends_on=date(2026, 10, 31))],
    "seal_once_per_rfc": [_seal_twice],
    "plan_grants_folios": [_update(Plan, folios=0)],
    "plan_term_is_whole_or_none": [_update(Plan, **TERM_UNITLESS)],
    "plan_leftover_limit_fits_rule": [_update(Plan, **LIMITLESS)],
    "plan_is_anchored_to_a_day_of_the_month": [
        _update(Plan, anchor_day=0),
        _update(Plan, anchor_day=32),
    ],
    "plan_includes_a_service_once": [_twice(PlanService)],
    "plan_service_quantity_is_positive": [_update(PlanService, quantity=0)],
    "balance_is_never_negative": [_update(FolioAccount, balance=-1)],
    "entry_seq_once_per_client": [_entry(seq=2)],
    "entry_reference_once_per_client": [_entry(reference="F-1")],
    "stamp_is_reversed_once": [_reversed_twice],
    "entry_balance_is_never_negative": [_entry(balance_after=-1)],
    "entry_moves_something": [
        _entry(kind=EntryKind.ADJUSTMENT, quantity=0, reason="Nada")
    ],
    "entry_sign_follows_its_kind": [
        _entry(kind=EntryKind.ASSIGNMENT, quantity=-1),
        _entry(kind=EntryKind.RENEWAL, quantity=-1),
        _entry(kind=EntryKind.ADDITION, quantity=-1),
        _entry(kind=EntryKind.STAMP, quantity=1),
        _entry(kind=EntryKind.WITHDRAWAL, quantity=1),
        _entry(kind="gift", quantity=1),
        _reversal(quantity=-1),
    ],
    "adjustment_has_a_reason": [_entry(kind=EntryKind.ADJUSTMENT)],
    "only_a_reversal_reverses": [
        _entry(kind=EntryKind.REVERSAL),
        lambda: _entry(reverses=FolioLedger.objects.get(kind="stamp"))(),
    ],
    "cfdi_day_can_be": [
        _cfdi(issued_on=date(2004, 12, 31)),
        _cfdi(issued_on=date(1, 1, 1)),
        _cfdi(issued_on=date(2013, 12, 31), kind="R"),
    ],
    "cfdi_total_can_be": [_cfdi(total=10**13), _cfdi(total=-(10**13))],
    "event_seq_once_per_client": [_twice(ClientEvent)],
    "one_time_key_once_per_client": [_twice(OneTimeKey)],
    "one_time_key_once_per_reseller": [_key_of_a_reseller_twice],
    "refusal_once_per_kind": [_refusal_told_twice],
    "reseller_day_is_closed_once": [_day_closed_twice],
    "open_day_is_counted_once": [_day_counted_twice],
    "followup_is_one_of_three": [_followup(how="forgotten", channel="")],
    "followup_answers_something": [_followup(kind=""), _followup(basis="")],
    "only_what_is_postponed_has_a_day": [
        _followup(how="postponed", channel=""),
        _followup(until=timezone.now().date()),
    ],
    "what_is_dismissed_has_a_reason": [_followup(how="dismissed", channel="")],
    "only_who_was_contacted_has_a_channel": [
        _followup(channel=""),
        _followup(channel="pigeon"),
        _followup(how="dismissed", reason="x"),
    ],
    "message_once_per_suggestion": [_message_kept_twice],
    "message_is_for_a_suggestion": [_message(kind="gift")],
    "message_says_something": [_message(subject=""), _message(text="")],
    "access_event_is_about_a_person_or_a_key": [_access_event_of_nobody],
    "api_key_revoked_by_somebody_is_revoked": [_revoked_by_without_a_moment],
    "task_says_something": [_task(text="")],
    "only_a_done_task_was_done_by_somebody": [
        lambda: _task(done_by=User.objects.get(email="alicia@distribuidora.mx"))()
    ],
    "reseller_name_is_printable": [_update(Reseller, name=ESCAPE)],
    "reseller_phones_can_be_dialled": [
        _update(Reseller, contact_phone=Value("5512345678")),
        _update(Reseller, contact_whatsapp=Value("+52 55")),
    ],
    "user_name_is_printable": [_update(User, name=ESCAPE)],
    "key_name_is_printable": [_key_with_escape],
    "package_name_is_printable": [_update(Package, name=ESCAPE)],
    "plan_name_is_printable": [_update(Plan, name=ESCAPE)],
    "list_has_so_many_columns": [_list(columns=["x"] * 41)],
    "list_has_a_page_size": [_list(page_size=0), _list(page_size=101)],
    "view_name_once_per_person": [_view({}, {"name": "COBRANZA"})],
    "view_is_the_only_default_of_its_person": [
        _view({"is_default": True}, {"name": "Otra", "is_default": True})
    ],
    "import_is_checked_before_it_is_confirmed": [
        _imported(confirmed_at=timezone.now())
    ],
    "import_name_is_printable": [_import_with_escape],
    "columns_once_per_headers": [_columns_twice],
    "package_alias_once_per_reseller": [_alias_twice],
    "client_history_does_not_begin_before_it": [
        _update(Client, history_from=timezone.now() - timedelta(days=9))
    ],
    "view_has_a_name": [_view({"name": ""})],
    "view_name_is_printable": [_view_with_escape],
    "sheet_link_was_used_at_some_time": [_unused_link_with_uses],
    "view_query_is_encoded": [_view({"query": "q=a b"}), _view({"query": "q=ñ"})],
    "service_text_is_printable": [
        _update(Service, name=ESCAPE),
        _update(Service, description=ESCAPE),
        _update(Service, quantity_label=ESCAPE),
    ],
    "client_names_are_printable": [
        _update(Client, legal_name=ESCAPE),
        _update(Client, legal_name=Value("a\nb")),
        _update(Client, legal_name=Value("a\u200bb")),
        _update(Client, contact_name=Value("a\U000e0041b")),
    ],
    "entry_reason_is_printable": [_entry(reason=ESCAPE), _entry(reason=Value("a\rb"))],
    "event_text_is_printable": [
        _twice(ClientEvent, seq=99, reason=ESCAPE),
        _twice(ClientEvent, seq=99, message=ESCAPE),
    ],
    "followup_reason_is_printable": [
        _followup(how="dismissed", channel="", reason=ESCAPE)
    ],
    "task_text_is_printable": [_task(text=ESCAPE)],
    "bulk_row_once_per_client": [_bulk({}, {})],
    "bulk_row_text_is_printable": [_bulk({"said": ESCAPE})],
    "bulk_reason_is_printable": [_run(reason=ESCAPE)],
    "bulk_message_is_printable": [_run(message=ESCAPE)],
    "job_text_is_printable": [
        _job(title=ESCAPE),
        _job(summary=ESCAPE),
        _job(error=ESCAPE, finished_at=timezone.now()),
    ],
    "job_does_no_more_than_all": [_job(total=1, done=2)],
    "job_that_failed_has_ended": [_job(error="Falló")],
    "chunk_once_per_file": [_chunk_twice],
    "line_once_per_place": [_lines({}, {})],
    "line_is_printable": [_lines({"name": ESCAPE}), _lines({"said": ESCAPE})],
    "message_text_is_printable": [_message(subject=ESCAPE), _message(text=ESCAPE)],
}
CASES = [
    pytest.param(name, write, id=f"{name}-{number}")
    for name, writes in BROKEN.items()
    for number, write in enumerate(writes, 1)
]


@pytest.mark.parametrize(("name", "write"), CASES)
def test_the_constraint_refuses_by_its_name(
    name: str, write: Callable[[], Any]
) -> None:
    with pytest.raises(IntegrityError) as caught:
        write()
    assert caught.value.__cause__.diag.constraint_name == name


def test_every_constraint_of_clients_packages_and_followup_is_proven_here() -> None:
    declared = {
        constraint.name
        for app in ("accounts", "jobs", "packages", "clients", "followup")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }
    assert declared == set(BROKEN)


@pytest.mark.parametrize(
    "write",
    [
        _twice(User),
        _twice(Reseller),
        _twice(Plan),
        _twice(FolioAccount, pk=None),
        lambda: [
            ApiKey.issue(
                Reseller.objects.get(), name="x", scopes=["stamps"], secret="igual"
            )
            for _ in range(2)
        ],
    ],
    ids=["e-mail", "slug", "plan", "account", "key"],
)
def test_what_is_one_of_a_kind_is_so_in_the_database(
    write: Callable[[], Any],
) -> None:
    with pytest.raises(IntegrityError):
        write()


def test_public_identifiers_are_random_and_unique(make_client: MakeClient) -> None:
    one, other = make_client(), make_client()
    assert one.public_id.version == 4
    with pytest.raises(IntegrityError):
        Client.objects.filter(pk=one.pk).update(public_id=other.public_id)


def test_two_resellers_may_have_the_same_taxpayer_and_the_same_package_name(
    clara: Client, beto: User
) -> None:
    package = factories.PackageFactory(reseller=beto.reseller, name="PYME")
    twin = factories.make_client(package=package, rfc=clara.rfc)
    assert twin.rfc == clara.rfc
    assert twin.balance == 100


# --- Histories are append-only --------------------------------------------------

HISTORY = [FolioLedger, ClientEvent]


@pytest.fixture
def event(clara: Client) -> ClientEvent:
    return clara.events.get(kind=EventKind.CREATED)


@pytest.mark.parametrize("model", HISTORY)
@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(reason="otra"),
        lambda rows: rows.update(created_at=timezone.now() - timedelta(days=1)),
        lambda rows: rows.all().delete(),
        lambda rows: rows.first().delete(),
        lambda rows: rows.first().save(),
        lambda rows: rows.bulk_update([rows.first()], ["reason"]),
        lambda rows: _sql("UPDATE {} SET reason = 'otra'", rows.model),
        lambda rows: _sql("UPDATE {} SET seq = seq", rows.model),
        lambda rows: _sql("DELETE FROM {}", rows.model),
        lambda rows: _sql("DELETE FROM {} WHERE false; DELETE FROM {}", rows.model),
        lambda rows: _sql(
            "INSERT INTO {} SELECT * FROM {} ON CONFLICT (id) DO UPDATE SET seq = 9",
            rows.model,
        ),
        lambda rows: _sql("TRUNCATE {} CASCADE", rows.model),
        lambda rows: _sql("TRUNCATE clients_client CASCADE", rows.model),
    ],
    ids=[
        "update",
        "update of the time",
        "delete",
        "delete of one",
        "save",
        "bulk_update",
        "raw update",
        "raw update of nothing",
        "raw delete",
        "raw delete after another",
        "raw upsert",
        "raw truncate",
        "raw truncate of clients",
    ],
)
def test_the_database_refuses_to_change_a_history(
    model: type[models.Model], write: Callable[[Any], Any]
) -> None:
    before = list(model._default_manager.order_by("pk").values())
    # Otherwise the pending deferred checks would refuse the TRUNCATE first.
    _sql("SET CONSTRAINTS ALL IMMEDIATE", model)
    with (
        pytest.raises(ProgrammingError, match="history of a client is append-only"),
        transaction.atomic(),
    ):
        write(model._default_manager)
    assert list(model._default_manager.order_by("pk").values()) == before


def _sql(statement: str, model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(*[model._meta.db_table] * 2))


def test_an_update_that_meets_no_row_changes_nothing_and_is_no_error() -> None:
    assert FolioLedger.objects.filter(seq=12345).update(reason="x") == 0


def test_nothing_that_has_a_history_can_be_deleted(
    clara: Client, alicia: User, pyme: Package
) -> None:
    for row in (clara, clara.user, alicia.reseller, pyme):
        with pytest.raises(models.ProtectedError):
            row.delete()


def test_the_guards_are_installed_and_switched_on() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgenabled FROM pg_trigger"
            " WHERE starts_with(tgname, 'pgtrigger_')"
            " AND tgrelid IN ('clients_folioledger'::regclass,"
            " 'clients_clientevent'::regclass)"
        )
        triggers = cursor.fetchall()
    assert sorted(triggers) == [
        ("clients_clientevent", "O"),
        ("clients_clientevent", "O"),
        ("clients_folioledger", "O"),
        ("clients_folioledger", "O"),
    ]
    assert {model for model, _ in pgtrigger.registered()} >= set(HISTORY)
