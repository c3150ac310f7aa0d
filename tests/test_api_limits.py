"""Limits and timeouts, which keep one key or client from harming the others."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from api import throttle
from clients.models import ApiRefusal, Client, FolioAccount
from reseller_panel.problems import Problem
from tests.cast import MakeClient
from tests.locks import held
from tests.programs import MakeProgram, Program, refusal

# ── Calls per second, calls at once ───────────────────────────────────────────────


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the token buckets; it stands still unless the test moves it."""
    clock = Clock()
    monkeypatch.setattr(throttle, "monotonic", clock)
    return clock


def test_a_key_that_calls_too_often_is_told_when_to_return(
    make_program: MakeProgram, clara: Client, settings: Settings, clock: Clock
) -> None:
    settings.API_CALLS_PER_SECOND = 2
    busy, other = make_program(), make_program()
    answers = [busy.stamp(clara.rfc, f"F-{n}") for n in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert refusal(answers[-1]) == (429, "rate_limited")
    assert int(answers[-1]["Retry-After"]) == 1
    assert other.stamp(clara.rfc, "G-1").status_code == 201
    clock.now += 1
    assert busy.stamp(clara.rfc, "F-3").status_code == 201


def test_a_bucket_fills_again_up_to_a_second_of_calls(
    settings: Settings, clock: Clock
) -> None:
    settings.API_CALLS_PER_SECOND = 20

    def passed() -> int:
        count = 0
        for _ in range(40):
            try:
                with throttle.slot(b"one"):
                    count += 1
            except Problem:
                pass
        return count

    assert passed() == 20
    clock.now += 0.25
    assert passed() == 5
    clock.now += 3600
    assert passed() == 20


def test_a_key_has_a_share_of_what_is_answered_at_once(
    settings: Settings,
) -> None:
    settings.API_CALLS_IN_FLIGHT = 2
    with throttle.slot(b"a"), throttle.slot(b"a"):
        with pytest.raises(Problem) as refused, throttle.slot(b"a"):
            pass
        assert (refused.value.status, refused.value.code) == (503, "busy")
        assert refused.value.headers["Retry-After"] == "1"
        with throttle.slot(b"b"):
            pass
    with throttle.slot(b"a"):
        pass


def test_no_limit_is_zero(settings: Settings) -> None:
    settings.API_CALLS_PER_SECOND = settings.API_CALLS_IN_FLIGHT = 0
    for _ in range(100):
        throttle.enter(b"c")
    for _ in range(100):
        throttle.leave(b"c")


def test_keys_that_stopped_calling_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throttle, "_REMEMBERED", 3)
    with throttle.slot(b"open"):
        for number in range(10):
            with throttle.slot(str(number).encode()):
                pass
        assert b"open" in throttle._uses
    assert len(throttle._uses) <= 4


# ── A contended account ───────────────────────────────────────────────────────────


def _lock(client: Client) -> object:
    return FolioAccount.objects.select_for_update().get(pk=client.pk)


WRITES: dict[str, Callable[[Program, Client], Any]] = {
    "stamp": lambda program, client: program.stamp(client.rfc, "F-9"),
    "stamps": lambda program, client: program.post(
        "/stamps",
        {"stamps": [{"client": client.rfc, "reference": "F-9", "quantity": 1}]},
    ),
    "reversal": lambda program, client: program.post(
        f"/clients/{client.rfc}/stamps/F-1/reversal"
    ),
    "folios": lambda program, client: program.post(
        f"/clients/{client.rfc}/folios", {"quantity": 1, "reference": "R-9"}
    ),
    "edit": lambda program, client: program.patch(
        f"/clients/{client.rfc}", {"contact_name": "Ana"}
    ),
    "suspension": lambda program, client: program.post(
        f"/clients/{client.rfc}/suspension", {"reason": "No ha pagado"}
    ),
}


def _answered_within(seconds: float, call: Callable[[], Any]) -> Any:
    """The answer of a call that was quick enough. A busy machine can only add to its
    time, so it is called again; what waits for too long does so every time."""
    took = []
    for _ in range(20):
        start = time.monotonic()
        answer = call()
        took.append(time.monotonic() - start)
        if took[-1] < seconds:
            return answer
    pytest.fail(f"never within {seconds} s: {took}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", WRITES)
def test_a_client_whose_row_is_contended_answers_503_within_600_ms(
    program: Program, clara: Client, make_client: MakeClient, name: str
) -> None:
    other = make_client()
    program.stamp(clara.rfc, "F-1")
    with held(partial(_lock, clara)):
        response = _answered_within(0.6, lambda: WRITES[name](program, clara))
        body = response.json()
        if name == "stamps" and response.status_code == 200:
            (body,) = body["results"]  # the other items of the batch do not wait
        else:
            assert refusal(response) == (503, "busy")
            assert response["Retry-After"] == "1"
        assert body["code"] == "busy"
        assert program.get(f"/clients/{clara.rfc}").status_code == 200
        assert program.stamp(other.rfc, "F-9").status_code == 201
    assert WRITES[name](program, clara).status_code in (200, 201)


# ── The log of refusals ───────────────────────────────────────────────────────────


def _kept() -> list[tuple[str, str, int]]:
    rows = ApiRefusal.objects.order_by("call", "code")
    return list(rows.values_list("call", "code", "times"))


def test_refusals_are_kept_by_client_call_and_code(
    program: Program, make_client: MakeClient, clara: Client
) -> None:
    suspended = make_client(suspended=True)
    for reference in ("F-1", "F-2", "F-3"):
        program.stamp(suspended.rfc, reference)
    program.stamp(clara.rfc, "F-1", 1_000)
    program.stamp("AAA010101AAA", "F-1")
    program.post(f"/clients/{clara.rfc}/activation")
    item = {"client": suspended.rfc, "reference": "F-4", "quantity": 1}
    program.post("/stamps", {"stamps": [item, item]})
    program.stamp(clara.rfc, "F-1")  # not a refusal
    assert _kept() == [
        ("activate", "not_suspended", 1),
        ("stamp", "client_suspended", 3),
        ("stamp", "insufficient_folios", 1),
        ("stamp", "unknown_client", 1),
        ("stamps", "client_suspended", 2),
    ]
    kept = ApiRefusal.objects.get(call="stamp", code="client_suspended")
    assert (kept.client, kept.reference) == (suspended, "F-3")
    assert kept.api_key == program.key
    assert kept.first_at < kept.last_at
    stranger = ApiRefusal.objects.get(code="unknown_client")
    assert (stranger.client, stranger.asked) == (None, "AAA010101AAA")


def test_a_storm_of_refusals_is_added_up_and_written_together(
    program: Program,
    make_client: MakeClient,
    settings: Settings,
) -> None:
    client = make_client(exhausted=True)
    program.stamp(client.rfc, "F")
    settings.API_REFUSALS_EVERY = 3600
    for number in range(20):
        program.stamp(client.rfc, f"F-{number}")
    assert _kept() == [("stamp", "folios_exhausted", 1)]
    settings.API_REFUSALS_EVERY = 0
    program.get(f"/clients/{client.rfc}")
    assert _kept() == [("stamp", "folios_exhausted", 21)]


def test_a_refusal_that_cannot_be_kept_does_not_spoil_the_answer(
    program: Program, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clients_apirefusal RENAME TO away")
    assert refusal(program.stamp(client.rfc)) == (402, "folios_exhausted")
