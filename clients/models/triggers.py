"""The triggers that keep the facts of a standing (standing.py) as they are in the
tables that they are copied from. `audit_ledger` compares them."""

from collections.abc import Iterable
from datetime import date

import pgtrigger

# Later than any day that is known: nothing ends.
NEVER = date.max

# What each column of a standing is in SQL, by the table that it is copied from.
OF_CLIENT = {
    "is_archived": "client.archived_at IS NOT NULL",
    "is_suspended": "client.suspended_at IS NOT NULL",
    "last_day": f"coalesce(client.expires_on, '{NEVER}')",
    "created_at": "client.created_at",
    "sort_name": "client.sort_name",
    "rfc": "client.rfc",
}
OF_ACCOUNT = {"is_exhausted": "account.balance = 0"}
OF_PLAN = {"package_id": "plan.package_id", "plan_name": "coalesce(plan.name, '')"}

_COPIED = OF_CLIENT | OF_ACCOUNT | OF_PLAN
_COLUMNS, _VALUES = ", ".join(_COPIED), ", ".join(_COPIED.values())
_FROM = """
  FROM {accounts} AS account
  JOIN clients_client AS client ON client.id = account.client_id
  LEFT JOIN clients_plan AS plan ON plan.client_id = client.id"""
# A client has a standing once it has an account; its plan may come later. At first it
# has never stamped.
_OPEN = f"""
INSERT INTO clients_standing (client_id, reseller_id, {_COLUMNS}, seq, largest,
       runs_out_on, stops_on, idle_since, kind, urgency, worth, basis)
SELECT client.id, client.reseller_id, {_VALUES}, 0, 0, '{NEVER}', '{NEVER}',
       timezone(reseller.time_zone,
                coalesce(client.history_from, client.created_at))::date,
       '', 0, 0, ''
{_FROM.format(accounts="opened")}
  JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id"""  # noqa: S608
# The clients whose standing is not as their facts are.
WRONG_SQL = f"""
SELECT client.id AS client_id
{_FROM.format(accounts="clients_folioaccount")}
  LEFT JOIN clients_standing AS kept ON kept.client_id = client.id
 WHERE ({", ".join(f"kept.{name}" for name in _COPIED)}) IS DISTINCT FROM ({_VALUES})
    OR kept.reseller_id <> client.reseller_id"""  # noqa: S608


def _copy(table: str, columns: dict[str, str], key: str = "client_id") -> str:
    """Copies the columns from the record NEW of a table to its client's standing."""
    copied = ", ".join(
        f"{name} = {value.replace(f'{table}.', 'NEW.')}"
        for name, value in columns.items()
    )
    return f"""
UPDATE clients_standing SET {copied} WHERE client_id = NEW.{key};
RETURN NULL;"""  # noqa: S608


_PLAN = f"""
UPDATE clients_standing AS kept
   SET {", ".join(f"{name} = {value}" for name, value in OF_PLAN.items())}
  FROM planned AS plan WHERE kept.client_id = plan.client_id;
RETURN NULL;"""  # noqa: S608


def _changed(columns: Iterable[str]) -> pgtrigger.Condition:
    return pgtrigger.Condition(
        " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)
    )


STANDING_OF_CLIENT = pgtrigger.Trigger(
    name="standing_client",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=_changed(
        ("archived_at", "suspended_at", "expires_on", "created_at", "legal_name", "rfc")
    ),
    func=_copy("client", OF_CLIENT, key="id"),
)
STANDING_OF_PLAN = (
    pgtrigger.Trigger(
        name="standing_planned",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="planned"),
        func=_PLAN,
    ),
    pgtrigger.Trigger(
        name="standing_plan",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=_changed(("package_id", "name")),
        func=_copy("plan", OF_PLAN),
    ),
)
STANDING_OF_ACCOUNT = (
    pgtrigger.Trigger(
        name="standing_opened",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="opened"),
        func=f"{_OPEN};\nRETURN NULL;",
    ),
    # Stamps pay for the comparison only, unless the balance comes to 0 or leaves it.
    pgtrigger.Trigger(
        name="standing_exhausted",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("((OLD.balance = 0) <> (NEW.balance = 0))"),
        func=_copy("account", OF_ACCOUNT),
    ),
    pgtrigger.Trigger(
        name="standing_closed",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        func="DELETE FROM clients_standing WHERE client_id = OLD.client_id;\n"
        "RETURN NULL;",
    ),
)
