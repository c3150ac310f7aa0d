"""The log-in of clients: no sign-up, and none while all their clients are closed.

Law: domain.md, "Suspender" and "Archivar". The check is the last stage of the log-in,
after password, passkey or second factor, so that a stranger learns nothing about an
account. The verbs themselves end open sessions.
"""

from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import LoginStage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Role, User
from clients.models import Client, suspension_of
from portal import own


@dataclass(frozen=True)
class Closed:
    """A client whose account is closed, with the message of its suspension for the
    client. The reason of the suspension is for the reseller only and is not here."""

    client: Client
    message: str

    @classmethod
    def of(cls, client: Client) -> "Closed":
        suspension = suspension_of(client)
        return cls(client, suspension.message if suspension else "")


class OpenAccountStage(LoginStage):
    """The last check before the session begins: has the person an open account?"""

    key = "open_account"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user.role is not Role.CLIENT or own.open_to(user).exists():
            return None, True
        return refusal(self.request, user), False


def refusal(request: HttpRequest, user: User) -> HttpResponse:
    """A page (403): why each account of this person is closed, and whom to call."""
    closed = [Closed.of(client) for client in own.clients_of(user)]
    resellers = sorted({one.client.reseller.name for one in closed})
    context = {"closed": closed, "resellers": resellers}
    return render(request, "portal/login_refused.html", context, status=403)


class AccountAdapter(DefaultAccountAdapter):
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
