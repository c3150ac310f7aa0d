"""The cells of a row of the table, and its actions.

A page has hundreds of actions, which differ by the client's id and name only. So their
template is rendered once for all rows that have the same ones, with places for these,
and each row fills them in, escaped.
"""

from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clients import cells
from clients.actions import ACTIONS
from clients.columns import TableRow
from clients.rows import Row
from reseller_panel import way_back

register = template.Library()

register.simple_tag(cells.marks)
register.simple_tag(cells.meter)


@register.simple_tag(takes_context=True)
def row_cells(context: Context, row: TableRow) -> SafeString:
    """{% row_cells row %}: a cell for each column that is shown."""
    carry = partial(way_back.carry, context["request"])
    drawn = (
        (cell.attributes, cell.column.draw(row, cell, carry)) for cell in row.cells
    )
    return format_html_join("\n", "<td {}>{}</td>", drawn)


@register.simple_tag(takes_context=True)
def row_actions(context: Context, row: Row) -> SafeString:
    """{% row_actions row %}"""
    verbs = tuple(link.action.verb for link in row.ordered_actions)
    return format_html(
        _drawn(verbs, row.main_count, uses_letters=_uses_letters(context)),
        id=row.client.public_id,
        name=row.client.legal_name,
        csrf=context.get("csrf_token", ""),
    )


def _uses_letters(context: Context) -> bool:
    """Whether the titles say the keys, to this person."""
    return bool(getattr(context.get("user"), "uses_letters", False))


@cache
def _drawn(verbs: tuple[str, ...], main_count: int, *, uses_letters: bool) -> str:
    """A format string with `id`, `name` and `csrf`."""
    client: Any = SimpleNamespace(public_id="{id}", legal_name="{name}")
    row = {
        "client": client,
        "ordered_actions": [ACTIONS[verb].link(client) for verb in verbs],
        "main_count": main_count,
        "has_more_actions": len(verbs) > main_count,
    }
    context = {"row": row, "csrf_token": "{csrf}", "uses_letters": uses_letters}
    return render_to_string("clients/_row_actions.html", context)
