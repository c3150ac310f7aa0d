"""The log-in of clients: no sign-up, and none while all their clients are closed.

Law: domain.md, "The people", "Suspender" and "Archivar". The check is the last stage of
the log-in, after password, passkey or second factor, so that a stranger learns nothing
about an account. The verbs themselves end open sessions.

A person has one address, `User.email`. allauth has a table of addresses of its own, in
which somebody could write without proving anything: nothing here reads it.
"""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm
from allauth.account.stages import LoginStage
from allauth.core import context as current
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.addresses import prove_address
from accounts.login_limits import LimitedLoginAdapter
from accounts.mail import sign
from accounts.models import User, UserManager
from clients import lifecycle
from portal import own


class OpenAccountStage(LoginStage):
    """Refuse to log in a person who has no account to open, or to accept."""

    key = "open_account"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user.is_of_staff or not all(one.is_closed for one in own.choices_of(user)):
            return None, True
        return refusal(self.request, user), False


def refusal(request: HttpRequest, user: User) -> HttpResponse:
    """Say for each account of this person why it is closed, and whom to call."""
    closed = own.choices_of(user)
    resellers = sorted({one.client.reseller.name for one in closed})
    context = {
        "closed": closed,
        "resellers": resellers,
        "has_proven_address": user.has_proven_address,
    }
    return render(request, "portal/login_refused.html", context, status=403)


# ── allauth, by one's own address alone ───────────────────────────────────────────


def person_with(email: str) -> User | None:
    address = UserManager.normalize_email(email)
    return User.objects.filter(email=address).first()


class OwnAddressBackend(AuthenticationBackend):
    """Finds a person by `User.email` and by no other address."""

    def _authenticate_by_email(
        self, email: str, password: str
    ) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = self._check_password(
            person_with(email), password
        )
        return user


class AskForPasswordForm(ResetPasswordForm):
    """«¿Olvidó su contraseña?»: the link goes to the person with that address, if
    there is something that it may open. The answer is the same for everybody."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        person = person_with(email)
        self.users = [person] if person and own.may_log_in(person) else []
        return email


class ChoosePasswordForm(ResetPasswordKeyForm):
    """The form behind the link of a reset or a welcome. Following it is the proof of
    the address. What somebody had set up before the first proof is void: a passkey of
    whoever had the account until then must not open it. But not of support, who must
    have a second factor: there it would be enough to read one mailbox. Of them a
    superuser removes it (accounts/people.py)."""

    password1 = SetPasswordField(label="Nueva contraseña", max_length=200)
    password2 = PasswordField(
        label="Nueva contraseña, otra vez",
        max_length=200,
        autocomplete="new-password",
    )

    def save(self) -> None:
        with transaction.atomic():
            if prove_address(self.user):
                if not self.user.is_staff:
                    Authenticator.objects.filter(user=self.user).delete()
                lifecycle.confirm_first_access(self.user)
            super().save()
        AccountAdapter().forget_failures(self.user)


# What the library would say otherwise.
_REFUSALS = {
    "account_inactive": "Su cuenta está desactivada.",
    "email_password_mismatch": "El correo o la contraseña no son correctos.",
    "enter_current_password": "No es su contraseña actual.",
    "incorrect_code": "El código no es correcto, o ya pasó su tiempo.",
    "incorrect_password": "La contraseña no es correcta.",
    "invalid_login": "El correo o la contraseña no son correctos.",
    "invalid_password_reset": "El enlace ya no sirve. Pida otro.",
    "rate_limited": "Demasiados intentos seguidos. Espere un momento.",
    "too_many_login_attempts": "Demasiados intentos. Espere unos minutos y vuelva a "
    "intentarlo.",
}


class AccountAdapter(LimitedLoginAdapter):
    error_messages = LimitedLoginAdapter.error_messages | _REFUSALS

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: resellers and support create the accounts."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Called with `next` as it was sent, which need not be a URL."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_login_stages(self) -> list[Any]:
        stage = f"{OpenAccountStage.__module__}.{OpenAccountStage.__qualname__}"
        return [*super().get_login_stages(), stage]

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """For the menu of staff, which would otherwise ask with every page."""
        request.session["has_accounts"] = own.memberships_of(user).exists()
        return super().post_login(request, user, **kwargs)

    def reauthenticate(self, user: Any, password: str) -> bool:
        found = self.authenticate(current.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        super().send_notification_mail(
            template_prefix, user, context, email=email or user.email
        )

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """In the name of the person's reseller (portal/own.py)."""
        person = person_with(email) if isinstance(email, str) else None
        reseller = own.reseller_of(person) if person else None
        context = {**context, "reseller": reseller}
        message = super().render_mail(template_prefix, email, context, headers)
        if reseller:
            sign(message, reseller)
        return message

    def forget_failures(self, user: User) -> None:
        """With a new password, wrong ones of before no longer count."""
        self._delete_login_attempts_cached_email(current.request, email=user.email)
