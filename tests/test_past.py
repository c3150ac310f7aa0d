"""The past: a client and the list as they were at the end of a day, from the history.

Law: domain.md, "The past". Random verbs over many days are remembered evening by
evening, as the ordinary functions said then, and asked of the past afterwards.
"""

import re
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from benchmarks import crowd
from clients import lifecycle, past
from clients.management.commands import audit_past
from clients.models import Client
from clients.past_filters import PastFilter
from packages.models import Package
from reseller_panel.refusals import Refused
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.programs import Program, refusal

LIST = reverse("clients:list")
NOON = datetime(2026, 1, 5, 18, tzinfo=UTC)  # in Mexico City
HX = {"HX-Request": "true", "HX-Target": "results"}


def said_today(client: Client, day: date) -> dict[str, Any]:
    """What the ordinary functions say of a client on the day that it is."""
    return audit_past.stored(factories.fresh(client), day)


def said_of(clients: Any, day: date, alicia: User) -> dict[int, dict[str, Any]]:
    """What the past says of that day, by client."""
    assert alicia.reseller is not None
    found = past.facts(clients, past.end_of(day, alicia.reseller))
    return {
        one.client.pk: audit_past.told_of(one, day) for one in past.as_they_were(found)
    }


def then_of(client: Client, day: date) -> past.Past:
    one = Client.objects.filter(pk=client.pk)
    (found,) = past.as_they_were(past.facts(one, past.end_of(day, client.reseller)))
    return found


# ── Against what was true ─────────────────────────────────────────────────────────


class Life:
    """A client to which a random verb happens now and then; refusals are lived with."""

    def __init__(self, client: Client, random: Random, packages: list[Package]) -> None:
        self.client, self.random, self.packages = client, random, packages
        self.last = 0
        self.stamps: list[str] = []

    def act(self, now: datetime) -> None:
        client, verb = self.client, self.random.choice(self.VERBS)
        try:
            verb(self, client, now)
        except Refused:
            pass

    def _consume(self, client: Client, now: datetime) -> None:
        self.stamps.append(factories.reference())
        most = max(1, factories.fresh(client).balance)
        quantity = self.random.choice((1, 3, most))
        lifecycle.consume(client, reference=self.stamps[-1], quantity=quantity, now=now)

    def _reverse(self, client: Client, now: datetime) -> None:
        if self.stamps:
            lifecycle.reverse(client, reference=self.stamps.pop(), by=None, now=now)

    def _add(self, client: Client, now: datetime) -> None:
        lifecycle.add_folios(
            client,
            quantity=self.random.randint(1, 20),
            reference=factories.reference(),
            activate=self.random.random() < 0.3,
            by=None,
            now=now,
        )

    def _renew(self, client: Client, now: datetime) -> None:
        done = lifecycle.renew(
            client,
            reference=factories.reference(),
            package=self.random.choice([None, *self.packages]),
            activate=self.random.random() < 0.3,
            by=None,
            now=now,
        )
        self.last = done.seq

    def _undo(self, client: Client, now: datetime) -> None:
        lifecycle.undo_renewal(client, seq=self.last, by=None, now=now)

    def _edit(self, client: Client, now: datetime) -> None:
        number = self.random.randint(1, 99)
        lifecycle.edit_plan(
            client,
            changes={"contact_name": f"Contacto {number}"},
            services={} if number % 3 else None,
            by=None,
            now=now,
        )

    def _suspend(self, client: Client, now: datetime) -> None:
        lifecycle.suspend(client, reason="No ha pagado", by=None, now=now)

    def _activate(self, client: Client, now: datetime) -> None:
        lifecycle.activate(client, by=None, now=now)

    def _archive(self, client: Client, now: datetime) -> None:
        lifecycle.archive(client, by=None, now=now)

    def _restore(self, client: Client, now: datetime) -> None:
        lifecycle.restore(client, by=None, now=now)

    def _note(self, client: Client, now: datetime) -> None:
        lifecycle.add_note(client, text="Llamé", by=None, now=now)

    VERBS = (
        *(_consume, _consume, _consume, _reverse, _add, _add, _renew, _undo),
        *(
            _edit,
            _suspend,
            _activate,
            _activate,
            _activate,
            _archive,
            _restore,
            _restore,
            _note,
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_every_evening_of_random_lives_is_said_as_it_was(
    seed: int, alicia: User, make_package: MakePackage, make_client: MakeClient
) -> None:
    assert alicia.reseller is not None
    random = Random(seed)
    packages = [
        make_package(name="Mensual", folios=20, term_count=1, term_unit="month"),
        make_package(name="Sin vigencia", folios=5, term_count=None),
        make_package(name="Dos días", folios=30, term_count=2, term_unit="day"),
        make_package(name="Se pierden", folios=9, leftover_rule="lose"),
        make_package(name="Con servicios", services={"multiempresa": 3}),
    ]
    lives: list[Life] = []
    evenings: dict[tuple[int, date], dict[str, Any]] = {}
    for number in range(45):
        now = NOON + timedelta(days=number)
        if number % 6 == 0:
            new = make_client(package=random.choice(packages), now=now)
            lives.append(Life(new, random, packages))
        # Until a second before midnight; some things happen in one instant.
        moments = sorted(random.choice((0, 1, 6 * 3600 - 1)) for _ in range(4))
        for seconds in moments:
            life = random.choice(lives)
            for _ in range(3):
                life.act(now + timedelta(seconds=seconds))
        day = alicia.reseller.local_date(now)
        for life in lives:
            evenings[life.client.pk, day] = said_today(life.client, day)
    everybody = Client.objects.visible_to(alicia)
    for number in range(-1, 45):
        day = NOON.date() + timedelta(days=number)
        found = said_of(everybody, day, alicia)
        assert found == {pk: said for (pk, on), said in evenings.items() if on == day}
    statuses = {said["status"] for said in evenings.values()}
    assert len(statuses) == 4
    assert len({said["plan_name"] for said in evenings.values()}) > 3


def test_a_replay_of_random_days_agrees(
    alicia: User, make_package: MakePackage, make_client: MakeClient
) -> None:
    random = Random(9)
    packages = [make_package(name="Otro", folios=7, leftover_rule="lose")]
    start = timezone.now() - timedelta(days=40)
    lives = [
        Life(make_client(now=start + timedelta(days=n)), random, packages)
        for n in range(5)
    ]
    for hours in range(6 * 24, 40 * 24, 5):
        random.choice(lives).act(start + timedelta(hours=hours))
    compared, alive, wrong = audit_past.compare(200, seed=3)
    assert compared == 200
    assert alive > 100
    assert wrong == []
    call_command("audit_past", pairs=50, seed=4)


def test_a_crowd_of_the_benchmarks_is_said_as_a_replay_says_it(alicia: User) -> None:
    assert alicia.reseller is not None
    crowd.make(alicia.reseller, 300)
    compared, alive, wrong = audit_past.compare(300, seed=1)
    assert (compared, wrong) == (300, [])
    assert alive > 50
