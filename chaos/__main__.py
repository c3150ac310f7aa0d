"""`make chaos` (one run) and `make chaos-proof` (each planted mistake must be seen).

python -m chaos [--seed N] [--proof] [--logs FILE]
"""

import argparse
import secrets
import signal
import sys
from pathlib import Path
from types import FrameType

from chaos import report
from chaos.proof import prove
from chaos.run import run

# Seconds that one run may take, everything included.
BOUND = 117


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--proof", action="store_true")
    parser.add_argument("--logs", type=Path)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGALRM, _too_long)
    if given.proof:
        return int(not prove(given.seed, _say))
    signal.alarm(BOUND + 2)
    result = run(given.seed, deadline=BOUND, say=_say)
    signal.alarm(0)
    print(report.summary(result))
    if given.logs:
        given.logs.write_text(result.logs)
    missing = report.too_little(result)
    for line in missing:
        print(f"TOO LITTLE: {line}")
    if result.violations:
        print(report.violations(result))
    failed = bool(missing or result.violations)
    print("FAILED" if failed else "Nothing lost, nothing doubled, nothing invented.")
    return int(failed)


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("the run took longer than it may")


if __name__ == "__main__":
    sys.exit(main())
