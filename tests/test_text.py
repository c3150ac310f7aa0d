"""Which text is accepted (quality.md, "Bad input"): printable characters without
direction overrides, so that no name can break an export later."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import ApiKey, Reseller, User
from accounts.text import (
    validate_paragraphs,
    validate_plain_text,
)
from clients.models import Client
from packages.models import Package, Service
from reseller_panel.characters import refused_at

GOOD = [
    "",
    "ESCUELA KEMPER URGATE",
    "HERRERIA & ELECTRICOS",
    "ORGANICOS ÑAVEZ OSORIO",
    "«Ganadería» de O'Higgins, S. de R.L. (2°)",
    "<script>alert(1)</script>",
    "=1+1",
    "木村 ✓ 😀 👩‍👩‍👧",
    "n\u0303",
    "❤️ 1️⃣ 🏳️‍🌈 👍🏽 👩🏽‍🚀 ✓︎",
    "ABARROTES\u00a0LA\u3000LUNA",
    "שלום",
]
BAD = {
    "NUL": "a\x00b",
    "tab": "a\tb",
    "line feed": "a\nb",
    "carriage return": "a\rb",
    "escape": "\x1b[31mrojo",
    "delete": "a\x7f",
    "C1": "a\x85b",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "lone surrogate": "a\ud800",
    "other lone surrogate": "\udfffa",
    "left-to-right override": "a\u202db",
    "right-to-left override": "fac\u202etura",
    "embedding": "a\u202ab",
    "pop": "a\u202cb",
    "isolate": "a\u2066b",
    "pop isolate": "a\u2069b",
    "noncharacter": "a\ufffeb",
    "unassigned": "a\U000e0fffb",
    "zero width space": "a\u200bb",
    "zero width non-joiner": "a\u200cb",
    "joiner between letters": "a\u200db",
    "selector after a letter": "a\ufe0fb",
    "left-to-right mark": "a\u200eb",
    "word joiner": "a\u2060b",
    "byte order mark": "a\ufeffb",
    "soft hyphen": "a\u00adb",
    "grapheme joiner": "a\u034fb",
    "Hangul filler": "a\u3164b",
    "Mongolian separator": "a\u180eb",
    "blank of Braille": "a\u2800b",
    "tag": "a\U000e0041b",
    "flag made of tags": "\U0001f3f4\U000e0067\U000e007f",
    "selector of ideographs": "a\U000e0100b",
    "annotation": "a\ufff9b",
    "musical": "a\U0001d173b",
    "private use": "a\ue000b",
    "private plane": "a\U00100000b",
    "last noncharacter": "a\U0010ffffb",
    "noncharacter in the middle": "a\ufdd0b",
}


@pytest.mark.parametrize("text", GOOD)
def test_what_can_be_printed_is_accepted(text: str) -> None:
    validate_plain_text(text)
    validate_paragraphs(text)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_cannot_be_printed_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_plain_text(text)
    assert caught.value.code == "unprintable"
    (message,) = caught.value.messages
    place = refused_at(text)
    assert place is not None
    assert f"(U+{ord(text[place]):04X})" in message
    where = "después de «a»" if text.startswith("a") else ""
    assert where in message
    assert message.endswith(". Bórrelo o escríbalo de nuevo.")
    assert message.isprintable()


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_paragraphs_may_break_lines_and_nothing_more(text: str) -> None:
    if any(char in text for char in "\t\n"):
        validate_paragraphs(text)
    else:
        with pytest.raises(ValidationError):
            validate_paragraphs(text)


@given(text=st.text())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_accepted_text_survives_utf_8_and_is_one_line(text: str) -> None:
    try:
        validate_plain_text(text)
    except ValidationError:
        return
    assert text.encode().decode() == text
    assert len(text.splitlines()) <= 1
    assert "\x00" not in text


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Reseller, "name"),
        (User, "name"),
        (ApiKey, "name"),
        (Package, "name"),
        (Service, "name"),
        (Client, "legal_name"),
        (Client, "contact_name"),
    ],
)
def test_every_name_is_guarded(model: type, name: str) -> None:
    assert validate_plain_text in model._meta.get_field(name).validators
