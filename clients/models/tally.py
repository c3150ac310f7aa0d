"""How many clients a reseller has of each kind, exact at any size, without counting.

A row says that so many clients came into a kind or left it (a negative number); the sum
of a kind's rows is how many it has. Triggers of Standing add the rows in the
transaction that changes the facts, so nobody can forget them, and they only insert: two
clients never wait for each other. clients/tally.py reads, folds and audits them.

A kind has the last usable day and not whether it is over, so midnight changes nothing.
"""

import pgtrigger
from django.db import models

from accounts.models import Reseller
from clients.models.triggers import NEVER


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


_COLUMNS = "reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients"


def _count(*counted: tuple[str, int]) -> str:
    """Adds a row for each of these records of a standing, and how many it counts."""
    rows = ", ".join(
        f"({of}.reseller_id, {of}.is_archived, {of}.is_suspended, {of}.is_exhausted,"
        f" nullif({of}.last_day, '{NEVER}'), {clients})"
        for of, clients in counted
    )
    return f"""
INSERT INTO clients_tally ({_COLUMNS}) VALUES {rows};
RETURN NULL;"""  # noqa: S608


# A set of them in one statement counts as one.
_GROUPED = f"""
INSERT INTO clients_tally ({_COLUMNS})
SELECT reseller_id, is_archived, is_suspended, is_exhausted,
       nullif(last_day, '{NEVER}'), count(*)
  FROM opened GROUP BY 1, 2, 3, 4, 5;
RETURN NULL;"""  # noqa: S608
_FACTS = ("is_archived", "is_suspended", "is_exhausted", "last_day")

TALLY_OF_STANDING = (
    pgtrigger.Trigger(
        name="tally_opened",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="opened"),
        func=_GROUPED,
    ),
    pgtrigger.Trigger(
        name="tally_changed",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            " OR ".join(f"OLD.{name} <> NEW.{name}" for name in _FACTS)
        ),
        func=_count(("OLD", -1), ("NEW", 1)),
    ),
    pgtrigger.Trigger(
        name="tally_closed",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        func=_count(("OLD", -1)),
    ),
)
