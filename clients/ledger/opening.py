"""The accounts and events of many new clients at once.

The same law as of clients/ledger/__init__.py, through which it is called: events and
entries share one numbering, and only movements change a balance.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Actor, ApiKey
from clients.ledger import store
from clients.models import EventKind, FolioAccount


def open_many(
    reseller_id: int,
    created: Mapping[int, dict[str, Any]],
    *,
    now: datetime,
    by: Actor | None,
    reason: str = "",
) -> store.NewAccounts:
    """The accounts of new clients with the event of their creation; `created` is what
    each was created with, by client id.

    The accounts are rows only when their first movement is posted, or by `keep`: so
    what is derived from them is made once.
    """
    accounts = store.NewAccounts(reseller_id, created)
    record_many(accounts, created, EventKind.CREATED, now=now, by=by, reason=reason)
    return accounts


def keep(accounts: store.NewAccounts) -> None:
    """Write the accounts of `open_many` that no movement has written."""
    store.open_accounts(accounts, [*accounts.unwritten])


def record_many(
    accounts: Mapping[int, FolioAccount],
    after: Mapping[int, dict[str, Any]],
    kind: EventKind,
    *,
    now: datetime,
    by: Actor | None,
    reason: str = "",
) -> None:
    """Write one event of the same kind for each client of `after`."""
    events = []
    key = by.pk if isinstance(by, ApiKey) else None
    for client_id, facts in after.items():
        account = accounts[client_id]
        account.last_seq += 1
        events.append(
            {
                "client_id": client_id,
                "seq": account.last_seq,
                "kind": kind.value,
                "reason": reason,
                "message": "",
                "by_id": by.pk if by and key is None else None,
                "api_key_id": key,
                "before": {},
                "after": facts,
                "created_at": now,
            }
        )
    store.write_events(events)
    # An account that is no row yet will be one with its number.
    later = accounts.unwritten if isinstance(accounts, store.NewAccounts) else ()
    store.write_last_seqs([accounts[one] for one in after if one not in later])
