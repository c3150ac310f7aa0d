"""How a client reaches its reseller: the telephone, the mail and WhatsApp, as links.

Each is there only if the reseller gave it. A message begins by saying whose account it
is about, so that nobody need ask.
"""

from dataclasses import dataclass
from urllib.parse import quote

from accounts.mail import contact_email_of
from clients.models import Client
from reseller_panel import phones


@dataclass(frozen=True)
class Contact:
    """`phone` as it is read; the addresses are empty where nothing was given."""

    phone: str
    phone_url: str
    whatsapp_url: str
    email: str
    mail_url: str


def contact_of(client: Client) -> Contact:
    reseller = client.reseller
    about = f"Cuenta de folios de {client.legal_name}, RFC {client.rfc}"
    email = contact_email_of(reseller)
    to, subject = quote(email, safe="@"), quote(about, safe="")
    greeting = f"Buen día. Escribo por la cuenta de folios de {client.legal_name}, RFC "
    phone, whatsapp = reseller.contact_phone, reseller.contact_whatsapp
    return Contact(
        phone=phones.shown(phone) if phone else "",
        phone_url=f"tel:{phone}" if phone else "",
        whatsapp_url=phones.whatsapp_url(whatsapp, f"{greeting}{client.rfc}: ")
        if whatsapp
        else "",
        email=email,
        mail_url=f"mailto:{to}?subject={subject}" if email else "",
    )
