"""Checks the rows by themselves against the invariants of domain.md.

Pure functions, independent of `audit_ledger`, whose verdict is thereby tested too. The
comparison with requests and responses is in checker.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from chaos.evidence import Entry, Event, Evidence
from chaos.journal import MOVEMENTS, Name

Row = TypeVar("Row", bound=Entry | Event)


@dataclass(frozen=True)
class Violation:
    """What is wrong. The kinds: lost, doubled, invented, unresolved, differs,
    numbering, balance, suspended, refused, failed, order, revoked, stranger."""

    kind: str
    text: str


def check_rows(evidence: Evidence, losing: frozenset[str]) -> Iterator[Violation]:
    """`losing` are the clients whose plan loses leftover folios at renewal."""
    yield from _numbering(evidence)
    yield from _balances(evidence)
    yield from _doubled(evidence)
    yield from _suspended(evidence)
    yield from _renewals(evidence, losing)


def _numbering(evidence: Evidence) -> Iterator[Violation]:
    """Entries and events of a client are numbered 1, 2, 3 … without a gap."""
    numbers: dict[str, list[int]] = {client: [] for client in evidence.accounts}
    rows: list[Entry | Event] = [*evidence.entries, *evidence.events]
    for row in rows:
        numbers.setdefault(row.client, []).append(row.seq)
    for client, found in numbers.items():
        account = evidence.accounts.get(client)
        if account is None:
            yield Violation("numbering", f"{client} has a history and no account")
            continue
        if sorted(found) != list(range(1, len(found) + 1)):
            twice = [n for n, times in Counter(found).items() if times > 1][:5]
            missing = sorted(set(range(1, max(found) + 1)) - set(found))[:5]
            yield Violation(
                "numbering", f"{client}: numbers twice {twice}, missing {missing}"
            )
        if account.last_seq != len(found):
            yield Violation(
                "numbering",
                f"{client}: its account is at {account.last_seq} of {len(found)}",
            )


def _balances(evidence: Evidence) -> Iterator[Violation]:
    for client, entries in by_client(evidence.entries).items():
        sums = list(accumulate(entry.quantity for entry in entries))
        for entry, total in zip(entries, sums, strict=True):
            if entry.balance_after != total:
                yield Violation(
                    "balance",
                    f"{client} #{entry.seq} says {entry.balance_after}, the sum is "
                    f"{total}",
                )
                break
        if min(sums) < 0:
            yield Violation("balance", f"{client} went below zero")
        account = evidence.accounts.get(client)
        if account and account.balance != sums[-1]:
            yield Violation(
                "balance",
                f"{client}: its account has {account.balance}, the sum is {sums[-1]}",
            )


def _doubled(evidence: Evidence) -> Iterator[Violation]:
    for name, entries in by_name(evidence.entries).items():
        if len(entries) > 1:
            numbers = [entry.seq for entry in entries]
            yield Violation("doubled", f"{label(name)} stands at {numbers}")


def _suspended(evidence: Evidence) -> Iterator[Violation]:
    """No stamp between a *suspended* and an *activated* event, in the order of seq."""
    rows: list[Entry | Event] = [*evidence.entries, *evidence.events]
    for client, history in by_client(rows).items():
        since: int | None = None
        for row in history:
            if row.kind == "suspended":
                since = row.seq
            elif row.kind == "activated":
                since = None
            elif row.kind == "stamp" and since is not None:
                yield Violation(
                    "suspended", f"{client} #{row.seq} stamped, suspended at #{since}"
                )


def _renewals(evidence: Evidence, losing: frozenset[str]) -> Iterator[Violation]:
    """Leftovers are lost where the plan says so: all of them right before a renewal,
    and what an old stamp gives back after it, right behind its reversal."""
    for client, entries in by_client(evidence.entries).items():
        before, renewed, previous = 0, 0, None
        for entry, following in zip(entries, [*entries[1:], None], strict=True):
            is_old = (
                entry.kind == "reversal"
                and client in losing
                and (entry.reverses or 0) < renewed
            )
            if entry.kind == "expiry" and not (
                client in losing
                and (
                    _is_of_renewal(entry, following, before)
                    or _is_of_reversal(entry, previous, renewed)
                )
            ):
                yield Violation("invented", f"{client} #{entry.seq} lost leftovers")
            elif entry.kind == "renewal" and client in losing and before:
                yield Violation("lost", f"{client} #{entry.seq} kept {before} folios")
            elif is_old and (following is None or following.kind != "expiry"):
                yield Violation("lost", f"{client} #{entry.seq} brought leftovers back")
            if entry.kind == "renewal":
                renewed = entry.seq
            before, previous = entry.balance_after, entry


def _is_of_renewal(entry: Entry, following: Entry | None, before: int) -> bool:
    return (
        entry.quantity == -before
        and following is not None
        and (following.kind, following.seq) == ("renewal", entry.seq + 1)
    )


def _is_of_reversal(entry: Entry, previous: Entry | None, renewed: int) -> bool:
    return (
        previous is not None
        and (previous.kind, previous.seq) == ("reversal", entry.seq - 1)
        and entry.quantity == -previous.quantity
        and (previous.reverses or 0) < renewed
    )


# ── Grouping ──────────────────────────────────────────────────────────────────────


def by_client(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each client, in the order of seq."""
    histories: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        histories[row.client].append(row)
    for history in histories.values():
        history.sort(key=lambda row: row.seq)
    return histories


def by_name(entries: Iterable[Entry]) -> dict[Name, list[Entry]]:
    """The entries that callers requested; not a first assignment, not an expiry."""
    named: dict[Name, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind in MOVEMENTS:
            is_reversal = entry.kind == "reversal"
            bears = entry.reverses_reference if is_reversal else entry.reference
            named[entry.client, is_reversal, bears or ""].append(entry)
    return named


def label(name: Name) -> str:
    client, is_reversal, reference = name
    return f"{'the reversal of ' if is_reversal else ''}{reference} of {client}"
