"""The test of the test: each planted mistake must show in the ledger itself, and the
same short run without one, equally without the database's nets, must be clean."""

from collections import Counter
from collections.abc import Callable

from chaos import report
from chaos.run import run

# Seconds of one run, at most.
SHORT = 64
# By the name of the mistake (bugs.py): the violations of which one at least must be
# seen. Others come with it, but might have another cause.
SHOWS_AS = {
    "": frozenset[str](),
    "lock_removed": frozenset({"numbering", "balance"}),
    "key_not_checked": frozenset({"doubled"}),
    "status_before_lock": frozenset({"suspended"}),
    "reference_elsewhere": frozenset({"doubled"}),
}


def prove(seed: int, say: Callable[[str], None]) -> bool:
    """Whether every mistake was caught, and nothing where there is none."""
    proven = []
    for bug, kinds in SHOWS_AS.items():
        name = bug or "no mistake"
        say(f"{name}:")
        result = run(seed, deadline=SHORT, say=say, bug=bug, bare=True, storms=1)
        seen = Counter(violation.kind for violation in result.violations)
        caught = bool(kinds & seen.keys()) if bug else not seen
        proven.append(caught)
        figures = ", ".join(f"{kind} {n:,}" for kind, n in sorted(seen.items()))
        say(
            f"{name}: {'as it must be' if caught else 'NOT AS IT MUST BE'}; "
            f"{result.calls:,} calls, {sum(result.faults.values())} faults; "
            f"seen: {figures or 'nothing'}"
        )
        if not bug and seen:
            say(report.violations(result))
    return all(proven)
