"""What a renewal has taken away stays taken: a stamp reversed afterwards brings no
leftover back (docs/decisions.md, "What was lost stays lost").

Without this a leftover would be dodged: stamp it, renew, reverse the stamp.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from clients.models import Client, EntryKind, EventKind, FolioLedger
from packages.models import Package, Terms


class _Renewal(NamedTuple):
    seq: int
    rule: Terms  # of the plan that it ended
    balance: int  # right before it


class _Reversal(NamedTuple):
    stamp_seq: int
    seq: int
    quantity: int


def lost_meanwhile(client: Client, stamp: FolioLedger) -> int:
    """How many folios of this old stamp the renewals since then would have taken, had
    it not been made. `client` is locked; the stamp is not reversed yet.

    Every old stamp that was reversed after a renewal counts as if it had been there
    at the renewal, in the order of the reversals; this one is the last of them.
    """
    if not (since := _renewals_since(client, stamp.seq)):
        return 0
    this = _Reversal(stamp.seq, client.account.last_seq + 1, -stamp.quantity)
    reversals = [*_reversals_after(client, since[0].seq), this]
    renewals = _renewals_since(client, min(one.stamp_seq for one in reversals))
    would_be_there: Counter[int] = Counter()  # by renewal, besides its balance
    left = 0
    for one in reversals:
        left = one.quantity
        for renewal in renewals:
            if not one.stamp_seq < renewal.seq < one.seq:
                continue
            had = renewal.balance + would_be_there[renewal.seq]
            would_be_there[renewal.seq] += left
            lost = renewal.rule.leftovers_lost
            left -= lost(had + left) - lost(had)
    return this.quantity - left


def _renewals_since(client: Client, seq: int) -> list[_Renewal]:
    """Those that were not taken back and say which plan they ended, oldest first."""
    events = client.events.filter(
        seq__gt=seq, kind__in=(EventKind.RENEWED, EventKind.RENEWAL_UNDONE)
    ).order_by("seq")
    undone = {
        event.before.get("renewal")
        for event in events
        if event.kind == EventKind.RENEWAL_UNDONE
    }
    found = []
    for event in events:
        former = event.before.get("former_plan")
        if event.kind == EventKind.RENEWED and former and event.seq not in undone:
            rule = Package(
                leftover_rule=former["leftover_rule"],
                leftover_limit=former["leftover_limit"],
            )
            found.append(_Renewal(event.seq, rule, former["balance"]))
    return found


def _reversals_after(client: Client, seq: int) -> Iterator[_Reversal]:
    """Oldest first."""
    entries = client.entries.filter(kind=EntryKind.REVERSAL, seq__gt=seq)
    rows = entries.order_by("seq").values_list("reverses__seq", "seq", "quantity")
    return (_Reversal(*row) for row in rows)
