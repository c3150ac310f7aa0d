"""The limits of a request, and the check that it can be read at all.

A leaf. docs/api.md ("Límites") states every limit, tests/test_limits.py tests them. The
limits of the API's fields are in api/schemas/requests.py.
"""

from urllib.parse import unquote, unquote_to_bytes, urlsplit

from django.http import HttpRequest

# For pages: bytes of a query string and of a posted body, and the number of fields.
QUERY_BYTES_MAX = 8 * 1024
FORM_BYTES_MAX = 256 * 1024
FORM_FIELDS_MAX = 500
# The pages to which a file is sent besides: its bytes (sat/documents.py), and some of
# its envelope, so that what is a little too large is refused in words.
FILE_BYTES_MAX = 1024 * 1024
# A file of clients (clients/importing/reading.py).
IMPORT_BYTES_MAX = 20 * 1024 * 1024
PAGES_WITH_A_FILE = {
    "/clientes/nuevo/": FILE_BYTES_MAX,
    "/clientes/importar/": IMPORT_BYTES_MAX,
    # Stamped documents, in a ZIP or loose (clients/documents.py).
    "/clientes/cfdi/": IMPORT_BYTES_MAX,
}
# For every search. The rest is ignored, so a longer search finds more, never less.
SEARCH_LENGTH_MAX = 100
SEARCH_WORDS_MAX = 8
# How often, for allauth: a number, a span, and of what.
LOGIN_RATES = {
    # Wrong passwords: of an address, and of an account from one address.
    "login_failed": "10/m/ip,5/300s/key",
    # Of an account from all addresses together (accounts/login_limits.py).
    "login_failed_account": "50/h/key",
    # Welcome e-mails that one reseller sends (clients/mail.py).
    "welcome_mail": "100/h/key",
    # Times that spreadsheets read one link of a saved view (accounts/sheet_links.py).
    "sheet": "10/m/key",
}


def search_words(text: str) -> list[str]:
    """The first few distinct words of a search."""
    words = dict.fromkeys(text[:SEARCH_LENGTH_MAX].split())
    return list(words)[:SEARCH_WORDS_MAX]


def fault_of(request: HttpRequest) -> int:
    """The status with which a page refuses this request, or 0.

    400: something is not text or not a URL; 413: the body is too large. PostgreSQL
    stores no NUL and urlsplit raises ValueError. An exception after a write would
    report a failure that did not happen, so this is checked before anything else.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        return 400
    if len(length) > 12 or int(length) > _body_max(request.path_info):
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
        # Its query string is parsed like a request's; htmx may have encoded it.
        and all(_is_address(url) for url in (here, unquote(here)))
    )
    return 0 if is_fine else 400


def _body_max(path: str) -> int:
    """The bytes of a body that a page takes: a form, and a file where it has one."""
    return FORM_BYTES_MAX + PAGES_WITH_A_FILE.get(path, 0)


def is_readable(query: str) -> bool:
    """Whether this query string is UTF-8 without NUL, and not too long."""
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
