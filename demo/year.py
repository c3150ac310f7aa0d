"""Plays the stories day by day, in calendar order, through the verbs of lifecycle.

Every story is relative to today, so that the demo never grows old. Only lifecycle
writes, so that the demo shows nothing that the product cannot reach.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from dateutil.relativedelta import relativedelta

from accounts.addresses import prove_address
from accounts.models import Reseller, User
from clients import lifecycle
from clients.ledger import Posted
from clients.lifecycle import Details, Stamp
from clients.models import Client, membership_of
from clients.status import Status
from demo.acts import Act, Moment, Verb, added, renewed
from demo.rhythms import Rhythm, poisson
from packages.models import Package, TermUnit

SEED = 20220401
RENEWED_BEFORE = 3  # days before the last usable one
CLOSELY = 14  # in these last days the CFDI are spread over the hours
OPEN_HOURS = 9  # from eleven in the morning
_STEP = {
    TermUnit.DAY: "days",
    TermUnit.MONTH: "months",
    TermUnit.YEAR: "years",
}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens to a client. Days are counted from today, backwards in `since` and
    `quiet_for`, forwards in `ends_in` (the last usable day; negative is past)."""

    rfc: str
    package: str
    ends_in: int | None = None  # one of these two is given
    since: int | None = None
    terms: int = 1  # how many it has bought, each renewed a few days early
    rhythm: Rhythm = Rhythm.STEADY
    per_day: float = 1.0  # CFDI on a working day
    leaves: int = 0  # it stops invoicing at that many folios
    tops_up: int = 0  # folios bought whenever few are left
    accepts: bool = True  # its person says that the account is its own
    quiet_for: int = 0
    acts: tuple[Act, ...] = ()


@dataclass
class _Life:
    """The state of a story while it is played."""

    story: Story
    key: int
    starts_on: date
    client: Client | None = None
    renewals: int = 0
    acts: list[Act] = field(default_factory=list)
    last_at: datetime | None = None  # when the last act was done

    def spends(self, random: Random, day: date, days_ago: int) -> int:
        """How many CFDI the client stamps that day; 0 if it may not stamp."""
        client, story = self.client, self.story
        if client is None or client.is_suspended or client.is_archived:
            return 0
        if client.expires_on and client.expires_on < day:
            return 0
        if days_ago < story.quiet_for:
            return 0
        wanted = poisson(random, story.rhythm.expected(day, story.per_day, self.key))
        return max(0, min(wanted, client.balance - story.leaves))

    def needs_folios(self, day: date) -> bool:
        client, story = self.client, self.story
        return (
            client is not None
            and story.tops_up > 0
            and client.balance <= client.plan.folios // 12
            and client.status_on(day) in (Status.ACTIVE, Status.EXHAUSTED)
        )

    def is_to_renew(self, day: date) -> bool:
        client = self.client
        return (
            client is not None
            and self.renewals > 0
            and client.expires_on is not None
            and day >= client.expires_on - timedelta(days=RENEWED_BEFORE)
        )


def first_day(story: Story, package: Package, today: date) -> date:
    """The day of creation that leads to the last usable day of the story."""
    if story.since is not None:
        return today - timedelta(days=story.since)
    assert story.ends_in is not None
    assert package.term_count is not None
    last = today + timedelta(days=story.ends_in)
    step = {_STEP[TermUnit(package.term_unit)]: package.term_count * story.terms}
    # Months are of unequal length: try which day leads exactly to the last one.
    start = last - relativedelta(**step)  # type: ignore[arg-type]
    for candidate in (start + timedelta(days=n) for n in range(4)):
        if _end(package, candidate, story.terms) == last:
            return candidate
    return start


def _end(package: Package, start: date, terms: int) -> date:
    for _ in range(terms):
        end = package.expiry_from(start)
        assert end is not None
        start = end
    return start


