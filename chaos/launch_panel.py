"""What granian loads instead of reseller_panel.wsgi: the same application, with the bug
of bugs.py that `CHAOS_BUG` names, if it is set."""

import os

from reseller_panel.wsgi import application

if bug := os.environ.get("CHAOS_BUG"):
    from chaos.bugs import BUGS  # not imported in a run without a bug

    BUGS[bug]()

__all__ = ["application"]
