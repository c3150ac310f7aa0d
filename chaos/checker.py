"""The verdict: compares the ledger, entry by entry, with the acknowledged requests.

Law: domain.md, "Folios: the invariants that never break". Pure functions: they take the
requests and the rows found, and return violations. The kind of a violation says whether
something was lost, doubled or invented, or only a response was wrong.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from math import inf

from chaos.evidence import Entry, Evidence
from chaos.journal import MOVEMENTS, Asked, Attempt, Name, Window, unresolved
from chaos.rows import Violation, by_name, check_rows, label


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that the verdict depends on."""

    attempts: Sequence[Attempt]
    evidence: Evidence
    # The times during which nothing was broken.
    quiet: Sequence[Window] = ()
    # When each revoked key stopped being valid, by the key's name.
    revoked: Mapping[str, float] = field(default_factory=dict)
    # Clients whose plan loses leftover folios at renewal.
    losing: frozenset[str] = frozenset()


def check(findings: Findings) -> list[Violation]:
    return [
        *check_rows(findings.evidence, findings.losing),
        *_acknowledged(findings),
        *_nothing_invented(findings),
        *(Violation("unresolved", label(n)) for n in unresolved(findings.attempts)),
        *_order(findings.attempts),
        *_verbs(findings),
        *_answers(findings),
    ]


# ── The rows against what was acknowledged ────────────────────────────────────────


def _acknowledged(findings: Findings) -> Iterator[Violation]:
    """Every acknowledged movement is in the ledger, as it was acknowledged, and only
    one response said that it was new (201)."""
    rows = by_name(findings.evidence.entries)
    firsts: Counter[Name] = Counter()
    for attempt in _movements(findings.attempts):
        if not attempt.done:
            continue
        name = attempt.asked.name
        firsts[name] += attempt.status == 201
        found = rows.get(name, [])
        if not found:
            yield Violation("lost", f"{label(name)} was answered {attempt.body}")
        elif wrong := _difference(attempt, found):
            yield Violation("differs", f"{label(name)}: {wrong}")
    for name, times in firsts.items():
        if times > 1:
            yield Violation("doubled", f"{label(name)} was {times} times the first")


def _difference(attempt: Attempt, found: Sequence[Entry]) -> str:
    """How the acknowledgement differs from the row; an empty text if it does not."""
    asked, body = attempt.asked, attempt.body
    entry = next((row for row in found if row.seq == body.get("seq")), found[0])
    kept = {
        "client": entry.client,
        "seq": entry.seq,
        "reference": entry.reference or entry.reverses_reference,
        "quantity": abs(entry.quantity),
        "balance_after": entry.balance_after,
        "created_at": entry.created_at,
    }
    said = {name: body.get(name) for name in kept}
    said["created_at"] = _moment(body.get("created_at"))
    if differing := [name for name in kept if kept[name] != said[name]]:
        return ", ".join(f"{n}: said {said[n]}, kept {kept[n]}" for n in differing)
    if (asked.call, asked.quantity or kept["quantity"]) != (
        entry.kind,
        kept["quantity"],
    ):
        return f"asked for a {asked.call} of {asked.quantity}, kept {entry}"
    return ""


def _moment(said: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(said))
    except ValueError:
        return None


def _nothing_invented(findings: Findings) -> Iterator[Violation]:
    """Every row was requested, with that quantity and that key, and was acknowledged
    at least once: all unknown outcomes have been resolved before this check."""
    asked: dict[Name, set[tuple[str, int]]] = defaultdict(set)
    keys: dict[Name, set[str | None]] = defaultdict(set)
    acknowledged: set[Name] = set()
    for attempt in _movements(findings.attempts):
        name = attempt.asked.name
        asked[name].add((attempt.asked.call, attempt.asked.quantity))
        keys[name].add(attempt.key)
        if attempt.done:
            acknowledged.add(name)
    for name, entries in by_name(findings.evidence.entries).items():
        for entry in entries:
            fitting = {(entry.kind, abs(entry.quantity)), (entry.kind, 0)}
            if not fitting & asked[name]:
                yield Violation("invented", f"{label(name)}: nobody asked for {entry}")
            elif entry.key not in keys[name]:
                yield Violation("invented", f"{label(name)}: not by {entry.key}")
            elif name not in acknowledged:
                yield Violation("invented", f"{label(name)}: all were refused it")


