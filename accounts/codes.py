"""The forms that ask for a code of the second factor: each code opens once.

Law: quality.md, "Access". allauth remembers a used code for one period, but with
MFA_TOTP_TOLERANCE it is right for three: whoever read it over a shoulder could use it
again half a minute later.
"""

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import (
    AuthenticateForm,
    BaseAuthenticateForm,
    ReauthenticateForm,
)
from allauth.mfa.models import Authenticator
from django.core.cache import cache


class OnceForm(BaseAuthenticateForm):
    def clean_code(self) -> str:
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not self._use(code):
            self._emit_authentication_failed(self.authenticator)
            raise get_adapter().validation_error("incorrect_code")
        return code

    def _use(self, code: str) -> bool:
        """Whether it is used for the first time while it is right."""
        periods = 2 * app_settings.TOTP_TOLERANCE + 1
        digits = "".join(char for char in code if char.isalnum())
        return bool(
            cache.add(
                f"totp-used:{self.user.pk}:{digits}",
                "y",
                timeout=periods * app_settings.TOTP_PERIOD,
            )
        )


class AuthenticateOnceForm(OnceForm, AuthenticateForm):
    pass


class ReauthenticateOnceForm(OnceForm, ReauthenticateForm):
    pass
