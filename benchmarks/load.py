"""Programs that call the API as fast as it answers, cheaply enough not to be what is
measured: one thread, one plain socket per connection, no HTTP library.

Every answer is looked at. A connection sends its next call when the last one has been
answered (a closed loop), so that nothing is counted that was not answered.
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
    """Calls for one folio each, of clients chosen at random."""
    body = '{"reference": "%s", "quantity": 1}'
    length = len(body % reference(rng))
    heads = [
        _HEAD.format(path=f"clients/{client}/stamps", key=key, length=length)
        for client in clients
    ]
    while True:
        yield (rng.choice(heads) + body % reference(rng)).encode()


def batches(clients: Sequence[str], key: str, rng: Random, size: int) -> Calls:
    """Calls for `size` folios, each for a client chosen at random."""
    item = '{"client": "%s", "reference": "%s", "quantity": 1}'
    while True:
        items = (item % (rng.choice(clients), reference(rng)) for _ in range(size))
        yield request("stamps", key, f'{{"stamps": [{", ".join(items)}]}}')


def is_created(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 201")


@dataclass
class Line:
    """One connection: what it asks, and what it was told."""

    port: int
    calls: Calls
    is_good: Callable[[bytes], bool] = is_created
    seconds: list[float] = field(default_factory=list)  # of the good answers
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
        """Whether the answer is whole now."""
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
    """What came of it: `elapsed` until the last answer, `cpu` of the load itself."""

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
    """Let all of them call for so many seconds, and wait for their last answers."""
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
