"""A line of a file → its fate: new, already there, would change, or what is wrong.

Law: domain.md, "RFC" and "Agregar cliente". A row is judged by the same `clean_details`
as a form; what is only unusual (a check digit, SAT's list of words) is a warning. Pure:
what is known of the reseller is in `Known`, read once for many rows (staging.py).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from clients.details import NAMES, Details, InvalidDetails, clean_details
from clients.importing import values
from clients.importing.recognition import LABELS
from clients.importing.values import UnclearValue
from clients.importing.words import folded
from clients.models import MAY_BE_MISSING, Fate
from clients.status import Status, derive_status
from packages.models import Package
from reseller_panel.spanish import agree
from sat import rfc as rfc_rules

_RFC_IN_A_NAME = re.compile(
    r"(?:\bRFC\b[:.]?\s*)?\b([A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3})\b\W*", re.IGNORECASE
)
_SAYS = {
    values.ACTIVE: Status.ACTIVE,
    values.EXPIRED: Status.EXPIRED,
    values.EXHAUSTED: Status.EXHAUSTED,
    values.SUSPENDED: Status.SUSPENDED,
}


@dataclass(frozen=True)
class Existing:
    """A client that has the RFC already, and its last record."""

    pk: int
    seq: int
    details: Details
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Known:
    """What rows are judged by. `packages`: those on sale, by folded name or by a name
    that was said to mean one of them; None: withdrawn."""

    headers: Sequence[str]
    columns: Sequence[str]
    packages: Mapping[str, Package | None]
    default_package: Package | None
    today: date
    existing: Mapping[str, Existing] = field(default_factory=dict)
    additional: frozenset[str] = frozenset()
    # The last day of each package that begins today, by id.
    ends_on: Mapping[int, date | None] = field(default_factory=dict)

    def header(self, key: str) -> str:
        if key in self.columns:
            return self.headers[self.columns.index(key)]
        return LABELS[key]


@dataclass(slots=True)
class Checked:
    """A row of ImportRow (models/imports.py), still without its place."""

    fate: Fate = Fate.NEW
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    package: Package | None = None
    package_name: str = ""
    folios: int = 0
    expires_on: date | None = None
    created_on: date | None = None
    is_suspended: bool = False
    existing: Existing | None = None
    changed: list[str] = field(default_factory=list)


class Cells(NamedTuple):
    """The text of each recognised column, in one line, and how many cells there are
    beyond the headers."""

    texts: dict[str, str]
    more: int


def cells_of(known: Known, cells: Sequence[str]) -> Cells:
    """What a line says. The RFC too if it stands in the cell of the name, as tables of
    other panels have it."""
    raw = {
        key: " ".join(cells[place].split())
        for place, key in enumerate(known.columns)
        if key
    }
    if "rfc" not in raw and (found := _RFC_IN_A_NAME.search(raw.get("legal_name", ""))):
        name = raw["legal_name"]
        raw["rfc"] = found[1]
        raw["legal_name"] = f"{name[: found.start()]} {name[found.end() :]}".strip()
    return Cells(raw, len(cells) - len(known.headers))


def rfc_of(texts: Mapping[str, str]) -> str:
    """The RFC of a line as it is stored; "" if it has none that is one."""
    text = texts.get("rfc", "")
    rfc = text if rfc_rules.is_well_formed(text) else rfc_rules.clean(text)
    return rfc if rfc_rules.is_valid(rfc) else ""


def check(known: Known, cells: Cells, seen: Mapping[str, int]) -> Checked:
    """The fate of a line; `seen` has the line of each RFC before it."""
    row, (raw, more) = Checked(), cells
    if more > 0:
        row.problems.append(
            f"Tiene {more} {agree(more, 'celda', 'celdas')} de más: quizá a un valor "
            "con comas le faltan comillas."
        )
    _details(row, known, raw)
    rfc = row.details.get("rfc", "")
    if rfc and rfc in seen:
        row.problems.append(
            f"El RFC {rfc} está también en la línea {seen[rfc]:,}. Deje uno solo."
        )
    elif rfc in known.additional:
        row.problems.append(
            f"{known.header('rfc')}: {rfc} es un RFC adicional de otro cliente suyo "
            "(Multiempresa)."
        )
    if row.existing is None:
        _sold(row, known, raw)
    if row.problems:
        row.fate = Fate.ERROR
    elif row.existing:
        row.fate = Fate.CHANGES if row.changed else Fate.EXISTS
    else:
        row.warnings += rfc_rules.doubts(rfc)
        _compare_status(row, known, raw)
    return row


def _details(row: Checked, known: Known, raw: Mapping[str, str]) -> None:
    given = {name: raw[name] for name in NAMES if raw.get(name)}
    if regime := given.get("tax_regime"):
        try:
            given["tax_regime"] = values.regime_of(regime)
        except UnclearValue as unclear:
            row.problems.append(f"{known.header('tax_regime')}: {unclear}")
            del given["tax_regime"]
    if "postal_code" in given:
        given["postal_code"] = values.postal_code_of(given["postal_code"])
    rfc = given.get("rfc", "")
    if rfc and not rfc_rules.is_well_formed(rfc):
        rfc = rfc_rules.clean(rfc)
    row.existing = known.existing.get(rfc)
    before = vars(row.existing.details) if row.existing else {}
    may_be_missing = row.existing.missing if row.existing else MAY_BE_MISSING
    try:
        details = clean_details(
            {**before, **given}, accept_rfc=True, may_be_missing=may_be_missing
        )
    except InvalidDetails as invalid:
        row.problems += [
            _said(known, name, given.get(name, ""), " ".join(texts))
            for name, texts in invalid.errors.items()
        ]
        row.details = given | {"rfc": rfc if rfc_rules.is_valid(rfc) else ""}
        return
    row.details = dict(vars(details))
    row.changed = [name for name, value in before.items() if row.details[name] != value]


def _said(known: Known, name: str, text: str, message: str) -> str:
    header = known.header(name)
    if text:
        return f"{header} «{text[:60]}»: {message}"
    if name in known.columns:
        return f"{header}: la celda está vacía, y es obligatorio."
    return f"{header}: no hay una columna que lo diga, y es obligatorio."


def _sold(row: Checked, known: Known, raw: Mapping[str, str]) -> None:
    """Its package, folios and days; what is blank is as the package has it."""
    _choose_package(row, known, raw.get("package", ""))
    row.folios = row.package.folios if row.package else 0
    row.expires_on = known.ends_on[row.package.pk] if row.package else None
    for key, read in _READERS.items():
        text = raw.get(key, "")
        if not text:
            continue
        try:
            setattr(row, key, read(text))
        except UnclearValue as unclear:
            row.problems.append(f"{known.header(key)}: {unclear}")
    if row.created_on and row.created_on > known.today:
        row.problems.append(
            f"{known.header('created_on')}: el {row.created_on:%d/%m/%Y} todavía no "
            "llega."
        )
    if text := raw.get("status", ""):
        try:
            status = values.status_of(text)
        except UnclearValue as unclear:
            row.problems.append(f"{known.header('status')}: {unclear}")
        else:
            row.is_suspended = status == values.SUSPENDED


_READERS = {
    "folios": values.folios_of,
    "expires_on": values.day_of,
    "created_on": values.day_of,
}


def _choose_package(row: Checked, known: Known, text: str) -> None:
    if not text:
        row.package = known.default_package
        if row.package is None:
            row.problems.append(
                f"{known.header('package')}: no dice cuál. Elija arriba el paquete de "
                "los que no lo dicen."
            )
        return
    row.package = known.packages.get(folded(text))
    if row.package is None:
        row.package_name = text[:200]
        row.problems.append(
            f"{known.header('package')}: «{text[:60]}» no está entre sus paquetes a la "
            "venta. Elija arriba cuál le corresponde."
        )


def _compare_status(row: Checked, known: Known, raw: Mapping[str, str]) -> None:
    """Status is derived: what the file says may not be what follows from its facts."""
    if not (text := raw.get("status", "")):
        return
    said = _SAYS[values.status_of(text)]
    follows = Status.SUSPENDED
    if not row.is_suspended:
        follows = derive_status(
            suspended_at=None,
            expires_on=row.expires_on,
            balance=row.folios,
            today=known.today,
        )
    if said is not follows:
        row.warnings.append(
            f"{known.header('status')}: dice «{text[:40]}» y quedará {follows.label}, "
            "por su vigencia y sus folios."
        )