def _order(attempts: Iterable[Attempt]) -> Iterator[Violation]:
    """A movement requested after the response to another has a higher seq."""
    firsts: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in _movements(attempts):
        if attempt.status == 201 and isinstance(attempt.body.get("seq"), int):
            firsts[attempt.asked.client].append(attempt)
    for client, made in firsts.items():
        made.sort(key=lambda attempt: attempt.answered_at)
        times = [attempt.answered_at for attempt in made]
        highest = list(accumulate((a.body["seq"] for a in made), max))
        for attempt in made:
            earlier = bisect_left(times, attempt.sent_at)
            if earlier and highest[earlier - 1] >= attempt.body["seq"]:
                yield Violation(
                    "order",
                    f"{client} #{attempt.body['seq']} was asked for after "
                    f"#{highest[earlier - 1]} had been answered",
                )


def _verbs(findings: Findings) -> Iterator[Violation]:
    """Events number at least the acknowledged calls; unknown ones may add to them."""
    for call, kind in (("suspension", "suspended"), ("activation", "activated")):
        done: Counter[str] = Counter()
        unknown: Counter[str] = Counter()
        for attempt in findings.attempts:
            if attempt.asked.call == call:
                done[attempt.asked.client] += attempt.done
                unknown[attempt.asked.client] += attempt.unknown
        events = Counter(
            event.client for event in findings.evidence.events if event.kind == kind
        )
        for client in {*done, *events}:
            n, least = events[client], done[client]
            most = least + unknown[client]
            if n < least:
                yield Violation("lost", f"{client}: {n} {kind}, {least} answered")
            elif n > most:
                yield Violation("invented", f"{client}: {n} {kind}, {most} asked for")


# ── The responses ─────────────────────────────────────────────────────────────────


def _answers(findings: Findings) -> Iterator[Violation]:
    """Responses that are never allowed, or only while something is broken."""
    succeeded = _first_success(findings.attempts)
    rows = by_name(findings.evidence.entries)
    for attempt in findings.attempts:
        if kind := _wrong_answer(findings, attempt) or _wrong_refusal(
            findings, attempt, succeeded, rows
        ):
            asked = attempt.asked
            yield Violation(
                kind,
                f"{asked.call} {asked.reference} of {asked.client}: {attempt.door} "
                f"answered {attempt.status} {attempt.code}",
            )


def _wrong_answer(findings: Findings, attempt: Attempt) -> str:
    if attempt.status is None:
        return "failed" if is_quiet(findings, attempt) else ""
    if attempt.status == 503:
        return ""
    if attempt.status >= 500:
        return "failed"
    if attempt.is_stranger:
        return "" if attempt.status == 404 else "stranger"
    if attempt.done and attempt.sent_at > findings.revoked.get(attempt.key, inf):
        return "revoked"
    return ""


def _wrong_refusal(
    findings: Findings,
    attempt: Attempt,
    succeeded: Mapping[Asked, float],
    rows: Mapping[Name, Sequence[Entry]],
) -> str:
    asked = attempt.asked
    if not attempt.refused or attempt.is_stranger:
        return ""
    if attempt.status == 401 and attempt.key in findings.revoked:
        return ""
    if attempt.code == "reference_conflict":
        # A conflict needs another movement with this reference in the ledger.
        others = (
            entry.kind != asked.call or asked.quantity not in (0, abs(entry.quantity))
            for entry in rows.get(asked.name, ())
        )
        return "" if any(others) else "refused"
    # A retry gets its first result, whatever the status is (invariant 4).
    is_retry = attempt.sent_at > succeeded.get(asked, inf)
    return "refused" if attempt.is_valid or is_retry else ""


def _first_success(attempts: Iterable[Attempt]) -> dict[Asked, float]:
    """When the first successful response to each request arrived."""
    firsts: dict[Asked, float] = {}
    for attempt in _movements(attempts):
        if attempt.done:
            earlier = firsts.get(attempt.asked, inf)
            firsts[attempt.asked] = min(earlier, attempt.answered_at)
    return firsts


def is_quiet(findings: Findings, attempt: Attempt) -> bool:
    return any(window.holds(attempt) for window in findings.quiet)


def busy_while_quiet(findings: Findings) -> tuple[int, int]:
    """Count the valid attempts made while nothing was broken: those that got a 503,
    and all of them."""
    valid = [a for a in findings.attempts if a.is_valid and is_quiet(findings, a)]
    return sum(a.status == 503 for a in valid), len(valid)


def _movements(attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    return (a for a in attempts if a.asked.call in MOVEMENTS and not a.is_stranger)
