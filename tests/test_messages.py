"""The ready-made messages: their fields, their own wording, and their links."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from clients import lifecycle
from clients.forecast.outlook import outlooks
from clients.models import Channel, Client, SuggestionKind
from followup import messages
from followup.messages import Message
from followup.models import MessageTemplate
from tests import factories
from tests.cast import MakeClient

PAGE = "/seguimiento/mensajes/"
PREVIEW = {"HX-Request": "true", "HX-Target": "preview"}
every_kind = pytest.mark.parametrize("kind", SuggestionKind)


def values(
    client: Client, kind: SuggestionKind = SuggestionKind.FOLIOS
) -> dict[str, str]:
    client = factories.fresh(client)
    today = client.reseller.local_date(timezone.now())
    return messages.values_for(
        kind, client, outlooks([client], today)[client.pk], today
    )


def filled(
    text: str, client: Client, kind: SuggestionKind = SuggestionKind.FOLIOS
) -> str:
    return messages.fill(Message("x", text), values(client, kind)).text


# ── The fields ────────────────────────────────────────────────────────────────────


@every_kind
def test_the_first_words_are_well_formed_and_leave_no_brace(
    clara: Client, kind: SuggestionKind
) -> None:
    default = messages.DEFAULTS[kind]
    for text in vars(default).values():
        messages.validate(text, kind)
    message = messages.fill(default, values(clara, kind))
    assert "{" not in message.subject + message.text
    assert message.text.startswith("Buen día, Clara Kemper:")
    assert message.text.endswith("Distribuidora Alicia")


@every_kind
def test_every_field_that_is_offered_has_a_value_and_a_meaning(
    clara: Client, kind: SuggestionKind
) -> None:
    fields = messages.fields_of(kind)
    assert fields.keys() <= values(clara, kind).keys()
    assert all(fields.values())
    for name in fields:
        messages.validate(f"{{{name}}}", kind)


@pytest.mark.parametrize(
    "text",
    [
        "Hola {nombre}",
        "{}",
        "{ contacto }",
        "{Contacto}",
        "{contacto.user.password}",
        "{contacto!r}",
        "{0}",
        "{contacto",
        "contacto}",
        "{{contacto}}",
        "{contacto}}",
        "{contacto{cliente}",
    ],
)
def test_unknown_fields_and_broken_braces_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        messages.validate(text, SuggestionKind.FOLIOS)


def test_an_unknown_field_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValidationError) as caught:
        messages.validate("Hola {nombre}", SuggestionKind.CALL)
    assert caught.value.message == (
        "No hay un campo {nombre}. Los que puede usar son: {contacto}, {cliente}, "
        "{folios}, {vigencia}, {paquete}, {revendedor}, {dias}."
    )


def test_where_nothing_is_offered_there_is_no_offer_to_name() -> None:
    messages.validate("{oferta}", SuggestionKind.BIGGER)
    for kind in (SuggestionKind.CALL, SuggestionKind.REVIEW):
        with pytest.raises(ValidationError):
            messages.validate("{oferta}", kind)


def test_the_fields_say_the_facts_of_today(make_client: MakeClient) -> None:
    client = make_client(exhausted=True, legal_name="Agotada", contact_name="")
    text = filled("{contacto}|{cliente}|{folios}|{paquete}|{oferta}|{dias}", client)
    assert text == "Agotada|Agotada|0|PYME|100 folios|pocos días"


def test_days_and_offer_follow_the_kind(make_client: MakeClient) -> None:
    client = make_client(expired=True, suspended=True)
    assert filled("{dias}", client, SuggestionKind.RENEWAL) == "35 días"
    assert filled("{dias}", client, SuggestionKind.CALL) == "400 días"
    assert filled("{dias}", client, SuggestionKind.REVIEW) == "0 días"
    offer = filled("{oferta}", client, SuggestionKind.RENEWAL)
    assert offer == "el paquete PYME, de 100 folios"


def test_what_a_name_contains_is_never_looked_at_again(
    make_client: MakeClient,
) -> None:
    client = make_client(legal_name="{folios}", contact_name="{revendedor} {x} \\1")
    assert filled("{contacto}, {cliente}", client) == "{revendedor} {x} \\1, {folios}"


# ── Links to mail and WhatsApp ────────────────────────────────────────────────────

HOSTILE = Message("¿Renueva? 50% & más", 'Uno & dos\n"tres"=#cuatro ñ+5%')


def test_the_mail_link_brings_every_character() -> None:
    url = messages.mail_url("ana+x@ejemplo.mx", HOSTILE)
    assert url.startswith("mailto:ana%2Bx@ejemplo.mx?subject=")
    query = parse_qs(urlsplit(url).query)
    assert query["subject"] == [HOSTILE.subject]
    assert query["body"] == [HOSTILE.text.replace("\n", "\r\n")]


def test_whatsapp_wants_the_number_without_a_plus() -> None:
    url = messages.whatsapp_url("+52 771 123 4567", HOSTILE)
    assert url.startswith("https://wa.me/527711234567?text=")
    assert unquote(urlsplit(url).query.removeprefix("text=")) == HOSTILE.text


def test_the_dialog_has_the_message_and_the_links(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(
        exhausted=True, contact_name="Ana", contact_phone="+527711234567"
    )
    dialog = as_alicia.get(f"/seguimiento/{client.public_id}/mensaje/")
    assertContains(dialog, "Buen día, Ana:")
    assertContains(dialog, 'href="https://wa.me/527711234567?text=Buen')
    assertContains(dialog, f'href="mailto:{client.contact_email}?subject=Sus')
    assertContains(dialog, 'rel="noopener noreferrer"')


def test_without_a_telephone_there_is_mail_alone(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    dialog = as_alicia.get(f"/seguimiento/{client.public_id}/mensaje/")
    assertNotContains(dialog, "wa.me")
    assertContains(dialog, "mailto:")
    assertContains(dialog, 'value="email" required id="id_channel_1" checked')


# ── A reseller's own wording ──────────────────────────────────────────────────────

OWN = {"subject": "Hola {contacto}", "text": "Le ofrezco {oferta}.\r\nSaludos"}


def test_own_words_are_kept_and_used_by_their_reseller_alone(
    as_alicia: Browser, alicia: User, as_beto: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    response = as_alicia.post(f"{PAGE}?de=folios", OWN)
    assertRedirects(response, f"{PAGE}?de=folios")
    kept = MessageTemplate.objects.get()
    assert (kept.reseller, kept.kind, kept.by) == (alicia.reseller, "folios", alicia)
    assert kept.text == "Le ofrezco {oferta}.\nSaludos"
    dialog = as_alicia.get(f"/seguimiento/{client.public_id}/mensaje/")
    assertContains(dialog, "Le ofrezco 100 folios.<br>Saludos")
    assertContains(as_alicia.get(f"{PAGE}?de=folios"), "Volver al original")
    assertNotContains(as_beto.get(f"{PAGE}?de=folios"), "Le ofrezco {oferta}")
    assertNotContains(as_alicia.get(f"{PAGE}?de=call"), "Le ofrezco {oferta}")


def test_saving_twice_keeps_one_and_restoring_none(as_alicia: Browser) -> None:
    for _ in range(2):
        as_alicia.post(f"{PAGE}?de=folios", OWN)
    assert MessageTemplate.objects.count() == 1
    for _ in range(2):
        response = as_alicia.post(f"{PAGE}?de=folios", OWN | {"restaurar": "1"})
        assertRedirects(response, f"{PAGE}?de=folios")
    assert not MessageTemplate.objects.exists()
    page = as_alicia.get(f"{PAGE}?de=folios")
    assertContains(page, "Para que no se detenga")
    assertNotContains(page, "Volver al original")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "{nombre}"},
        {"subject": "{"},
        {"text": ""},
        {"subject": ""},
        {"text": "x" * 1001},
        {"subject": "dos\nlíneas"},
        {"text": "a\u202eb"},
    ],
)
def test_wrong_words_are_refused_and_stay_in_the_form(
    as_alicia: Browser, wrong: dict[str, str]
) -> None:
    response = as_alicia.post(f"{PAGE}?de=folios", OWN | wrong)
    assertContains(response, "errorlist", status_code=422)
    assert not MessageTemplate.objects.exists()


def test_the_example_follows_what_is_typed(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    make_client(legal_name="Sin novedad")
    make_client(legal_name="Agotada", exhausted=True)
    typed = {"subject": "S", "text": "A {cliente}: {oferta}"}
    response = as_alicia.get(f"{PAGE}?de=folios", typed, headers=PREVIEW)
    assertContains(response, "A Agotada: 100 folios")
    assertNotContains(response, "<form")
    wrong = typed | {"text": "{x}"}
    response = as_alicia.get(f"{PAGE}?de=folios", wrong, headers=PREVIEW)
    assertContains(response, "No hay un campo {x}.")


def test_without_anybody_who_waits_the_example_is_the_newest_client(
    as_alicia: Browser, as_beto: Browser, clara: Client
) -> None:
    assertContains(as_alicia.get(f"{PAGE}?de=review"), "ESCUELA KEMPER URGATE")
    assertContains(as_beto.get(f"{PAGE}?de=review"), "Cuando tenga clientes")


def test_an_unknown_kind_does_not_exist(as_alicia: Browser) -> None:
    assert as_alicia.get(f"{PAGE}?de=regalo").status_code == 404


def test_markup_in_words_and_names_stays_text(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    name = "<img src=x onerror=alert(1)>"
    client = make_client(legal_name=name, contact_name=name, exhausted=True)
    as_alicia.post(
        f"{PAGE}?de=folios", {"subject": name, "text": f"{name} {{cliente}}"}
    )
    for page in (f"{PAGE}?de=folios", f"/seguimiento/{client.public_id}/mensaje/"):
        assertNotContains(as_alicia.get(page), "<img")


def test_a_message_that_was_recorded_is_in_the_history(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(exhausted=True)
    today = client.reseller.local_date(timezone.now())
    made = outlooks([client], today)[client.pk].suggestion
    assert made
    lifecycle.contacted(
        client, kind=made.kind, basis=made.basis, channel=Channel.PHONE, by=None
    )
    page = as_alicia.get(f"/clientes/{client.public_id}/")
    assertContains(page, "Contactado")
    assertContains(page, "<ins>teléfono</ins>")
