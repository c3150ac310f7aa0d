"""The cells of the table as markup, a function for each kind of column.

Functions and no templates, because a page has hundreds of them, and each would take a
tenth of a millisecond more. Every value is escaped by format_html; no rule stands here.
`carry` adds the way back to this list to a URL.
"""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from clients.rows import Row
from reseller_panel.spanish import abbreviated_day, relative_day
from reseller_panel.templatetags.panel import icon

if TYPE_CHECKING:
    from clients.columns import Cell, TableRow, Value

Carry = Callable[[str], str]
Draw = Callable[["TableRow", "Cell", Carry], SafeString]
_NOTHING = format_html("{}", "")
_INCOMPLETE = format_html(
    ' <span class="badge warn" title="{}">datos incompletos</span>',
    "Falta el régimen, el código postal o el correo",
)


def name(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    client = row.client
    folded = _NOTHING
    if row.folds_creation:
        day = abbreviated_day(client.reseller.local_date(client.created_at))
        folded = format_html('<span class="c-folded"> · creado {}</span>', day)
    missing = _INCOMPLETE if client.missing else _NOTHING
    return format_html(
        '<a href="{}" title="{}">{}</a><label class="choose">'
        '<input type="checkbox" class="box" form="choose" name="cliente" '
        'value="{}" aria-label="Elegir {}"></label>\n'
        '<div class="sub"><span class="mono">{}</span>{}{}</div>',
        carry(client.get_absolute_url()),
        cell.value,
        cell.value,
        client.public_id,
        cell.value,
        client.rfc,
        folded,
        missing,
    )


def text(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    return format_html('<span title="{}">{}</span>', cell.value, cell.value)


def number(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    return format_html("{}", f"{cell.value:,}")


def email(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    if not (to := cell.value):
        return _NOTHING
    return format_html('<a href="mailto:{}" title="{}">{}</a>', to, to, to)


def phone(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    if not cell.value:
        return _NOTHING
    return format_html('<a href="tel:{}">{}</a>', row.client.contact_phone, cell.value)


def plan(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    before, mine = _NOTHING, row.client.plan
    if mine.is_customized:
        before = format_html('<div class="sub">antes {}</div>', mine.package.name)
    return format_html('<div title="{}">{}</div>{}', cell.value, cell.value, before)


def folios(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    return format_html(
        '<b>{}</b> <span class="sub">· plan {}</span>{}',
        f"{cell.value:,}",
        f"{row.client.plan.folios:,}",
        meter(row),
    )


def last(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    if not cell.value:
        return _NOTHING
    return format_html('<span title="{}">{}</span>', row.forecast_sentence, cell.value)


def created(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    moment = timezone.localtime(row.client.created_at).isoformat()
    return _time(moment, cell.value)


def day(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    if not isinstance(cell.value, date):
        return _none(cell)
    ago = relative_day(cell.value, row.today)
    shown = _time(f"{cell.value}", cell.value)
    return format_html('{}<div class="sub">{}</div>', shown, ago)


def term(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    shown, below = _none(cell), _NOTHING
    if isinstance(cell.value, date):
        shown = _time(f"{cell.value}", cell.value)
        soon = " soon" if row.expires_soon else ""
        ago = relative_day(cell.value, row.today)
        below = format_html('<div class="sub{}">{}</div>', soon, ago)
    if row.stop_label:
        below = format_html(
            '<div class="sub soon"><span class="plus" tabindex="0">{}'
            '<span class="says">{}</span></span></div>',
            row.stop_label,
            row.stop_sentence,
        )
    return format_html("{}{}", shown, below)


def _time(moment: str, value: "Value") -> SafeString:
    assert isinstance(value, date)
    words = abbreviated_day(value)
    return format_html('<time datetime="{}">{}</time>', moment, words)


def _none(cell: "Cell") -> SafeString:
    return format_html('<span class="sub">{}</span>', cell.column.none)


def status(row: "TableRow", cell: "Cell", carry: Carry) -> SafeString:
    return format_html(
        '<div class="marks">{}{}</div>', marks(row), _suggestion(row, carry)
    )


# ── What other tables and pages show too ──────────────────────────────────────────


def meter(row: Row) -> SafeString:
    """The balance, of what was received."""
    return format_html(
        '<meter aria-label="Folios que quedan de los recibidos" {}>{} de {}</meter>',
        row.meter,
        f"{row.client.balance:,}",
        f"{row.received:,}",
    )


def marks(row: Row) -> SafeString:
    """The status; what else bars the client stands in a tip."""
    shown = format_html(
        '<span class="badge {}">{}{}</span>',
        row.badge.tone,
        icon(row.badge.icon),
        capfirst(row.badge.label),
    )
    if not row.secondary:
        return shown
    return format_html(
        '{}<span class="badge plus" tabindex="0">+{} '
        '<span class="says">también {}</span></span>',
        shown,
        len(row.secondary),
        " y ".join(badge.label for badge in row.secondary),
    )


def _suggestion(row: Row, carry: Carry) -> SafeString:
    """An icon that says what is suggested and why when it is pointed at or focused. A
    click opens its dialog, filled in."""
    found = row.outlook.unanswered if row.outlook else None
    if not found:
        return _NOTHING
    url, opens = row.suggestion_url, _NOTHING
    if row.suggestion_opens:
        opens = format_html(
            ' data-dialog hx-get="{}" hx-target="#dialog" hx-swap="innerHTML"', url
        )
    return format_html(
        '<a class="hint" href="{}"{}>{}<span class="says" hx-disable><b>{}</b>'
        '<span class="why">. {}</span></span>'
        '<span class="vh" hx-disable>: {}</span></a>',
        url if opens else carry(url),
        opens,
        icon("lightbulb"),
        capfirst(found.kind.label),
        found.reason,
        row.client.legal_name,
    )
