"""What may happen in a story. Each function returns an Act: a lifecycle verb, a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from clients import lifecycle
from clients.forecast.outlook import outlooks
from clients.lifecycle import Outcome
from clients.models import Channel, Client, EntryKind
from packages.models import Package, Service


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What a verb of a story gets besides its client."""

    now: datetime
    by: User
    support: User
    packages: dict[str, Package]
    reference: str


Verb = Callable[[Client, Moment], Outcome]


@dataclass(frozen=True)
class Act:
    """A verb, and how many days ago it is done."""

    days_ago: int
    verb: Verb


def added(days_ago: int, quantity: int, reason: str = "") -> Act:
    def verb(client: Client, at: Moment) -> Outcome:
        return lifecycle.add_folios(
            client,
            quantity=quantity,
            reason=reason,
            reference=at.reference,
            by=at.by,
            now=at.now,
        )

    return Act(days_ago, verb)


def renewed(days_ago: int, package: str = "") -> Act:
    """Renew with the same package, or with the one of this name."""

    def verb(client: Client, at: Moment) -> Outcome:
        return lifecycle.renew(
            client,
            package=at.packages[package] if package else None,
            reference=at.reference,
            by=at.by,
            now=at.now,
        )

    return Act(days_ago, verb)


def renewed_by_mistake(days_ago: int) -> Act:
    """Renew with the same package, and undo it a minute later."""

    def verb(client: Client, at: Moment) -> Outcome:
        done = lifecycle.renew(client, reference=at.reference, by=at.by, now=at.now)
        a_minute_later = at.now + timedelta(minutes=1)
        return lifecycle.undo_renewal(
            client, seq=done.seq, by=at.by, now=a_minute_later
        )

    return Act(days_ago, verb)


def edited(
    days_ago: int, *, services: dict[str, int | None] | None = None, **details: str
) -> Act:
    """`services` (quantities by code) replace the plan's, `details` the client's."""

    def verb(client: Client, at: Moment) -> Outcome:
        ids = dict(Service.objects.values_list("code", "id"))
        return lifecycle.edit_plan(
            client,
            changes=details,
            services={ids[code]: quantity for code, quantity in services.items()}
            if services is not None
            else None,
            by=at.by,
            now=at.now,
        )

    return Act(days_ago, verb)


def suspended(days_ago: int, reason: str, message: str = "") -> Act:
    def verb(client: Client, at: Moment) -> Outcome:
        return lifecycle.suspend(
            client, reason=reason, message=message, by=at.by, now=at.now
        )

    return Act(days_ago, verb)


def _simple(verb: Callable[..., Outcome]) -> Callable[[int], Act]:
    def at_day(days_ago: int) -> Act:
        return Act(days_ago, lambda client, at: verb(client, by=at.by, now=at.now))

    return at_day


activated = _simple(lifecycle.activate)
archived = _simple(lifecycle.archive)
restored = _simple(lifecycle.restore)


def rfc_added(days_ago: int, rfc: str) -> Act:
    def verb(client: Client, at: Moment) -> Outcome:
        return lifecycle.add_rfc(client, rfc=rfc, by=at.by, now=at.now)

    return Act(days_ago, verb)


def rfc_ended(days_ago: int, rfc: str) -> Act:
    def verb(client: Client, at: Moment) -> Outcome:
        additional = client.additional_rfcs.get(rfc=rfc)
        return lifecycle.end_rfc(additional, by=at.by, now=at.now)

    return Act(days_ago, verb)


def visited(days_ago: int, reason: str) -> Act:
    """The reseller enters the client's account and leaves it minutes later."""

    def verb(client: Client, at: Moment) -> Outcome:
        lifecycle.enter(client, reason=reason, by=at.by, now=at.now)
        return lifecycle.leave(client, by=at.by, now=at.now + timedelta(minutes=6))

    return Act(days_ago, verb)


def adjusted(days_ago: int, quantity: int, reason: str) -> Act:
    """Support corrects a mistake."""

    def verb(client: Client, at: Moment) -> Outcome:
        return lifecycle.adjust(
            client,
            quantity=quantity,
            reason=reason,
            reference=at.reference,
            by=at.support,
            now=at.now,
        )

    return Act(days_ago, verb)


def refused_by_pac(days_ago: int, reason: str) -> Act:
    """Reverse the newest stamp, which the PAC refused."""

    def verb(client: Client, at: Moment) -> Outcome:
        stamps = client.entries.filter(kind=EntryKind.STAMP, reversed_by=None)
        posted = lifecycle.reverse(
            client,
            reference=stamps.latest("seq").reference or "",
            reason=reason,
            by=None,
            now=at.now,
        )
        fresh = Client.objects.with_facts().get(pk=client.pk)
        return Outcome(client=fresh, message="", entry=posted.entry)

    return Act(days_ago, verb)


def noted(days_ago: int, text: str) -> Act:
    def verb(client: Client, at: Moment) -> Outcome:
        return lifecycle.add_note(client, text=text, by=at.by, now=at.now)

    return Act(days_ago, verb)


def promised(days_ago: int, text: str, *, within: int) -> Act:
    """Add a task that is due `within` days."""

    def verb(client: Client, at: Moment) -> Outcome:
        return lifecycle.add_task(
            client,
            text=text,
            due_on=client.reseller.local_date(at.now) + timedelta(days=within),
            key=UUID(at.reference),
            by=at.by,
            now=at.now,
        )

    return Act(days_ago, verb)


def _of_the_task(verb: Callable[..., Outcome]) -> Callable[[int], Act]:
    def at_day(days_ago: int) -> Act:
        return Act(
            days_ago,
            lambda client, at: verb(client.tasks.get(), by=at.by, now=at.now),
        )

    return at_day


finished = _of_the_task(lifecycle.finish_task)
reopened = _of_the_task(lifecycle.reopen_task)


def _answered(
    days_ago: int, answer: Callable[..., Outcome], **how: Callable[[Moment], object]
) -> Act:
    """Answer the suggestion of that day; `how` makes the verb's other arguments."""

    def verb(client: Client, at: Moment) -> Outcome:
        today = client.reseller.local_date(at.now)
        fresh = Client.objects.with_facts().get(pk=client.pk)
        suggestion = outlooks([fresh], today)[client.pk].suggestion
        assert suggestion, f"nothing was suggested to {client} {days_ago} days ago"
        return answer(
            client,
            kind=suggestion.kind,
            basis=suggestion.basis,
            by=at.by,
            now=at.now,
            **{name: value(at) for name, value in how.items()},
        )

    return Act(days_ago, verb)


def postponed(days_ago: int, *, within: int) -> Act:
    return _answered(
        days_ago,
        lifecycle.postpone,
        until=lambda at: at.now.date() + timedelta(days=within),
    )


def dismissed(days_ago: int, reason: str) -> Act:
    return _answered(days_ago, lifecycle.dismiss, reason=lambda at: reason)


def contacted(days_ago: int, channel: Channel) -> Act:
    return _answered(days_ago, lifecycle.contacted, channel=lambda at: channel)


resumed = _simple(lifecycle.resume)
