"""The log of log-ins: each one, each that failed, and each change of what one logs in
with. Nothing is kept here but lines of the log (reseller_panel/logs.py), which name
people by number and no password, code or address that was typed.
"""

import logging
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User, UserManager

log = logging.getLogger(__name__)


def refused_too_often(request: HttpRequest | None) -> None:
    _note(logging.WARNING, "Too many tries: refused unread", request)


@receiver(account.user_logged_in)
def _logged_in(request: HttpRequest, user: User, **more: Any) -> None:
    records = request.session.get("account_authentication_methods", [])
    used = [record.get("type") or record["method"] for record in records]
    _note(logging.INFO, f"Logged in by {' and '.join(used) or '-'}", request, user)


@receiver(auth.user_logged_out)
def _logged_out(request: HttpRequest, user: User | None, **more: Any) -> None:
    _note(logging.INFO, "Logged out", request, user)


@receiver(auth.user_login_failed)
def _wrong_password(
    credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any
) -> None:
    email = UserManager.normalize_email(credentials.get("email"))
    person = User.objects.filter(email=email).only("pk").first()
    _note(logging.WARNING, "Wrong password or unknown person", request, person)


@receiver(mfa.authentication_failed)
def _wrong_factor(request: HttpRequest, user: User, **more: Any) -> None:
    _note(logging.WARNING, "Wrong second factor", request, user)


@receiver([account.password_changed, account.password_set, account.password_reset])
def _new_password(request: HttpRequest, user: User, **more: Any) -> None:
    _note(logging.INFO, "New password", request, user)


@receiver(mfa.authenticator_added)
def _factor_added(request: HttpRequest, user: User, **more: Any) -> None:
    _note(logging.INFO, f"Added {more['authenticator'].type}", request, user)


@receiver([mfa.authenticator_removed, mfa.authenticator_reset])
def _factor_removed(request: HttpRequest, user: User, **more: Any) -> None:
    _note(
        logging.INFO, f"Removed or renewed {more['authenticator'].type}", request, user
    )


def _note(
    level: int, what: str, request: HttpRequest | None, person: User | None = None
) -> None:
    of_whom = f", of person {person.pk}" if person and person.pk else ""
    log.log(level, "%s%s.", what, of_whom, extra={"request": request})
