"""Folios by day: updated with every movement, and equal to the sums of the entries.

Law: domain.md, "Follow-up"; clients/models/days.py says what is stored for a day. The
random stories of test_ledger_stories.py check these sums too.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from clients import lifecycle, refusals
from clients.management.commands.audit_ledger import add_up
from clients.models import Client, FolioAccount, FolioDay
from tests import factories
from tests.cast import MakeClient

START = datetime(2026, 3, 2, 18, tzinfo=UTC)  # noon in Mexico City


def _at(days: int, hours: int = 0) -> datetime:
    return START + timedelta(days=days, hours=hours)


def _days(client: Client) -> list[tuple[date, int, int, int]]:
    rows = client.days.order_by("day")
    return list(rows.values_list("day", "spent", "balance", "dry"))


def _run_dry_and_top_up(client: Client, *, after: int) -> None:
    lifecycle.consume(client, reference="all", quantity=client.balance, now=_at(0, 1))
    lifecycle.add_folios(client, quantity=9, reference="k", by=None, now=_at(after))


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    """A client that was created with 100 folios on 2 March."""
    return make_client(now=START)


def test_a_day_keeps_what_was_ever_spent_and_what_was_left(client: Client) -> None:
    lifecycle.consume(client, reference="a", quantity=3, now=_at(1))
    lifecycle.consume(client, reference="b", quantity=4, now=_at(1, 2))
    lifecycle.add_folios(client, quantity=50, reference="c", by=None, now=_at(3))
    assert _days(client) == [
        (date(2026, 3, 2), 0, 100, 0),
        (date(2026, 3, 3), 7, 93, 0),
        (date(2026, 3, 5), 7, 143, 0),
    ]
    account = factories.fresh(client).account
    assert (account.spent, account.moved_on) == (7, date(2026, 3, 5))
    assert account.stamped_on == date(2026, 3, 3)


def test_a_repeat_and_a_refusal_keep_nothing(client: Client) -> None:
    lifecycle.consume(client, reference="a", now=_at(1))
    before = _days(client)
    lifecycle.consume(client, reference="a", now=_at(2))
    lifecycle.suspend(client, reason="No ha pagado", by=None, now=_at(2))
    with pytest.raises(refusals.ClientSuspended):
        lifecycle.consume(client, reference="b", now=_at(3))
    assert _days(client) == before


def test_a_reversal_is_taken_off_the_day_on_which_it_comes(client: Client) -> None:
    lifecycle.consume(client, reference="a", quantity=5, now=_at(1))
    lifecycle.reverse(client, reference="a", by=None, now=_at(2))
    assert [spent for _, spent, _, _ in _days(client)] == [0, 5, 0]


def test_only_stamps_are_spent(client: Client, soporte: User) -> None:
    lifecycle.adjust(
        client, quantity=-9, reason="Error", reference="a", by=soporte, now=_at(1)
    )
    assert _days(client)[-1] == (date(2026, 3, 3), 0, 91, 0)
    assert factories.fresh(client).account.stamped_on is None


@pytest.mark.parametrize(("after", "dry"), [(0, 0), (1, 0), (2, 1), (30, 29)])
def test_whole_days_without_folios_are_counted_when_folios_come(
    client: Client, after: int, dry: int
) -> None:
    _run_dry_and_top_up(client, after=after)
    assert _days(client)[-1][3] == dry


def test_the_day_is_the_resellers(client: Client) -> None:
    """20:00 in Mexico City is already tomorrow in UTC."""
    lifecycle.consume(client, reference="a", now=_at(0, 8))
    assert [day for day, *_ in _days(client)] == [date(2026, 3, 2)]


def test_days_never_go_back_even_if_the_clock_does(client: Client) -> None:
    lifecycle.consume(client, reference="a", now=_at(5))
    lifecycle.consume(client, reference="b", now=_at(3))
    assert _days(client)[-1] == (date(2026, 3, 7), 2, 98, 0)
    assert add_up().wrong == []


@pytest.fixture
def lived(client: Client) -> Client:
    """A client with days of every sort: stamps, reversals, no folios, a renewal."""
    lifecycle.consume(client, reference="a", quantity=40, now=_at(1))
    lifecycle.reverse(client, reference="a", by=None, now=_at(2))
    _run_dry_and_top_up(factories.fresh(client), after=20)
    lifecycle.renew(client, reference="r", by=None, now=_at(25))
    lifecycle.consume(client, reference="b", quantity=7, now=_at(31))
    return client


def test_the_audit_adds_the_days_up_again(lived: Client) -> None:
    assert add_up().wrong == []


@pytest.mark.parametrize("column", ["spent", "balance", "dry"])
def test_the_audit_names_the_first_day_that_is_wrong(
    lived: Client, column: str
) -> None:
    second, third = lived.days.order_by("day")[1:3]
    for wrong in (second, third):
        FolioDay.objects.filter(pk=wrong.pk).update(**{column: 12345})
    (wrong_client,) = add_up().wrong
    assert f"su día {second.day:%d/%m/%Y}" in wrong_client.problem
    assert "12345" in wrong_client.problem


def test_the_audit_misses_a_day_that_is_not_there(lived: Client) -> None:
    lived.days.earliest("day").delete()
    (wrong,) = add_up().wrong
    assert "su día 02/03/2026 dice nada gastados" in wrong.problem


@pytest.mark.parametrize(
    "change", [{"spent": 1}, {"dry": 1}, {"moved_on": None}, {"stamped_on": None}]
)
def test_the_audit_compares_the_account_with_its_newest_day(
    lived: Client, change: dict[str, int | None]
) -> None:
    FolioAccount.objects.filter(client=lived).update(**change)
    (wrong,) = add_up().wrong
    assert wrong.problem == "su cuenta no va donde va su último día"
