"""The issuer and the receiver of a CFDI 3.2 to 4.0, as the document names them.

Whether it is stamped does not matter here. Sources: SAT's cfdv32.xsd, cfdv33.xsd and
cfdv40.xsd. The document is a stranger's: xml_stream.py says how it is read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sat import rfc as rfc_rules
from sat import xml_stream
from sat.regimes import REGIMES
from sat.standards import STANDARDS
from sat.taxpayers import Taxpayer, UnreadableError, one_line

Attributes = dict[str, str]

_TAGS = {one.tag for one in STANDARDS if not one.is_withholding}
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_LONGEST = 300  # characters; a name is up to 254


def read(document: bytes) -> tuple[Taxpayer, ...]:
    """Those of both who can be somebody's client, the issuer first.

    Raises UnreadableError (not_cfdi), with the reason of xml_stream where it has one.
    """
    seen = _Seen()
    try:
        xml_stream.parse(document, seen, None)
    except xml_stream.CfdiError as error:
        raise UnreadableError("not_cfdi", error.message) from None
    found = [
        one for one in (seen.sender(), seen.recipient()) if one and not one.is_generic
    ]
    if not found:
        raise UnreadableError(
            "not_cfdi",
            "El CFDI no trae el RFC de un emisor o receptor que sea cliente.",
        )
    return tuple(found)


@dataclass
class _Seen:
    """Attributes by their names in lower case: 3.2 wrote `rfc`, later ones `Rfc`."""

    root: Attributes = field(default_factory=dict)
    issuer: Attributes = field(default_factory=dict)
    receiver: Attributes = field(default_factory=dict)

    def start(self, path: Sequence[str], attributes: Attributes) -> None:
        names = [tag.rpartition("}")[2] for tag in path[1:]]
        given = {name.lower(): value for name, value in attributes.items()}
        if not names:
            if path[0] not in _TAGS:
                raise UnreadableError(
                    "not_cfdi", "No es un CFDI: su elemento raíz es otro."
                )
            self.root = given
        elif names == ["Emisor"]:
            self.issuer = self.issuer or given
        elif names == ["Receptor"]:
            self.receiver = self.receiver or given
        elif names in (["Emisor", "DomicilioFiscal"], ["Receptor", "Domicilio"]):
            whose = self.issuer if names[0] == "Emisor" else self.receiver
            whose.setdefault("codigopostal", given.get("codigopostal", ""))

    def sender(self) -> Taxpayer | None:
        own = _postal_code(self.issuer.get("codigopostal", ""))
        issued_at = _postal_code(self.root.get("lugarexpedicion", ""))
        return _taxpayer(
            "el CFDI que emitió",
            self.issuer,
            regime=self.issuer.get("regimenfiscal", ""),
            postal_code=own or issued_at,
            place_of_issue=bool(issued_at and not own),
        )

    def recipient(self) -> Taxpayer | None:
        given = self.receiver
        postal_code = given.get("domiciliofiscalreceptor") or given.get("codigopostal")
        return _taxpayer(
            "el CFDI que recibió",
            given,
            regime=given.get("regimenfiscalreceptor", ""),
            postal_code=_postal_code(postal_code or ""),
        )


def _taxpayer(
    source: str,
    given: Attributes,
    *,
    regime: str,
    postal_code: str,
    place_of_issue: bool = False,
) -> Taxpayer | None:
    rfc = rfc_rules.clean(given.get("rfc", "")[:_LONGEST])
    if not rfc_rules.is_well_formed(rfc):
        return None
    return Taxpayer(
        source=source,
        rfc=rfc,
        name=one_line(given.get("nombre", "")[:_LONGEST]),
        regimes=(regime,) if regime in REGIMES else (),
        postal_code=postal_code,
        place_of_issue=place_of_issue,
    )


def _postal_code(text: str) -> str:
    text = text.strip()
    return text if _POSTAL_CODE.fullmatch(text) else ""
