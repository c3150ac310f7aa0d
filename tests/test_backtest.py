"""The backtest: the forecast beats the mean of thirty days on every kind of client."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from clients import lifecycle
from demo.management.commands.backtest_forecast import Errors, lived
from tests.cast import MakeClient


@pytest.mark.django_db
def test_on_every_kind_of_history_it_is_better_than_the_plain_mean() -> None:
    out = StringIO()
    call_command("backtest_forecast", seed=11, stdout=out)
    _, *kinds, clients = out.getvalue().splitlines()
    ratios = {re.split(r"\s{2,}", line)[0]: float(line.split()[-1]) for line in kinds}
    assert set(ratios) == {"constante", "semanal", "fin de mes", "rachas y pausas"}
    assert max(ratios.values()) < 1
    assert clients.split(maxsplit=2) == ["los", "clientes", "sin historia suficiente"]


def test_an_answer_is_judged_by_the_days_it_is_wrong() -> None:
    errors = Errors()
    errors.judge([2] * 300)
    assert set(errors.ours) == set(errors.plain) == {0}
    doubled = Errors()
    doubled.judge([1] * 91 + [2] * 91)
    assert doubled.ours[0] == 10  # what lasts 10 days was forecast to last 20


def test_the_life_of_a_client_is_its_folios_by_day(make_client: MakeClient) -> None:
    now = timezone.now()
    client = make_client(now=now - timedelta(days=4))
    for days_ago, quantity in ((3, 5), (1, 7)):
        lifecycle.consume(
            client,
            reference=f"F-{days_ago}",
            quantity=quantity,
            now=now - timedelta(days=days_ago),
        )
    assert list(lived()) == [[0, 5, 0, 7]]
