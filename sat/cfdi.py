"""Reading stamped documents: the data of one, or the reason it cannot be read.

Law: domain.md, "What counts as a stamp"; the standards of SAT for CFDI (3.2, 3.3, 4.0),
retenciones e información de pagos (1.0, 2.0) and TimbreFiscalDigital. What a document
says is not verified (docs/decisions.md). Nothing here knows of clients.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sat import certificates, xml_stream
from sat import rfc as rfc_rules
from sat.standards import NAMES, ROOTS, STANDARDS, VERSIONS, Standard
from sat.xml_stream import MAX_BYTES, CfdiError, Readable, too_large

__all__ = ["MAX_BYTES", "Cfdi", "CfdiError", "implausible", "read", "too_large"]

STAMP = "TimbreFiscalDigital"
STAMP_NAMESPACE = "http://www.sat.gob.mx/TimbreFiscalDigital"
# Catalogue c_TipoDeComprobante; version 3.2 wrote words. A withholding is none of them.
KINDS = {"I", "E", "T", "N", "P"}
WITHHOLDING = "R"
_KIND_OF_WORD = {"ingreso": "I", "egreso": "E", "traslado": "T"}
FOREIGN_RFC = "XEXX010101000"
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})")
_ZONE = re.compile(r"(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")

# What can be. SAT's digital documents began in 2005, withholdings among them in 2014.
FIRST_DAY = date(2005, 1, 1)
FIRST_WITHHOLDING = date(2014, 1, 1)
# In any currency: a third of what Mexico produces in a year, in pesos.
TOTAL_MAX = Decimal(10) ** 13


@dataclass(frozen=True, kw_only=True)
class Cfdi:
    """What a stamped document says of itself.

    `uuid` is the fiscal folio of its stamp; RFCs are clean (rfc.clean), that of a
    foreign receiver without one is FOREIGN_RFC. `issued_at` is the local hour of the
    place of issue. `kind` is a key of c_TipoDeComprobante or WITHHOLDING; `total` is in
    the document's own currency; `certificate_ends_at` None where no certificate of the
    issuer's can be read.
    """

    uuid: UUID
    version: str
    kind: str
    issued_at: datetime
    issuer_rfc: str
    receiver_rfc: str
    total: Decimal
    certificate_ends_at: datetime | None = None


def read(source: bytes | Readable, *, size: int | None = None) -> Cfdi:
    """Read one document: bytes, or what gives them; `size` where it is known before.

    Its encoding is what the XML itself declares. Raises CfdiError: too_large, not_xml,
    forbidden_xml, not_cfdi, not_stamped, invalid_cfdi.
    """
    seen = _Seen()
    xml_stream.parse(source, seen, size)
    standard = seen.standard()
    names = standard.names
    return Cfdi(
        uuid=seen.uuid(),
        version=standard.version,
        kind=_kind(seen, standard),
        issued_at=_moment(_needed(seen.root, names["issued_at"]), standard),
        issuer_rfc=_rfc("emisor", seen.issuer.get(names["issuer_rfc"].lower(), "")),
        receiver_rfc=_rfc("receptor", seen.receiver_rfc(names["receiver_rfc"])),
        total=_amount(_needed(seen.root | seen.totals, names["total"]), standard),
        certificate_ends_at=certificates.ends_at(
            seen.root.get(names["certificate"].lower(), "")
        ),
    )


def implausible(document: Cfdi, *, today: date) -> str:
    """Why what it says cannot be, in words; empty if it can. `today`: the day on which
    its stamp was reported."""
    day = document.issued_at.date()
    first = FIRST_WITHHOLDING if document.kind == WITHHOLDING else FIRST_DAY
    if day < first:
        return f"Su fecha ({_day(day)}) no puede ser: es anterior a {first.year}."
    # Hours are those of the place of issue, and clocks differ.
    if day > today + timedelta(days=1):
        return f"Su fecha ({_day(day)}) no puede ser: aún no llega."
    if abs(document.total) >= TOTAL_MAX:
        return f"Su total no puede ser: tiene más de {len(str(TOTAL_MAX)) - 1} cifras."
    return ""


# ── What is kept of it ────────────────────────────────────────────────────────────

Attributes = dict[str, str]

_KEPT = NAMES | {"version", "tipodecomprobante"}
_OF_STAMP = ("uuid", "fechatimbrado", "sellosat", "sellocfd")


@dataclass
class _Seen:
    """The few attributes that are needed, by their names in lower case: 3.2 wrote `rfc`
    and `fecha`, 3.3 `Rfc` and `Fecha`."""

    tag: str = ""
    root: Attributes = field(default_factory=dict)
    issuer: Attributes = field(default_factory=dict)
    receiver: Attributes = field(default_factory=dict)
    totals: Attributes = field(default_factory=dict)
    is_foreign: bool = False
    stamps: set[tuple[str, ...]] = field(default_factory=set)
    has_misplaced: bool = False

    def start(self, path: Sequence[str], attributes: Attributes) -> None:
        tag = path[-1]
        if len(path) == 1:
            self.tag, self.root = tag, _kept(attributes)
            if tag not in ROOTS:
                raise CfdiError(
                    "not_cfdi",
                    "No es un CFDI ni una retención: su elemento raíz es otro.",
                )
        elif len(path) == 2:
            self._child(self._own(tag), attributes)
        elif len(path) == 3 and self._own(path[1]) == "Receptor":
            self._receiver_child(self._own(tag), attributes)
        if tag.endswith(STAMP):
            self._stamp(path, attributes)

    def _own(self, tag: str) -> str:
        """Its name, if it is of the root's namespace."""
        namespace = self.tag.rpartition("}")[0] + "}"
        return tag.removeprefix(namespace) if tag.startswith(namespace) else ""

    def _child(self, name: str, attributes: Attributes) -> None:
        if name == "Emisor" and not self.issuer:
            self.issuer = _kept(attributes)
        elif name == "Receptor" and not self.receiver:
            self.receiver = _kept(attributes)
        elif name == "Totales" and not self.totals:
            self.totals = _kept(attributes)

    def _receiver_child(self, name: str, attributes: Attributes) -> None:
        """Of a withholding: Nacional has the RFC, Extranjero has none."""
        if name == "Nacional":
            self.receiver = self.receiver | _kept(attributes)
        elif name == "Extranjero":
            self.is_foreign = True

    def _stamp(self, path: Sequence[str], attributes: Attributes) -> None:
        """It stands in Complemento only: stamps of documents inside this one are not
        its own. The same one twice is one."""
        given = {name.lower(): value.strip() for name, value in attributes.items()}
        own = len(path) == 3 and self._own(path[1]) == "Complemento"
        if not own or path[-1] != f"{{{STAMP_NAMESPACE}}}{STAMP}":
            self.has_misplaced = True
        elif len(self.stamps) < 3:  # two are one too many already; one may be invalid
            self.stamps.add(
                (
                    given.get("uuid", "").lower(),
                    *(given.get(n, "") for n in _OF_STAMP[1:]),
                )
            )

    def standard(self) -> Standard:
        """The root must be of the namespace that its version belongs to."""
        version = self.root.get("version", "")
        for one in STANDARDS:
            if (self.tag, version) == (one.tag, one.version):
                return one
        raise CfdiError("not_cfdi", f"No es de una versión que se reciba ({VERSIONS}).")

    def uuid(self) -> UUID:
        """The UUID of the one valid stamp: other documents' UUIDs are not it."""
        valid = {stamp: uuid for stamp in self.stamps if (uuid := _uuid(stamp[0]))}
        if len(valid) > 1:
            raise CfdiError("invalid_cfdi", f"Trae más de un {STAMP} distinto.")
        if valid:
            return next(iter(valid.values()))
        if self.stamps:
            raise CfdiError(
                "not_stamped", "El folio fiscal (UUID) del timbre no es válido."
            )
        if self.has_misplaced:
            raise CfdiError(
                "not_stamped",
                f"No está timbrado: trae un {STAMP}, pero no es del SAT o no está en "
                "el Complemento del comprobante.",
            )
        raise CfdiError("not_stamped", f"No está timbrado: no trae {STAMP}.")

    def receiver_rfc(self, name: str) -> str:
        given = self.receiver.get(name.lower(), "")
        return FOREIGN_RFC if self.is_foreign and not given else given


