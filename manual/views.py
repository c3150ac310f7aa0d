"""The views of the manual: contents with search, one chapter, everything to print."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import replace_url

from manual.chapters import Chapter, open_to
from manual.contents import read
from manual.search import search
from reseller_panel import web
from reseller_panel.limits import SEARCH_LENGTH_MAX


@login_not_required
@require_GET
def contents(request: HttpRequest) -> HttpResponse:
    """The table of contents, or the results of a search."""
    asked = request.GET.get("q", "").strip()[:SEARCH_LENGTH_MAX]
    chapters = open_to(request.user)
    context = _around(request) | {
        "asked": asked,
        "found": search(chapters, asked) if asked else [],
        "longest": SEARCH_LENGTH_MAX,
    }
    response = web.render_page(
        request, "manual/contents.html", context, fragment="manual/_results.html"
    )
    return replace_url(response, request.get_full_path())


@login_not_required
@require_GET
def chapter(request: HttpRequest, chapter: Chapter) -> HttpResponse:
    chapters = open_to(request.user)
    if chapter not in chapters:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    at = chapters.index(chapter)
    context = _around(request) | {
        "chapter": chapter,
        "text": read(chapter),
        "before": chapters[at - 1] if at else None,
        "after": chapters[at + 1] if at + 1 < len(chapters) else None,
        "longest": SEARCH_LENGTH_MAX,
    }
    return render(request, "manual/chapter.html", context)


@login_not_required
@require_GET
def whole(request: HttpRequest) -> HttpResponse:
    """Everything that the person may read, on one page to print."""
    return render(request, "manual/whole.html", _around(request))


def _around(request: HttpRequest) -> dict[str, Any]:
    """What every page needs: its layout (the panel, or none without a log-in), and the
    chapters that the person may read."""
    known = request.user.is_authenticated
    return {
        "around": "base.html" if known else "_outside.html",
        "chapters": [(one, read(one)) for one in open_to(request.user)],
    }
