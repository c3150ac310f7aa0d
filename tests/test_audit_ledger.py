"""The audit passes after normal work, and finds every corruption made by hand."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from clients import lifecycle
from clients.management.commands.audit_ledger import add_up, audit
from clients.models import Client
from tests import factories
from tests.cast import MakeClient, MakePackage


@pytest.fixture
def worked(clara: Client) -> Client:
    """clara with one movement or event of each sort: seq 1 to 8, balance 145."""
    lifecycle.consume(clara, reference="a", quantity=3)  # 3: 97
    lifecycle.suspend(clara, reason="No ha pagado", by=None)  # 4
    lifecycle.activate(clara, by=None)  # 5
    lifecycle.reverse(clara, reference="a", by=None)  # 6: 100
    lifecycle.add_folios(clara, quantity=50, reference="b", by=None)  # 7: 150
    lifecycle.consume(clara, reference="c", quantity=5)  # 8: 145
    return factories.fresh(clara)


def _run() -> str:
    out = StringIO()
    call_command("audit_ledger", stdout=out)
    return out.getvalue()


def _corrupt(*statements: str) -> None:
    """Change rows by SQL, which only the owner of the tables can do.

    The triggers stay disabled until the test's transaction is rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("clients_folioledger", "clients_clientevent"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for sql in statements:
            cursor.execute(sql)


def _the_one_wrong() -> tuple[int | None, str]:
    (wrong,) = add_up().wrong
    return wrong.seq, wrong.problem


# --- After normal work ----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_with_no_clients_everything_adds_up(db: None) -> None:
    assert _run() == "Clientes: 0. Movimientos: 0. Eventos: 0. Todo cuadra.\n"


@pytest.mark.django_db(transaction=True)
def test_after_every_verb_everything_adds_up(
    worked: Client, make_client: MakeClient, make_package: MakePackage
) -> None:
    losing = make_package(name="Sin sobrantes", leftover_rule="lose")
    client = make_client(package=losing, suspended=True)
    lifecycle.renew(client, reference="r", by=None, activate=True)
    make_client(expired=True, exhausted=True, archived=True)
    assert _run() == "Clientes: 3. Movimientos: 10. Eventos: 9. Todo cuadra.\n"


# --- Corruptions ----------------------------------------------------------------


def test_a_balance_changed_by_hand_is_found_in_its_entry(worked: Client) -> None:
    _corrupt("UPDATE clients_folioledger SET balance_after = 98 WHERE seq = 3")
    (wrong,) = add_up().wrong
    assert str(wrong) == (
        "distribuidora-alicia EKU9003173C9 ESCUELA KEMPER URGATE: "
        "movimiento 3: su saldo dice 98 y la suma es 97."
    )


def test_a_quantity_changed_by_hand_is_found_in_the_first_entry_it_spoils(
    worked: Client,
) -> None:
    _corrupt("UPDATE clients_folioledger SET quantity = 60 WHERE seq = 7")
    assert _the_one_wrong() == (7, "su saldo dice 150 y la suma es 160")


def test_a_balance_of_the_account_changed_by_hand_is_found(worked: Client) -> None:
    _corrupt("UPDATE clients_folioaccount SET balance = balance + 1")
    assert _the_one_wrong() == (
        None,
        "su cuenta dice 146 folios y la suma es 145",
    )


def test_a_removed_entry_leaves_a_gap_that_is_found(worked: Client) -> None:
    _corrupt("DELETE FROM clients_folioledger WHERE seq = 7")
    assert _the_one_wrong() == (8, "falta lo que va antes: se esperaba el número 7")


def test_a_removed_newest_entry_is_found_in_the_account(worked: Client) -> None:
    _corrupt("DELETE FROM clients_folioledger WHERE seq = 8")
    assert _the_one_wrong() == (None, "su cuenta dice 145 folios y la suma es 150")


def test_a_removed_event_is_found_though_no_folio_is_missing(worked: Client) -> None:
    _corrupt("DELETE FROM clients_clientevent WHERE seq = 4")
    assert _the_one_wrong() == (
        5,
        "falta lo que va antes: se esperaba el número 4",
    )


def test_a_removed_newest_event_is_found_in_the_account(worked: Client) -> None:
    lifecycle.suspend(worked, reason="No ha pagado", by=None)
    _corrupt("DELETE FROM clients_clientevent WHERE seq = 9")
    assert _the_one_wrong() == (
        None,
        "su cuenta va en el número 9 y la historia en el 8",
    )


def test_an_entry_and_an_event_with_one_number_are_found(worked: Client) -> None:
    _corrupt("UPDATE clients_clientevent SET seq = 6 WHERE seq = 5")
    # 1 2 3 4 6 6: the missing 5 comes before the doubled 6.
    assert _the_one_wrong() == (6, "falta lo que va antes: se esperaba el número 5")


def test_a_doubled_number_without_a_gap_before_it_is_found(worked: Client) -> None:
    _corrupt("UPDATE clients_clientevent SET seq = 3 WHERE seq = 4")
    assert _the_one_wrong() == (3, "su número está repetido")


def test_a_reversal_that_gives_back_too_much_is_found(worked: Client) -> None:
    """Every later sum is right again, so only the reversal itself is wrong."""
    _corrupt(
        "UPDATE clients_folioledger SET balance_after = balance_after + 2,"
        " quantity = CASE WHEN seq = 6 THEN 5 ELSE quantity END WHERE seq >= 6",
        "UPDATE clients_folioaccount SET balance = balance + 2",
    )
    assert _the_one_wrong() == (
        6,
        "no devuelve lo que gastó el timbrado que dice revertir",
    )


def test_a_client_without_an_account_is_found(worked: Client) -> None:
    _corrupt("DELETE FROM clients_folioaccount")
    assert _the_one_wrong() == (None, "no tiene cuenta de folios")


def test_a_negative_balance_is_found_where_the_check_was_dropped(
    worked: Client,
) -> None:
    _corrupt(
        "ALTER TABLE clients_folioledger"
        " DROP CONSTRAINT entry_balance_is_never_negative",
        "UPDATE clients_folioledger SET quantity = -101, balance_after = -1"
        " WHERE seq = 3",
    )
    assert _the_one_wrong() == (3, "su saldo es negativo (-1)")


@pytest.mark.django_db(transaction=True)
def test_each_wrong_client_is_named_once_and_the_status_says_so(
    worked: Client, make_client: MakeClient
) -> None:
    other = make_client(legal_name="Otra, S.A.")
    make_client(legal_name="Sana, S.A.")
    with transaction.atomic():
        _corrupt(
            "UPDATE clients_folioledger SET balance_after = balance_after + 1"
            f" WHERE client_id IN ({worked.pk}, {other.pk})",
            "ALTER TABLE clients_folioledger ENABLE TRIGGER USER",
            "ALTER TABLE clients_clientevent ENABLE TRIGGER USER",
        )
    out = StringIO()
    with pytest.raises(CommandError, match="No cuadran: 2") as caught:
        call_command("audit_ledger", stdout=out)
    assert caught.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert "movimiento 2:" in lines[0]
    assert "Otra, S.A." in lines[1]


@pytest.mark.django_db(transaction=True)
def test_the_audit_may_not_write(worked: Client) -> None:
    """Checked in the statements that the audit sent to the database."""
    statements: list[str] = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        audit()
    assert statements[0] == (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    )
    assert all(s.split()[0] in {"SET", "SELECT", "WITH"} for s in statements)
