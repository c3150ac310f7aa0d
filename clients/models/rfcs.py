"""The additional RFCs of a client with Multiempresa, each with its days.

Law: domain.md, "The nouns": one RFC once per reseller, main or additional, on any day.
Two tables hold RFCs, so triggers of both keep that; they take turns by an advisory
lock, which makes the second of two writers see what the first has committed.
"""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q

from sat import rfc as rfc_rules

ONCE = "rfc_once_per_reseller"

# Some RFCs share a lock: a thousand locks at most, however many clients are written.
_TAKE_TURNS = """
PERFORM pg_advisory_xact_lock(
    1380336449, hashtext(concat(whose, ':', NEW.rfc)) & 1023);"""
_RAISE = f"""
    RAISE EXCEPTION 'this reseller has that RFC already'
          USING ERRCODE = 'unique_violation', CONSTRAINT = '{ONCE}';"""

MAIN_RFC_IS_NOT_ADDITIONAL = pgtrigger.Trigger(
    name="main_rfc_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("rfc", "rfc_since"),
    declare=[("whose", "bigint")],
    func=f"""
whose := NEW.reseller_id;{_TAKE_TURNS}
IF EXISTS (
    SELECT FROM clients_additionalrfc AS other
      JOIN clients_client AS holder ON holder.id = other.client_id
     WHERE other.rfc = NEW.rfc AND holder.reseller_id = whose
       AND (other.ends_on IS NULL OR other.ends_on >= NEW.rfc_since))
THEN{_RAISE}
END IF;
RETURN NEW;""",
)
_ADDITIONAL_RFC_IS_FREE = pgtrigger.Trigger(
    name="additional_rfc_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare=[("whose", "bigint")],
    func=f"""
SELECT reseller_id INTO whose FROM clients_client WHERE id = NEW.client_id;
{_TAKE_TURNS}
IF EXISTS (
    SELECT FROM clients_client AS holder
     WHERE holder.rfc = NEW.rfc AND holder.reseller_id = whose
       AND (NEW.ends_on IS NULL OR NEW.ends_on >= holder.rfc_since))
OR EXISTS (
    SELECT FROM clients_additionalrfc AS other
      JOIN clients_client AS holder ON holder.id = other.client_id
     WHERE other.rfc = NEW.rfc AND holder.reseller_id = whose AND other.id <> NEW.id
       AND (NEW.ends_on IS NULL OR NEW.ends_on >= other.starts_on)
       AND (other.ends_on IS NULL OR other.ends_on >= NEW.starts_on))
THEN{_RAISE}
END IF;
RETURN NEW;""",  # noqa: S608
)


class AdditionalRfcQuerySet(models.QuerySet["AdditionalRfc"]):
    def not_over(self, today: date) -> Self:
        """In force today or later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today))


class AdditionalRfc(models.Model):
    """An RFC whose documents spend the folios of a client, from one day to another.

    `ends_on` is the last day; none while it has no end.
    """

    public_id = models.UUIDField(
        "identificador público", default=uuid.uuid4, unique=True, editable=False
    )
    client = models.ForeignKey(
        "clients.Client",
        verbose_name="cliente",
        on_delete=models.PROTECT,
        related_name="additional_rfcs",
    )
    rfc = models.CharField("RFC", max_length=13, validators=[rfc_rules.validate])
    starts_on = models.DateField("desde")
    ends_on = models.DateField("hasta", null=True)

    objects = AdditionalRfcQuerySet.as_manager()

    class Meta:
        verbose_name = "RFC adicional"
        verbose_name_plural = "RFC adicionales"
        ordering = ("starts_on", "rfc")
        indexes = (models.Index(fields=("rfc",), name="additional_rfc"),)
        triggers = (_ADDITIONAL_RFC_IS_FREE,)
        constraints = (
            models.CheckConstraint(
                condition=Q(rfc__regex=rfc_rules.PATTERN),
                name="additional_rfc_is_well_formed",
            ),
            models.CheckConstraint(
                condition=~Q(rfc__in=list(rfc_rules.GENERIC)),
                name="additional_rfc_is_not_generic",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="additional_rfc_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return self.rfc

    def is_in_force(self, day: date) -> bool:
        return self.starts_on <= day and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        return self.ends_on is not None and self.ends_on < day


def most_at_once(rfcs: Iterable[AdditionalRfc], *, today: date) -> int:
    """How many are in force on the same day, today or on any later one."""
    rows = list(rfcs)
    days = {today, *(row.starts_on for row in rows if row.starts_on > today)}
    return max(sum(row.is_in_force(day) for row in rows) for day in days)
