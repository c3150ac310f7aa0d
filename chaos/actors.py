"""The load: 26 programs that call the API, each in a thread with one habit.

They follow api.md and make the mistakes of real programs: they send a request twice at
once, again much later, again with another quantity, or with the wrong key.
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Queue
from uuid import UUID

from chaos.caller import Caller, Door
from chaos.cast import Cast, Player, Role
from chaos.journal import Asked, Attempt, Journal, normal

# Average seconds between two calls of one program.
THINK = 0.05
# Seconds to wait after an unknown outcome, so as not to flood a server that is down.
RECOVER = 0.25
REPEATS_KEPT = 3_000


@dataclass
class Play:
    """The state that all programs share."""

    cast: Cast
    doors: Sequence[Door]
    journal: Journal
    seed: int
    over: threading.Event = field(default_factory=threading.Event)
    doomed: threading.Event = field(default_factory=threading.Event)
    # Recent requests, whatever their outcome, to be sent again by any program.
    past: deque[Asked] = field(default_factory=lambda: deque(maxlen=REPEATS_KEPT))

    def player(self, asked: Asked) -> Player:
        return next(p for p in self.cast.players if p.id == asked.client)


class Program:
    """One thread of the load. A habit is a method that makes one or more calls."""

    def __init__(self, play: Play, number: int, habit: str) -> None:
        self.rng = random.Random(f"{play.seed}/{number}")
        self.play, self.habit = play, habit
        self.caller = Caller(play.doors, play.journal, self.rng)
        self.errors: list[BaseException] = []
        self.thread = threading.Thread(target=self._run, name=f"{habit}-{number}")

    def _run(self) -> None:
        act: Callable[[], None] = getattr(self, f"_{self.habit}")
        try:
            while not self.play.over.is_set():
                act()
                self._think(THINK)
        except BaseException as error:
            # A bug in this test must end the whole run, not only one thread.
            self.errors.append(error)
            raise
        finally:
            self.caller.close()

    # ── Habits ────────────────────────────────────────────────────────────────────

    def _steady(self) -> None:
        """Mostly stamps; now and then a mistake that real programs make."""
        player = self.rng.choice(self.play.cast.of(Role.PLAIN))
        dice = self.rng.random()
        if dice < 0.70 or not self.play.past:
            self._stamp(player, is_valid=True)
        elif dice < 0.80:
            self._ask_again(self.rng.choice(self.play.past))
        elif dice < 0.87:
            self._ask_otherwise(self.rng.choice(self.play.past))
        elif dice < 0.95:
            self._reverse(self.rng.choice(self.play.past))
        else:
            key = self.play.cast.strangers_key(player)
            self.caller.ask(self._new(player), key, is_stranger=True)

    def _hot(self) -> None:
        self._stamp(self.rng.choice(self.play.cast.of(Role.HOT)), is_valid=True)

    def _flap(self) -> None:
        """Suspend and activate a client, allowed or not: the product must decide."""
        player = self.rng.choice(self.play.cast.of(Role.FLAPPING))
        for call in ("suspension", "activation"):
            self.caller.ask(Asked(player.id, call), self.play.cast.key_for(player))
            self._think(THINK / 4)

    def _against_flapping(self) -> None:
        """Stamp the clients of `_flap`, so that stamps and suspensions collide."""
        self._stamp(self.rng.choice(self.play.cast.of(Role.FLAPPING)))
        if self.rng.random() < 0.1 and self.play.past:
            self._ask_again(self.rng.choice(self.play.past))

    def _spend(self) -> None:
        """Stamp clients with few folios, at times for more than they have left."""
        player = self.rng.choice(self.play.cast.of(Role.TIGHT, Role.RENEWING))
        self._stamp(player, quantity=self.rng.choice((1, 1, 2, 5)))

    def _sell(self) -> None:
        player = self.rng.choice(self.play.cast.of(Role.TIGHT, Role.RENEWING))
        if player.role is Role.RENEWING:
            asked = Asked(player.id, "renewal", self._reference())
        else:
            quantity = self.rng.randint(3, 25)
            asked = Asked(player.id, "addition", self._reference(), quantity)
        self._insist(asked, player, is_valid=True)
        if self.rng.random() < 0.3:
            self._insist(asked, player)
        self._think(5 * THINK)

    def _batch(self) -> None:
        """A batch of stamps: new ones, some of them twice, and a few that are known."""
        roles = (Role.PLAIN, Role.PLAIN, Role.HOT, Role.FLAPPING, Role.TIGHT)
        reseller = self.rng.choice(("alicia", "beto"))
        many: list[Asked] = []
        for _ in range(self.rng.randint(3, 40)):
            players = self.play.cast.of(self.rng.choice(roles))
            mine = [player for player in players if player.reseller == reseller]
            if mine:
                many.append(self._new(self.rng.choice(mine)))
        many += self.rng.sample(many, len(many) // 8)
        many += [
            asked
            for asked in self._some_past(3)
            if asked.call == "stamp" and self.play.player(asked).reseller == reseller
        ]
        self.rng.shuffle(many)
        if not many:
            return
        key = self.play.cast.key_for(self.play.player(many[0]))
        valid = [self._never_refused(asked) for asked in many]
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            self._note(*self.caller.ask_many(many, key, valid))
        self._think(4 * THINK)

    def _condemned(self) -> None:
        """Stamp with a key that is revoked in mid-run, rarely also after that."""
        if self.play.doomed.is_set() and self.rng.random() < 0.8:
            self._think(5 * THINK)
            return
        player = next(
            p for p in self.play.cast.of(Role.PLAIN) if p.reseller == "alicia"
        )
        self._note(self.caller.ask(self._new(player), self.play.cast.doomed))

    def _read(self) -> None:
        player = self.rng.choice(self.play.cast.players)
        what = self.rng.choice(("", "/movements?limit=50"))
        self.caller.read(player.id, what, self.play.cast.key_for(player))
        self._think(3 * THINK)

    # ── Helpers of the habits ─────────────────────────────────────────────────────

    def _reference(self) -> str:
        """A new reference: half of them are UUIDs, half a program's own numbers."""
        number = self.rng.getrandbits(128)
        if self.rng.random() < 0.5:
            return str(UUID(int=number, version=4))
        return f"F-{number % 10**12}"

    def _new(self, player: Player, quantity: int = 1) -> Asked:
        return Asked(player.id, "stamp", normal(self._reference()), quantity)

    def _stamp(
        self, player: Player, *, quantity: int = 1, is_valid: bool = False
    ) -> None:
        self._insist(self._new(player, quantity), player, is_valid=is_valid)

    def _insist(self, asked: Asked, player: Player, *, is_valid: bool = False) -> None:
        """Retry while the outcome is unknown, up to three times, as programs do."""
        named = player.rfc if self.rng.random() < 0.3 else ""
        key = self.play.cast.key_for(player)
        for _ in range(self.rng.choice((1, 2, 3))):
            attempt = self.caller.ask(asked, key, named=named, is_valid=is_valid)
            if not self._note(attempt):
                return

    def _ask_again(self, asked: Asked) -> None:
        key = self.play.cast.key_for(self.play.player(asked))
        self.caller.ask(asked, key)

    def _ask_otherwise(self, asked: Asked) -> None:
        """Send the same reference with another quantity, perhaps as another kind."""
        key = self.play.cast.key_for(self.play.player(asked))
        call = self.rng.choice((asked.call, "stamp", "addition"))
        if call in ("stamp", "addition"):
            other = Asked(asked.client, call, asked.reference, asked.quantity + 1)
            self.caller.ask(other, key)

    def _reverse(self, asked: Asked) -> None:
        """Reverse this stamp, sometimes twice."""
        if asked.call == "stamp":
            player = self.play.player(asked)
            reversal = Asked(asked.client, "reversal", asked.reference)
            for _ in range(self.rng.choice((1, 1, 2))):
                self._insist(reversal, player)

    def _never_refused(self, asked: Asked) -> bool:
        role = self.play.player(asked).role
        return role in (Role.HOT, Role.PLAIN)

    def _note(self, *attempts: Attempt) -> bool:
        """Remember the requests, and pause if an outcome is unknown. Return whether
        one is, and the run still goes on, so that it may be retried."""
        self.play.past.extend(attempt.asked for attempt in attempts)
        unknown = any(attempt.unknown for attempt in attempts)
        if unknown:
            self._think(RECOVER)
        return unknown and not self.play.over.is_set()

    def _some_past(self, most: int) -> list[Asked]:
        past = self.play.past
        return self.rng.sample(past, min(most, len(past)))

    def _think(self, seconds: float) -> None:
        self.play.over.wait(self.rng.uniform(0.5, 1.5) * seconds)


