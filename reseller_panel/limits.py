"""How much of anything may be sent to the site, and whether it can be read at all.

A leaf. Every limit of a request has its name here, stands in docs/api.md ("Límites"),
and is tested in tests/test_limits.py; the shapes of the API's bodies have theirs beside
them (api/schemas/requests.py).
"""

from urllib.parse import unquote, unquote_to_bytes, urlsplit

from django.http import HttpRequest

# Of a page: bytes of what stands behind the "?", of what is posted, and its fields.
QUERY_BYTES_MAX = 8 * 1024
FORM_BYTES_MAX = 256 * 1024
FORM_FIELDS_MAX = 500
# Of a search, wherever there is one: what goes beyond is not looked for, so that more
# is found and never less.
SEARCH_LENGTH_MAX = 100
SEARCH_WORDS_MAX = 8


def search_words(text: str) -> list[str]:
    """The words of a search that count: few, and each once."""
    words = dict.fromkeys(text[:SEARCH_LENGTH_MAX].split())
    return list(words)[:SEARCH_WORDS_MAX]


def fault_of(request: HttpRequest) -> int:
    """The status with which to refuse what a page cannot be asked: 400 for what is no
    text or no address, 413 for what is too large; 0 if there is nothing wrong.

    PostgreSQL keeps no NUL and urlsplit raises, and what raises after something was
    written says that it was not. So this is asked before anything else.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        return 400
    if len(length) > 12 or int(length) > FORM_BYTES_MAX:
        return 413
    here = request.headers.get("HX-Current-URL", "")
    texts = [
        request.path_info,
        *request.COOKIES.values(),
        *(v for name, v in request.headers.items() if name.startswith("Hx-")),
    ]
    is_fine = (
        not any("\0" in text or "\0" in unquote(text) for text in texts)
        and is_readable(request.META.get("QUERY_STRING", ""))
        # Its filters are read as if they had been asked; htmx may have encoded it.
        and all(_is_address(url) for url in (here, unquote(here)))
    )
    return 0 if is_fine else 400


def is_readable(query: str) -> bool:
    """Whether what stands behind the "?" of an address is a text, and not too long."""
    if not _is_short(query):
        return False
    # A WSGI server gives bytes as if they were Latin-1.
    sent = unquote_to_bytes(query.encode("latin-1", "replace"))
    return b"\0" not in sent and _is_utf8(sent)


def _is_utf8(sent: bytes) -> bool:
    try:
        sent.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_short(query: str) -> bool:
    return len(query) <= QUERY_BYTES_MAX and query.count("&") < FORM_FIELDS_MAX


def _is_address(url: str) -> bool:
    try:
        return _is_short(urlsplit(url).query)
    except ValueError:
        return False
