"""Stamping for programs: from what was sent to the exact bytes of the response.

Law: api.md, "Stamping"; quality.md, "Ledger and database". The key is checked in the
transaction of the stamp, a contended row is waited for less than half a second, and
nothing is said before the commit. Whatever serves HTTP (Django's views, a process of
its own) makes a StampRequest of what was sent and sends the response it gets.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import Error, connection
from pydantic import ValidationError

from accounts.models import ApiKey
from api.schemas import BatchItem, problem_with, read_stamp
from api.stamping import batch
from api.stamping.batch import SKIP_CONTENDED, StampRequest
from api.stamping.group_commit import SILENCE_MAX, GroupCommit, write
from clients.ledger import LockPolicy
from reseller_panel import problems
from reseller_panel.problems import Problem

# ── One stamp ─────────────────────────────────────────────────────────────────────


def stamp(key_digest: bytes, client: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of POST …/stamps. 503 and 429 also want `Retry-After`.

    `client` is a public id or an RFC. Never raises for a refusal: that is a response
    too.
    """
    request = request_of(key_digest, client, body)
    if connection.in_atomic_block:
        # Another connection could not see what this transaction has written, and
        # would wait for what it has locked.
        _write_here(request)
    elif not group_commit.put(request) or not _has_response(request):
        busy = problems.busy()
        return busy.status, busy.body()
    return request.status, problems.dump(request.body)


def request_of(key_digest: bytes, client: str, body: bytes) -> StampRequest:
    try:
        reference, quantity = read_stamp(body)
    except Problem as problem:
        return StampRequest(key_digest, client, problem=problem)
    return StampRequest(key_digest, client, reference, quantity)


def _write_here(request: StampRequest) -> None:
    try:
        batch.write([request], LockPolicy(settings.METERING_LOCK_TIMEOUT_MS))
    except Error:
        request.refuse(problems.busy())
    batch.after_response([request])


def _has_response(request: StampRequest) -> bool:
    """Wait for the response, but not for ever: a database that says nothing is cut off,
    and whether the stamp was written is then for the repeat to find out."""
    if request.done.acquire(timeout=SILENCE_MAX):
        return True
    group_commit.cut_if_silent()
    return request.done.acquire(timeout=SILENCE_MAX)


def _release(requests: Sequence[StampRequest]) -> None:
    for request in requests:
        request.done.release()


# Of the threads of this process. Another kind of server makes one of its own.
group_commit = GroupCommit(respond=_release)


# ── Many stamps ───────────────────────────────────────────────────────────────────


def stamp_many(key: ApiKey, items: Sequence[Any]) -> list[dict[str, Any]]:
    """One result per item, in order: `status` and then the body of a single stamp.

    Written together on the connection of the request; no item affects another. Those
    whose client is contended wait with the single stamps of contended clients.
    """
    requests = [_request_of_item(bytes(key.digest), item) for item in items]
    contended = write(requests, SKIP_CONTENDED)
    group_commit.wait_for_contended(contended)
    busy = {id(r): problems.busy().as_dict() for r in contended if not _has_response(r)}
    batch.after_response([r for r in requests if r not in contended], call="stamps")
    return [busy.get(id(r), {"status": r.status} | r.body) for r in requests]


def _request_of_item(key_digest: bytes, item: Any) -> StampRequest:
    try:
        sent = BatchItem.model_validate(item)
    except ValidationError as error:
        return StampRequest(key_digest, "", problem=problem_with(error))
    return StampRequest(key_digest, sent.client, sent.reference, sent.quantity)
