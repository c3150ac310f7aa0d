"""The test of the chaos test: each planted bug must show in the ledger itself, and the
same short run without a bug, also without UNIQUE constraints, must be clean."""

from collections import Counter
from collections.abc import Callable

from chaos import report
from chaos.run import run

# The most seconds that one run may take.
SHORT = 64
# For each bug (bugs.py) the kinds of violation of which at least one must be found.
# Other kinds come with them, but might have another cause.
SHOWS_AS = {
    "": frozenset[str](),
    "lock_removed": frozenset({"numbering", "balance"}),
    "key_not_checked": frozenset({"doubled"}),
    "status_before_lock": frozenset({"suspended"}),
    "reference_elsewhere": frozenset({"doubled"}),
}


def prove(seed: int, say: Callable[[str], None]) -> bool:
    """Return whether every bug was detected, and nothing in the run without one."""
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
