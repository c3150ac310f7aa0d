"""The tray, and the three answers to a suggestion. No rules here.

An answer's view gives its form and its verb to `_answer`, which is the path of every
row action: GET shows the dialog, POST does it and answers what its page shows in its
place (clients/places.py); wrong or refused, the same dialog says why.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)
from django_htmx.http import push_url

from accounts.access import ResellerRequest, reseller_only
from clients import lifecycle, places, rules
from clients.actions import ANSWERS, Action
from clients.lifecycle import Outcome
from clients.models import Channel, Client
from clients.offers import Suggestion
from clients.outlook import Outlook, outlooks
from clients.views import client_of, today_of
from followup import messages
from followup.forms import AnswerForm, ContactForm, DismissForm, PostponeForm
from followup.models import MessageTemplate
from followup.tray import Tray, count_of, first_rows, recount
from reseller_panel import web

# ── The tray ──────────────────────────────────────────────────────────────────────


@require_GET
@reseller_only
def tray(request: ResellerRequest) -> HttpResponse:
    context = _context(request, request.GET.dict())
    response = web.render_page(
        request, "followup/tray.html", context, fragment="followup/_answer.html"
    )
    if web.htmx(request):
        push_url(response, f"{request.path}{context['tray'].url}")
    return response


def _context(request: ResellerRequest, asked: Mapping[str, str]) -> dict[str, Any]:
    today = today_of(request)
    return {"tray": Tray(request.reseller, today, asked), "today": today}


@places.shown_at("followup:tray", element="tray")
def tray_again(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    """The tray as its page shows it, after something was done there: whoever does not
    wait any more has left it, and all counts are new."""
    url = web.htmx(request).current_url or ""
    context = _context(request, dict(parse_qsl(urlsplit(url).query)))
    context["count"] = recount(context["tray"])
    also = ("followup/_chips.html", "followup/_count.html")
    return web.changed(request, "followup/_tray.html", context, toast, also=also)


@places.shown_at("home", element="first-rows")
def first_rows_again(
    request: ResellerRequest, client: Client, toast: web.Toast
) -> HttpResponse:
    rows = first_rows(request.reseller, today_of(request))
    context = {"tray": rows, "count": recount(rows)}
    also = ("followup/_count.html",)
    return web.changed(request, "followup/_first_rows.html", context, toast, also=also)


@require_GET
@reseller_only
def count(request: ResellerRequest) -> HttpResponse:
    """The number in the menu: asked for when a page is already there."""
    context = {"count": count_of(request.reseller, today_of(request))}
    return web.render_page(request, "followup/_count.html", context)


CONTACTED, POSTPONE, DISMISS = ANSWERS


# ── The answers ───────────────────────────────────────────────────────────────────


class NothingSuggested(rules.Refused):
    code = "nothing_suggested"

    def __init__(self, client: Client) -> None:
        super().__init__(f"Ya no hay nada que sugerir a {client}.")


class SuggestionChanged(rules.Refused):
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
    """The ready-made message and the links that open it. The person sends it; the same
    click records through what."""
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
    """From click to row, for what is suggested to the client at this moment."""
    outlook = outlooks([client], today_of(request))[client.pk]
    made = outlook.suggestion
    form = form_of({"basis": made.basis if made else ""})
    refusal = _why_not(request, action, client, made, form)
    status = 409 if refusal else 200
    if request.method == "POST" and made and not refusal:
        status = 422
        if form.is_valid():
            try:
                outcome = verb(
                    client, kind=made.kind, by=request.user, **form.cleaned_data
                )
            except rules.Refused as refused:
                form.add_refusal(refused)
                status = 409
            else:
                undo = reverse("followup:resume", args=[client.public_id])
                return _done(request, outcome, undo)
    context = {
        "action": action,
        "client": client,
        "form": form,
        "refusal": refusal,
        "suggestion": made,
        "target": places.target_of(request, client),
        "back": reverse("followup:tray"),
    }
    if not refusal:
        context |= message(outlook)
    return web.render_dialog(
        request, f"followup/dialogs/{action.verb}.html", context, status=status
    )


def _why_not(
    request: ResellerRequest,
    action: Action,
    client: Client,
    made: Suggestion | None,
    form: AnswerForm,
) -> rules.Refused | None:
    """An answer is to what was seen: if the facts changed meanwhile, it is none."""
    if refusal := rules.why_not(action.verb, client, today_of(request)):
        return refusal
    if made is None:
        return NothingSuggested(client)
    seen = form.data.get("basis") if form.is_bound else made.basis
    return SuggestionChanged(client) if seen and seen != made.basis else None


@require_POST
@reseller_only
def resume(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """Reanudar, and the undo of every answer."""
    client = client_of(request, public_id)
    try:
        outcome = lifecycle.resume(client, by=request.user)
    except rules.Refused as refused:
        return _shown(request, client, web.Toast(str(refused), level="warn"))
    return _done(request, outcome)


def _done(
    request: ResellerRequest, outcome: Outcome, undo_url: str = ""
) -> HttpResponse:
    return _shown(
        request, outcome.client, web.Toast(outcome.message, undo_url=undo_url)
    )


def _shown(request: ResellerRequest, client: Client, toast: web.Toast) -> HttpResponse:
    if answer := places.wanted_by(request):
        return answer(request, client, toast)
    return web.redirect(request, reverse("followup:tray"), toast)
