"""XML of strangers, read bit by bit: nothing is expanded, fetched or kept.

Law: domain.md, "What counts as a stamp": bytes around the document are taken off, 10 MB
a document, in constant memory. What the elements mean is the listener's to say.
"""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Protocol

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

MAX_BYTES = 10 * 1024 * 1024
_CHUNK = 256 * 1024

# The parser remembers every open element and every name until the end, and all the
# attributes of an element at once: ten megabytes of nothing else would take hundreds.
# No document of SAT's comes near.
DEPTH_MAX = 500
NAMES_MAX = 20_000
_TAG_MAX = 1024 * 1024

# Byte-order marks, blanks and NULs before the document. The NUL of a "<" in UTF-16
# without a mark belongs to the document.
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf|[ \t\r\n]++|\x00(?!<\x00))*+")
_BEFORE_UTF_16 = {
    b"\xff\xfe": re.compile(rb"(?:\xff\xfe|[ \t\r\n]\x00)*+"),
    b"\xfe\xff": re.compile(rb"(?:\xfe\xff|\x00[ \t\r\n])*+"),
}
_ELEMENT = re.compile(rb"<[A-Za-z_:\x80-\xff]")


class CfdiError(Exception):
    """A file that is no stamped CFDI. The message, in Spanish, is for people; `code`
    for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Listener(Protocol):
    def start(self, path: Sequence[str], attributes: dict[str, str]) -> None:
        """An element begins; `path` are the tags from the root to it."""


def too_large(size: int | None = None) -> CfdiError:
    limit = f"{MAX_BYTES:,} bytes ({MAX_BYTES // 1024**2} MB)"
    if size is None:
        return CfdiError(
            "too_large", f"Pesa más de {limit}, que es lo más que se recibe."
        )
    return CfdiError("too_large", f"Pesa {size:,} bytes; se reciben hasta {limit}.")


def parse(source: bytes | Readable, listener: Listener, size: int | None) -> None:
    """Tell `listener` what `source` holds; `size`: its bytes, where they are known.

    Raises CfdiError: too_large, not_xml, forbidden_xml, invalid_cfdi.
    """
    if isinstance(source, bytes):
        size = len(source)
        source = BytesIO(source)
    if size is not None and size > MAX_BYTES:
        raise too_large(size)
    document = _Document(listener)
    try:
        for chunk in _chunks(source):
            document.feed(chunk)
        document.close()
    except DefusedXmlException:
        raise CfdiError(
            "forbidden_xml",
            "Contiene una definición de tipo o entidades, que un CFDI no lleva.",
        ) from None
    except ParseError as error:
        raise CfdiError(
            "not_xml", f"No es XML o está incompleto{document.place(error)}."
        ) from None
    except (ValueError, LookupError):
        # Of the encoding: one that does not exist, or is none for XML.
        raise CfdiError(
            "not_xml",
            "Declara una codificación que no se puede leer; guárdelo en UTF-8.",
        ) from None


def _chunks(source: Readable) -> Iterator[bytes]:
    total = 0
    while chunk := source.read(min(_CHUNK, MAX_BYTES + 1 - total)):
        total += len(chunk)
        if total > MAX_BYTES:
            raise too_large()
        yield chunk


class _Document:
    """The bytes of one document, in order, without what stands around it."""

    def __init__(self, listener: Listener) -> None:
        self._target = _Target(listener)
        self._parser = XMLParser(target=self._target, forbid_dtd=True)
        self._begun = self._over = False
        self._fed = 0
        self._last = b""
        # How many lines, and columns of the last one, were taken off.
        self._offset = (0, 0)
        self._tag_attributes = 0

    def feed(self, chunk: bytes) -> None:
        if not self._begun:
            chunk = self._without_start(chunk)
        if self._over:
            self._refuse_another(self._last + chunk)
        elif chunk:
            self._parse(chunk)
        self._last = chunk[-2:]

    def close(self) -> None:
        if self._over:
            return
        try:
            self._parser.close()
        except ParseError:
            # Such as a comment without end, after a whole document.
            if not self._target.is_complete:
                raise

    def place(self, error: ParseError) -> str:
        line, column = error.position
        lines, columns = self._offset
        columns = columns if line == 1 else 0
        return f" (línea {line + lines}, columna {column + 1 + columns})"

    def _without_start(self, chunk: bytes) -> bytes:
        """Blank lines may fill whole chunks; one mark of UTF-16 must stay."""
        before = _BEFORE.match(chunk)
        assert before
        taken, rest = before[0], chunk[before.end() :]
        lines, columns = self._offset
        columns = 0 if b"\n" in taken else columns
        last = taken.rpartition(b"\n")[2]
        columns += last.count(b" ") + last.count(b"\t")
        self._offset = (lines + taken.count(b"\n"), columns)
        self._begun = bool(rest)
        mark = rest[:2]
        if mark in _BEFORE_UTF_16:
            around = _BEFORE_UTF_16[mark].match(rest)
            assert around
            rest = mark + rest[around.end() :]
        return rest

    def _parse(self, chunk: bytes) -> None:
        self._fed += len(chunk)
        try:
            self._parser.feed(chunk)
        except ParseError:
            if not self._target.is_complete:
                raise
            self._over = True
            position = self._parser.parser.ErrorByteIndex - (self._fed - len(chunk))
            tail = self._last + chunk if position < 0 else chunk[position:]
            self._refuse_another(tail)
        else:
            self._refuse_endless_tag(chunk)

    def _refuse_another(self, tail: bytes) -> None:
        """Text after the root is taken off; an element would be another document."""
        if _ELEMENT.search(tail.replace(b"\x00", b"")):
            raise CfdiError(
                "invalid_cfdi",
                "Después del comprobante sigue otro elemento; "
                "mande un solo documento por archivo.",
            )

    def _refuse_endless_tag(self, chunk: bytes) -> None:
        """One value may be long (a PDF in an addenda), but not be a crowd of them."""
        pending = self._fed - self._parser.parser.CurrentByteIndex
        if pending < _TAG_MAX:
            self._tag_attributes = 0
            return
        self._tag_attributes += chunk.count(b'="') + chunk.count(b"='")
        if self._tag_attributes > NAMES_MAX:
            raise _unreadable("un elemento con demasiados atributos")


class _Target:
    """What the parser tells; counts, and tells the listener."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._path: list[str] = []
        self._names: set[str] = set()
        self.is_complete = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) > DEPTH_MAX:
            raise _unreadable(f"más de {DEPTH_MAX} elementos uno dentro de otro")
        self._names.add(tag)
        self._names.update(attributes)
        self._refuse_crowd()
        self._listener.start(self._path, attributes)

    def start_ns(self, prefix: str, uri: str) -> None:
        self._names.add(f"{prefix} {uri}"[:200])
        self._refuse_crowd()

    def end(self, tag: str) -> None:
        self._path.pop()
        self.is_complete = not self._path

    def close(self) -> None:
        """Nothing is built."""

    def _refuse_crowd(self) -> None:
        if len(self._names) > NAMES_MAX:
            raise _unreadable(f"más de {NAMES_MAX:,} nombres distintos")


def _unreadable(what: str) -> CfdiError:
    return CfdiError("invalid_cfdi", f"Tiene {what}: no se puede leer.")