def _kept(attributes: Attributes) -> Attributes:
    return {
        key: value.strip()
        for name, value in attributes.items()
        if (key := name.lower()) in _KEPT
    }


# ── What it says ──────────────────────────────────────────────────────────────────


def _uuid(text: str) -> UUID | None:
    try:
        uuid = UUID(text)
    except ValueError:
        return None
    return uuid if uuid.int and str(uuid) == text else None


def _kind(seen: _Seen, standard: Standard) -> str:
    if standard.is_withholding:
        return WITHHOLDING
    text = _needed(seen.root, "tipoDeComprobante")
    kind = _KIND_OF_WORD.get(text.lower(), text.upper())
    if kind not in KINDS:
        raise CfdiError("invalid_cfdi", "Su tipo de comprobante no existe.")
    return kind


def _moment(text: str, standard: Standard) -> datetime:
    """`AAAA-MM-DDThh:mm:ss`; older standards allow fractions and a zone behind it."""
    found = _MOMENT.match(text)
    rest = text[found.end() :] if found else text
    if not found or (rest and (standard.is_strict or not _ZONE.fullmatch(rest))):
        raise CfdiError("invalid_cfdi", "Su fecha no es válida.")
    try:
        return datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007
    except ValueError:
        raise CfdiError("invalid_cfdi", "Su fecha no es válida.") from None


def _amount(text: str, standard: Standard) -> Decimal:
    form = _AMOUNT if standard.is_strict else _DECIMAL
    if not form.fullmatch(text):
        raise CfdiError("invalid_cfdi", "Su total no es válido.")
    return Decimal(text)


def _rfc(role: str, text: str) -> str:
    """Of the receiver also a generic one; the form alone is checked."""
    rfc = rfc_rules.clean(text)
    if not rfc_rules.is_well_formed(rfc):
        raise CfdiError("invalid_cfdi", f"El RFC de su {role} no es válido.")
    return rfc


def _needed(attributes: Attributes, name: str) -> str:
    value = attributes.get(name.lower())
    if not value:
        raise CfdiError("invalid_cfdi", f"Le falta el atributo {name}.")
    return value


def _day(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"
