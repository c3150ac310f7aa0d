"""CFDI for the tests: real ones from outside the project, and ones made here."""

import os
from pathlib import Path

import pytest

UUID = "3F2504E0-4F89-41D3-9A0C-0305E82C3301"
OTHER = "A39DA66B-52CA-49E3-879B-5C05185B0EF7"
REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "cfdi"


def real(name: str) -> Path:
    """The path of a real CFDI. Real ones may not be copied into the project."""
    path = Path(os.environ.get("CFDI_SAMPLES", REAL)) / name
    if not path.exists():
        pytest.skip(f"needs the sample file {path}")
    return path


def stamp(uuid: str = UUID, prefix: str = "tfd") -> str:
    return (
        f'<{prefix}:TimbreFiscalDigital Version="1.1" UUID="{uuid}"'
        f' xmlns:{prefix}="http://www.sat.gob.mx/TimbreFiscalDigital"'
        ' FechaTimbrado="2026-11-23T12:00:05"/>'
    )


def cfdi(
    *,
    issuer: str = "EKU9003173C9",
    uuid: str = UUID,
    complement: str | None = None,
    before: str = "",
    after: str = "",
    kind: str = "I",
    total: str = "116.00",
    moment: str = "2026-11-23T12:00:00",
    receiver: str = "XAXX010101000",
    version: str = "4.0",
) -> str:
    """A CFDI 4.0 with one stamp. `before` is put before the issuer and `after` after
    the receiver; `complement` replaces the content of Complemento."""
    inside = stamp(uuid) if complement is None else complement
    return (
        f'<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4"'
        f' Version="{version}" Fecha="{moment}" Total="{total}" SubTotal="100.00"'
        f' Moneda="MXN" TipoDeComprobante="{kind}">{before}'
        f'<cfdi:Emisor Rfc="{issuer}" Nombre="EMISOR" RegimenFiscal="601"/>'
        f'<cfdi:Receptor Rfc="{receiver}" Nombre="RECEPTOR"/>{after}'
        f"<cfdi:Complemento>{inside}</cfdi:Complemento></cfdi:Comprobante>"
    )
