"""Requests for stamps, and how a batch of them is written and gets its responses.

Law: api.md, "Stamping". lifecycle.consume_many decides about each stamp and its key.
This module finds the client that a request names, and makes the response.
group_commit.py decides when a batch is written, and which requests are in it.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, Reseller, Scope, User
from api import refusal_log, serializers
from clients import lifecycle
from clients.ledger import AccountContended, LockPolicy, Posted
from clients.lifecycle import Stamp
from clients.models import AdditionalRfc, Client
from clients.refusals import UnknownClient
from clients.search import id_or_rfc
from reseller_panel import sql
from reseller_panel.problems import Problem
from reseller_panel.refusals import Refused

# skip_locked is for accounts; the timeout is for other locks, which are brief.
SKIP_CONTENDED = LockPolicy(timeout_ms=50, skip_locked=True)
_NOT_FOUND = 0


class StampRequest(Stamp):
    """One requested stamp and, later, its response: `status` and `body` (the JSON
    object). `status` is 0 until there is a response."""

    __slots__ = (
        *("body", "client", "done", "problem", "public_id", "received_at", "status"),
    )

    def __init__(
        self,
        key_digest: bytes,
        client: str,
        reference: str = "",
        quantity: int = 0,
        *,
        problem: Problem | None = None,
        by: User | None = None,
    ) -> None:
        super().__init__(
            client_id=_NOT_FOUND,
            reference=reference,
            quantity=quantity,
            key_digest=key_digest,
            by=by,
        )
        self.client = client  # a public id or an RFC, as it was sent
        self.public_id: UUID | None = None
        # What is wrong with the request. A refused key comes first (401, 403), so the
        # key is checked all the same.
        self.problem = problem
        self.received_at = monotonic()
        self.status = 0
        self.body: dict[str, Any] = {}
        # What the caller waits on. In a thread this lock, which is released with the
        # response; the stamping process puts an asyncio future here.
        self.done: Any = threading.Lock()
        self.done.acquire()

    def refuse(self, problem: Problem) -> None:
        self.status, self.body = problem.status, problem.as_dict()

    def is_late(self, now: float) -> bool:
        return (now - self.received_at) * 1000 >= settings.METERING_LOCK_TIMEOUT_MS


def write(requests: Sequence[StampRequest], policy: LockPolicy) -> list[StampRequest]:
    """Write one batch. After the commit every request has its response, except those
    whose account is contended: they are returned. After a DatabaseError nothing is
    written, and the same batch can be written again."""
    _find_clients(requests)
    _refuse_early([r for r in requests if r.problem or not r.client_id])
    stamps = [r for r in requests if r.client_id and not r.problem]
    results = lifecycle.consume_many(stamps, policy=policy)
    contended = []
    for request, result in zip(stamps, results, strict=True):
        if isinstance(result, AccountContended):
            contended.append(request)
        else:
            _respond(request, result)
    return contended


def _respond(request: StampRequest, result: Posted | Refused) -> None:
    if isinstance(result, Posted):
        assert request.public_id
        request.status = 200 if result.is_repeat else 201
        request.body = serializers.movement_made(request.public_id, result.entry)
    elif isinstance(result, UnknownClient):
        _refuse_unknown(request)
    else:
        request.refuse(serializers.problem_of(result))


def _refuse_unknown(request: StampRequest) -> None:
    request.client_id, request.public_id = _NOT_FOUND, None
    request.refuse(serializers.problem_of(UnknownClient(request.client)))


def _refuse_early(requests: Sequence[StampRequest]) -> None:
    """Refuse what cannot be written: the client is unknown, or the body is invalid."""
    if not requests:
        return
    by_digest = _keys_of(requests)
    for request in requests:
        try:
            keys.permit(by_digest.get(request.key_digest), Scope.STAMPS)
        except keys.KeyRefused as refusal:
            request.refuse(serializers.problem_of(refusal))
        else:
            if request.problem:
                request.refuse(request.problem)
            else:
                _refuse_unknown(request)


def _keys_of(requests: Iterable[StampRequest]) -> dict[bytes | None, ApiKey]:
    digests = {request.key_digest for request in requests}
    usable = ApiKey.objects.usable().filter(digest__in=digests)
    return {bytes(key.digest): key for key in usable}


def after_response(requests: Sequence[StampRequest], *, call: str = "stamp") -> None:
    """Note which keys were used and what was refused, once the callers have their
    responses."""
    keys.touch_many(
        {r.key_digest for r in requests if r.key_digest and r.status != 401}
    )
    refused = [request for request in requests if 402 <= request.status < 500]
    if not refused:
        return
    by_digest = _keys_of(refused)
    for request in refused:
        if key := by_digest.get(request.key_digest):
            refusal_log.add(
                key,
                call=call,
                code=request.body["code"],
                client=request.client_id or None,
                asked=request.client,
                reference=request.reference,
            )
    refusal_log.write_if_due()


# ── Finding the client ────────────────────────────────────────────────────────────────

# A public id always names the same row, so its primary key is cached.
_REMEMBERED = 100_000
_ids: OrderedDict[UUID, int] = OrderedDict()


def _find_clients(requests: Sequence[StampRequest]) -> None:
    """Set the client that each request names, if it exists. Whether the key may stamp
    for this client is checked later, under the lock."""
    by_id: dict[UUID, list[StampRequest]] = {}
    by_rfc: dict[tuple[bytes, str], list[StampRequest]] = {}
    for request in requests:
        if request.client_id or request.problem:
            continue
        name = id_or_rfc(request.client)
        if isinstance(name, UUID):
            if found := _ids.get(name):
                request.client_id, request.public_id = found, name
            else:
                by_id.setdefault(name, []).append(request)
        elif name and request.key_digest:
            by_rfc.setdefault((request.key_digest, name), []).append(request)
    if by_id:
        _find_by_id(by_id)
    if by_rfc:
        _find_by_rfc(by_rfc)


def _find_by_id(wanted: dict[UUID, list[StampRequest]]) -> None:
    clients = Client.objects.filter(public_id__in=wanted)
    for public_id, client_id in clients.values_list("public_id", "id"):
        _ids[public_id] = client_id
        for request in wanted[public_id]:
            request.client_id, request.public_id = client_id, public_id
    while len(_ids) > _REMEMBERED:
        _ids.popitem(last=False)


_BY_RFC = sql.Statement(
    "stamps_by_rfc",
    "bytea[], text[]",
    """
