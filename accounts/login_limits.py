"""How many wrong passwords are taken before the log-in says to wait.

Law: quality.md, "Access": per account and per address, and whoever guesses from
elsewhere does not lock the owner out. Wrong tries are counted for the pair of account
and address, and for the account in all. The second count is kept far from what a person
mistypes, and is not asked of a browser in which this account has been opened before:
many addresses together can close it to newcomers for a while, but not to its owner
(OWASP's "device cookies").
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts import login_log
from accounts.models import User, UserManager

KNOWN_FOR = 365 * 24 * 3600
_SALT = "accounts.login_limits"
_signer = TimestampSigner(salt=_SALT)


class LimitedLoginAdapter(DefaultAccountAdapter):
    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        """The pair that "login_failed" counts by (ACCOUNT_RATE_LIMITS)."""
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{ratelimit.get_ip(request)}"

    def validation_error(self, code: str, *args: Any) -> Exception:
        """Called wherever tries are counted, also those of a second factor."""
        if code == "too_many_login_attempts":
            login_log.refused_too_often(self.request)
        error: Exception = super().validation_error(code, *args)
        return error

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        email = UserManager.normalize_email(credentials.get("email"))
        if _is_known(request, email):
            return
        usage = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed_account",
            key=email,
        )
        if not usage:
            self._rollback_login_failed_rl_usage()
            raise self.validation_error("too_many_login_attempts")
        # Given back together when the password turns out to be right.
        self._login_failed_rl_usage.usage.extend(usage.usage)

    def _delete_login_attempts_cached_email(
        self, request: HttpRequest, **credentials: Any
    ) -> None:
        """After a new password was chosen from the e-mail."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        ratelimit.clear(
            request,
            app="allauth.account",
            action="login_failed_account",
            key=UserManager.normalize_email(credentials.get("email")),
        )

    def post_login(
        self, request: HttpRequest, user: User, **kwargs: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        response.set_cookie(
            settings.KNOWN_BROWSER_COOKIE_NAME,
            _signer.sign(_mark_of(user)),
            max_age=KNOWN_FOR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def _is_known(request: HttpRequest, email: str) -> bool:
    """Whether this account was opened in this browser with the password it has now."""
    signed = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    try:
        mark = _signer.unsign(signed, max_age=KNOWN_FOR)
    except BadSignature:
        return False
    user = User.objects.filter(email=email).first()
    return user is not None and mark == _mark_of(user)


def _mark_of(user: User) -> str:
    """Another one after a new password, and once the sessions were ended."""
    value = f"{user.pk}:{user.get_session_auth_hash()}"
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()
