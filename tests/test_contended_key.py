"""The row of an API key is locked by an open transaction: no call waits for it."""

import time
from collections.abc import Callable
from functools import partial

import pytest
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey
from api.stamping import service
from clients.models import ApiRefusal, Client
from tests.locks import held
from tests.programs import MakeProgram, Program

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN = 0.6  # seconds
Lock = Callable[[ApiKey], object]


def _revoke(key: ApiKey) -> object:
    return ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())


def _select(key: ApiKey) -> object:
    return ApiKey.objects.select_for_update().get(pk=key.pk)


CALLS: dict[str, Callable[[Program, Client, str], int]] = {
    "stamp": lambda program, client, n: program.stamp(client.rfc, n).status_code,
    "batch": lambda program, client, n: (
        program.post(
            "/stamps",
            {"stamps": [{"client": client.rfc, "reference": n, "quantity": 1}]},
        ).status_code
    ),
    "refused": lambda program, client, n: program.stamp("ÑÑÑ010101AB1", n).status_code,
    "folios": lambda program, client, n: (
        program.post(
            f"/clients/{client.rfc}/folios", {"reference": n, "quantity": 1}
        ).status_code
    ),
    "entitlement": lambda program, client, n: (
        program.get(f"/clients/{client.rfc}").status_code
    ),
}


@pytest.mark.parametrize("lock", [_revoke, _select])
@pytest.mark.parametrize("name", CALLS)
def test_no_call_waits_for_a_key_that_somebody_is_changing(
    name: str, lock: Lock, make_program: MakeProgram, clara: Client
) -> None:
    changed, other = make_program(), make_program()
    assert changed.key
    with held(partial(lock, changed.key)):
        for program in (changed, other):
            took = []
            for number in range(3):
                # Each call has a use to note, and a refusal to write.
                keys._noted_until.clear()
                ApiKey.objects.exclude(pk=changed.key.pk).update(last_used_at=None)
                begin = time.monotonic()
                CALLS[name](program, clara, f"{name}-{program.secret[-4:]}-{number}")
                # What is noted after the response keeps the next call waiting.
                status = CALLS[name](program, clara, f"{number}-{program.secret[-4:]}")
                took.append(time.monotonic() - begin)
                assert status in (200, 201, 404)
            # A busy machine can only add to the time.
            assert min(took) < WITHIN, took


def test_the_use_and_the_refusal_of_other_keys_are_noted_meanwhile(
    make_program: MakeProgram,
) -> None:
    changed, other = make_program(), make_program()
    assert changed.key
    assert other.key
    with held(partial(_revoke, changed.key)):
        keys._noted_until.clear()
        keys.touch_many([bytes(changed.key.digest), bytes(other.key.digest)])
        other.stamp("ÑÑÑ010101AB1", "F-1")
        service.group_commit.close()  # noted after the response
        assert ApiRefusal.objects.filter(api_key=other.key).exists()
    used = dict(ApiKey.objects.values_list("pk", "last_used_at"))
    assert used[other.key.pk] is not None
    assert used[changed.key.pk] is None
    keys._noted_until.clear()
    keys.touch_many([bytes(changed.key.digest)])
    changed.key.refresh_from_db()
    assert changed.key.last_used_at is not None
