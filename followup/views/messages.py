"""The messages: one for each kind of suggestion, and one to many clients at once."""

from typing import NamedTuple, Self
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import ResellerRequest, reseller_only
from clients.actions import WRITE
from clients.forecast.outlook import outlooks
from clients.models import BulkRun, Client, SuggestionKind
from clients.paging import clients_of
from clients.views.scope import today_of
from followup import messages as words
from followup import own_words
from followup.forms import MessageForm, WordsForm
from followup.messages import Message
from followup.models import MessageTemplate
from followup.tray import example_of
from reseller_panel import way_back, web
from reseller_panel.stale import ChangedMeanwhile

way_back.register("followup:messages", "", is_list=False)
way_back.register("followup:write", "", is_list=False)


@require_http_methods(["GET", "POST"])
@reseller_only
def messages(request: ResellerRequest) -> HttpResponse:
    """One kind at a time (`?de=renewal`): its message, the fields that it may have, and
    an example for a real client. POST saves it, or restores the default."""
    kind = _kind_of(request)
    own = MessageTemplate.objects.filter(reseller=request.reseller, kind=kind).first()
    is_preview = web.wants(request, "preview")
    data = request.GET if is_preview else request.POST or None
    form = MessageForm(data, kind=kind, message=words.own_or_default(own, kind))
    status = 200
    if request.method == "POST":
        try:
            if "restaurar" in request.POST:
                return _restored(request, kind, form)
            if form.is_valid():
                return _kept(request, kind, form)
            status = 422
        except ChangedMeanwhile as refused:
            form.is_valid()
            form.add_conflicts(refused)
            status = 409
    message = form.message if form.is_bound and form.is_valid() else form.former
    context = {
        "kind": kind,
        "kinds": SuggestionKind,
        "form": form,
        "is_own": own is not None,
        "way_back": way_back.list_of(request),
        "fields": words.fields_of(kind),
        "example": None if form.errors else _example(request, kind, message),
    }
    if is_preview:
        return render(request, "followup/_example.html", context)
    return render(request, "followup/messages.html", context, status=status)


# Links to write at a time: each is a message of its own.
WRITTEN = 100


@require_http_methods(["GET", "POST"])
@reseller_only
def write(request: ResellerRequest, public_id: UUID) -> HttpResponse:
    """The same message to many, each with its own facts, as links that open it in the
    person's own WhatsApp or mail. POST shows the links; nothing is sent from here."""
    runs = BulkRun.objects.visible_to(request.user).filter(verb=WRITE.verb)
    run = get_object_or_404(runs, public_id=public_id)
    data = request.POST if request.method == "POST" else None
    form = WordsForm(data, initial=vars(words.TO_MANY))
    rows = run.rows.order_by("place").values_list("client", flat=True)
    page = Paginator(rows, WRITTEN).get_page(request.POST.get("pagina"))
    clients = clients_of([*page])
    message = form.message if form.is_bound and form.is_valid() else None
    context = {
        "run": run,
        "form": form,
        "page": page,
        "fields": words.fields_of(None),
        "letters": [Letter.to(client, message) for client in clients if message],
        "clients": clients,
        "way_back": way_back.list_of(request),
    }
    status = 422 if form.errors else 200
    return render(request, "followup/write.html", context, status=status)


class Letter(NamedTuple):
    """A message to one client, and the links that open it."""

    client: Client
    text: str
    mail_url: str
    whatsapp_url: str

    @classmethod
    def to(cls, client: Client, message: Message) -> Self:
        filled = words.fill(message, words.any_values_for(client))
        phone = client.contact_phone
        return cls(
            client,
            filled.text,
            words.mail_url(client.contact_email, filled),
            words.whatsapp_url(phone, filled) if phone else "",
        )


def _kind_of(request: ResellerRequest) -> SuggestionKind:
    try:
        return SuggestionKind(request.GET.get("de", SuggestionKind.FOLIOS))
    except ValueError:
        raise Http404 from None


def _example(
    request: ResellerRequest, kind: SuggestionKind, message: Message
) -> tuple[Client, Message] | None:
    """The message for a client with this suggestion today, or else for any client."""
    today = today_of(request)
    client = example_of(request.reseller, today, kind)
    if client is None:
        return None
    outlook = outlooks([client], today)[client.pk]
    values = words.values_for(kind, client, outlook, today)
    return client, words.fill(message, values)


def _kept(
    request: ResellerRequest, kind: SuggestionKind, form: MessageForm
) -> HttpResponse:
    own_words.keep(
        request.reseller,
        kind,
        form.message,
        seen=form.message_seen(),
        by=request.user,
    )
    return _back(request, kind, "Mensaje guardado.")


def _restored(
    request: ResellerRequest, kind: SuggestionKind, form: MessageForm
) -> HttpResponse:
    own_words.restore(request.reseller, kind, seen=form.message_seen())
    return _back(request, kind, "El mensaje es otra vez el original.")


def _back(request: ResellerRequest, kind: SuggestionKind, message: str) -> HttpResponse:
    url = way_back.carry(request, f"{reverse('followup:messages')}?de={kind.value}")
    return web.redirect(request, url, web.Toast(message))
