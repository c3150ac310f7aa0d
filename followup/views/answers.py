"""The three answers to a suggestion: contacted, postponed, dismissed. No rules here.

Each view gives its form and its verb to `_answer`, which uses clients/views/dialogs.py.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ResellerRequest, reseller_only
from clients import lifecycle
from clients.actions import ANSWERS, Action
from clients.forecast.outlook import Outlook, outlooks
from clients.lifecycle import Outcome
from clients.models import Channel, Client
from clients.views import dialogs, swap_targets
from clients.views.scope import client_of, today_of, undone_seq
from followup import messages
from followup.forms import AnswerForm, ContactForm, DismissForm, PostponeForm
from followup.models import MessageTemplate
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused

CONTACTED, POSTPONE, DISMISS = ANSWERS


class NothingSuggested(Refused):
    code = "nothing_suggested"

    def __init__(self, client: Client) -> None:
        super().__init__(f"Ya no hay nada que sugerir a {client}.")


class SuggestionChanged(Refused):
    code = "suggestion_changed"

    def __init__(self, client: Client) -> None:
        super().__init__(
            f"Lo que se sugiere a {client} cambió mientras tanto. Recargue la página y "
            "vuelva a verlo."
        )


@require_http_methods(["GET", "POST"])
@reseller_only
def postpone(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    return _answer(
        request,
        POSTPONE,
        client_of(request, public_id),
        lambda initial: PostponeForm(
            request.POST or None, today=today_of(request), initial=initial
        ),
        lifecycle.postpone,
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def dismiss(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    return _answer(
        request,
        DISMISS,
        client_of(request, public_id),
        lambda initial: DismissForm(request.POST or None, initial=initial),
        lifecycle.dismiss,
    )


@require_http_methods(["GET", "POST"])
@reseller_only
def contacted(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Shows the ready-made message and links that open it in mail or WhatsApp. The
    person sends it there; the same click records the channel."""
    client = client_of(request, public_id)
    likely = Channel.WHATSAPP if client.contact_phone else Channel.EMAIL
    return _answer(
        request,
        CONTACTED,
        client,
        lambda initial: ContactForm(
            request.POST or None, initial={**initial, "channel": likely}
        ),
        lifecycle.contacted,
        message=lambda outlook: _message(request, client, outlook),
    )


def _message(
    request: ResellerRequest, client: Client, outlook: Outlook
) -> dict[str, Any]:
    made = outlook.suggestion
    assert made
    own = MessageTemplate.objects.filter(reseller=request.reseller, kind=made.kind)
    words = messages.own_or_default(own.first(), made.kind)
    values = messages.values_for(made.kind, client, outlook, today_of(request))
    message = messages.fill(words, values)
    phone = client.contact_phone
    return {
        "message": message,
        "mail_url": messages.mail_url(client.contact_email, message),
        "whatsapp_url": messages.whatsapp_url(phone, message) if phone else "",
        "words_url": f"{reverse('followup:messages')}?de={made.kind.value}",
    }


def _answer(
    request: ResellerRequest,
    action: Action,
    client: Client,
    form_of: Callable[[dict[str, Any]], AnswerForm],
    verb: Callable[..., Outcome],
    *,
    message: Callable[[Outlook], dict[str, Any]] = lambda _: {},
) -> HttpResponse:
    """Calls dialogs.perform with what is suggested to the client at this moment."""
    outlook = outlooks([client], today_of(request))[client.pk]
    suggestion = outlook.suggestion
    form = form_of({"basis": suggestion.basis if suggestion else ""})

    def why_not(client: Client) -> Refused | None:
        """Refuses an answer if the suggestion has changed since it was shown."""
        if suggestion is None:
            return NothingSuggested(client)
        seen = form.data.get("basis") if form.is_bound else suggestion.basis
        changed = seen and seen != suggestion.basis
        return SuggestionChanged(client) if changed else None

    def do(data: dict[str, Any]) -> Outcome:
        if refusal := why_not(client):
            raise refusal
        assert suggestion
        return verb(client, kind=suggestion.kind, by=request.user, **data)

    def done(outcome: Outcome) -> HttpResponse:
        url = reverse("followup:resume", args=[client.public_id])
        undo = f"{url}?deshacer={outcome.seq}" if outcome.changed else ""
        return _changed(request, client, web.Toast(outcome.message, undo_url=undo))

    return dialogs.perform(
        request,
        action,
        client,
        form=form,
        do=do,
        done=done,
        template=f"followup/dialogs/{action.verb}.html",
        back=reverse("followup:tray"),
        context=lambda _: {"suggestion": suggestion} | message(outlook),
        why_not=why_not,
    )


@require_POST
@reseller_only
def resume(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Reanudar, and the undo of every answer: of the one that was seen."""
    client = client_of(request, public_id)
    try:
        outcome = lifecycle.resume(client, by=request.user, undoing=undone_seq(request))
    except Refused as refused:
        return _changed(request, client, web.Toast(str(refused), level="warn"))
    return _changed(request, client, web.Toast(outcome.message))


def _changed(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    if renderer := swap_targets.renderer_for(request):
        return renderer(request, client, toast)
    back = way_back.page_of(request, otherwise=reverse("followup:tray"))
    return web.redirect(request, back, toast)
