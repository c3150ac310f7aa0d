"""What granian loads instead of api.stamping.server: the same application, with the bug
of bugs.py that `CHAOS_BUG` names, if it is set."""

import os

from api.stamping.server import application

if bug := os.environ.get("CHAOS_BUG"):
    from chaos.bugs import BUGS  # not imported in a run without a bug

    BUGS[bug]()

__all__ = ["application"]
