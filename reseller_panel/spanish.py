"""Numbers, amounts and days in Mexican Spanish; plurals are formed only here.

A leaf, pure: no rule, no query. Templates use these as filters (templatetags/panel.py).
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from dateutil.relativedelta import relativedelta
from django.utils.formats import date_format

MONTHS = "ene feb mar abr may jun jul ago sep oct nov dic".split()


def counted(number: int, noun: str, plural: str = "") -> str:
    """«1 folio», «1,234 folios», «2 meses» (given `plural`)."""
    return f"{number:,} {agree(number, noun, plural or f'{noun}s')}"


def agree(number: int, singular: str, plural: str) -> str:
    """The form of a word that goes with the number: «queda», «quedan»."""
    return singular if number == 1 else plural


def listed(words: Sequence[str]) -> str:
    """«a», «a y b», «a, b y c»"""
    *first, last = words or [""]
    return f"{', '.join(first)} y {last}" if first else last


def money(amount: Decimal | None) -> str:
    """$1,234.50, in pesos; nothing for no price."""
    return "" if amount is None else f"${amount:,.2f}"


def short_day(day: date | None) -> str:
    """31/01/2027; «sin vigencia» for a term that has no end."""
    return f"{day:%d/%m/%Y}" if day else "sin vigencia"


@lru_cache(maxsize=10_000)  # a page has many of the same
def abbreviated_day(day: date) -> str:
    """14 ene 2027"""
    return date_format(day, "j b Y")


def long_day(day: date | datetime) -> str:
    """31 de enero de 2027"""
    return date_format(day, r"j \d\e F \d\e Y")


def spoken_day(day: date, today: date) -> str:
    """«16 de octubre», with the year if it is not this one."""
    return date_format(day, r"j \d\e F") if day.year == today.year else long_day(day)


def relative_day(day: date, today: date) -> str:
    """How far a day is: «hoy», «mañana», «en 68 días», «hace 4 meses», «en 2 años».

    Days up to 90, then whole months up to two years, then whole years.
    """
    if day == today:
        return "hoy"
    distance = abs((day - today).days)
    if distance == 1:
        return "mañana" if day > today else "ayer"
    gap = relativedelta(max(day, today), min(day, today))
    months = gap.years * 12 + gap.months
    if distance <= 90:
        words = f"{distance} días"
    elif months < 24:
        words = f"{months} meses"
    else:
        words = f"{gap.years} años"
    return f"en {words}" if day > today else f"hace {words}"
