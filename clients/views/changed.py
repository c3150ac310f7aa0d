"""What is shown after something was done to a client: its row, the toast with the undo,
the counts. What was done is verbs.py and undo.py.
"""

from dataclasses import replace

from django.http import HttpResponse
from django.urls import reverse

from accounts.access import ResellerRequest
from clients import mail
from clients.actions import ACTIONS
from clients.lifecycle import Outcome
from clients.models import Client
from clients.views import swap_targets
from clients.views.scope import client_of
from clients.views.table import row_of
from reseller_panel import way_back, web
from reseller_panel.refusals import Refused


def after_success(
    request: ResellerRequest, verb: str, outcome: Outcome
) -> HttpResponse:
    """The one changed row, with the undo in its toast."""
    inverse, undo_url = ACTIONS[verb].undo, ""
    if inverse and outcome.changed:
        url = reverse(f"clients:{inverse}", args=[outcome.client.public_id])
        undo_url = f"{url}?deshacer={outcome.seq}"
    toast = replace(welcomed(request, outcome), undo_url=undo_url)
    return row(request, outcome.client, toast)


def welcomed(request: ResellerRequest, outcome: Outcome) -> web.Toast:
    """Tell the person whom the account was given to by e-mail. What was done stays done
    if the e-mail fails: the toast says both."""
    if outcome.given is None:
        return web.Toast(outcome.message)
    try:
        mail.send_welcome(outcome.client, request)
    except (OSError, mail.TooManyWelcomes) as error:
        return web.Toast(
            f"{outcome.message} El correo de bienvenida no salió"
            f"{mail.why_not_sent(error)}; el cliente puede pedir su contraseña en «¿Ha "
            "olvidado su contraseña?».",
            level="warn",
        )
    said = f"{outcome.message} Se envió la bienvenida a {outcome.given.email}."
    return web.Toast(said)


def row(request: ResellerRequest, client: Client, toast: web.Toast) -> HttpResponse:
    """The row as it is now (or what its page has in its place: swap_targets.py), the
    toast, the counts."""
    if not web.htmx(request):
        back = way_back.page_of(request, otherwise=client.get_absolute_url())
        return web.redirect(request, back, toast)
    if renderer := swap_targets.renderer_for(request):
        return renderer(request, client, toast)
    fresh = client_of(request, client.public_id)
    return web.changed(
        request,
        "clients/_row.html",
        row_of(request, fresh),
        toast,
        also=("clients/_chips.html", "clients/_totals.html"),
    )


def after_refused_undo(
    request: ResellerRequest, client: Client, refused: Refused
) -> HttpResponse:
    """An undo asks nothing: why it is refused is said where the row is shown."""
    response = row(request, client, web.Toast(str(refused), level="warn"))
    if web.htmx(request):
        response.status_code = 409
    return response
