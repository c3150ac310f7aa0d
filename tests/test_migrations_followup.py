"""The migrations of followup go back and forth, and what was stored stays."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from followup import totals
from followup.models import ResellerDay
from tests.cast import MakeClient

TRIGGER = "SELECT count(*) FROM pg_trigger WHERE tgname = 'followup_reopen_days'"


def _triggers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_stored_days_are_counted_ones_after_going_back_and_forth(
    alicia: User, make_client: MakeClient
) -> None:
    assert alicia.reseller
    make_client(now=timezone.now() - timedelta(days=5))
    totals.close_days(alicia.reseller, timezone.now())
    stored = ResellerDay.objects.filter(is_counted=True).count()
    assert stored >= 4
    assert _triggers() == 1
    call_command("migrate", "followup", "0003", verbosity=0)
    try:
        assert _triggers() == 0
    finally:
        call_command("migrate", "followup", verbosity=0)
    assert _triggers() == 1
    assert ResellerDay.objects.filter(is_counted=True).count() == stored
