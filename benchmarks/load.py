"""The load: programs that call the API as fast as it responds. It uses little CPU, so
that it does not limit the measurement: one thread, plain sockets, no HTTP library.

Every response is checked. A connection sends its next call only after the response to
the last one (a closed loop), so that only calls with a response are counted.
"""

import re
import selectors
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from random import Random
from selectors import EVENT_READ
from time import perf_counter, process_time
from uuid import UUID

Calls = Iterator[bytes]

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_HEAD = (
    "POST /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)


def request(path: str, key: str, body: str) -> bytes:
    return (_HEAD.format(path=path, key=key, length=len(body)) + body).encode()


def reference(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128)))


def stamps(clients: Sequence[str], key: str, rng: Random) -> Calls:
    """Endless calls that stamp one folio each, for clients chosen at random."""
    body = '{"reference": "%s", "quantity": 1}'
    length = len(body % reference(rng))
    heads = [
        _HEAD.format(path=f"clients/{client}/stamps", key=key, length=length)
        for client in clients
    ]
    while True:
        yield (rng.choice(heads) + body % reference(rng)).encode()


def batches(clients: Sequence[str], key: str, rng: Random, size: int) -> Calls:
    """Endless batches of `size` one-folio stamps, each for a random client."""
    item = '{"client": "%s", "reference": "%s", "quantity": 1}'
    while True:
        items = (item % (rng.choice(clients), reference(rng)) for _ in range(size))
        yield request("stamps", key, f'{{"stamps": [{", ".join(items)}]}}')


def is_created(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 201")


@dataclass
class Line:
    """One connection: the calls it makes, and how they went."""

    port: int
    calls: Calls
    is_good: Callable[[bytes], bool] = is_created
    seconds: list[float] = field(default_factory=list)  # of the good responses
    bad: list[bytes] = field(default_factory=list)

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self) -> None:
        call = next(self.calls)
        self._sent_at = perf_counter()
        self.socket.sendall(call)

    def receive(self) -> bool:
        """Read what has arrived; return whether the response is complete."""
        if not (data := self.socket.recv(1 << 18)):
            raise ConnectionError("a connection was closed")
        self._received += data
        end_of_head = self._received.find(b"\r\n\r\n")
        if end_of_head < 0:
            return False
        length = _LENGTH.search(self._received, 0, end_of_head)
        if length is None:
            raise ValueError(f"an answer of unknown length: {self._received!r}")
        if len(self._received) < end_of_head + 4 + int(length[1]):
            return False
        answer, self._received = self._received, b""
        if self.is_good(answer):
            self.seconds.append(perf_counter() - self._sent_at)
        else:
            self.bad.append(answer)
        return True


@dataclass(frozen=True)
class Load:
    """The result; `elapsed` and `cpu` (the load's own CPU time) are in seconds."""

    lines: Sequence[Line]
    elapsed: float
    cpu: float

    @property
    def seconds(self) -> list[float]:
        return [*chain.from_iterable(line.seconds for line in self.lines)]

    @property
    def bad(self) -> list[bytes]:
        return [*chain.from_iterable(line.bad for line in self.lines)]

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.elapsed


def drive(lines: Sequence[Line], *, duration: float) -> Load:
    """Make calls for `duration` seconds, then wait for the last responses."""
    with selectors.DefaultSelector() as selector, ExitStack() as opened:
        for line in lines:
            line.open()
            selector.register(opened.enter_context(line.socket), EVENT_READ, line)
        began, cpu = perf_counter(), process_time()
        for line in lines:
            line.send()
        open_calls = len(lines)
        while open_calls:
            ready = selector.select(timeout=10)
            if not ready:
                raise TimeoutError("no answer for ten seconds")
            goes_on = perf_counter() - began < duration
            for key, _ in ready:
                if not key.data.receive():
                    continue
                if goes_on:
                    key.data.send()
                else:
                    open_calls -= 1
        elapsed, cpu = perf_counter() - began, process_time() - cpu
    return Load(lines, elapsed, cpu)
