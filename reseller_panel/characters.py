"""Which characters text may have, and what to call the others.

Law: quality.md, "Bad input". A leaf. `accounts/text.py` refuses with this what people
and programs send; nothing here takes a character out of a text that is kept.
"""

import re
import unicodedata

# As both Python and PostgreSQL read it between brackets, so that a constraint of the
# database is the same rule. The joiner and the variation selectors of emoji are not
# here: whether they are in place depends on their neighbours (`_is_part_of_emoji`).
_CONTROLS = r"\u0001-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029"
_LINE_ENDS = r"\u0009\u000a"
_TURNS = r"\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    r"\u2060-\u2065\u206a-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Private use, and the noncharacters of each plane.
_MEANINGLESS = r"\ue000-\uf8ff\U000f0000-\U0010ffff\ufdd0-\ufdef\ufffe\uffff" + "".join(
    rf"\U000{plane:x}fffe\U000{plane:x}ffff" for plane in range(1, 15)
)
REFUSED_IN_PARAGRAPHS = f"[{_CONTROLS}{_TURNS}{_INVISIBLE}{_MEANINGLESS}]"
REFUSED_IN_A_LINE = f"[{_LINE_ENDS}{REFUSED_IN_PARAGRAPHS[1:]}"

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_JOINER, _KEYCAP = "\u200d", "\u20e3"
_SELECTORS = "\ufe0e\ufe0f"

_turns, _invisible = re.compile(f"[{_TURNS}]"), re.compile(f"[{_INVISIBLE}]")
_in_a_line = re.compile(REFUSED_IN_A_LINE)
_in_paragraphs = re.compile(REFUSED_IN_PARAGRAPHS)
# Nearly every text is of these, and none of them is refused: looked at as a whole.
_usual = re.compile(r"[ -~\xa1-\xac\xae-\xff]*")
# Control, format, surrogate, private use, unassigned.
_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}


def normal(text: str) -> str:
    """The text as it is kept: composed (NFC), every kind of blank an ordinary one."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if _is_blank(char) else char for char in composed)


def _is_blank(char: str) -> bool:
    return unicodedata.category(char) == "Zs"


def refused_at(text: str, *, paragraphs: bool = False) -> int | None:
    """The place of the first character that is refused; None if there is none.
    `paragraphs` may have line feeds and tabs."""
    if _usual.fullmatch(text):
        return None
    for place, char in enumerate(text):
        if _is_refused(text, place, char, paragraphs=paragraphs):
            return place
    return None


def _is_refused(text: str, place: int, char: str, *, paragraphs: bool) -> bool:
    if char in "\n\t":
        return not paragraphs
    if char == _JOINER or char in _SELECTORS:
        return not _is_part_of_emoji(text, place, char)
    pattern = _in_paragraphs if paragraphs else _in_a_line
    return bool(pattern.match(char)) or unicodedata.category(char) in _CATEGORIES


def _is_part_of_emoji(text: str, place: int, char: str) -> bool:
    """Whether it joins two symbols, or selects how one looks. Between letters it would
    only make two equal names differ."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    follows = bool(before) and unicodedata.category(before) in {"So", "Sk"}
    if char == _JOINER:
        joins = bool(after) and unicodedata.category(after) == "So"
        return joins and (follows or before == "\ufe0f")
    return follows or after == _KEYCAP


def described(text: str, place: int) -> str:
    """«Contiene un carácter invisible (U+200B) después de «ABARROTES».»"""
    words = text[:place].split()
    where = f"después de «{words[-1][-20:]}»" if words else "al principio"
    char = text[place]
    return f"Contiene {_kind(char)} (U+{ord(char):04X}) {where}."


def _kind(char: str) -> str:
    if char in _LINE_BREAKS:
        return "un salto de línea"
    if char == "\t":
        return "un tabulador"
    if _turns.match(char):
        return "un carácter que cambia el sentido de la escritura"
    if char == _JOINER or char in _SELECTORS or _invisible.match(char):
        return "un carácter invisible"
    match unicodedata.category(char):
        case "Cc":
            return "un carácter de control"
        case "Cf":
            return "un carácter invisible"
    return "un carácter que no se puede imprimir"


def without_invisible(text: str) -> str:
    """The text without what cannot be seen, for what is only asked or of which only
    digits and letters are kept: a search, an RFC, a phone number."""
    return "".join(
        char
        for place, char in enumerate(text)
        if not (_is_unseen(char) and _is_refused(text, place, char, paragraphs=True))
    )


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or bool(_invisible.match(char))


def mending_sql(table: str, column: str, refused: str = REFUSED_IN_A_LINE) -> str:
    """For migrations: bring the texts of a column into the form in which new ones are
    kept, each refused character a blank."""
    return (
        f'UPDATE "{table}" SET "{column}" ='  # noqa: S608
        f" normalize(regexp_replace(\"{column}\", '{refused}', ' ', 'g'), NFC)"
        f' WHERE "{column}" ~ \'{refused}\' OR "{column}" IS NOT NFC NORMALIZED'
    )


def printable(text: str) -> str:
    """The text for an export, each refused character shown as �: rows of a history
    that are older than the rule are never changed."""
    if refused_at(text, paragraphs=True) is None:
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if _is_refused(text, place, char, paragraphs=True)
        else char
        for place, char in enumerate(text)
    )


def one_line(text: str, most: int) -> str:
    """What may be kept as a line of at most so many characters, of text that may have
    anything: the name of a file, a reason that cites it."""
    return " ".join(printable(text).split())[:most]
