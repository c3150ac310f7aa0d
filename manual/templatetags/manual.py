"""The template tags of the manual's chapters: sections and pictures."""

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from manual.contents import Section
from manual.pictures import PICTURES, file_of

register = template.Library()


@register.simple_block_tag(takes_context=True)
def section(
    context: Context, content: SafeString, title: str, icon: str = "", words: str = ""
) -> str:
    """{% section "Título" words="otras palabras" %}…{% endsection %}: collected for
    manual/contents.py, and not rendered in place."""
    said = mark_safe(content.strip())  # noqa: S308  str.strip forgets that it is safe
    context["sections"].append(Section(title, said, icon, words))
    return ""


@register.simple_tag
def picture(name: str, alt: str, caption: str) -> SafeString:
    """{% picture "clients" "Qué se ve" "Al pie" %}: made by `make pictures`."""
    width, height = PICTURES[name]
    return format_html(
        '<figure><img src="{}" alt="{}" width="{}" height="{}" loading="lazy">'
        "<figcaption>{}</figcaption></figure>",
        static(file_of(name)),
        alt,
        width,
        height,
        caption,
    )
