"""What a batch of stamps reads under its lock, in one trip: the facts of the clients
and the keys of the programs that ask. Read here, judged in rules.py and accounts/keys.

Rows, not models: Django needs longer to make one of those than PostgreSQL to find it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol
from uuid import UUID

from accounts import keys
from accounts.models import ApiKey, Reseller, Scope
from clients import ledger, rules
from clients.models import FolioAccount
from clients.status import Status, derive_status
from reseller_panel import sql
from reseller_panel.problems import Problem


class Row(NamedTuple):
    """The facts of one client, as rules.Standing wants them."""

    id: int
    public_id: UUID
    legal_name: str
    expires_on: date | None
    suspended_at: datetime | None
    archived_at: datetime | None
    reseller_id: int
    time_zone: str
    account: FolioAccount

    def __str__(self) -> str:
        return self.legal_name

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def status_on(self, today: date) -> Status:
        return derive_status(
            suspended_at=self.suspended_at,
            expires_on=self.expires_on,
            balance=self.account.balance,
            today=today,
        )


_ASK_CLIENTS = sql.Statement(
    "stamps_clients",
    "bigint[]",
    """
SELECT client.id, client.public_id, client.legal_name, client.expires_on,
       client.suspended_at, client.archived_at, client.reseller_id, reseller.time_zone
  FROM clients_client AS client
  JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
 WHERE client.id = ANY($1)""",
)
_ASK_KEYS = sql.Statement(
    "stamps_keys",
    "bytea[]",
    """
SELECT digest, id, reseller_id, name, revoked_at, scopes
  FROM accounts_apikey WHERE digest = ANY($1)""",
)
# Of an account that is held, and so was not read; nothing is decided by it.
_UNREAD = FolioAccount()


class Asking(Protocol):
    """A stamp, as far as it matters here."""

    @property
    def client_id(self) -> int: ...
    @property
    def key_digest(self) -> bytes | None: ...


@dataclass(frozen=True)
class Facts:
    """Clients by id and keys by digest, as they are while the accounts are locked."""

    accounts: ledger.Accounts
    clients: dict[int, Row]
    callers: dict[bytes, ApiKey]

    def caller(self, asking: Asking) -> ApiKey | None:
        return self.callers.get(asking.key_digest) if asking.key_digest else None

    def barred(self, asking: Asking) -> Exception | None:
        """Why this one may not even ask, not even for what was done before: its key,
        a client of somebody else, or an account that is held (ledger.Patience)."""
        client = self.clients[asking.client_id]
        if asking.key_digest is not None:
            try:
                key = keys.permit(self.caller(asking), Scope.STAMPS)
            except Problem as problem:
                return problem
            if client.reseller_id != key.reseller_id:
                return rules.UnknownClient()
        return None if client.id in self.accounts else ledger.AccountHeld()

    def days(self, moment: datetime) -> dict[int, date]:
        """The business day of a moment, by client."""
        by_zone = {
            time_zone: Reseller(time_zone=time_zone).local_date(moment)
            for time_zone in {client.time_zone for client in self.clients.values()}
        }
        return {
            client.id: by_zone[client.time_zone] for client in self.clients.values()
        }

    def refusals(self, days: dict[int, date]) -> dict[int, Exception]:
        """Why new stamps may not be, by client."""
        return {
            client.id: refusal
            for client in self.clients.values()
            if (refusal := rules.why_not("consume", client, days[client.id]))
        }


class Question:
    """Asked on the trip of the lock, behind it."""

    def __init__(self, stamps: Sequence[Asking], trip: sql.Trip) -> None:
        ids = {s.client_id for s in stamps}
        self._clients = trip.ask(_ASK_CLIENTS, sql.as_array(ids))
        digests = {s.key_digest for s in stamps if s.key_digest is not None}
        self._keys = trip.ask(_ASK_KEYS, list(digests)) if digests else None

    def answer(self, accounts: ledger.Accounts) -> Facts:
        clients = {
            row[0]: Row._make((*row, accounts.get(row[0], _UNREAD)))
            for row in self._clients.fetchall()
        }
        callers = {
            digest: _key(*facts, tuple(scopes))
            for digest, *facts, scopes in (self._keys.fetchall() if self._keys else [])
        }
        return Facts(accounts, clients, callers)


@lru_cache(maxsize=1_000)
def _key(
    pk: int,
    reseller_id: int,
    name: str,
    revoked_at: datetime | None,
    scopes: tuple[str, ...],
) -> ApiKey:
    """The key with these facts; the same one for as long as they stay the same."""
    return ApiKey(
        pk=pk,
        reseller_id=reseller_id,
        name=name,
        revoked_at=revoked_at,
        scopes=list(scopes),
    )
