"""Middleware: no private page is cached, every response has a content policy, API calls
skip what only pages need, and HTMX never puts an error or a log-in inside a row of a
table.

Views need not know of errors and redirects in HTMX requests; they are handled here.
"""

import logging
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from csp.constants import HEADER as POLICY_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.cache import patch_vary_headers
from django.views.defaults import page_not_found
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from reseller_panel.bodies import TooManyReaders
from reseller_panel.limits import fault_of
from reseller_panel.problems import RETRY_AFTER
from reseller_panel.web import Toast, htmx

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

# Refusals with an explanation (conflict, invalid form): shown in place, not errors.
_ANSWERS = (409, 422)

# The text of an error, by status. Other statuses below 500 have the text of 400.
_SAY = {
    400: "No se pudo atender la solicitud. Recargue la página e inténtelo de nuevo.",
    403: "Su sesión cambió o ya no tiene permiso. No se guardó nada: entre en otra "
    "pestaña y vuelva a intentarlo aquí.",
    404: "Ya no existe o ya no puede verlo. Recargue la página.",
    413: "Lo que se envió es demasiado grande.",
    429: "Demasiados intentos. Espere un momento y vuelva a intentarlo.",
    500: "Algo falló de nuestro lado. Antes de repetirlo, vea en otra pestaña si el "
    "cambio quedó hecho.",
    503: "No se pudo atender ahora. Espere un momento; antes de repetirlo, vea en otra "
    "pestaña si el cambio quedó hecho.",
}


class PrivateByDefaultMiddleware:
    """Pages contain private data, so no browser or proxy caches a response unless its
    view says otherwise. `Vary` distinguishes the page and the fragments of a URL.

    What CSPMiddleware does not see (calls of the API, static files, requests refused
    before it) has the same policy."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request", "Cookie"])
        # Django's page of an error, for developers, has styles of its own.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.headers.setdefault(POLICY_HEADER, self.policy)
        return response


class OwnNotFoundMiddleware:
    """Our page for what is not there also with DEBUG on, where Django's would list all
    URLs. The demo is shown to people; a 500 keeps its traceback for developers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if not (settings.DEBUG and is_page and response.status_code == 404):
            return response
        if response.has_header("HX-Retarget"):  # it is a toast already
            return response
        return page_not_found(request, Http404())


# Where the calls of programs are: the API, and what spreadsheets read.
_PROGRAMS = ("/api/", "/hojas/")


class ProgramsMiddleware:
    """Runs the calls of programs without the middleware below: they have no session, no
    person and no page, and that middleware costs more than the call. Other addresses
    there, such as the API's pages, go on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_PROGRAMS):
            return self.get_response(request)
        match = resolve(request.path_info)
        if not getattr(match.func, "is_call", False):
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response


_ADMIN_REFUSES = (ValueError, FieldDoesNotExist, FieldError, IntegrityError)


class ReadableMiddleware:
    """Refuses requests that no page can read (limits.py), before a session, a filter or
    a row is looked up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        status = fault_of(request)
        return _refuse(request, status) if status else self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """The admin uses some parameters unchecked (ids, field names), and its forms do
        not check constraints on fields they do not show. Its transaction has been
        rolled back by now."""
        match = request.resolver_match
        if match is None or match.app_name != "admin":
            return None
        if not isinstance(exception, _ADMIN_REFUSES):
            return None
        log.warning("Refused in the admin: %s", request.path, exc_info=exception)
        return _refuse(request, 400)


def _refuse(request: HttpRequest, status: int) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return _toast(request, status)
    return render(request, "400.html", status=status)


class HtmxErrorsMiddleware:
    """For HTMX only: redirects move the window, errors become a toast.

    A response with HX-Retarget already has its target (a refused dialog); 409 and 422
    without it go to the target of the request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not htmx(request):
            return response
        if 300 <= response.status_code < 400 and response.has_header("Location"):
            return _redirect(request, response)
        is_error = response.status_code >= 400 and response.status_code not in _ANSWERS
        if is_error and not response.has_header("HX-Retarget"):
            return _toast(request, response.status_code)
        return response


def _redirect(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Moves the window. After a log-in `next` is the page that was open, because the
    URL of the request may be that of a fragment."""
    url = response["Location"]
    if urlsplit(url).path == resolve_url(settings.LOGIN_URL):
        url = redirect_to_login(htmx(request).current_url_abs_path or "/").url
    moved = HttpResponseClientRedirect(url)
    moved.cookies = response.cookies
    return moved


def _toast(request: HttpRequest, status: int) -> HttpResponse:
    say = _SAY.get(status, _SAY[500 if status >= 500 else 400])
    context = {"toast": Toast(say, level="bad")}
    response = HttpResponse(
        render_to_string("_toast.html", context, request), status=status
    )
    return reswap(retarget(response, "#toasts"), "beforeend")


_BUSY = (OperationalError, InterfaceError, TooManyReaders)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500. If the database or every reader of bodies is busy: 503, try again."""
    if not isinstance(sys.exc_info()[1], _BUSY):
        return HttpResponse(render_to_string("500.html"), status=500)
    headers = {"Retry-After": str(RETRY_AFTER)}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
