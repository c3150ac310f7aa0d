"""Records the requests and their responses, with which the ledger is compared.

Nothing is judged here (checker.py does). An attempt without a response, or with one
that does not say whether it was done, is *unknown*: it may or may not have happened.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

MOVEMENTS = frozenset({"stamp", "reversal", "addition", "renewal"})

# Identifies a movement: client, whether it is a reversal, reference in normal form. A
# reversal has the reference of its stamp; other movements share one namespace.
Name = tuple[str, bool, str]


def normal(reference: str) -> str:
    """The normal form of a reference: UUIDs in lower case (api.md)."""
    try:
        return str(UUID(reference)) if len(reference) == 36 else reference
    except ValueError:
        return reference


@dataclass(frozen=True)
class Asked:
    """What a call requests for a client. `reference` is in normal form; `quantity` has
    no sign, and is 0 where none is sent."""

    client: str
    call: str
    reference: str = ""
    quantity: int = 0

    @property
    def name(self) -> Name:
        return self.client, self.call == "reversal", self.reference


@dataclass
class Attempt:
    """One request and its outcome. Times are those of time.monotonic()."""

    asked: Asked
    key: str
    sent_at: float
    answered_at: float
    # None: no complete response came in time.
    status: int | None
    # The JSON object of the response: a movement as in api.md, or a problem.
    body: dict[str, Any] = field(default_factory=dict)
    # No rule forbids it: the client is the key's, has folios, the reference is new.
    is_valid: bool = False
    # Sent with a key of another reseller.
    is_stranger: bool = False
    # The server that got the request.
    door: str = ""

    @property
    def done(self) -> bool:
        return self.status in (200, 201)

    @property
    def refused(self) -> bool:
        """The response says that nothing was done."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def unknown(self) -> bool:
        return not (self.done or self.refused)

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))


@dataclass(frozen=True)
class Window:
    """A span of time, in time.monotonic()."""

    start: float
    end: float

    def holds(self, attempt: Attempt) -> bool:
        return self.start <= attempt.sent_at and attempt.answered_at <= self.end


class Journal:
    """All attempts of a run; safe for use by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.attempts: list[Attempt] = []
        self.calls = 0
        self.calls_answered = 0

    def keep(self, attempts: Iterable[Attempt], *, answered: bool) -> None:
        """Record one call: a batch has many attempts, any other call has one."""
        with self._lock:
            self.attempts.extend(attempts)
            self.calls += 1
            self.calls_answered += answered


def unresolved(attempts: Iterable[Attempt]) -> dict[Name, list[Asked]]:
    """The movements with an unknown outcome, each with the requests to repeat.

    An outcome is known after a success, or once every request that went unknown has
    been refused when sent again after the last unknown attempt had ended.
    """
    last_unknown: dict[Name, float] = {}
    settled: dict[Name, dict[Asked, float]] = {}
    succeeded: set[Name] = set()
    asked: dict[Name, set[Asked]] = {}
    for attempt in attempts:
        if attempt.asked.call not in MOVEMENTS or attempt.is_stranger:
            continue
        name = attempt.asked.name
        if attempt.done:
            succeeded.add(name)
        elif attempt.unknown:
            over = last_unknown.get(name, 0.0)
            last_unknown[name] = max(over, attempt.answered_at)
            asked.setdefault(name, set()).add(attempt.asked)
        else:
            words = settled.setdefault(name, {})
            words[attempt.asked] = max(words.get(attempt.asked, 0.0), attempt.sent_at)
    return {
        name: missing
        for name, over in last_unknown.items()
        if name not in succeeded
        and (
            missing := [
                one
                for one in asked[name]
                if settled.get(name, {}).get(one, -1.0) < over
            ]
        )
    }
