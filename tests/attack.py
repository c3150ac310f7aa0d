"""An attack on the whole site, longer than a test: `make attack`, half an hour.

Every role of test_sentinels.py sends to every URL that Django knows, for its own
objects, a stranger's and none that exists, by GET, POST and HEAD, each value of
hostile_requests.py in each parameter, field and header that the page reads and in each
argument of the address. In a world of marked data no response may be a 5xx, show a word
of somebody else, change something of a stranger, or refuse and have written.
ATTACK_VALUES=5 sends only that many of the values to each page.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client as Browser

from tests import hostile_requests as hostile
from tests import test_sentinels as scan
from tests.hostile_requests import VALUES, Attack, Sent
from tests.sentinel_requests import NAMES, Asked, addresses
from tests.sentinels import World
from tests.test_sentinels import BROWSERS, ROLES, world

__all__ = ["world"]

COUNT = int(os.environ.get("ATTACK_VALUES", len(VALUES)))
NUMBERS = range(0, len(VALUES), max(1, len(VALUES) // COUNT))
NOBODYS = "00000000-0000-4000-8000-00000000dead"
# What lies behind a closed door is not reached by another value.
CLOSED = {302, 401, 403, 404, 405}


def _urls(world: World, name: str) -> Iterator[str]:
    """Of each tenant the first, so that one is a stranger's to everybody; of nobody."""
    urls = [addresses(name, one)[0] for one in (world.alicia, world.beto)]
    yield from dict.fromkeys(urls)
    own = str(world.alicia.mine.public_id)
    if own in urls[0]:
        yield urls[0].replace(own, NOBODYS)


def _sent(
    attack: Attack, browser: Browser, name: str, method: str, url: str
) -> Iterator[tuple[str, Sent]]:
    first, names = hostile.learn(attack, browser, method, url)
    yield url, first
    is_closed = first.response.status_code in CLOSED
    numbers = NUMBERS[:1] if is_closed or method == "HEAD" else NUMBERS
    yield from hostile.rounds(attack, browser, method, url, names, numbers)
    (address,) = (one for one in hostile.addresses() if one.name == name)
    for number in NUMBERS[:2] if is_closed else NUMBERS:
        for path in hostile.misplaced(address, url, [*VALUES.values()][number]):
            yield path, attack.send(browser, method, path)


class _Watch:
    """What is wrong with the responses to one role."""

    def __init__(self, world: World, role: str) -> None:
        self.world, self.role = world, role
        self.statuses, self.faults = Counter[int](), list[str]()
        self._closed = {"a", "b"} - set(ROLES[role].acts_on)
        self._before = scan.states(world)
        self._seen: set[str] = set()
        self.method = ""
        self.name = ""

    def look(self, response: HttpResponse) -> None:
        """Before the traces of the request go."""
        self.statuses[response.status_code] += 1
        asked = Asked(self.name, self.method.lower(), "")
        allowed = scan.may_read(self.role, asked)
        words = self.world.found_in(scan.text_of(response))
        self._seen |= {word for word, mark in words.items() if mark not in allowed}
        is_over = response.status_code in CLOSED or self.method != "POST"
        if is_over or connection.needs_rollback or scan.may_change(self.role, asked):
            return
        after = scan.states(self.world)
        if changed := [one for one in self._closed if after[one] != self._before[one]]:
            self.faults.append(f"changes {changed}: {self.name}")

    def judge(self, tried: str, sent: Sent) -> None:
        if sent.is_wrong:
            self.faults.append(f"{self.method} {tried:.200}: {sent}")
        if crossed := [word for word in self._seen if word not in tried.lower()]:
            self.faults.append(f"reads {crossed[:4]}: {self.method} {tried:.200}")
        self._seen.clear()


@pytest.mark.parametrize("role", ROLES)
def test_nothing_gives_way(world: World, role: str) -> None:
    with transaction.atomic():
        browser = BROWSERS[role](world)
        watch = _Watch(world, role)
        attack = Attack(watch.look)
        for watch.name in NAMES:
            for url in _urls(world, watch.name):
                for watch.method in ("GET", "POST", "HEAD"):
                    for tried, sent in _sent(
                        attack, browser, watch.name, watch.method, url
                    ):
                        watch.judge(tried, sent)
        transaction.set_rollback(True)
    print(f"{role}: {attack.requests:,} requests", dict(watch.statuses))
    assert not watch.faults, "\n".join(watch.faults[:40])
