"""*Teclado*: what each key does, and the switch of the letters. No rules."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import ResellerRequest, reseller_only
from accounts.keyboard import use_letters
from clients.actions import ACTIONS, ANSWERS, letters
from reseller_panel import way_back, web

_SWITCH = {"1": True, "0": False}


@require_http_methods(["GET", "POST"])
@reseller_only
def keyboard(request: ResellerRequest) -> HttpResponse:
    """GET: the dialog, or a page of its own. POST with `letras`, 1 or 0: switches, and
    the page that it was opened from is loaded anew."""
    wanted = request.POST.get("letras", "")
    if request.method == "POST" and wanted in _SWITCH:
        use_letters(request.user, on=_SWITCH[wanted])
        done = "encendidas" if _SWITCH[wanted] else "apagadas"
        toast = web.Toast(f"Las teclas de una letra quedaron {done}.")
        return web.reload(request, toast, otherwise=reverse("keyboard"))
    context = {
        "letters": letters(ACTIONS.values()),
        "answer_letters": letters(ANSWERS),
        "back": way_back.page_of(request, otherwise=reverse("home")),
    }
    status = 422 if request.method == "POST" else 200
    return web.render_dialog(request, "clients/keyboard.html", context, status=status)
