"""The report of a run: its figures, its violations, and whether enough happened."""

from collections import Counter

from chaos.faults import HEAVY, LIGHT
from chaos.run import Result

# A run with less than this proves nothing.
FAULTS_MIN = 50
OPERATIONS_MIN = 5_000
CALLS_MIN = 2_500
VALID_WHILE_QUIET_MIN = 300
# Responses that must have occurred, by status or problem code.
MUST_COME_UP = (
    *("200", "201", "401", "404", "none", "503"),
    *("client_suspended", "folios_exhausted", "insufficient_folios"),
    *("reference_conflict", "already_suspended", "not_suspended"),
)
SHOWN = 12


def too_little(result: Result) -> list[str]:
    """Why this run proves nothing; an empty list if enough happened."""
    faults = sum(result.faults.values())
    calls = {a.asked.call for a in result.findings.attempts if a.status == 201}
    missing = {
        "fault": [kind for kind in HEAVY | LIGHT if not result.faults[kind]],
        "answer": [code for code in MUST_COME_UP if not result.codes[code]],
        "movement": sorted({"stamp", "reversal", "addition", "renewal"} - calls),
    }
    return [
        f"only {count:,} {what}, at least {least:,} are needed"
        for count, least, what in (
            (faults, FAULTS_MIN, "faults"),
            (result.operations, OPERATIONS_MIN, "operations answered"),
            (result.calls_answered, CALLS_MIN, "calls answered"),
            (result.valid, VALID_WHILE_QUIET_MIN, "valid calls while nothing broke"),
        )
        if count < least
    ] + [
        f"no {what} of this kind: {', '.join(names)}"
        for what, names in missing.items()
        if names
    ]


def summary(result: Result) -> str:
    evidence = result.findings.evidence
    kinds = Counter(violation.kind for violation in result.violations)
    faults = ", ".join(
        f"{kind.replace('_', ' ')} {n}" for kind, n in sorted(result.faults.items())
    )
    answers = ", ".join(f"{code} {n:,}" for code, n in sorted(result.codes.items()))
    return "\n".join(
        (
            f"seed        {result.seed}",
            f"seconds     {result.seconds:.0f}",
            f"calls       {result.calls:,} sent, {result.calls_answered:,} answered",
            f"operations  {result.operations:,} answered (of a batch each item); "
            f"{result.unknown:,} unknown, of {result.missing:,} movements that were "
            f"asked for again; {kinds['unresolved']:,} unresolved",
            f"faults      {sum(result.faults.values())} ({faults}); "
            f"{result.hits:,} connections, processes or answers hit",
            f"answers     {answers}",
            f"all quiet   {result.valid:,} valid calls, {result.busy:,} of them "
            "answered 503",
            f"ledger      {len(evidence.entries):,} entries, "
            f"{len(evidence.events):,} events, {len(evidence.accounts)} clients",
            f"audit       {result.audit.splitlines()[-1]}",
            f"verdict     {kinds['lost']} lost, {kinds['doubled']} doubled, "
            f"{kinds['invented']} invented, {kinds['unresolved']} unresolved; "
            f"{sum(kinds.values())} violations",
        )
    )


def violations(result: Result) -> str:
    """The first SHOWN violations of each kind, as text."""
    lines: list[str] = []
    for kind in sorted({violation.kind for violation in result.violations}):
        of_kind = [v.text for v in result.violations if v.kind == kind]
        lines.append(f"{kind}: {len(of_kind):,}")
        lines += [f"    {text}" for text in of_kind[:SHOWN]]
    return "\n".join(lines)
