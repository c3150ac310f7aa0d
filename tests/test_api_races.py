"""Many programs at once, over real connections: each race has one exact outcome.

Of 200 stamps on 50 folios exactly 50 succeed; the requirement is 20 rounds of it. The
test runs three; the environment variable STAMP_ROUNDS sets another number.
"""

import http.client
import json
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, EventKind
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.environment import GENEROUS_SECONDS
from tests.programs import BASE, Program

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("STAMP_ROUNDS", "3"))
SEED = int(os.environ.get("STAMP_SEED", str(random.randrange(10**6))))

Answer = tuple[int, dict[str, Any]]


@pytest.fixture(autouse=True)
def _a_busy_machine_makes_nobody_late(settings: Settings) -> None:
    """Or a row that is locked for longer than 400 ms would be one more outcome."""
    settings.METERING_LOCK_TIMEOUT_MS = GENEROUS_SECONDS * 1_000


class Caller:
    """Calls the live server; each thread has a connection of its own."""

    def __init__(self, server: LiveServer, program: Program) -> None:
        self._host = urlsplit(server.url).netloc
        self._headers = {
            "Authorization": f"Bearer {program.secret}",
            "Content-Type": "application/json",
        }
        self._own = threading.local()
        self.lines: list[http.client.HTTPConnection] = []

    def post(self, path: str, data: Any) -> Answer:
        line = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = http.client.HTTPConnection(
                self._host, timeout=GENEROUS_SECONDS
            )
            self.lines.append(line)
        line.request("POST", BASE + path, json.dumps(data), self._headers)
        response = line.getresponse()
        return response.status, json.loads(response.read())

    def stamp(self, client: str, reference: str, quantity: int = 1) -> Answer:
        data = {"reference": reference, "quantity": quantity}
        return self.post(f"/clients/{client}/stamps", data)


@pytest.fixture
def caller(live_server: LiveServer, program: Program) -> Iterator[Caller]:
    caller = Caller(live_server, program)
    yield caller
    for line in caller.lines:
        line.close()


def _all_at_once(calls: list[Any], threads: int = 20) -> list[Answer]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda call: call(), calls))


def _check_ledger(client: Client) -> None:
    balance = 0
    for entry in client.entries.order_by("seq"):
        balance += entry.quantity
        assert entry.balance_after == balance
    assert factories.fresh(client).balance == balance


@pytest.mark.parametrize("number", range(ROUNDS))
def test_200_stamps_on_50_folios_spend_exactly_50(
    caller: Caller,
    make_client: MakeClient,
    make_package: MakePackage,
    number: int,
) -> None:
    client = make_client(package=make_package(folios=50))
    calls = [
        lambda reference=f"F-{n}": caller.stamp(client.rfc, reference)
        for n in range(200)
    ]
    answers = _all_at_once(calls)
    assert Counter(status for status, _ in answers) == {201: 50, 402: 150}
    spent = [body for status, body in answers if status == 201]
    assert sorted(body["balance_after"] for body in spent) == list(range(50))
    assert factories.fresh(client).balance == 0
    _check_ledger(client)


def test_twins_of_one_reference_spend_once_and_are_told_the_same(
    caller: Caller, clara: Client
) -> None:
    calls = [
        lambda reference=f"F-{n % 10}": caller.stamp(clara.rfc, reference)
        for n in range(100)
    ]
    answers = _all_at_once(calls)
    assert Counter(status for status, _ in answers) == {201: 10, 200: 90}
    bodies = {json.dumps(body) for _, body in answers}
    assert len(bodies) == 10
    assert factories.fresh(clara).balance == 90
    _check_ledger(clara)


def test_no_valid_request_is_refused_when_nothing_is_broken(
    caller: Caller, make_client: MakeClient
) -> None:
    """Single stamps, batches and additions, spread over a few clients."""
    clients = [make_client() for _ in range(12)]
    chance = random.Random(SEED)
    print(f"STAMP_SEED={SEED}")
    calls: list[Any] = []
    for number in range(300):
        rfc = chance.choice(clients).rfc
        path, reference = f"/clients/{rfc}", f"F-{number}"
        data: Any = {"reference": reference, "quantity": 1}
        match chance.randrange(10):
            case 0:
                batch = [{"client": rfc} | data]
                calls.append(lambda b=batch: caller.post("/stamps", {"stamps": b}))
            case 1 if number % 2:
                calls.append(
                    lambda p=path, d=data: caller.post(
                        f"{p}/folios", d | {"quantity": 9}
                    )
                )
            case _:
                calls.append(lambda r=rfc, f=reference: caller.stamp(r, f))
    answers = _all_at_once(calls, threads=8)
    unexpected = [answer for answer in answers if answer[0] not in (200, 201)]
    assert unexpected == []
    inside = [r for _, body in answers for r in body.get("results", [])]
    assert [result for result in inside if result["status"] != 201] == []
    for client in clients:
        _check_ledger(client)


def test_nothing_is_stamped_between_a_suspension_and_an_activation(
    caller: Caller, clara: Client
) -> None:
    done = threading.Event()

    def storm() -> None:
        while not done.is_set():
            for verb, data in (("suspension", {"reason": "Falta"}), ("activation", {})):
                caller.post(f"/clients/{clara.rfc}/{verb}", data)

    stormer = threading.Thread(target=storm)
    stormer.start()
    try:
        answers = _all_at_once(
            [lambda r=f"F-{n}": caller.stamp(clara.rfc, r) for n in range(150)], 8
        )
    finally:
        done.set()
        stormer.join()
    statuses = Counter(status for status, _ in answers)
    assert statuses.keys() <= {201, 402, 403, 503}
    assert statuses[201]
    assert statuses[403]
    _check_order(clara)
    _check_ledger(clara)


def _check_order(client: Client) -> None:
    kinds = dict(client.events.values_list("seq", "kind"))
    history = sorted(
        [*kinds, *client.entries.values_list("seq", flat=True)],
    )
    assert history == list(range(1, len(history) + 1))
    suspended = False
    for seq in history:
        match kinds.get(seq):
            case EventKind.SUSPENDED:
                suspended = True
            case EventKind.ACTIVATED:
                suspended = False
            case None:
                assert not suspended, f"a stamp of seq {seq} while suspended"
