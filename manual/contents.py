"""The text of the manual: each chapter's template, rendered once into its sections.

The table of contents lists sections, links lead to them and the search finds them. The
text does not depend on the request: everybody reads the same.
"""

import html
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from accounts.lists import VIEWS_MAX
from accounts.models import Scope
from clients import presets
from clients.actions import ACTIONS, ANSWERS, letters
from clients.bulk import choosing, execution
from clients.columns import COLUMNS
from clients.forecast import pace, suggestions, wording
from clients.importing import reading
from clients.models import Answer, Channel, EntryKind, EventKind, SuggestionKind
from clients.paging import COUNT_MAX
from clients.rows import ARCHIVED, Badge
from clients.status import Status
from jobs.models import FILE_DAYS
from manual.chapters import Chapter
from portal.models import GRANT_MINUTES


@dataclass(frozen=True)
class Section:
    """A part of a chapter with a heading. `words` are synonyms that the search finds
    and the page does not show."""

    title: str
    html: SafeString
    icon: str = ""
    words: str = ""

    @property
    def anchor(self) -> str:
        return slugify(self.title)

    @cached_property
    def text(self) -> str:
        """Its text, without markup."""
        bare = html.unescape(re.sub(r"<[^>]*>", " ", self.html))
        bare = re.sub(r"\s+", " ", bare).strip()
        return re.sub(r" (?=[.,;:)])", "", bare)


@dataclass(frozen=True)
class Text:
    introduction: SafeString
    sections: tuple[Section, ...]


@cache
def read(chapter: Chapter) -> Text:
    sections: list[Section] = []
    context = _known() | {"sections": sections}
    said = render_to_string(f"manual/chapters/{chapter.key}.html", context)
    # The template has escaped it already; it contains no input of users.
    return Text(mark_safe(said), tuple(sections))  # noqa: S308


def _known() -> dict[str, Any]:
    """The names and limits from the code that the text uses."""
    return {
        "FILE_DAYS": FILE_DAYS,
        "IMPORT_ROWS": f"{reading.ROWS_MAX:,}",
        "IMPORT_MB": reading.BYTES_MAX // 1024 // 1024,
        "BULK_MOST": choosing.MOST,
        "BULK_IN_REQUEST": execution.IN_REQUEST,
        "actions": ACTIONS,
        "letters": letters(ACTIONS.values()),
        "answer_letters": letters(ANSWERS),
        "badges": {status.name: Badge.of(status) for status in Status},
        "archived": ARCHIVED,
        "Status": Status,
        "EntryKind": EntryKind,
        "EventKind": EventKind,
        "Scope": Scope,
        "Kind": SuggestionKind,
        "Answer": Answer,
        "Channel": Channel,
        "answers": {action.verb: action for action in ANSWERS},
        "followup": {
            "NEAR_DAYS": suggestions.NEAR_DAYS,
            "GONE_DAYS": suggestions.GONE_DAYS,
            "FEW_DAYS": suggestions.FEW_DAYS,
            "SEAL_DAYS": suggestions.SEAL_DAYS,
            "WELL_BEFORE_DAYS": suggestions.WELL_BEFORE_DAYS,
            "AGAIN": suggestions.AGAIN,
            "QUIET_DAYS": suggestions.QUIET_DAYS,
            "STALE_DAYS": suggestions.STALE_DAYS,
            "ADDITION_DAYS": wording.ADDITION_DAYS,
            "MIN_DAYS": pace.MIN_DAYS,
            "weeks": pace.WINDOW_DAYS // 7,
        },
        "soon": suggestions.NEAR_DAYS,
        "presets": presets.NAMES,
        "columns": COLUMNS,
        "views_max": VIEWS_MAX,
        "soon_days": presets.SOON_DAYS,
        "count_max": COUNT_MAX,
        "visit_minutes": GRANT_MINUTES,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "session_hours": settings.SESSION_HOURS,
        "addition_max": settings.FOLIOS_ADDITION_MAX,
        "calls_per_second": settings.API_CALLS_PER_SECOND,
    }
