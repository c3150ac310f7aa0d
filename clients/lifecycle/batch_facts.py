"""What a batch of stamps reads after its lock, in the same round trip: the facts of the
clients and the API keys of the callers. This module reads them; rules.py and
accounts/keys.py judge them.

Clients are plain tuples, not models: Django needs longer to build a model than
PostgreSQL to find its row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from accounts import keys
from accounts.models import ApiKey, Reseller, Scope, User
from clients import ledger, refusals, rules
from clients.models import FolioAccount
from clients.status import Status, derive_status
from reseller_panel import sql
from reseller_panel.refusals import Refused


class Stamp:
    """One stamped CFDI (or several) to be paid with folios."""

    __slots__ = (
        *("additional_rfc", "by", "client_id", "issued_on"),
        *("key_digest", "quantity", "reference"),
    )

    def __init__(
        self,
        *,
        client_id: int,
        reference: str,
        quantity: int = 1,
        key_digest: bytes | None = None,
        additional_rfc: str = "",
        issued_on: date | None = None,
        by: User | None = None,
    ) -> None:
        self.client_id = client_id
        self.reference = normal_reference(reference)
        self.quantity = quantity
        # Which of the client's additional RFCs it is of; blank for its own. It must be
        # in force on the day of the document, or today where none was shown.
        self.additional_rfc = additional_rfc
        self.issued_on = issued_on
        # SHA-256 of the caller's API key, if it is to be checked under the lock.
        self.key_digest = key_digest
        # The person who asks with that key, where no program does.
        self.by = by


def normal_reference(reference: str) -> str:
    """Lower-case a UUID, since case does not matter in it (api.md); keep other text."""
    try:
        return str(UUID(reference)) if len(reference) == 36 else reference
    except ValueError:
        return reference


class ClientFacts(NamedTuple):
    """The facts of one client, with what rules.py needs (refusals.HasFacts)."""

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


_CLIENTS = sql.Statement(
    "stamps_clients",
    "bigint[]",
    """
SELECT client.id, client.public_id, client.legal_name, client.expires_on,
       client.suspended_at, client.archived_at, client.reseller_id, reseller.time_zone
  FROM clients_client AS client
  JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
 WHERE client.id = ANY($1)""",
)
_RFCS = sql.Statement(
    "stamps_rfcs",
    "bigint[]",
    """
SELECT client_id, rfc, starts_on, ends_on
  FROM clients_additionalrfc WHERE client_id = ANY($1)""",
)
_KEYS = sql.Statement(
    "stamps_keys",
    "bytea[]",
    """
SELECT digest, id, reseller_id, name, revoked_at, scopes
  FROM accounts_apikey WHERE digest = ANY($1)""",
)
# Stands in for a contended account, which was not read. Its stamps are refused by `bar`
# whatever it says.
_UNREAD = FolioAccount()


@dataclass(frozen=True)
class BatchFacts:
    """Clients by id and keys by digest, as they are while the accounts are locked."""

    accounts: ledger.Accounts
    clients: dict[int, ClientFacts]
    keys: dict[bytes, ApiKey]
    # First and last days of additional RFCs, by client id and RFC.
    rfcs: dict[tuple[int, str], list[tuple[date, date | None]]]

    def key_of(self, stamp: Stamp) -> ApiKey | None:
        return self.keys.get(stamp.key_digest) if stamp.key_digest else None

    def bar(self, stamp: Stamp) -> Refused | None:
        """Why this stamp is refused even if it is a repeat: its key, another reseller's
        client, or a contended account (ledger.LockPolicy)."""
        client = self.clients[stamp.client_id]
        if stamp.key_digest is not None:
            try:
                key = keys.permit(self.key_of(stamp), Scope.STAMPS)
            except keys.KeyRefused as refusal:
                return refusal
            if client.reseller_id != key.reseller_id:
                return refusals.UnknownClient()
        return None if client.id in self.accounts else ledger.AccountContended()

    def bar_rfc(
        self, stamp: Stamp, days: dict[int, date], known: ledger.Known
    ) -> Refused | None:
        """Why a new stamp of an additional RFC may not be: it ended meanwhile."""
        if not stamp.additional_rfc or (stamp.client_id, stamp.reference) in known:
            return None
        day = stamp.issued_on or days[stamp.client_id]
        for starts_on, ends_on in self.rfcs.get(
            (stamp.client_id, stamp.additional_rfc), ()
        ):
            if starts_on <= day and (ends_on is None or day <= ends_on):
                return None
        return refusals.UnknownClient(stamp.additional_rfc)

    def days(self, moment: datetime) -> dict[int, date]:
        """The business day of `moment`, by client id."""
        by_zone = {
            time_zone: Reseller(time_zone=time_zone).local_date(moment)
            for time_zone in {client.time_zone for client in self.clients.values()}
        }
        return {
            client.id: by_zone[client.time_zone] for client in self.clients.values()
        }

    def refusals(self, days: dict[int, date]) -> dict[int, Refused]:
        """Why new stamps are refused, by client id."""
        return {
            client.id: refusal
            for client in self.clients.values()
            if (refusal := rules.why_not("consume", client, days[client.id]))
        }


class BatchQuery:
    """The queries of BatchFacts, queued after the lock in the same round trip."""

    def __init__(self, stamps: Sequence[Stamp], pipeline: sql.Pipeline) -> None:
        ids = {stamp.client_id for stamp in stamps}
        self._clients = pipeline.queue(_CLIENTS, sql.as_array(ids))
        digests = {s.key_digest for s in stamps if s.key_digest is not None}
        ids = {stamp.client_id for stamp in stamps if stamp.additional_rfc}
        self._rfcs = pipeline.queue(_RFCS, sql.as_array(ids)) if ids else None
        self._keys = pipeline.queue(_KEYS, list(digests)) if digests else None

    def read(self, accounts: ledger.Accounts) -> BatchFacts:
        clients = {
            row[0]: ClientFacts._make((*row, accounts.get(row[0], _UNREAD)))
            for row in self._clients.fetchall()
        }
        rows = self._keys.fetchall() if self._keys else []
        found = {
            digest: _key(*columns, tuple(scopes)) for digest, *columns, scopes in rows
        }
        rfcs: dict[tuple[int, str], list[tuple[date, date | None]]] = {}
        for client_id, rfc, *days in self._rfcs.fetchall() if self._rfcs else []:
            rfcs.setdefault((client_id, rfc), []).append((days[0], days[1]))
        return BatchFacts(accounts, clients, found, rfcs)


@lru_cache(maxsize=1_000)
def _key(
    pk: int,
    reseller_id: int,
    name: str,
    revoked_at: datetime | None,
    scopes: tuple[str, ...],
) -> ApiKey:
    """The key with these values. It is cached: equal values give the same object."""
    return ApiKey(
        pk=pk,
        reseller_id=reseller_id,
        name=name,
        revoked_at=revoked_at,
        scopes=list(scopes),
    )
