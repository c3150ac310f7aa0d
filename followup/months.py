"""A month of the calendar: its days, its neighbours, its name and its URL."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from dateutil.relativedelta import relativedelta
from django.urls import reverse
from django.utils.formats import date_format

_FORM = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])\Z")


@dataclass(frozen=True, order=True)
class Month:
    """A month, identified by its first day."""

    first: date

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.replace(day=1))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The month of a text like `2026-11`; None for anything else."""
        found = _FORM.match(text)
        return cls(date(int(found[1]), int(found[2]), 1)) if found else None

    def __add__(self, months: int) -> "Month":
        return Month(self.first + relativedelta(months=months))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        return (self + 1).first - timedelta(days=1)

    @property
    def name(self) -> str:
        """«noviembre de 2026»"""
        return date_format(self.first, r"F \d\e Y").lower()

    @property
    def word(self) -> str:
        """«noviembre»"""
        return date_format(self.first, "F").lower()

    @property
    def tick(self) -> str:
        """«nov»"""
        return date_format(self.first, "b").lower()

    @property
    def short(self) -> str:
        """«nov 2026»"""
        return date_format(self.first, "b Y").lower()

    @property
    def url(self) -> str:
        """The URL of the page that lists who stamped and bought in this month."""
        return f"{reverse('followup:month')}?mes={self}"
