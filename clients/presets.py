"""Ready-made filters of the table of Clientes, as parameters of its address.

Pure: what a parameter means is filters.py. `today` is the reseller's local date.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

NEXT_DAYS = 30  # «Vencen en 30 días»
SOON_DAYS = 7  # «se agotan en 7 días»
LONG_DAYS = 60  # «hace más de 60 días», «sin timbrar 60 días»

# What a preset says something about: choosing one takes the place of the other.
PARAMETERS = ("vence_desde", "vence_hasta", "sin_timbrar")
NAMES = (
    "Vencen este mes",
    f"Vencen en {NEXT_DAYS} días",
    f"Vencidos hace más de {LONG_DAYS} días",
    f"Sin timbrar {LONG_DAYS} días",
)
# What a saved view calls them, whatever their days and names.
_KEYS = ("este_mes", "pronto", "vencidos", "sin_timbrar")


@dataclass(frozen=True)
class Preset:
    key: str
    name: str
    query: dict[str, str]


def presets(today: date) -> list[Preset]:
    first = today.replace(day=1)
    last = first + relativedelta(months=1, days=-1)
    soon = today + timedelta(days=NEXT_DAYS)
    long_ago = today - timedelta(days=LONG_DAYS + 1)
    queries = (
        _term(first, last),
        _term(today, soon),
        _term(None, long_ago),
        {"sin_timbrar": str(LONG_DAYS)},
    )
    return [Preset(*one) for one in zip(_KEYS, NAMES, queries, strict=True)]


def _term(since: date | None, until: date) -> dict[str, str]:
    ends = {"vence_hasta": until.isoformat()}
    return {"vence_desde": since.isoformat(), **ends} if since else ends
