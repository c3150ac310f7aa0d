"""A small TCP proxy that breaks the traffic through it on demand.

One is between the callers and each server, one between the servers and PostgreSQL.
faults.py decides what is broken when. All proxies run on one event loop in a thread of
its own; their public methods may be called from any other thread.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from chaos.commits import CommitFinder

_BYTES = 64 * 1024
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Upstream = Callable[[], Awaitable[Streams]]


class Loop:
    """The event loop of the proxies, running in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


class Proxy:
    """Forwards what arrives at `port` to `upstream`, until ordered otherwise."""

    def __init__(
        self,
        loop: Loop,
        upstream: Upstream,
        *,
        rng: random.Random,
        finds_commits: bool = False,
    ) -> None:
        self._loop = loop
        self._upstream = upstream
        self._rng = rng
        self._finds_commits = finds_commits
        self._links: set[Link] = set()
        self.delay = 0.0  # the most seconds by which each packet is delayed
        self.refuses = False  # whether new connections are refused
        self.is_silent = False  # whether new connections are silent from the start
        self._commits_to_lose = 0
        self._answers_to_lose = 0
        self._requests_to_halve = 0
        self.lost = 0  # how many commits, responses and requests were lost
        self._server = loop.run(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    # ── Orders ────────────────────────────────────────────────────────────────────

    def cut(self, most: int | None = None) -> int:
        """Cut up to `most` connections (None: all); return how many were cut."""
        return self._order(self._cut, most)

    def silence(self, most: int) -> int:
        """Stop all traffic of up to `most` connections; return how many."""
        return self._order(self._silence, most)

    def silence_all(self) -> None:
        """Stop all traffic, of new connections too, until `heal`."""
        self.is_silent = True
        self.silence(len(self._links))

    def end_silence(self, *, cut: bool) -> None:
        """Forward what was stopped, or cut those connections."""
        self._order(self._end_silence, cut)

    def lose_commits(self, count: int) -> None:
        """The next commits that move folios succeed, but no confirmation arrives."""
        self._commits_to_lose = count

    def lose_answers(self, count: int) -> None:
        """The next `count` responses never arrive."""
        self._answers_to_lose = count

    def halve_requests(self, count: int) -> None:
        """Only the first half of the next `count` requests arrives."""
        self._requests_to_halve = count

    def heal(self) -> None:
        self.delay, self.refuses, self.is_silent = 0.0, False, False
        self._commits_to_lose = self._answers_to_lose = self._requests_to_halve = 0
        self.end_silence(cut=True)

    def close(self) -> None:
        self._order(self._server.close)  # on the loop: its connections end meanwhile
        self.cut()

    def _order(self, work: Callable[..., Any], *given: Any) -> Any:
        async def do() -> Any:
            return work(*given)

        return self._loop.run(do())

    # ── On the loop ───────────────────────────────────────────────────────────────

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            if self.refuses:
                raise ConnectionRefusedError
            up_reader, up_writer = await self._upstream()
        except OSError:
            writer.transport.abort()
            return
        link = Link(self, writer, up_writer)
        self._links.add(link)
        if self.is_silent:
            link.flowing.clear()
        try:
            await asyncio.gather(
                link.pump(reader, up_writer, self._request),
                link.pump(up_reader, writer, self._answer),
            )
        finally:
            self._links.discard(link)
            link.close()

    def _request(self, link: "Link", data: bytes) -> bytes | None:
        """What is forwarded to the server; None would cut the connection."""
        if self._requests_to_halve:
            self._requests_to_halve -= 1
            self.lost += 1
            link.ends_after_next = True
            return data[: len(data) // 2]
        return data

    def _answer(self, link: "Link", data: bytes) -> bytes | None:
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            self.lost += 1
            return None
        is_commit = self._finds_commits and link.commits.feed(data)
        if is_commit and self._commits_to_lose:
            self._commits_to_lose -= 1
            self.lost += 1
            return None
        return data

    def _some(self, most: int | None) -> "list[Link]":
        links = sorted(self._links, key=id)
        return self._rng.sample(links, min(len(links), most or len(links)))

    def _cut(self, most: int | None) -> int:
        chosen = self._some(most)
        for link in chosen:
            link.cut(hard=self._rng.random() < 0.5)
        return len(chosen)

    def _silence(self, most: int) -> int:
        chosen = self._some(most)
        for link in chosen:
            link.flowing.clear()
        return len(chosen)

    def _end_silence(self, cut: bool) -> None:
        for link in [link for link in self._links if not link.flowing.is_set()]:
            if cut:
                link.cut(hard=True)
            link.flowing.set()

    def pause(self) -> float:
        return self.delay * self._rng.random()


class Link:
    """One connection: its two ends, to the caller and to the server."""

    def __init__(self, proxy: Proxy, *writers: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._writers = writers
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.commits = CommitFinder()
        self.ends_after_next = False

    async def pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        judge: Callable[["Link", bytes], bytes | None],
    ) -> None:
        try:
            while data := await reader.read(_BYTES):
                await self.flowing.wait()
                if self._proxy.delay:
                    await asyncio.sleep(self._proxy.pause())
                passed = judge(self, data)
                if passed is None:
                    break
                writer.write(passed)
                await writer.drain()
                if self.ends_after_next:
                    break
        except OSError:
            pass  # One end is gone; the other is closed below.
        self.close()

    def cut(self, *, hard: bool) -> None:
        """End both connections at once; `hard` sends a reset (TCP only)."""
        for writer in self._writers:
            sock = writer.get_extra_info("socket")
            is_open = sock is not None and sock.fileno() >= 0
            if hard and is_open and sock.family == socket.AF_INET:
                linger = struct.pack("ii", 1, 0)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    def close(self) -> None:
        self.flowing.set()
        for writer in self._writers:
            writer.close()
