"""One run: start the stage, run the load through storms and calm, resolve the unknown
outcomes, read the ledger and judge it.

`deadline` bounds the whole run; the load gets the time that the other steps leave.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic, sleep

from chaos.actors import Play, programs
from chaos.caller import Caller, Door
from chaos.cast import Cast, Key, Role
from chaos.checker import Findings, busy_while_quiet, check
from chaos.evidence import Evidence, read
from chaos.faults import Breaker
from chaos.journal import Asked, Journal, Window, unresolved
from chaos.rows import Violation
from chaos.stage import Stage

# The share of the load's time in which nothing is broken: around each storm.
CALM = 0.28
# Seconds reserved for the steps after the load.
AFTERWARDS = 23.0
RESOLVE_ROUNDS = 6
LATE_REPEATS = 600
LATE_SINGLES = 60
BATCH = 250

Say = Callable[[str], None]


@dataclass
class Result:
    seed: int
    findings: Findings
    violations: list[Violation]
    audit: str
    calls: int
    calls_answered: int
    faults: Counter[str] = field(default_factory=Counter)
    hits: int = 0
    unknown: int = 0
    missing: int = 0
    busy: int = 0
    valid: int = 0
    seconds: float = 0.0
    logs: str = ""

    @property
    def operations(self) -> int:
        """Requests with a response; each item of a batch counts as one."""
        return sum(a.status is not None for a in self.findings.attempts)

    @property
    def codes(self) -> Counter[str]:
        """How often each status and each problem code occurred."""
        attempts = self.findings.attempts
        return Counter(str(a.status or "none") for a in attempts) + Counter(
            a.code for a in attempts if a.code
        )


def run(
    seed: int,
    *,
    deadline: float,
    say: Say,
    storms: int = 3,
    bug: str = "",
    bare: bool = False,
) -> Result:
    """`deadline` is in seconds. `bug` names a planted bug (bugs.py); `bare` drops the
    UNIQUE constraints first."""
    began_at = monotonic()
    with Stage(random.Random(f"{seed}/stage"), bug=bug) as stage:
        stage.serve()
        cast = Cast.from_json(stage.manage("chaos.world", "make"))
        if bare:
            stage.manage("chaos.world", "strip")
        for server in stage.servers:
            server.wait_until_ready()
        say(f"The stage is set after {monotonic() - began_at:.1f} s.")
        result = _Run(seed, stage, cast, say).play(began_at + deadline, storms)
        result.seconds = monotonic() - began_at
        result.logs = stage.logs()
    return result


class _Run:
    def __init__(self, seed: int, stage: Stage, cast: Cast, say: Say) -> None:
        self._seed, self._stage, self._cast, self._say = seed, stage, cast, say
        names = [server.name for server in stage.servers]
        self._doors = [
            Door(name, proxy.port)
            for name, proxy in zip(names, stage.doors, strict=True)
        ]
        self._journal = Journal()
        self._play = Play(cast, self._doors, self._journal, seed)
        self._breaker = Breaker(stage, self._doors, random.Random(f"{seed}/faults"))
        self._rng = random.Random(f"{seed}/after")
        self._caller = Caller(self._doors, self._journal, self._rng)
        self._quiet: list[Window] = []
        self._revoked: dict[str, float] = {}

    def play(self, deadline: float, storms: int) -> Result:
        self._load(deadline - AFTERWARDS, storms)
        unknown = sum(a.unknown for a in self._journal.attempts)
        missing = len(unresolved(self._journal.attempts))
        self._suspend_some()
        self._resolve()
        self._repeat_late()
        findings = Findings(
            attempts=self._journal.attempts,
            evidence=read(self._stage.postgresql.address),
            quiet=self._quiet,
            revoked=self._revoked,
            losing=frozenset(p.id for p in self._cast.of(Role.RENEWING)),
        )
        violations = [*check(findings), *self._statements(findings.evidence)]
        audit = self._audit(violations)
        busy, valid = busy_while_quiet(findings)
        return Result(
            seed=self._seed,
            findings=findings,
            violations=violations,
            audit=audit,
            calls=self._journal.calls,
            calls_answered=self._journal.calls_answered,
            faults=self._breaker.counts,
            hits=sum(fault.hits for fault in self._breaker.faults),
            unknown=unknown,
            missing=missing,
            busy=busy,
            valid=valid,
        )

    # ── The load ──────────────────────────────────────────────────────────────────

    def _load(self, until: float, storms: int) -> None:
        cast = programs(self._play)
        revoking = threading.Thread(
            target=self._revoke, args=((until - monotonic()) / 2,)
        )
        for program in cast:
            program.thread.start()
        revoking.start()
        try:
            self._weather(until, storms)
        finally:
            self._play.over.set()
            for program in cast:
                program.thread.join(30)
            revoking.join(30)
        for program in cast:
            if program.errors:
                raise program.errors[0]
            if program.thread.is_alive():
                raise RuntimeError(f"{program.thread.name} hangs")

    def _weather(self, until: float, storms: int) -> None:
        """Calm, storm, calm …: each begins by the clock, however long a storm took."""
        begin = monotonic()
        calm = (until - begin) * CALM / (storms + 1)
        storm = (until - begin) * (1 - CALM) / storms
        for number in range(storms):
            self._calm(begin + number * (calm + storm) + calm)
            self._breaker.storm(begin + (number + 1) * (calm + storm))
        self._calm(until)

    def _calm(self, until: float) -> None:
        start = monotonic()
        sleep(max(1.5, until - start))
        self._quiet.append(Window(start, monotonic()))
        self._say(
            f"{self._journal.calls:,} calls, {len(self._breaker.faults)} faults so far."
        )

    def _revoke(self, after: float) -> None:
        """Revoke a key in mid-run, past the proxies; retry while PostgreSQL is down."""
        key = self._cast.doomed
        if self._play.over.wait(after):
            return
        for _ in range(5):
            try:
                self._stage.manage("chaos.world", "revoke", key.name)
            except RuntimeError:
                sleep(0.5)
            else:
                self._revoked[key.name] = monotonic()
                self._play.doomed.set()
                return

    # ── Afterwards ────────────────────────────────────────────────────────────────

    def _suspend_some(self) -> None:
        """Suspend clients before the unknown requests are sent again: a stamp that was
        made must get its first response even if its client is suspended since."""
        self._breaker.make_whole()
        self._wait_until_idle()
        chosen = [*self._cast.of(Role.FLAPPING), *self._cast.of(Role.PLAIN)[::2]]
        for player in chosen:
            key = self._cast.key_for(player)
            self._caller.ask(Asked(player.id, "suspension"), key)

    def _wait_until_idle(self) -> None:
        """Wait until no server still works on a call whose caller has gone."""
        for _ in range(100):
            if not self._stage.postgresql.at_work():
                return
            sleep(0.05)

    def _resolve(self) -> None:
        for _ in range(RESOLVE_ROUNDS):
            missing = unresolved(self._journal.attempts)
            if not missing:
                return
            self._say(f"{len(missing):,} unknown movements are asked for again.")
            self._ask_again([asked for some in missing.values() for asked in some])
            self._wait_until_idle()

    def _repeat_late(self) -> None:
        done = [a.asked for a in self._journal.attempts if a.done]
        stamps = [asked for asked in done if asked.call == "stamp"]
        some = self._rng.sample(stamps, min(LATE_REPEATS, len(stamps)))
        self._ask_again(some[LATE_SINGLES:])
        for asked in some[:LATE_SINGLES]:
            self._caller.ask(asked, self._key_for(asked))

    def _ask_again(self, many: Sequence[Asked]) -> None:
        """Send these requests again: stamps in batches, the others one by one."""
        for key in self._cast.keys:
            if key.doomed:
                continue
            mine = [asked for asked in many if self._key_for(asked) is key]
            stamps = [asked for asked in mine if asked.call == "stamp"]
            for batch in _batches(stamps):
                self._caller.ask_many(batch, key, [False] * len(batch))
            for asked in mine:
                if asked.call != "stamp":
                    self._caller.ask(asked, key)

    def _key_for(self, asked: Asked) -> Key:
        return self._cast.key_for(self._play.player(asked))

    def _statements(self, evidence: Evidence) -> Iterator[Violation]:
        """GET …/movements must return exactly the entries in the ledger."""
        for player in self._cast.players:
            kept = [
                (e.seq, e.kind, e.quantity, e.balance_after, e.reference, e.reverses)
                for e in evidence.entries
                if e.client == player.id
            ]
            values: list[tuple[object, ...]] = []
            after: int | None = 0
            while after is not None:
                path = f"/movements?after={after}&limit=1000"
                page = self._caller.read(player.id, path, self._cast.key_for(player))
                if page.status != 200:
                    break
                values += [
                    tuple(
                        line[name]
                        for name in (
                            *("seq", "kind", "quantity", "balance_after"),
                            *("reference", "reverses"),
                        )
                    )
                    for line in page.body["movements"]
                ]
                after = page.body["next"]
            if values != kept:
                yield Violation("differs", f"the statement of {player.id}")

    def _audit(self, violations: list[Violation]) -> str:
        try:
            return self._stage.manage("manage", "audit_ledger").strip()
        except RuntimeError as error:
            violations.append(Violation("balance", str(error)))
            return str(error)


def _batches(many: Sequence[Asked]) -> Iterator[list[Asked]]:
    rest = iter(many)
    while batch := list(islice(rest, BATCH)):
        yield batch
