"""The e-mails a client gets from the panel."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from clients.models import Client


def send_welcome(client: Client, request: HttpRequest) -> None:
    """Send the client a one-time link to choose the password of its account.

    Raises OSError (smtplib's errors are OSErrors) when it cannot be sent.
    """
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
