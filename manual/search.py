"""Finding a section by the words people use: without accents, case or exact endings.

A word is found where a word of the text begins with it, so that «renov» finds
«Renovar», and «suspendidos» finds «suspendido».
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString

from manual.chapters import Chapter
from manual.contents import Section, read
from reseller_panel.limits import search_words

AROUND = 90  # characters of an excerpt before and after the first word found
SHOWN = 20
# Stop words: people type them, but every section has them.
EMPTY = frozenset(
    "a al con como cual cuando cuanto de del donde el en es esta este hace hacer hago "
    "hay la las le lo los me mi mis no o para por puede puedo que quien quiero se si "
    "sin son su sus tiene un una uno y ya".split()
)


@dataclass(frozen=True)
class Found:
    """A section that was found, with the words marked in its title and excerpt."""

    chapter: Chapter
    section: Section
    title: SafeString
    excerpt: SafeString


def search(chapters: Iterable[Chapter], asked: str) -> list[Found]:
    """The sections of these chapters that match, the best first, SHOWN at most.

    A word weighs less the more sections have it. Sections that weigh less than half of
    the best one are left out.
    """
    words = words_of(asked)
    hits = [
        hit
        for chapter in chapters
        for section in read(chapter).sections
        if (hit := _Hit.of(chapter, section, words)).has
    ]
    held_by = Counter(word for hit in hits for word in hit.has)
    for hit in hits:
        hit.worth = sum(1 / held_by[word] for word in hit.has)
    enough = max((hit.worth for hit in hits), default=0) / 2
    # The sort is stable: equally good hits stay in reading order.
    hits.sort(key=lambda hit: (hit.worth, hit.in_title, hit.times), reverse=True)
    return [_found(hit, words) for hit in hits[:SHOWN] if hit.worth >= enough]


@dataclass
class _Hit:
    """Which of the words a section has, how many in its title, how many in its text."""

    chapter: Chapter
    section: Section
    has: set[str]
    in_title: int
    times: int
    worth: float = 0

    @classmethod
    def of(cls, chapter: Chapter, section: Section, words: list[str]) -> "_Hit":
        title = {word for word, _ in _beginnings(section.title, words)}
        title |= {word for word, _ in _beginnings(section.words, words)}
        text = [word for word, _ in _beginnings(section.text, words)]
        return cls(chapter, section, title | set(text), len(title), len(text))


def fold(text: str) -> str:
    """Remove accents and case, character by character, so that positions stay."""
    return "".join(unicodedata.normalize("NFD", char)[0].lower()[0] for char in text)


def words_of(asked: str) -> list[str]:
    """The words to search for: folded stems, without stop words if others remain."""
    words = re.findall(r"\w+", fold(" ".join(search_words(asked))))
    telling = [word for word in words if word not in EMPTY] or words
    return list(dict.fromkeys(map(_stem, telling)))


def _stem(word: str) -> str:
    """Cut off the plural: the result is enough to match the beginning of a word."""
    for ending in ("es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word


def _beginnings(text: str, words: list[str]) -> list[tuple[str, int]]:
    """Each word found, and the position where it begins."""
    folded = fold(text)
    return sorted(
        (
            (word, hit.start())
            for word in words
            for hit in re.finditer(rf"\b{re.escape(word)}", folded)
        ),
        key=lambda found: found[1],
    )


def _found(hit: _Hit, words: list[str]) -> Found:
    return Found(
        hit.chapter,
        hit.section,
        _marked(hit.section.title, words),
        _marked(_excerpt(hit.section.text, words), words),
    )


def _excerpt(text: str, words: list[str]) -> str:
    """The text around the first hit, in whole words; the beginning without a hit."""
    hits = _beginnings(text, words)
    first = hits[0][1] if hits else 0
    start = text.rfind(" ", 0, max(first - AROUND, 0)) + 1 if first > AROUND else 0
    end = text.find(" ", first + AROUND)
    cut = text[start:] if end == -1 else text[start:end]
    return f"{'…' if start else ''}{cut}{'' if end == -1 else '…'}"


def _marked(text: str, words: list[str]) -> SafeString:
    """The escaped text, with <mark> around words that begin with one of `words`."""
    starts = {start for _, start in _beginnings(text, words)}
    pieces: list[tuple[str, str, str]] = []
    last = 0
    for hit in re.finditer(r"\w+", text):
        if hit.start() in starts:
            pieces.append((text[last : hit.start()], hit[0], ""))
            last = hit.end()
    return format_html_join("", "{}<mark>{}</mark>{}", pieces) + conditional_escape(
        text[last:]
    )
