"""Reading stamped CFDI: the data of a document, or the reason it cannot be read.

Law: the CFDI standards of SAT (3.2, 3.3, 4.0) and TimbreFiscalDigital. Files are not
trusted: nothing is expanded, fetched or guessed. Nothing here knows of clients.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from sat import rfc as rfc_rules

MAX_BYTES = 1024 * 1024

STAMP_NAMESPACE = "http://www.sat.gob.mx/TimbreFiscalDigital"
NAMESPACE_OF = {
    "4.0": "http://www.sat.gob.mx/cfd/4",
    "3.3": "http://www.sat.gob.mx/cfd/3",
    "3.2": "http://www.sat.gob.mx/cfd/3",
}
# Codes of catalogue c_TipoDeComprobante; version 3.2 wrote words instead.
KINDS = {"I", "E", "T", "N", "P"}
_KIND_OF_WORD = {"ingreso": "I", "egreso": "E", "traslado": "T"}
# Type t_Importe of the standards.
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")


class CfdiError(Exception):
    """A file is not a stamped CFDI. `message`, in Spanish, is for people; `code` is
    for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Cfdi:
    """The data of a stamped CFDI.

    `uuid` is the fiscal folio of its stamp; RFCs are clean (rfc.clean). `issued_at` is
    the local time at the place of issue; the document states no zone. `kind` is a code
    of c_TipoDeComprobante; `total` is in the document's own currency.
    """

    uuid: UUID
    version: str
    kind: str
    issued_at: datetime
    issuer_rfc: str
    receiver_rfc: str
    total: Decimal


def read(data: bytes) -> Cfdi:
    """Read one file, given as bytes because the XML itself declares its encoding.

    Raises CfdiError: too_large, not_xml, forbidden_xml, not_cfdi, not_stamped,
    invalid_cfdi.
    """
    if len(data) > MAX_BYTES:
        raise CfdiError("too_large", "Pesa más de 1 MB; un CFDI no llega a tanto.")
    root = _parse(data)
    version = _version(root)
    return Cfdi(
        uuid=_uuid(root, NAMESPACE_OF[version]),
        version=version,
        kind=_kind(_needed(root, "tipoDeComprobante")),
        issued_at=_moment(_needed(root, "fecha")),
        issuer_rfc=_rfc_of(root, NAMESPACE_OF[version], "Emisor"),
        receiver_rfc=_rfc_of(root, NAMESPACE_OF[version], "Receptor"),
        total=_amount(_needed(root, "total")),
    )


def _parse(data: bytes) -> Element:
    try:
        return fromstring(
            data, forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
    except DefusedXmlException:
        raise CfdiError(
            "forbidden_xml",
            "Contiene una definición de tipo o entidades, que un CFDI no lleva.",
        ) from None
    # ValueError, LookupError: the encoding does not exist, or XML cannot have it.
    except (ParseError, ValueError, LookupError) as error:
        raise CfdiError(
            "not_xml", f"No es XML o está incompleto{_place(error)}."
        ) from None


def _place(error: Exception) -> str:
    line, column = getattr(error, "position", (0, 0))
    return f" (línea {line}, columna {column + 1})" if line else ""


def _version(root: Element) -> str:
    """The version of the standard, which must be that of the root's namespace."""
    namespace, name = _split(root.tag)
    if name != "Comprobante" or namespace not in NAMESPACE_OF.values():
        raise CfdiError("not_cfdi", "Es XML, pero no es un CFDI.")
    version = _attribute(root, "version")
    if NAMESPACE_OF.get(version) != namespace:
        known = ", ".join(sorted(NAMESPACE_OF, reverse=True))
        raise CfdiError("not_cfdi", f"No es un CFDI de una versión conocida ({known}).")
    return version


def _uuid(root: Element, namespace: str) -> UUID:
    """The UUID of the one stamp. Only Comprobante/Complemento is searched: related
    documents, and documents inside this one, have UUIDs and stamps of their own."""
    stamps = [
        child
        for complement in _children(root, namespace, "Complemento")
        for child in _children(complement, STAMP_NAMESPACE, "TimbreFiscalDigital")
    ]
    if not stamps:
        raise CfdiError("not_stamped", "No está timbrado: no trae TimbreFiscalDigital.")
    if len(stamps) > 1:
        raise CfdiError("invalid_cfdi", "Trae más de un TimbreFiscalDigital.")
    text = _attribute(stamps[0], "uuid")
    try:
        uuid = UUID(text)
    except ValueError:
        uuid = UUID(int=0)
    if uuid.int == 0 or str(uuid) != text.lower():
        raise CfdiError(
            "not_stamped", "El folio fiscal (UUID) del timbre no es válido."
        )
    return uuid


def _kind(text: str) -> str:
    kind = _KIND_OF_WORD.get(text.lower(), text.upper())
    if kind not in KINDS:
        raise CfdiError("invalid_cfdi", "Su tipo de comprobante no existe.")
    return kind


def _moment(text: str) -> datetime:
    """Parse `YYYY-MM-DDThh:mm:ss` (type t_FechaH), without zone or fractions."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007
    except ValueError:
        raise CfdiError("invalid_cfdi", "Su fecha no es válida.") from None


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise CfdiError("invalid_cfdi", "Su total no es válido.")
    return Decimal(text)


def _rfc_of(root: Element, namespace: str, role: str) -> str:
    """The RFC of Emisor or Receptor. Only its form is checked: it may be generic."""
    found = next(_children(root, namespace, role), None)
    rfc = "" if found is None else rfc_rules.clean(_attribute(found, "rfc"))
    if not rfc_rules.is_well_formed(rfc):
        raise CfdiError("invalid_cfdi", f"El RFC de su {role.lower()} no es válido.")
    return rfc


def _needed(element: Element, name: str) -> str:
    value = _attribute(element, name)
    if not value:
        raise CfdiError("invalid_cfdi", f"Le falta el atributo {name}.")
    return value


def _attribute(element: Element, name: str) -> str:
    """Read it whatever its case: 3.2 wrote `rfc` and `fecha`, 3.3 `Rfc` and `Fecha`."""
    for key, value in element.attrib.items():
        if key.lower() == name.lower():
            return value.strip()
    return ""


def _children(element: Element, namespace: str, name: str) -> Iterator[Element]:
    return (child for child in element if child.tag == f"{{{namespace}}}{name}")


def _split(tag: str) -> tuple[str, str]:
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name
