"""The open sessions of a person, as its page names them: which browser, and since when
it has not been used. The page and the closing of sessions are allauth's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from accounts.sessions import SEEN
from reseller_panel import browsers


@dataclass(frozen=True)
class Line:
    """`used_at`: to the minute; None if it was never used."""

    session: UserSession
    used_at: datetime | None

    @property
    def browser(self) -> str:
        return browsers.named(self.session.user_agent)


def lines_of(sessions: Sequence[UserSession]) -> list[Line]:
    """This session first, then the one that was used last."""
    keys = [one.session_key for one in sessions]
    used = {
        row.session_key: datetime.fromtimestamp(row.get_decoded()[SEEN], UTC)
        for row in Session.objects.filter(session_key__in=keys)
        if SEEN in row.get_decoded()
    }
    lines = [Line(one, used.get(one.session_key)) for one in sessions]
    begun = datetime.min.replace(tzinfo=UTC)
    return sorted(
        lines,
        key=lambda line: (line.session.is_current(), line.used_at or begun),
        reverse=True,
    )


def in_words(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give allauth's page of sessions their lines."""

    @wraps(view)
    def listed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and response.context_data:
            sessions = response.context_data["sessions"]
            response.context_data["lines"] = lines_of(sessions)
        return response

    return listed
