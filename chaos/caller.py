"""The HTTP client of an invoicing app: makes the calls of api.md and records each one.

It knows what to send and how to read a response; actors.py decides what to send when.
A call that gets no complete response is recorded without one; no exception is raised.
"""

import http.client
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from chaos.cast import Key
from chaos.journal import MOVEMENTS, Asked, Attempt, Journal

TIMEOUT = 9.0  # seconds; the product itself gives up after six


@dataclass
class Door:
    """Where a server is reached. `epoch` grows after each storm: connections opened
    before are not used again, so a call that fails while nothing is broken cannot have
    failed because of an old connection."""

    name: str
    port: int
    epoch: int = 0


@dataclass(frozen=True)
class Answer:
    status: int | None
    body: dict[str, Any]
    sent_at: float
    answered_at: float
    door: str


class Caller:
    """One program with a connection to each server, for use by one thread only."""

    def __init__(
        self, doors: Sequence[Door], journal: Journal, rng: random.Random
    ) -> None:
        self._doors, self._journal, self._rng = doors, journal, rng
        self._lines: dict[str, tuple[int, http.client.HTTPConnection]] = {}

    # ── Calls ─────────────────────────────────────────────────────────────────────

    def ask(self, asked: Asked, key: Key, *, named: str = "", **flags: bool) -> Attempt:
        """Ask for one movement or verb. `named`: an RFC sent instead of the id."""
        client = f"/api/v1/clients/{named or asked.client}"
        spelled = self._spelled(asked.reference)
        body: dict[str, Any] = {}
        match asked.call:
            case "stamp":
                path = f"{client}/stamps"
                body = {"reference": spelled, "quantity": asked.quantity}
            case "reversal":
                path = f"{client}/stamps/{spelled}/reversal"
            case "addition":
                path = f"{client}/folios"
                body = {"reference": asked.reference, "quantity": asked.quantity}
            case "renewal":
                path = f"{client}/renewals"
                body = {"reference": asked.reference}
            case "suspension":
                path, body = f"{client}/suspension", {"reason": "Prueba"}
            case _:
                path = f"{client}/activation"
        door = self._rng.choice(self._doors) if asked.call == "stamp" else None
        answer = self._send("POST", path, key, body, door)
        attempt = Attempt(
            asked,
            key.name,
            answer.sent_at,
            answer.answered_at,
            answer.status,
            _movement(asked, answer),
            door=answer.door,
            **flags,
        )
        self._journal.keep([attempt], answered=answer.status is not None)
        return attempt

    def ask_many(
        self, many: Sequence[Asked], key: Key, valid: Sequence[bool]
    ) -> list[Attempt]:
        """Send a batch of stamps; return one attempt for each."""
        items = [
            {
                "client": asked.client,
                "reference": self._spelled(asked.reference),
                "quantity": asked.quantity,
            }
            for asked in many
        ]
        answer = self._send("POST", "/api/v1/stamps", key, {"stamps": items}, None)
        results: list[dict[str, Any]] = answer.body.get("results") or []
        whole = answer.status == 200 and len(results) == len(many)
        attempts = [
            Attempt(
                asked,
                key.name,
                answer.sent_at,
                answer.answered_at,
                result.get("status") if whole else answer.status,
                result,
                is_valid=is_valid,
                door=answer.door,
            )
            for asked, is_valid, result in zip(
                many,
                valid,
                results if whole else [answer.body] * len(many),
                strict=True,
            )
        ]
        self._journal.keep(attempts, answered=answer.status is not None)
        return attempts

    def read(self, player_id: str, what: str, key: Key) -> Attempt:
        """Send a GET; `what` is the part of the path after the client."""
        answer = self._send("GET", f"/api/v1/clients/{player_id}{what}", key)
        attempt = Attempt(
            Asked(player_id, "reading"),
            key.name,
            answer.sent_at,
            answer.answered_at,
            answer.status,
            answer.body,
            is_valid=True,
            door=answer.door,
        )
        self._journal.keep([attempt], answered=answer.status is not None)
        return attempt

    def close(self) -> None:
        for _, line in self._lines.values():
            line.close()

    def _spelled(self, reference: str) -> str:
        """A UUID may come in any case."""
        is_uuid = len(reference) == 36
        return reference.upper() if is_uuid and self._rng.random() < 0.3 else reference

    # ── HTTP ──────────────────────────────────────────────────────────────────────

    def _send(
        self,
        method: str,
        path: str,
        key: Key,
        body: dict[str, Any] | None = None,
        door: Door | None = None,
    ) -> Answer:
        door = door or self._doors[0]
        headers = {"Authorization": f"Bearer {key.secret}"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        line = self._line(door)
        sent_at = monotonic()
        try:
            line.request(method, path, data, headers)
            response = line.getresponse()
            status, body = response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            # The connection was cut or silent, or the response incomplete.
            status, body = None, {}
            line.close()
            del self._lines[door.name]
        return Answer(status, body, sent_at, monotonic(), door.name)

    def _line(self, door: Door) -> http.client.HTTPConnection:
        epoch, line = self._lines.get(door.name, (-1, None))
        if line is None or epoch != door.epoch:
            if line is not None:
                line.close()
            line = http.client.HTTPConnection("127.0.0.1", door.port, timeout=TIMEOUT)
            with suppress(OSError):
                # A refused connection shows when the request is sent.
                line.connect()
            self._lines[door.name] = door.epoch, line
        return line


def _movement(asked: Asked, answer: Answer) -> dict[str, Any]:
    """The movement: the body itself of stamps and reversals, a member of others."""
    if answer.status in (200, 201) and asked.call in MOVEMENTS - {"stamp", "reversal"}:
        return answer.body.get("movement") or {}
    return answer.body
