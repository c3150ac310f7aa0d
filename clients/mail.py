"""The e-mails a client gets from the panel."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core import ratelimit
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

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
    """Send the client a one-time link to choose the password of its account.

    Raises TooManyWelcomes, and OSError (smtplib's errors are OSErrors) when it cannot
    be sent.
    """
    if not ratelimit.consume(
        request, action="welcome_mail", key=f"welcome:{client.reseller_id}"
    ):
        raise TooManyWelcomes
    key = default_token_generator.make_token(client.user)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(client.user), "key": key},
    )
    context = {
        "client": client,
        "reseller": client.reseller,
        "password_url": request.build_absolute_uri(path),
        "login_url": request.build_absolute_uri(reverse("account_login")),
    }
    send_mail(
        subject=f"Su cuenta para facturar con {client.reseller}",
        message=render_to_string("clients/mail/welcome.txt", context),
        from_email=None,
        recipient_list=[client.contact_email],
    )
