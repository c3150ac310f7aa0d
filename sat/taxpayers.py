"""Who a document says that a taxpayer is: RFC, name, regimes and postal code.

Two documents say it: the Constancia de Situación Fiscal, of which only the text is read
(constancia.py), and a CFDI, of its issuer and of its receiver (parties.py). Nothing of
it is verified, and nothing here knows of clients.
"""

from dataclasses import dataclass

from sat import rfc as rfc_rules


class UnreadableError(Exception):
    """What says of nobody who it is. The message, in Spanish, is for people; `code`
    for programs: empty, pdf, binary, too_large, not_constancia, not_cfdi."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Taxpayer:
    """`source` says in Spanish where it was read. What the document does not say is
    empty; `regimes` are codes of c_RegimenFiscal that may still be used, in its order.
    `place_of_issue`: the postal code is where the CFDI was issued, which for most is
    that of the taxpayer."""

    source: str
    rfc: str = ""
    name: str = ""
    regimes: tuple[str, ...] = ()
    postal_code: str = ""
    place_of_issue: bool = False

    @property
    def is_generic(self) -> bool:
        """The public in general or a foreigner, who are nobody's client."""
        return self.rfc in rfc_rules.GENERIC


def one_line(text: str) -> str:
    """Without the line breaks and runs of blanks of columns that were copied."""
    return " ".join(text.split())
