"""The tally of clients agrees with the clients, whatever happens to them, and makes
nobody wait."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from clients import lifecycle, tally
from clients.models import Client, Standing, Tally
from clients.models.triggers import WRONG_SQL
from clients.status import Status
from packages.models import Package
from tests.cast import MakeClient, MakePackage
from tests.factories import reference
from tests.test_past import Life

TODAY = date(2026, 6, 1)


def rows() -> int:
    return Tally.objects.count()


def counted(user: User, today: date) -> tally.Counts:
    """One by one, by the rule in Python."""
    found = tally.Counts.none()
    for client in Client.objects.visible_to(user).with_facts():
        status = client.status_on(today)
        found.add(status, 1, is_archived=client.is_archived)
    return found


def told(user: User, today: date, **term: date) -> tally.Counts:
    assert user.reseller_id is not None
    return tally.count(user.reseller_id, today, **term)


def test_it_agrees_after_every_verb(
    make_client: MakeClient, make_package: MakePackage, alicia: User
) -> None:
    random = Random(4)
    packages = [make_package(name="Otro", folios=7, term_count=1, term_unit="month")]
    start, today = timezone.now() - timedelta(days=60), timezone.localdate()
    lives = [Life(make_client(now=start), random, packages) for _ in range(6)]
    done: Counter[Status] = Counter()
    for hours in range(0, 60 * 24, 4):
        random.choice(lives).act(start + timedelta(hours=hours))
        assert tally.audit() == []
        for day in (today, date(2031, 1, 1)):
            done.update(one for one, n in told(alicia, day).listed.items() if n)
    for day in (start.date(), today - timedelta(days=20), today, date(2031, 1, 1)):
        assert told(alicia, day) == counted(alicia, day)
    assert done.keys() == {*Status}


def test_midnight_changes_the_counts_and_no_row(
    make_client: MakeClient, make_package: MakePackage, alicia: User
) -> None:
    month = make_package(term_count=1, term_unit="month")
    last = make_client(package=month).expires_on
    assert last is not None
    kept = [*Tally.objects.order_by("pk").values()]
    assert told(alicia, last).listed[Status.ACTIVE] == 1
    assert told(alicia, last + timedelta(days=1)).listed[Status.EXPIRED] == 1
    assert [*Tally.objects.order_by("pk").values()] == kept


def test_it_counts_those_whose_term_ends_within_some_days(
    make_client: MakeClient, make_package: MakePackage, alicia: User
) -> None:
    make_client(package=make_package(name="Sin término", term_count=None))
    last = make_client(package=make_package(term_count=1, term_unit="month")).expires_on
    assert last is not None
    day = timedelta(days=1)
    assert sum(told(alicia, TODAY, since=last, until=last).listed.values()) == 1
    assert sum(told(alicia, TODAY, since=last + day).listed.values()) == 0
    assert sum(told(alicia, TODAY, until=last - day).listed.values()) == 0


def test_a_stamp_writes_no_row_unless_the_folios_end(clara: Client) -> None:
    before = rows()
    lifecycle.consume(clara, reference=reference())
    assert rows() == before
    balance = Client.objects.with_facts().get(pk=clara.pk).balance
    lifecycle.consume(clara, reference=reference(), quantity=balance)
    assert rows() == before + 2


def test_folding_leaves_one_row_of_each_kind_and_the_same_counts(
    make_client: MakeClient, alicia: User, beto: User
) -> None:
    for _ in range(3):
        client = make_client()
        lifecycle.suspend(client, reason="x", by=alicia)
        lifecycle.activate(client, by=alicia)
    before = told(alicia, TODAY)
    assert rows() > 12
    tally.fold(alicia.reseller_id or 0)
    assert rows() == 1
    assert told(alicia, TODAY) == before
    assert tally.audit() == []
    assert told(beto, TODAY) == tally.Counts.none()


def test_who_reads_many_loose_rows_folds_them(
    clara: Client, alicia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_LOOSE_MAX", 3)
    lifecycle.suspend(clara, reason="x", by=alicia)
    lifecycle.activate(clara, by=alicia)
    before = rows()
    assert told(alicia, TODAY).listed[Status.ACTIVE] == 1
    assert rows() < before
    assert tally.audit() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM clients_tally",
        "INSERT INTO clients_tally (reseller_id, is_archived, is_suspended,"
        " is_exhausted, clients)"
        " SELECT id, false, false, false, 1 FROM accounts_reseller",
        "UPDATE clients_tally SET expires_on = '2030-01-01'",
        "UPDATE clients_standing SET is_suspended = true",
    ],
)
def test_the_audit_of_the_ledger_fails_if_it_is_wrong(
    clara: Client, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("audit_ledger")
    call_command("audit_tally")
    with connection.cursor() as cursor:
        cursor.execute(damage)
    for command in ("audit_ledger", "audit_tally"):
        with pytest.raises(CommandError, match="No cuadran"):
            call_command(command)
        assert "distribuidora" in capsys.readouterr().out.lower()


@pytest.mark.django_db(transaction=True)
def test_clients_whose_folios_end_together_do_not_wait(
    make_client: MakeClient, alicia: User, pyme: Package
) -> None:
    first, second = make_client(), make_client()
    problems: list[DatabaseError] = []

    def use_up_the_second() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                lifecycle.consume(second, reference=reference(), quantity=pyme.folios)
        except DatabaseError as error:
            problems.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        lifecycle.consume(first, reference=reference(), quantity=pyme.folios)
        other = Thread(target=use_up_the_second)
        other.start()
        other.join(10)
        assert not other.is_alive()
    assert problems == []
    assert told(alicia, TODAY).listed[Status.EXHAUSTED] == 2
    assert tally.audit() == []


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_another_folds_does_not_wait_for_it(
    clara: Client, alicia: User
) -> None:
    reseller = alicia.reseller_id or 0
    lifecycle.suspend(clara, reason="x", by=alicia)

    def fold() -> None:
        try:
            tally.fold(reseller)
        finally:
            connection.close()

    with transaction.atomic():
        tally.fold(reseller)
        other = Thread(target=fold)
        other.start()
        other.join(5)
        assert not other.is_alive()
    assert tally.audit() == []


# ── What lists are filtered and sorted by ─────────────────────────────────────────


def test_what_lists_show_agrees_with_the_facts_after_every_verb(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    random = Random(8)
    packages = [make_package(name="Otro", folios=7, term_count=1, term_unit="month")]
    start = timezone.now() - timedelta(days=30)
    lives = [Life(make_client(now=start), random, packages) for _ in range(4)]
    for hours in range(0, 30 * 24, 6):
        random.choice(lives).act(start + timedelta(hours=hours))
        with connection.cursor() as cursor:
            cursor.execute(WRONG_SQL)
            assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_archived": True},
        {"is_suspended": True},
        {"is_exhausted": True},
        {"last_day": date(2020, 1, 1)},
        {"created_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"sort_name": "otra"},
        {"rfc": "XAXX010101000"},
        {"plan_name": "Otro"},
        {"package": None},
        {"reseller": 0},
    ],
    ids=str,
)
def test_the_audit_knows_who_is_shown_with_other_facts(
    clara: Client, wrong: dict[str, object]
) -> None:
    Standing.objects.update(**wrong)
    with connection.cursor() as cursor:
        cursor.execute(WRONG_SQL)
        assert cursor.fetchall() == [(clara.pk,)]


def test_the_audit_knows_who_is_not_shown_at_all(clara: Client) -> None:
    Standing.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(WRONG_SQL)
        assert cursor.fetchall() == [(clara.pk,)]


def test_a_rename_and_another_package_reach_the_list(
    clara: Client, make_package: MakePackage, alicia: User
) -> None:
    package = make_package(name="Zeta")
    lifecycle.renew(clara, package=package, reference=reference(), by=alicia)
    Client.objects.update(legal_name="ÁRBOL VERDE")
    shown = Standing.objects.get()
    assert (shown.package, shown.plan_name) == (package, "Zeta")
    assert shown.sort_name == "arbol verde"
