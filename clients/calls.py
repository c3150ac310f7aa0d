"""Stamps that programs ask for, and how a batch of them becomes answers.

Law: api.md, "Stamping". Each call is judged in lifecycle.consume_many, its key
included; here it is found which client is meant, and said what became of it. When and
with whom a call is written is decided in gathering.py.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from accounts import keys
from accounts.models import ApiKey, Scope
from clients import answers, lifecycle, refusals
from clients import rfc as rfc_rules
from clients.ledger import AccountHeld, LedgerError, Patience, Posted
from clients.lifecycle import Stamp
from clients.models import Client
from clients.rules import Refused, UnknownClient
from reseller_panel import sql
from reseller_panel.problems import Problem

# Milliseconds, of locks that are not an account's: nothing of ours holds them long.
QUICK = Patience(50, skips_held=True)


class Call:
    """One stamp that a program asks for, and in the end what it is told."""

    __slots__ = (
        *("digest", "client", "reference", "quantity", "problem"),
        *("since", "status", "told", "found", "done"),
    )

    def __init__(
        self,
        digest: bytes,
        client: str,
        reference: str = "",
        quantity: int = 0,
        *,
        problem: Problem | None = None,
    ) -> None:
        self.digest, self.client = digest, client
        self.reference, self.quantity = reference, quantity
        # What is wrong with it. Who has no key is told that first, so it is asked all
        # the same.
        self.problem = problem
        self.since = monotonic()
        self.status = 0
        self.told: dict[str, Any] = {}
        self.found: Found | None = None
        # What the caller waits for: a lock in a thread; a server of another kind puts
        # something of its own there.
        self.done: Any = threading.Lock()
        self.done.acquire()

    def refuse(self, problem: Problem) -> None:
        self.status, self.told = problem.status, problem.told()

    def is_late(self, now: float) -> bool:
        return (now - self.since) * 1000 >= settings.METERING_LOCK_TIMEOUT_MS


class Found(NamedTuple):
    client_id: int
    public_id: UUID


# Which row a public id names never changes, so it may be remembered.
_REMEMBERED = 100_000
_by_public_id: OrderedDict[str, Found] = OrderedDict()


def write(calls: Sequence[Call], patience: Patience) -> list[Call]:
    """Write one batch; every call is answered after the commit, but those whose
    account somebody else holds: they are returned. A DatabaseError leaves all
    unanswered, and nothing is lost by writing the batch again."""
    _find(calls)
    _refuse_unasked([call for call in calls if call.problem or not call.found])
    asking = [call for call in calls if call.found and not call.problem]
    answered = lifecycle.consume_many(
        [
            Stamp(
                client_id=call.found.client_id,
                reference=call.reference,
                quantity=call.quantity,
                key_digest=call.digest,
            )
            for call in asking
            if call.found
        ],
        patience=patience,
    )
    held = []
    for call, answer in zip(asking, answered, strict=True):
        if isinstance(answer, AccountHeld):
            held.append(call)
        else:
            _tell(call, answer)
    return held


def _tell(call: Call, answer: Posted | Exception) -> None:
    if isinstance(answer, Posted):
        assert call.found
        call.status = 200 if answer.is_repeat else 201
        call.told = answers.movement_made(call.found.public_id, answer.entry)
    elif isinstance(answer, UnknownClient):
        call.found = None
        call.refuse(answers.unknown_client(call.client))
    elif isinstance(answer, Problem):
        call.refuse(answer)
    elif isinstance(answer, Refused | LedgerError):
        call.refuse(answers.problem_of(answer))
    else:
        raise answer


def _refuse_unasked(calls: Sequence[Call]) -> None:
    """What cannot be written: of an unknown client, or sent with a mistake."""
    if not calls:
        return
    callers = _callers(calls)
    for call in calls:
        try:
            keys.permit(callers.get(call.digest), Scope.STAMPS)
        except Problem as problem:
            call.refuse(problem)
        else:
            call.refuse(call.problem or answers.unknown_client(call.client))


def _callers(calls: Iterable[Call]) -> dict[bytes, ApiKey]:
    digests = {call.digest for call in calls}
    usable = ApiKey.objects.usable().filter(digest__in=digests)
    return {bytes(key.digest): key for key in usable}


def afterwards(calls: Sequence[Call], *, name: str = "stamp") -> None:
    """Note what was used and what was refused, once the callers have their answers."""
    keys.touch_many({call.digest for call in calls if call.status != 401})
    refused = [call for call in calls if 402 <= call.status < 500]
    if refused:
        callers = _callers(refused)
        for call in refused:
            if caller := callers.get(call.digest):
                refusals.note(
                    caller,
                    call=name,
                    code=call.told["code"],
                    client=call.found and call.found.client_id,
                    asked=call.client,
                    reference=call.reference,
                )


# ── Which client ──────────────────────────────────────────────────────────────────


def named(text: str) -> dict[str, Any] | None:
    """The lookup of a client by public id or RFC; None when it can be neither."""
    if len(text) == 36:
        try:
            return {"public_id": UUID(text)}
        except ValueError:
            return None
    rfc = rfc_rules.clean(text)
    return {"rfc": rfc} if rfc_rules.is_well_formed(rfc) else None


def _find(calls: Sequence[Call]) -> None:
    """Give each call the client it names, if there is one. Whose client a public id
    is, and whether the key may, is asked under the lock."""
    by_id: dict[UUID, list[Call]] = {}
    by_rfc: dict[tuple[bytes, str], list[Call]] = {}
    for call in calls:
        if call.found or call.problem:
            continue
        call.found = _by_public_id.get(call.client)
        lookup = None if call.found else named(call.client)
        if lookup is None:
            continue
        if "rfc" in lookup:
            by_rfc.setdefault((call.digest, lookup["rfc"]), []).append(call)
        else:
            by_id.setdefault(lookup["public_id"], []).append(call)
    if by_id:
        _find_by_id(by_id)
    if by_rfc:
        _find_by_rfc(by_rfc)


def _find_by_id(wanted: dict[UUID, list[Call]]) -> None:
    clients = Client.objects.filter(public_id__in=wanted)
    for public_id, client_id in clients.values_list("public_id", "id"):
        found = Found(client_id, public_id)
        _by_public_id[str(public_id)] = found
        for call in wanted[public_id]:
            call.found = found
    while len(_by_public_id) > _REMEMBERED:
        _by_public_id.popitem(last=False)


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


def _find_by_rfc(wanted: dict[tuple[bytes, str], list[Call]]) -> None:
    rows = sql.ask(_BY_RFC, *map(list, zip(*wanted, strict=True)))
    for digest, rfc, client_id, public_id in rows:
        for call in wanted[bytes(digest), rfc]:
            call.found = Found(client_id, public_id)
