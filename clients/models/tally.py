"""How many clients a reseller has of each kind, exact at any size, without counting.

A row says that so many clients came into a kind or left it (a negative number); the sum
of a kind's rows is how many it has. Triggers of Client and FolioAccount add the rows in
the transaction that changes the facts, so nobody can forget them, and they only insert:
two clients never wait for each other. clients/tally.py reads, folds and audits them.

A kind has the last usable day and not whether it is over, so midnight changes nothing.
"""

import pgtrigger
from django.db import models

from accounts.models import Reseller


class Tally(models.Model):
    reseller = models.ForeignKey(
        Reseller,
        verbose_name="revendedor",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    is_archived = models.BooleanField("archivados")
    is_suspended = models.BooleanField("suspendidos")
    is_exhausted = models.BooleanField("sin folios")
    expires_on = models.DateField("vigencia", null=True)
    clients = models.BigIntegerField("clientes")

    class Meta:
        verbose_name = "cuenta de clientes"
        verbose_name_plural = "cuentas de clientes"
        indexes = (models.Index(fields=("reseller",), name="tally_by_reseller"),)

    def __str__(self) -> str:
        return f"{self.clients:+,}"


_KIND = "(reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients)"


def _client(row: str, exhausted: str, clients: str) -> str:
    """The rows for the facts of a client in the record `row`."""
    return (
        f"{row}.reseller_id, {row}.archived_at IS NOT NULL,"
        f" {row}.suspended_at IS NOT NULL, {exhausted}, {row}.expires_on, {clients}"
    )


# A client counts once it has an account: they are written in one transaction, and both
# change only while the account is locked.
_COUNT_CLIENT = f"""
INSERT INTO clients_tally {_KIND}
SELECT {_client("OLD", "account.balance = 0", "-1")}
  FROM clients_folioaccount AS account WHERE account.client_id = NEW.id
 UNION ALL
SELECT {_client("NEW", "account.balance = 0", "1")}
  FROM clients_folioaccount AS account WHERE account.client_id = NEW.id;
RETURN NULL;"""  # noqa: S608
_FACTS = ("archived_at", "suspended_at", "expires_on")

TALLY_OF_CLIENT = pgtrigger.Trigger(
    name="tally_client",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _FACTS)
    ),
    func=_COUNT_CLIENT,
)


def _count_account(*counted: tuple[str, str]) -> str:
    rows = ", ".join(f"({exhausted}, {clients})" for exhausted, clients in counted)
    return f"""
INSERT INTO clients_tally {_KIND}
SELECT {_client("client", "counted.exhausted", "counted.clients")}
  FROM clients_client AS client
 CROSS JOIN (VALUES {rows}) AS counted (exhausted, clients)
 WHERE client.id = {"NEW" if "NEW" in rows else "OLD"}.client_id;
RETURN NULL;"""  # noqa: S608


TALLY_OF_ACCOUNT = (
    pgtrigger.Trigger(
        name="tally_opened",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=_count_account(("NEW.balance = 0", "1")),
    ),
    # Stamps pay for the comparison only, unless the balance comes to 0 or leaves it.
    pgtrigger.Trigger(
        name="tally_exhausted",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("((OLD.balance = 0) <> (NEW.balance = 0))"),
        func=_count_account(("OLD.balance = 0", "-1"), ("NEW.balance = 0", "1")),
    ),
    pgtrigger.Trigger(
        name="tally_closed",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        func=_count_account(("OLD.balance = 0", "-1")),
    ),
)
