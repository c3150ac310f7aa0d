"""The stamping calls: from the body of a request to the exact bytes of the response.

Law: api.md, "Stamping"; quality.md, "Ledger and database". The transaction of a stamp
checks its key and waits less than half a second for a contended row; no response is
sent before the commit. Both servers (Django's views, server.py) make a StampRequest
from the HTTP request and send the response that it gets.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import Error, connection
from pydantic import ValidationError

from accounts.models import ApiKey, User
from api.schemas import BatchItem, problem_with, read_stamp
from api.stamping import batch
from api.stamping.batch import SKIP_CONTENDED, StampRequest
from api.stamping.group_commit import SILENCE_MAX, GroupCommit, write
from clients.ledger import LockPolicy
from reseller_panel import problems
from reseller_panel.problems import Problem

# ── One stamp ─────────────────────────────────────────────────────────────────────


def stamp(
    key_digest: bytes, client: str, body: bytes, *, by: User | None = None
) -> tuple[int, bytes]:
    """Status and body of POST …/stamps; the caller adds problems.headers_of(status).

    `client` is a public id or an RFC. A refusal is a response too; it is not raised.
    """
    request = request_of(key_digest, client, body, by=by)
    if connection.in_atomic_block:
        # A worker's connection could not see what this transaction has written, and
        # would wait for what it has locked.
        _write_here(request)
    elif not group_commit.put(request) or not _has_response(request):
        busy = problems.busy()
        return busy.status, busy.body()
    return request.status, problems.dump(request.body)


def request_of(
    key_digest: bytes, client: str, body: bytes, *, by: User | None = None
) -> StampRequest:
    try:
        reference, quantity = read_stamp(body)
    except Problem as problem:
        return StampRequest(key_digest, client, problem=problem)
    return StampRequest(key_digest, client, reference, quantity, by=by)


def _write_here(request: StampRequest) -> None:
    try:
        batch.write([request], LockPolicy(settings.METERING_LOCK_TIMEOUT_MS))
    except Error:
        request.refuse(problems.busy())
    batch.after_response([request])


def _has_response(request: StampRequest) -> bool:
    """Wait for the response, at most 2 × SILENCE_MAX. False if the database is silent:
    then only a retry shows whether the stamp was written."""
    if request.done.acquire(timeout=SILENCE_MAX):
        return True
    group_commit.cut_if_silent()
    return request.done.acquire(timeout=SILENCE_MAX)


def _release(requests: Sequence[StampRequest]) -> None:
    for request in requests:
        request.done.release()


# Shared by the threads of this process. The stamping process makes one of its own.
group_commit = GroupCommit(respond=_release)


# The most errors listed for one element of a batch.
ITEM_ERRORS_MAX = 3

# ── Many stamps ───────────────────────────────────────────────────────────────────


def stamp_many(key: ApiKey, items: Sequence[Any]) -> list[dict[str, Any]]:
    """One result per item, in order: `status` and then the body of a single stamp.

    The items are written together on the connection of the request, and do not affect
    each other. Those of contended clients wait in the queue of the contended worker.
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
        return StampRequest(
            key_digest, "", problem=problem_with(error, most=ITEM_ERRORS_MAX)
        )
    return StampRequest(key_digest, sent.client, sent.reference, sent.quantity)
