"""The responses of views: a page or a fragment, a dialog, a changed row and its toast.

A leaf: every app's views use it, and it imports no app. Only this module reads HTMX's
request headers. Business rules and texts of the screen must not be put here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget
from django_htmx.middleware import HtmxDetails

Level = Literal["ok", "info", "warn", "bad"]
Context = Mapping[str, Any]
AnyResponse = TypeVar("AnyResponse", bound=HttpResponse)

_MESSAGE_LEVEL: dict[Level, int] = {
    "ok": messages.SUCCESS,
    "info": messages.INFO,
    "warn": messages.WARNING,
    "bad": messages.ERROR,
}


# --- The toast ------------------------------------------------------------------


@dataclass(frozen=True)
class Toast:
    """A sentence about what just happened, with an undo where there is one.

    `undo_url` is posted to; `undo_target` is the selector that its response replaces,
    by default the one that the first response replaced.
    """

    message: str
    level: Level = "ok"
    undo_url: str = ""
    undo_target: str = ""

    @classmethod
    def of(cls, message: Message) -> "Toast":
        """The toast of a Django message, from `say` (before a redirect) or allauth."""
        tags = message.extra_tags or ""
        by_number = {number: level for level, number in _MESSAGE_LEVEL.items()}
        return cls(
            str(message.message),
            level=by_number.get(message.level, "info"),
            undo_url=tags if tags.startswith("/") else "",
        )


def say(request: HttpRequest, toast: Toast) -> None:
    """Show the toast on the next page. The message's extra tags are the undo's URL."""
    messages.add_message(
        request, _MESSAGE_LEVEL[toast.level], toast.message, extra_tags=toast.undo_url
    )


# --- The request ----------------------------------------------------------------


def htmx(request: HttpRequest) -> HtmxDetails:
    """HTMX's headers of the request; false for a request without HTMX."""
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return details


def wants(request: HttpRequest, target: str) -> bool:
    """Whether the response will be put into the element with this id."""
    return bool(htmx(request)) and htmx(request).target == target


def page_path(request: HttpRequest) -> str:
    """The path of the page that sent this HTMX request; nothing without HTMX."""
    here = htmx(request).current_url_abs_path or ""
    return here.partition("?")[0] if htmx(request) else ""


def form_data(request: HttpRequest) -> QueryDict | None:
    """The posted data, or what is typed so far if only the preview is requested."""
    if request.method == "POST":
        return request.POST
    return request.GET if wants(request, "preview") else None


# --- The responses --------------------------------------------------------------


def render_page(
    request: HttpRequest,
    template: str,
    context: Context,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or only its `fragment` for an HTMX request."""
    if fragment and htmx(request) and not htmx(request).history_restore_request:
        template = fragment
    response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def render_dialog(
    request: HttpRequest, template: str, context: Context, *, status: int = 200
) -> HttpResponse:
    """A template that extends _dialog.html: the content of the dialog, or a page of
    its own without JavaScript. 409 and 422 show the same dialog again, with reasons."""
    around = "_bare.html" if htmx(request) else "base.html"
    context = {**context, "layout": "_dialog.html", "around": around}
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return refuse(response) if htmx(request) else response


def refuse(response: AnyResponse) -> AnyResponse:
    """Send a response to the dialog, whatever the target of the request is."""
    return reswap(retarget(response, "#dialog"), "innerHTML")


def changed(
    request: HttpRequest,
    template: str | None,
    context: Context,
    toast: Toast | None = None,
    *,
    also: Sequence[str] = (),
) -> HttpResponse:
    """The changed row (or other swap target) and, out of band, the toast and the
    fragments of `also`. Without a template the target disappears.

    A fragment of `also` gets `oob=True` in its context and must then have
    hx-swap-oob="true". Out-of-band elements are inside a <template>: after a <tr> the
    parser would take them for a part of the table and empty their forms.
    """
    aside = []
    if toast:
        if toast.undo_url and not toast.undo_target and htmx(request).target:
            toast = replace(toast, undo_target=f"#{htmx(request).target}")
        aside.append(
            render_to_string("_toast.html", {"toast": toast, "oob": True}, request)
        )
    aside += [
        render_to_string(fragment, {**context, "oob": True}, request)
        for fragment in also
    ]
    body = render_to_string(template, dict(context), request) if template else ""
    if aside:
        body += "<template>" + "".join(aside) + "</template>"
    return HttpResponse(body)


def redirect(
    request: HttpRequest, url: str, toast: Toast | None = None
) -> HttpResponseRedirect:
    """Redirect to another page and show the toast there. For an HTMX request the
    middleware turns it into HX-Redirect, which moves the window."""
    if toast:
        say(request, toast)
    return HttpResponseRedirect(url)


def reload(request: HttpRequest, toast: Toast, *, otherwise: str) -> HttpResponse:
    """Load the page anew that is open, with the toast; without HTMX, `otherwise`."""
    if not htmx(request):
        return redirect(request, otherwise, toast)
    say(request, toast)
    return HttpResponseClientRefresh()
