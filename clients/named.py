"""The clients that the words of a search name.

They are asked for before a list is read. If they are few, their ids are said in its
query, so that no plan can read the many others. Of many the list is walked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, QuerySet, Value

from accounts.models import Actor
from clients.models import Client, Standing
from clients.search import IsAnyOf, begins_with, is_beginning

FEW = 2_000
_IDS = ArrayField(BigIntegerField())


@dataclass(frozen=True)
class Named:
    """`some`: ids of FEW + 1 of them at most, in no order; `everyone`: the question.
    Both are None where nobody was asked for."""

    everyone: QuerySet[Any] | None = None
    some: Sequence[int] | None = None

    @classmethod
    def by(cls, text: str, user: Actor) -> Self:
        """Those visible to the user whom Client.matching finds."""
        everyone: QuerySet[Any]
        if is_beginning(text):
            # Asked where its indexes are.
            everyone = Standing.objects.visible_to(user).filter(begins_with(text))
        else:
            everyone = Client.objects.visible_to(user).matching(text).order_by()
        return cls(everyone, [*everyone.values_list("pk", flat=True)[: FEW + 1]])

    @property
    def are_many(self) -> bool:
        return self.some is not None and len(self.some) > FEW

    def only(self, clients: QuerySet[Any]) -> QuerySet[Any]:
        """Those of a queryset of Standing; the named ones are looked up first."""
        if self.everyone is None:
            return clients
        ids: Any = Value(self.some, output_field=_IDS)
        if self.are_many:
            ids = ArraySubquery(self.everyone.values("pk"))
        return clients.filter(IsAnyOf(F("client"), ids))

    def known(self, clients: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `some`."""
        return clients.filter(IsAnyOf(F("client"), Value(self.some, output_field=_IDS)))

    def among(self, ids: Sequence[int]) -> list[int]:
        """Those of these clients that are named, in this order."""
        assert self.everyone is not None
        asked = IsAnyOf(F("pk"), Value(ids, output_field=_IDS))
        found = {*self.everyone.filter(asked).values_list("pk", flat=True)}
        return [pk for pk in ids if pk in found]


ANYBODY = Named()
