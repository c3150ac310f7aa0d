"""The e-mails a client gets from the panel."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core import ratelimit
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.mail import sign
from accounts.models import User
from clients.models import Client
from reseller_panel.refusals import Refused


class TooManyWelcomes(Refused):
    """Whoever took a reseller's session or key would send mail to anybody with it."""

    code = "too_many_welcomes"

    def __init__(self) -> None:
        super().__init__("en la última hora ya se enviaron muchos")


def why_not_sent(error: Exception) -> str:
    """The end of a sentence that says that the e-mail did not go out."""
    return f": {error}" if isinstance(error, TooManyWelcomes) else ""


def send_welcome(client: Client, request: HttpRequest) -> None:
    """Tell the person whom the client's account was given to how to enter it.

    Whoever has no password yet gets a one-time link to choose it, which also proves the
    address; whoever has one is asked to accept the account. The reseller is not told
    which of the two was sent. Raises TooManyWelcomes, and OSError (smtplib's errors are
    OSErrors) when it cannot be sent.
    """
    if not ratelimit.consume(
        request, action="welcome_mail", key=f"welcome:{client.reseller_id}"
    ):
        raise TooManyWelcomes
    person = client.user
    assert person is not None, "whoever is welcomed was given the account"
    template = "access" if person.has_proven_address else "welcome"
    key = default_token_generator.make_token(person)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": key},
    )
    context = {
        "client": client,
        "reseller": client.reseller,
        "password_url": request.build_absolute_uri(path),
        "login_url": request.build_absolute_uri(reverse("account_login")),
        "accounts_url": request.build_absolute_uri(reverse("portal:accounts")),
    }
    message = EmailMessage(
        subject=f"Su cuenta para facturar con {client.reseller}",
        body=render_to_string(f"clients/mail/{template}.txt", context),
        # The link opens what is the person's: it goes nowhere but to its own address.
        to=[person.email],
    )
    sender = getattr(request, "user", None)  # a program has none
    sign(message, client.reseller, by=sender if isinstance(sender, User) else None)
    message.send()
