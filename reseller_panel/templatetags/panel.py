"""Template tags and filters: icons, form fields, sortable columns, and numbers and days
as Mexico writes them. Presentation only: no rules, no queries.
"""

from functools import cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reseller_panel import browsers, icons, spanish, way_back
from reseller_panel.web import Toast

register = template.Library()


# --- Pieces of a page -----------------------------------------------------------


@register.simple_tag
@cache  # a page has two hundred
def icon(name: str, extra: str = "") -> SafeString:
    """{% icon "coins" %}: decoration only; the text beside it has the meaning."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"/></svg>',
        f"i {extra}".strip(),
        icons.url_of(name),
    )


@register.inclusion_tag("_field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """{% field form.reason %}: label, control, help and errors, tied together.

    `class` is added to the wrapper, `label` and `help` replace the field's own,
    `optional=True` says beside it that it may stay empty, and `placeholder=False`
    leaves out a placeholder that the form brings along.
    """
    if "help" in options:
        bound.help_text = options["help"]
    if not options.get("placeholder", True):
        bound.field.widget.attrs.pop("placeholder", None)
    _focus_on_errors(bound)
    return {
        "field": bound,
        "label": options.get("label", bound.label),
        "class": options.get("class", ""),
        "is_optional": options.get("optional", False),
        "kind": bound.widget_type,
        "is_group": bound.field.widget.use_fieldset,
    }


def _focus_on_errors(bound: BoundField) -> None:
    """Of a form that was refused, give the focus to the first wrong field: a browser
    takes the first element with `autofocus`, a script `aria-invalid`."""
    attrs = bound.field.widget.attrs
    if bound.form.errors:
        attrs.pop("autofocus", None)
    if bound.errors:
        attrs["autofocus"] = True


@register.inclusion_tag("_sort_header.html", takes_context=True)
def sort_header(
    context: Context, key: str, label: str, current: str, **options: Any
) -> dict[str, Any]:
    """{% sort_header "vigencia" "Vigencia" filter.sort %}: a heading that sorts.

    The first click sorts in ascending order (in descending order with `first="-"`), the
    next one the other way. It goes to the first page and keeps every filter. `words`,
    a key of _WAYS, names both orders; `by` says by what, if the label does not. `also`
    and `also_label` are a second key of the same column, with the class `also_class`
    and words of its own, `also_by` and `also_words`. `chooses`: it has the box that
    checks those of all rows.
    """
    sorts = [{"label": label} | _sort(context, key, label, current, options)]
    if other := options.get("also", ""):
        label = options["also_label"]
        own = {name: options.get(f"also_{name}", "") for name in ("by", "words")}
        second = _sort(context, other, label, current, own)
        sorts.append({"label": label, "class": options["also_class"]} | second)
    return {
        "class": options.get("class", ""),
        "sorts": sorts,
        "chooses": options.get("chooses", False),
    }


# What the two orders of a column are called: ascending, descending.
_WAYS = {
    "": ("en orden ascendente", "en orden descendente"),
    "letters": ("de la A a la Z", "de la Z a la A"),
    "numbers": ("de menor a mayor", "de mayor a menor"),
    "days": ("del más cercano al más lejano", "del más lejano al más cercano"),
    "terms": ("de la más cercana a la más lejana", "de la más lejana a la más cercana"),
    "age": ("primero los más antiguos", "primero los más nuevos"),
    "status": ("primero los que no timbran", "primero los que timbran"),
}


_DIRECTION = {False: "ascending", True: "descending"}


def _sort(
    context: Context, key: str, label: str, current: str, options: dict[str, Any]
) -> dict[str, Any]:
    """How the table is sorted by this key now, if it is, and by the next click."""
    ways = dict(zip((key, f"-{key}"), _WAYS[options.get("words", "")], strict=True))
    by = options.get("by") or f"{label[:1].lower()}{label[1:]}"
    following = f"{options.get('first', '')}{key}"
    if current in ways:
        following = key if current == f"-{key}" else f"-{key}"
    is_now = current in ways
    is_down = (current if is_now else following).startswith("-")
    now = f"Ordenado por {by}, {ways[current]}. " if is_now else ""
    then = f"Pulse para ordenar {ways[following]}."
    return {
        "direction": _DIRECTION[is_down] if is_now else "",
        "icon": "chevron-down" if is_down else "chevron-up",
        "says": now + then if is_now else f"Ordenar por {by}, {ways[following]}",
        "url": _sorted_by(context, following),
    }


def _sorted_by(context: Context, key: str) -> str:
    query = context["request"].GET.copy()
    for name in ("pagina", "despues", "antes"):
        query.pop(name, None)
    query["orden"] = key
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def carry(context: Context, url: str) -> str:
    """{% carry client.get_absolute_url %}: the URL, with the way back to this list."""
    return way_back.carry(context["request"], url)


@register.filter
def as_toast(message: Message) -> Toast:
    return Toast.of(message)


@register.filter
def browser(user_agent: str) -> str:
    """«Chrome en Linux»"""
    return browsers.named(user_agent)


# --- Numbers and days -----------------------------------------------------------

register.filter(spanish.counted)
register.filter(spanish.money)
register.filter(spanish.relative_day)


@register.filter
def folios(number: int) -> str:
    """1,234"""
    return f"{number:,}"


@register.filter
def rows(number: int) -> str:
    """«1 renglón», «1,234 renglones»"""
    return spanish.counted(number, "renglón", "renglones")


@register.filter
def signed(number: int) -> str:
    """+1,234, and −5 with the sign that is as wide as the plus."""
    return f"{number:+,}".replace("-", "\N{MINUS SIGN}")
