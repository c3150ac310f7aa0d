"""The ready-made messages: what a reseller writes to a client about a suggestion.

Pure functions: a template and facts in, text out. Fields are substituted once, so that
braces in a value are not expanded again, and a template cannot run code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from django.core.exceptions import ValidationError

from clients.forecast.outlook import Outlook
from clients.models import Client, SuggestionKind
from followup.models import MessageTemplate
from reseller_panel.spanish import counted


@dataclass(frozen=True)
class Message:
    """A subject and a text, with fields in braces or already filled in."""

    subject: str
    text: str


DEFAULTS = {
    SuggestionKind.FOLIOS: Message(
        "Sus folios para facturar",
        "Buen día, {contacto}:\n\n"
        "Le quedan {folios} folios para facturar. Para que no se detenga, le propongo "
        "agregar {oferta}. ¿Se los asigno hoy?\n\n"
        "Quedo al pendiente.\n{revendedor}",
    ),
    SuggestionKind.RENEWAL: Message(
        "La vigencia de su paquete de folios",
        "Buen día, {contacto}:\n\n"
        "Le recuerdo el último día de vigencia de su paquete {paquete}: {vigencia}. "
        "¿Le parece bien si lo renovamos con {oferta}? Así sigue facturando sin "
        "interrupciones.\n\n"
        "Quedo al pendiente.\n{revendedor}",
    ),
    SuggestionKind.BIGGER: Message(
        "Un paquete que le conviene más",
        "Buen día, {contacto}:\n\n"
        "Veo que su paquete {paquete} se le ha terminado varias veces antes de tiempo. "
        "Con {oferta} facturaría sin estar recargando. ¿Quiere que le comparta los "
        "detalles?\n\n"
        "Quedo al pendiente.\n{revendedor}",
    ),
    SuggestionKind.SEAL: Message(
        "El certificado con que sella sus facturas",
        "Buen día, {contacto}:\n\n"
        "Al certificado de sello digital (CSD) de {cliente} le quedan {dias}. "
        "Cuando vence no se puede facturar, aunque queden folios. Se renueva en el "
        "portal del SAT con la e.firma; si quiere, le ayudo.\n\n"
        "Quedo al pendiente.\n{revendedor}",
    ),
    SuggestionKind.CALL: Message(
        "¿Cómo va con su facturación?",
        "Buen día, {contacto}:\n\n"
        "Notamos que {cliente} lleva {dias} sin timbrar facturas. ¿Está todo bien con "
        "el servicio? Si tuvo algún problema, con gusto le ayudo.\n\n"
        "Quedo al pendiente.\n{revendedor}",
    ),
    SuggestionKind.REVIEW: Message(
        "Su cuenta de facturación está suspendida",
        "Buen día, {contacto}:\n\n"
        "La cuenta de {cliente} lleva {dias} suspendida. ¿Desea que la reactivemos "
        "para que vuelva a facturar?\n\n"
        "Quedo al pendiente.\n{revendedor}",
    ),
}


# What a message to many begins with.
TO_MANY = Message(
    "Un aviso sobre sus folios",
    "Buen día, {contacto}:\n\n\n\nQuedo al pendiente.\n{revendedor}",
)


def own_or_default(own: MessageTemplate | None, kind: SuggestionKind) -> Message:
    return Message(own.subject, own.text) if own else DEFAULTS[kind]


# What each field stands for; {oferta} only where something is offered.
_ANY = {
    "contacto": "el nombre del contacto, o la razón social si no lo hay",
    "cliente": "la razón social",
    "folios": "los folios que le quedan",
    "vigencia": "el último día de su vigencia",
    "paquete": "el paquete que tiene",
    "revendedor": "el nombre de su empresa",
}
_DAYS = {
    SuggestionKind.FOLIOS: "para cuántos días le alcanzan los folios",
    SuggestionKind.BIGGER: "para cuántos días le alcanzan los folios",
    SuggestionKind.RENEWAL: "los días entre hoy y el último de su vigencia",
    SuggestionKind.SEAL: "los días entre hoy y el último de su sello",
    SuggestionKind.CALL: "los días que lleva sin timbrar",
    SuggestionKind.REVIEW: "los días que lleva suspendido",
}
_OFFER = {
    SuggestionKind.FOLIOS: "los folios que se le ofrecen",
    SuggestionKind.BIGGER: "el paquete que se le ofrece",
    SuggestionKind.RENEWAL: "el paquete que se le ofrece",
}


def fields_of(kind: SuggestionKind | None) -> dict[str, str]:
    """The fields that a message of this kind may have, each with what it stands for;
    None: a message to anybody."""
    if kind is None:
        return _ANY
    offer = {"oferta": _OFFER[kind]} if kind in _OFFER else {}
    return _ANY | {"dias": _DAYS[kind]} | offer


_FIELD = re.compile(r"\{([^{}]*)\}")


def validate(text: str, kind: SuggestionKind | None) -> None:
    """Raises ValidationError for an unknown field, or for a brace outside a field."""
    known = fields_of(kind)
    for name in _FIELD.findall(text):
        if name not in known:
            raise ValidationError(
                f"No hay un campo {{{name}}}. Los que puede usar son: "
                + ", ".join(f"{{{field}}}" for field in known)
                + "."
            )
    if re.search("[{}]", _FIELD.sub("", text)):
        raise ValidationError(
            "Hay una llave suelta. Los campos se escriben entre dos: {contacto}."
        )


def fill(message: Message, values: Mapping[str, str]) -> Message:
    def filled(text: str) -> str:
        return _FIELD.sub(lambda field: values[field[1]], text)

    return Message(filled(message.subject), filled(message.text))


def values_for(
    kind: SuggestionKind, client: Client, outlook: Outlook, today: date
) -> dict[str, str]:
    """The values of the fields for this client today. They exist for every client, also
    without this suggestion, because any client may be the example."""
    return any_values_for(client) | {
        "dias": _days(kind, client, outlook, today),
        "oferta": _offer(kind, client, outlook),
    }


def any_values_for(client: Client) -> dict[str, str]:
    """The values of the fields that need no suggestion."""
    until = client.expires_on
    return {
        "contacto": client.contact_name or client.legal_name,
        "cliente": client.legal_name,
        "folios": f"{client.balance:,}",
        "vigencia": f"{until:%d/%m/%Y}" if until else "(sin vigencia)",
        "paquete": client.plan.name,
        "revendedor": client.reseller.name,
    }


def _days(kind: SuggestionKind, client: Client, outlook: Outlook, today: date) -> str:
    local = client.reseller.local_date
    days: int | None
    match kind:
        case SuggestionKind.FOLIOS | SuggestionKind.BIGGER:
            days = outlook.forecast.days_left
        case SuggestionKind.RENEWAL:
            days = abs((client.expires_on - today).days) if client.expires_on else None
        case SuggestionKind.SEAL:
            seal = outlook.seal_ends_on
            days = max(0, (seal - today).days) if seal else None
        case SuggestionKind.CALL:
            since = client.account.stamped_on or local(client.known_since)
            days = (today - since).days
        case SuggestionKind.REVIEW:
            at = client.suspended_at
            days = (today - local(at)).days if at else None
    if days is None:
        return "pocos días"
    return counted(days, "día")


def _offer(kind: SuggestionKind, client: Client, outlook: Outlook) -> str:
    made = outlook.suggestion
    if made and made.kind == kind:
        if made.quantity:
            return f"{made.quantity:,} folios"
        if made.package:
            return f"el paquete {made.package.name}, de {made.package.folios:,} folios"
    if kind is SuggestionKind.FOLIOS:
        return f"{client.plan.folios:,} folios"
    return f"el paquete {client.plan.name}, de {client.plan.folios:,} folios"


# ── Links that open a message in the person's own mail or WhatsApp ────────────────────


def mail_url(email: str, message: Message) -> str:
    """A mailto: link (RFC 6068), which requires CRLF line breaks."""
    body = message.text.replace("\n", "\r\n")
    to, subject = quote(email, safe="@"), quote(message.subject, safe="")
    return f"mailto:{to}?subject={subject}&body={quote(body, safe='')}"


def whatsapp_url(phone: str, message: Message) -> str:
    """A click-to-chat link: the number in international form, digits only."""
    number = re.sub(r"\D", "", phone)
    return f"https://wa.me/{number}?text={quote(message.text, safe='')}"
