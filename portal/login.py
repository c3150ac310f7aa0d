"""The door: nobody signs up, and a person whose every client is closed stays outside.

Law: domain.md, "Suspender" and "Archivar". The question is asked in the last stage of
the log-in, after password, passkey or second factor, so that a stranger learns nothing
about an account by knocking. Open sessions are ended by the verbs themselves.
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
    """A client as its person is told why it cannot be opened. The suspension's reason
    is the reseller's own and is not here; its message is for the client."""

    client: Client
    message: str

    @classmethod
    def of(cls, client: Client) -> "Closed":
        suspension = suspension_of(client)
        return cls(client, suspension.message if suspension else "")


class OpenAccountStage(LoginStage):
    """The last question before the session begins: is there an account to see?"""

    key = "open_account"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user.role is not Role.CLIENT or own.open_to(user).exists():
            return None, True
        return refusal(self.request, user), False


def refusal(request: HttpRequest, user: User) -> HttpResponse:
    """Why each account of this person is closed, and whom to call."""
    closed = [Closed.of(client) for client in own.clients_of(user)]
    resellers = sorted({one.client.reseller.name for one in closed})
    context = {"closed": closed, "resellers": resellers}
    return render(request, "portal/login_refused.html", context, status=403)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by the reseller or by support."""
        return False

    def get_login_stages(self) -> list[Any]:
        stage = f"{OpenAccountStage.__module__}.{OpenAccountStage.__qualname__}"
        return [*super().get_login_stages(), stage]
