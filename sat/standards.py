"""The standards of SAT that a stamped document may follow, and how each writes it.

CFDI 3.2, 3.3 and 4.0; retenciones e información de pagos 1.0 and 2.0. Sources: SAT's
cfdv32.xsd, cfdv33.xsd, cfdv40.xsd, retencionpagov1.xsd, retencionpagov2.xsd.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_CFDI = {
    "issued_at": "Fecha",
    "issuer_rfc": "Rfc",
    "receiver_rfc": "Rfc",
    "total": "Total",
    "certificate": "Certificado",
}
_WITHHOLDING = _CFDI | {
    "issued_at": "FechaExp",
    "total": "MontoTotOperacion",
}


@dataclass(frozen=True, kw_only=True)
class Standard:
    """A version of SAT's standards: how its root is called, and its attributes."""

    namespace: str
    root: str
    version: str
    names: Mapping[str, str]

    @property
    def tag(self) -> str:
        return f"{{{self.namespace}}}{self.root}"

    @property
    def is_withholding(self) -> bool:
        return self.root == "Retenciones"

    @property
    def is_strict(self) -> bool:
        """Its amounts and hours have one form; those of the others are xs:decimal and
        xs:dateTime."""
        return self.version in ("4.0", "3.3")


STANDARDS = (
    *(
        Standard(
            namespace=f"http://www.sat.gob.mx/cfd/{version[0]}",
            root="Comprobante",
            version=version,
            names=_CFDI,
        )
        for version in ("4.0", "3.3", "3.2")
    ),
    Standard(
        namespace="http://www.sat.gob.mx/esquemas/retencionpago/2",
        root="Retenciones",
        version="2.0",
        names=_WITHHOLDING | {"issuer_rfc": "RfcE", "receiver_rfc": "RfcR"},
    ),
    Standard(
        namespace="http://www.sat.gob.mx/esquemas/retencionpago/1",
        root="Retenciones",
        version="1.0",
        names=_WITHHOLDING
        | {
            "issuer_rfc": "RFCEmisor",
            "receiver_rfc": "RFCRecep",
            "certificate": "Cert",
        },
    ),
)
ROOTS = {one.tag for one in STANDARDS}
NAMES = {name.lower() for one in STANDARDS for name in one.names.values()}
VERSIONS = "CFDI 4.0, 3.3, 3.2; retenciones 2.0, 1.0"
