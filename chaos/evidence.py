"""Reads the rows from PostgreSQL itself, not through the product, in one snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

# A client is named by its public id, a reversed stamp by its seq and reference.
_ENTRIES = """
SELECT client.public_id::text AS client, entry.seq, entry.kind, entry.quantity,
       entry.balance_after, entry.reference, stamp.seq AS reverses,
       stamp.reference AS reverses_reference, entry.created_at, key.name AS key
  FROM clients_folioledger AS entry
  JOIN clients_client AS client ON client.id = entry.client_id
  LEFT JOIN clients_folioledger AS stamp ON stamp.id = entry.reverses_id
  LEFT JOIN accounts_apikey AS key ON key.id = entry.api_key_id
 ORDER BY entry.client_id, entry.seq, entry.id"""
_EVENTS = """
SELECT client.public_id::text AS client, event.seq, event.kind
  FROM clients_clientevent AS event
  JOIN clients_client AS client ON client.id = event.client_id
 ORDER BY event.client_id, event.seq, event.id"""
_ACCOUNTS = """
SELECT client.public_id::text AS client, account.balance, account.last_seq
  FROM clients_folioaccount AS account
  JOIN clients_client AS client ON client.id = account.client_id"""


@dataclass(frozen=True)
class Entry:
    client: str
    seq: int
    kind: str
    quantity: int
    balance_after: int
    reference: str | None
    reverses: int | None
    reverses_reference: str | None
    created_at: datetime
    key: str | None


@dataclass(frozen=True)
class Event:
    client: str
    seq: int
    kind: str


@dataclass(frozen=True)
class Account:
    client: str
    balance: int
    last_seq: int


@dataclass(frozen=True)
class Evidence:
    entries: list[Entry]
    events: list[Event]
    accounts: Mapping[str, Account]


def read(address: str) -> Evidence:
    with psycopg.connect(address) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        accounts = connection.cursor(row_factory=class_row(Account)).execute(_ACCOUNTS)
        events = connection.cursor(row_factory=class_row(Event)).execute(_EVENTS)
        entries = connection.cursor(row_factory=class_row(Entry)).execute(_ENTRIES)
        return Evidence(
            entries.fetchall(),
            events.fetchall(),
            {account.client: account for account in accounts},
        )
