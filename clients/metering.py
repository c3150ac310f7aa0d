"""Stamping for programs: from what was sent to the exact bytes of the answer.

Law: api.md, "Stamping"; quality.md, "Ledger and database". The key is checked in the
transaction of the stamp, a held row is waited for less than half a second, and nothing
is answered before the commit. Whatever serves HTTP (Django's views, a process of its
own) makes a call of what was sent and sends what it was told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from pydantic import ValidationError

from accounts.models import Actor, ApiKey
from clients import answers
from clients import calls as batches
from clients.calls import QUICK, Call, named
from clients.gathering import SILENCE_MAX, Gatherer, attempt
from clients.ledger import Patience
from clients.models import Client
from clients.payloads import BatchItem, problem_with, read_stamp
from reseller_panel import problems
from reseller_panel.problems import Problem


def find(actor: Actor, text: str) -> Client:
    """The actor's client, with its facts. A stranger's and a missing one are the same
    Problem (404)."""
    lookup = named(text)
    clients = Client.objects.visible_to(actor).with_facts()
    client = clients.filter(**lookup).first() if lookup else None
    if client is None:
        raise answers.unknown_client(text)
    return client


@contextmanager
def impatient() -> Iterator[None]:
    """A transaction that waits less than half a second for somebody else's row."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)",
                [f"{settings.METERING_LOCK_TIMEOUT_MS}ms"],
            )
        yield


# ── One stamp ─────────────────────────────────────────────────────────────────────


def stamp_call(digest: bytes, client: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of POST …/stamps. 503 and 429 also want `Retry-After`."""
    return _answer_to(call_of(digest, client, body))


def stamp(
    digest: bytes, client: str, reference: str, quantity: int
) -> tuple[int, bytes]:
    """Spend `quantity` folios of a client; the status and the exact body to answer.

    `client` is a public id or an RFC, `reference` and `quantity` are valid. Never
    raises for a refusal: that is an answer too.
    """
    return _answer_to(Call(digest, client, reference, quantity))


def call_of(digest: bytes, client: str, body: bytes) -> Call:
    try:
        reference, quantity = read_stamp(body)
    except Problem as problem:
        return Call(digest, client, problem=problem)
    return Call(digest, client, reference, quantity)


def _answer_to(call: Call) -> tuple[int, bytes]:
    if connection.in_atomic_block:
        # Another connection could not see what this transaction has written, and
        # would wait for what it has locked.
        _write_here(call)
    elif not gatherer.put(call) or not _answered(call):
        busy = problems.busy()
        return busy.status, busy.body()
    return call.status, problems.dump(call.told)


def _write_here(call: Call) -> None:
    try:
        batches.write([call], Patience(settings.METERING_LOCK_TIMEOUT_MS))
    except Error:
        call.refuse(problems.busy())
    batches.afterwards([call])


def _answered(call: Call) -> bool:
    """Wait for the answer, but not for ever: a database that says nothing is cut off,
    and whether the stamp was written is then for the repeat to find out."""
    if call.done.acquire(timeout=SILENCE_MAX):
        return True
    gatherer.cut_if_silent()
    return call.done.acquire(timeout=SILENCE_MAX)


def _release(calls: Sequence[Call]) -> None:
    for call in calls:
        call.done.release()


# Of the threads of this process. A server of another kind makes one of its own.
gatherer = Gatherer(deliver=_release)


# ── Many stamps ───────────────────────────────────────────────────────────────────


def stamp_many(key: ApiKey, items: Sequence[Any]) -> list[dict[str, Any]]:
    """One result per item, in order: `status` and then the body of a single stamp.

    Written together on the connection of the request; no item affects another. Those
    whose client is held wait with the single stamps of held clients.
    """
    calls = [_call_of_item(bytes(key.digest), item) for item in items]
    held = attempt(calls, QUICK)
    gatherer.wait_for_held(held)
    busy = {id(call): problems.busy().told() for call in held if not _answered(call)}
    batches.afterwards([call for call in calls if call not in held], name="stamps")
    return [busy.get(id(call), {"status": call.status} | call.told) for call in calls]


def _call_of_item(digest: bytes, item: Any) -> Call:
    try:
        sent = BatchItem.model_validate(item)
    except ValidationError as error:
        return Call(digest, "", problem=problem_with(error))
    return Call(digest, sent.client, sent.reference, sent.quantity)
