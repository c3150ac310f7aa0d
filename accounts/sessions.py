"""How long a session may last, without being used and in all, and when its key changes.

Law: quality.md, "Access". Both limits are checked here on every request, whatever the
cookie says. A session that has ended says why on the log-in page.
"""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from reseller_panel.spanish import counted

OPENED, SEEN = "opened_at", "seen_at"
# How exact the last use is, in seconds: noting it on every request would be a write
# for every page.
NOTED_EVERY = 60


class SessionLimitMiddleware:
    """Needs the messages, and comes before whatever reads request.user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and (why := why_over(request.session)):
            logout(request)
            messages.info(request, why)
        proofs = _proofs(request.session)
        response = self.get_response(request)
        if _proofs(request.session) > proofs:
            change_key(request)
        if SESSION_KEY in request.session:
            _note_use(request.session)
        return response


def _proofs(session: SessionBase) -> int:
    """How often the person of this session has proven anew who it is."""
    records = session.get("account_authentication_methods", [])
    return sum(bool(record.get("reauthenticated")) for record in records)


def change_key(request: HttpRequest) -> None:
    """A new key for a session whose rights change; the former one opens nothing. The
    list of open sessions gets the new key, so that this one can be ended from there."""
    old_key = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old_key).update(
        session_key=request.session.session_key
    )


def why_over(session: SessionBase) -> str:
    """Why the session has ended, in words; an empty text while it has not."""
    now = time.time()
    minutes, hours = settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS
    if now - session.get(SEEN, now) >= minutes * 60:
        return (
            f"Su sesión se cerró porque pasaron {counted(minutes, 'minuto')} sin que "
            "la usara. Entre de nuevo."
        )
    if now - session.get(OPENED, now) >= hours * 3600:
        return (
            f"Su sesión se cerró porque duró {counted(hours, 'hora')}, lo más que "
            "puede durar. Entre de nuevo."
        )
    return ""


def _note_use(session: SessionBase) -> None:
    now = int(time.time())
    session.setdefault(OPENED, now)
    if now - session.get(SEEN, 0) >= NOTED_EVERY:
        session[SEEN] = now
