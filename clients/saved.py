"""What a saved view keeps of a list: its filters, sort and columns, as parameters.

Not its page, and nothing that the list does not know. A ready-made filter is kept by
its key, so that *Vencen este mes* goes on meaning this month; its days are put into the
address when the view is opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode

from accounts.models import SavedView
from clients import columns
from clients.arrangement import Arrangement
from clients.listing import ClientList
from clients.presets import PARAMETERS, presets
from clients.sorts import DEFAULT_SORT

_PRESET = "preparado"


def query_of(table: ClientList, how: Arrangement) -> str:
    """The parameters of a view of this list. The same list gives the same ones."""
    filters = {name: table.data[name].strip() for name in table.values}
    dated = {name: filters[name] for name in PARAMETERS if name in filters}
    for one in presets(table.today):
        if dated == one.query:
            filters = {k: v for k, v in filters.items() if k not in PARAMETERS}
            filters[_PRESET] = one.key
    beside = {
        "estatus": table.status.slug if table.status else "",
        "archivados": "1" if table.archived else "",
        "orden": "" if table.sort == DEFAULT_SORT else table.sort,
        columns.PARAMETER: how.said,
    }
    return urlencode({k: v for k, v in (filters | beside).items() if v})


def address_of(query: str, today: date) -> str:
    """The query string that opens a view today, for whoever opens it."""
    asked = dict(parse_qsl(query))
    key = asked.pop(_PRESET, "")
    days = [one.query for one in presets(today) if one.key == key]
    return f"?{urlencode(asked | (days[0] if days else {}))}"


def in_words(table: ClientList) -> list[str]:
    """What a view of this list leaves of the clients."""
    beside = [table.status.label] if table.status else []
    archived = ["archivados"] if table.archived else []
    return [*beside, *archived, *(pill.label for pill in table.pills)]


@dataclass(frozen=True)
class ViewLink:
    """A view of the person, as the menu shows it."""

    view: SavedView
    url: str
    is_current: bool


@dataclass(frozen=True)
class Views:
    """The views of a person beside the list that is open; `url` is that list as it can
    be sent."""

    links: Sequence[ViewLink]
    url: str

    @classmethod
    def of(
        cls, views: Sequence[SavedView], table: ClientList, how: Arrangement
    ) -> "Views":
        now = query_of(table, how)
        links = [
            ViewLink(view, address_of(view.query, table.today), view.query == now)
            for view in views
        ]
        return cls(links, address_of(now, table.today))

    @property
    def has_first(self) -> bool:
        """Whether the list opens with one of them, and not with everybody."""
        return any(link.view.is_default for link in self.links)

    @property
    def current(self) -> SavedView | None:
        return next((link.view for link in self.links if link.is_current), None)