SELECT asked.digest, client.rfc, client.id, client.public_id
  FROM unnest($1, $2) AS asked (digest, rfc)
  JOIN accounts_apikey AS key ON key.digest = asked.digest
  JOIN clients_client AS client
    ON client.reseller_id = key.reseller_id AND client.rfc = asked.rfc""",
)


def _find_by_rfc(wanted: dict[tuple[bytes, str], list[StampRequest]]) -> None:
    rows = sql.fetch(_BY_RFC, *map(list, zip(*wanted, strict=True)))
    for digest, rfc, client_id, public_id in rows:
        for request in wanted[bytes(digest), rfc]:
            request.client_id, request.public_id = client_id, public_id
    missing = {
        name: requests for name, requests in wanted.items() if not requests[0].client_id
    }
    if missing:
        _find_by_additional_rfc(missing)


_BY_ADDITIONAL_RFC = sql.Statement(
    "stamps_by_additional_rfc",
    "bytea[], text[]",
    """
SELECT asked.digest, additional.rfc, client.id, client.public_id, additional.starts_on,
       additional.ends_on, reseller.time_zone
  FROM unnest($1, $2) AS asked (digest, rfc)
  JOIN accounts_apikey AS key ON key.digest = asked.digest
  JOIN accounts_reseller AS reseller ON reseller.id = key.reseller_id
  JOIN clients_additionalrfc AS additional ON additional.rfc = asked.rfc
  JOIN clients_client AS client
    ON client.id = additional.client_id AND client.reseller_id = key.reseller_id""",
)


def _find_by_additional_rfc(
    wanted: dict[tuple[bytes, str], list[StampRequest]],
) -> None:
    """Those in force today. Under the lock it is looked at again."""
    rows = sql.fetch(_BY_ADDITIONAL_RFC, *map(list, zip(*wanted, strict=True)))
    for digest, rfc, client_id, public_id, starts_on, ends_on, time_zone in rows:
        additional = AdditionalRfc(starts_on=starts_on, ends_on=ends_on)
        today = Reseller(time_zone=time_zone).local_date(timezone.now())
        if not additional.is_in_force(today):
            continue
        for request in wanted[bytes(digest), rfc]:
            request.client_id, request.public_id = client_id, public_id
            request.additional_rfc = rfc