class Twins(Program):
    """Two or three callers that send the same stamp at the same instant."""

    def __init__(self, play: Play, number: int, habit: str = "twins") -> None:
        super().__init__(play, number, habit)
        self._siblings = [_Sibling(play, f"{number}/{n}") for n in (1, 2, 3)]

    def _twins(self) -> None:
        player = self.rng.choice(self.play.cast.of(Role.HOT, Role.PLAIN))
        asked = self._new(player)
        siblings = self._siblings[: self.rng.choice((2, 2, 3))]
        together = threading.Barrier(len(siblings))
        for sibling in siblings:
            is_other = sibling is self._siblings[2]
            what = Asked(asked.client, "stamp", asked.reference, 1 + is_other)
            sibling.todo.put((what, together))
        for sibling in siblings:
            sibling.done.get()
        self.play.past.append(asked)

    def _run(self) -> None:
        try:
            super()._run()
        finally:
            for sibling in self._siblings:
                sibling.todo.put(None)


class _Sibling:
    def __init__(self, play: Play, name: str) -> None:
        self.play = play
        self.caller = Caller(
            play.doors, play.journal, random.Random(f"{play.seed}/{name}")
        )
        self.todo: Queue[tuple[Asked, threading.Barrier] | None] = Queue()
        self.done: Queue[None] = Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while (given := self.todo.get()) is not None:
            asked, together = given
            try:
                together.wait(30)
                self.caller.ask(asked, self.play.cast.key_for(self.play.player(asked)))
            finally:
                self.done.put(None)
        self.caller.close()


# The number of programs with each habit.
HABITS = {
    "steady": 6,
    "hot": 4,
    "flap": 2,
    "against_flapping": 4,
    "spend": 3,
    "sell": 1,
    "batch": 2,
    "condemned": 1,
    "read": 1,
}
TWINS = 2


def programs(play: Play) -> list[Program]:
    habits = [habit for habit, count in HABITS.items() for _ in range(count)]
    return [
        *(Program(play, number, habit) for number, habit in enumerate(habits)),
        *(Twins(play, len(habits) + n) for n in range(TWINS)),
    ]
