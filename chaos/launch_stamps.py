"""What granian loads instead of api.stamping.server: the same, and the mistake that
`CHAOS_BUG` names, if it names one."""

import os

from api.stamping.server import application

if bug := os.environ.get("CHAOS_BUG"):
    from chaos.bugs import BUGS  # only then: a run without one plants nothing

    BUGS[bug]()

__all__ = ["application"]
