"""Triggers that the models of several apps have. A leaf."""

import pgtrigger


def append_only(what: str) -> tuple[pgtrigger.Trigger, pgtrigger.Trigger]:
    """Nobody changes or removes a row. `what` names the table in the refusal."""
    refuse = f"RAISE EXCEPTION '{what} is append-only';"
    return (
        pgtrigger.Trigger(
            name="append_only",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=refuse,
        ),
        pgtrigger.Trigger(
            name="no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=refuse,
        ),
    )
