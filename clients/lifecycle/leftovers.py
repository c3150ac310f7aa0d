"""What a renewal has taken away stays taken: a stamp reversed afterwards brings no
leftover back (docs/decisions.md, "What was lost stays lost").

Without this a leftover would be dodged: stamp it, renew, reverse the stamp.
"""

from django.db.models import Sum

from clients.models import Client, ClientEvent, EntryKind, EventKind, FolioLedger
from packages.models import Package


def lost_meanwhile(client: Client, stamp: FolioLedger) -> int:
    """How many folios of this old stamp the renewals since then would have taken, had
    it not been made. `client` is locked; the stamp is not reversed yet."""
    given_back = -stamp.quantity
    for event in _renewals_since(client, stamp.seq):
        former = event.before["former_plan"]
        rule = Package(
            leftover_rule=former["leftover_rule"],
            leftover_limit=former["leftover_limit"],
        )
        left = former["balance"] + _given_back_since(client, event.seq)
        more = rule.leftovers_lost(left + given_back) - rule.leftovers_lost(left)
        given_back -= more
    return -stamp.quantity - given_back


def _renewals_since(client: Client, seq: int) -> list[ClientEvent]:
    """Those that were not taken back and say which plan they ended, oldest first."""
    events = client.events.filter(
        seq__gt=seq, kind__in=(EventKind.RENEWED, EventKind.RENEWAL_UNDONE)
    ).order_by("seq")
    undone = {
        event.before.get("renewal")
        for event in events
        if event.kind == EventKind.RENEWAL_UNDONE
    }
    return [
        event
        for event in events
        if event.kind == EventKind.RENEWED
        and event.seq not in undone
        and "former_plan" in event.before
    ]


def _given_back_since(client: Client, seq: int) -> int:
    """Of stamps made before a renewal and reversed after it."""
    total: int | None = client.entries.filter(
        kind=EntryKind.REVERSAL, seq__gt=seq, reverses__seq__lt=seq
    ).aggregate(total=Sum("quantity"))["total"]
    return total or 0
