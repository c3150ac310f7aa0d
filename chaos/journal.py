"""What was sent and what was answered: the memory against which the ledger is read.

Nothing is judged here (checker.py). An attempt without an answer, or with one that
does not say what became of it, is *unknown*: it may or may not have happened.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

MOVEMENTS = frozenset({"stamp", "reversal", "addition", "renewal"})

# What one movement is called: client, whether it is a reversal, normal reference. A
# reversal bears the reference of its stamp; all others share one space of references.
Name = tuple[str, bool, str]


def normal(reference: str) -> str:
    """UUIDs compare case-insensitively (api.md)."""
    try:
        return str(UUID(reference)) if len(reference) == 36 else reference
    except ValueError:
        return reference


@dataclass(frozen=True)
class Asked:
    """What a call asks of a client. `reference` is in its normal form; `quantity` is
    without sign, and 0 where none is sent."""

    client: str
    call: str
    reference: str = ""
    quantity: int = 0

    @property
    def name(self) -> Name:
        return self.client, self.call == "reversal", self.reference


@dataclass
class Attempt:
    """One asking. Times are of time.monotonic()."""

    asked: Asked
    key: str
    sent_at: float
    answered_at: float
    # None: no answer came (cut, too late, half of it).
    status: int | None
    # Of a movement: api.md's members. Of a refusal: the problem.
    body: dict[str, Any] = field(default_factory=dict)
    # Nothing in the rules stands against it: own client, folios left, new reference.
    is_valid: bool = False
    # Asked with a key of another reseller.
    is_stranger: bool = False
    # By which server.
    door: str = ""

    @property
    def done(self) -> bool:
        return self.status in (200, 201)

    @property
    def refused(self) -> bool:
        """The answer says that nothing happened."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def unknown(self) -> bool:
        return not (self.done or self.refused)

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))


@dataclass(frozen=True)
class Window:
    """A stretch of time."""

    start: float
    end: float

    def holds(self, attempt: Attempt) -> bool:
        return self.start <= attempt.sent_at and attempt.answered_at <= self.end


class Journal:
    """Every attempt of a run, kept by many threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.attempts: list[Attempt] = []
        self.calls = 0
        self.calls_answered = 0

    def keep(self, attempts: Iterable[Attempt], *, answered: bool) -> None:
        """Of one call: a batch has many attempts, any other one."""
        with self._lock:
            self.attempts.extend(attempts)
            self.calls += 1
            self.calls_answered += answered


def unresolved(attempts: Iterable[Attempt]) -> dict[Name, list[Asked]]:
    """The movements whose fate is not known, each with what was asked of it.

    Known means: a success was answered, or every asking was refused, the last word
    having been asked for after the last unknown attempt was over.
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
