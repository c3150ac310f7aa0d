"""A file or a pasted text that says who a taxpayer is: which document it is, and what
it says.

A PDF is not opened: what reads them takes whatever a stranger's file makes it take of
time and memory (docs/decisions.md). It is said what to do instead.
"""

from sat import constancia, parties
from sat.taxpayers import Taxpayer, UnreadableError

# Bytes. An invoice of 3,000 lines does not fit, and no constancia comes near.
MAX_BYTES = 1024 * 1024

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read(content: bytes) -> tuple[Taxpayer, ...]:
    """Those that it may be about, the likeliest first; never none.

    Raises UnreadableError: empty, pdf, binary, too_large, not_constancia, not_cfdi.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableError(
            "too_large",
            f"El archivo pesa {len(content):,} bytes; se leen hasta "
            f"{MAX_BYTES:,} (1 MB).",
        )
    start = content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if not start:
        raise UnreadableError("empty", "El archivo está vacío.")
    if b"%PDF-" in content[:1024]:
        raise UnreadableError(
            "pdf",
            "Es un PDF, que aquí no se abre. Ábralo, seleccione todo (Ctrl + A), "
            "cópielo (Ctrl + C) y péguelo aquí.",
        )
    if start.startswith(b"<"):
        return parties.read(content)
    return (constancia.read(_text(content)),)


def _text(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or what Windows wrote before."""
    encodings = ["utf-16"] if content[:2] in _UTF_16 else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(_is_control(char) for char in set(text)):
            return text
    raise UnreadableError(
        "binary",
        "El archivo no es de texto. Sirve la constancia guardada como .txt, o el XML "
        "de un CFDI; no una imagen ni un documento de Word.",
    )


def _is_control(char: str) -> bool:
    return char < " " and char not in "\t\n\v\f\r"