class Year:
    """The stories of one reseller, played until `now`."""

    def __init__(
        self,
        reseller: Reseller,
        *,
        by: User,
        support: User,
        packages: dict[str, Package],
        taxpayers: dict[str, Details],
        stories: list[Story],
        now: datetime,
    ) -> None:
        self.reseller, self.by, self.support = reseller, by, support
        self.packages, self.taxpayers, self.now = packages, taxpayers, now
        self.random = Random(f"{SEED}:{reseller.slug}")  # noqa: S311
        self.today = reseller.local_date(now)
        self.lives = [
            _Life(
                story,
                key,
                first_day(story, packages[story.package], self.today),
                renewals=story.terms - 1,
                acts=sorted(story.acts, key=lambda act: -act.days_ago),
            )
            for key, story in enumerate(stories)
        ]
        self.stamps = 0

    def live(self) -> Iterator[float]:
        """Play day after day; yields the progress, from 0 to 1."""
        day = first = min(life.starts_on for life in self.lives)
        while day <= self.today:
            self._live_day(day)
            day += timedelta(days=1)
            yield (day - first) / (self.today - first + timedelta(days=1))

    def _live_day(self, day: date) -> None:
        days_ago = (self.today - day).days
        for life in self.lives:
            if life.starts_on == day:
                self._create(life, day)
            if life.is_to_renew(day):
                life.renewals -= 1
                self._act(life, renewed(days_ago).verb, day)
            if life.needs_folios(day):
                self._act(life, added(days_ago, life.story.tops_up).verb, day)
            while life.acts and life.acts[0].days_ago >= days_ago:
                self._act(life, life.acts.pop(0).verb, day)
        self._stamp(day, days_ago)

    def _create(self, life: _Life, day: date) -> None:
        life.client = lifecycle.create(
            self.reseller,
            details=self.taxpayers[life.story.rfc],
            package=self.packages[life.story.package],
            reference=self._uuid(),
            by=self.by,
            now=self._at(day, 9),
        ).client
        self._answer(life.client, life.story.accepts, self._at(day, 9))

    def _answer(self, client: Client, accepts: bool, moment: datetime) -> None:
        """The person whom the account was given to proves its address and answers."""
        if not accepts:
            lifecycle.welcome_again(client, by=self.by, now=moment)
        access = membership_of(client)
        assert access is not None
        if prove_address(access.user, now=moment):
            lifecycle.confirm_first_access(access.user, now=moment)
            access.refresh_from_db(fields=["confirmed_at"])
        if not accepts:
            lifecycle.decline_access(access, by=access.user, now=moment)
        elif access.is_pending:
            lifecycle.confirm_access(access, by=access.user, now=moment)

    def _act(self, life: _Life, verb: Verb, day: date) -> None:
        assert life.client is not None, f"{life.story.rfc} is not created yet"
        done_at = self._at(day, 10)
        if life.last_at:
            # Two acts in one morning are done one after the other.
            done_at = min(self.now, max(done_at, life.last_at + timedelta(minutes=7)))
        life.last_at = done_at
        moment = Moment(
            now=done_at,
            by=self.by,
            support=self.support,
            packages=self.packages,
            reference=self._uuid(),
        )
        life.client = verb(life.client, moment).client

    def _stamp(self, day: date, days_ago: int) -> None:
        """Stamp the CFDI of a day. In the last CLOSELY days they are spread over the
        hours; before, they are one batch, which is much faster to write."""
        usual = self.random.randrange(OPEN_HOURS)
        slots: list[list[tuple[_Life, Stamp]]] = [[] for _ in range(OPEN_HOURS)]
        for life in self.lives:
            for _ in range(life.spends(self.random, day, days_ago)):
                assert life.client is not None
                stamp = Stamp(client_id=life.client.pk, reference=self._uuid())
                hour = self.random.randrange(OPEN_HOURS)
                slots[hour if days_ago < CLOSELY else usual].append((life, stamp))
        for slot, batch in enumerate(slots):
            moment = self._at(day, 11 + slot)
            # Nothing is stamped in the future.
            if batch and moment < self.now:
                self._spend(batch, moment)

    def _spend(self, batch: list[tuple[_Life, Stamp]], moment: datetime) -> None:
        answers = lifecycle.consume_many([stamp for _, stamp in batch], now=moment)
        for (life, _), answer in zip(batch, answers, strict=True):
            assert isinstance(answer, Posted), answer
            assert life.client is not None
            life.client.account.balance = answer.entry.balance_after
            self.stamps += 1

    def _at(self, day: date, hour: int) -> datetime:
        """A random moment of that hour, but never later than `now`."""
        minute, second = self.random.randrange(60), self.random.randrange(60)
        moment = datetime.combine(day, time(hour, minute, second), self.reseller.zone)
        return min(moment, self.now)

    def _uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))
