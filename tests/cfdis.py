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


def rare(name: str) -> Path:
    """A stamped document that is seldom seen, made for the project; beside the real."""
    path = REAL.with_name("cfdi-raros") / name
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


def withholding(
    *,
    version: str = "2.0",
    issuer: str = "EKU9003173C9",
    receiver: str = "XAXX010101000",
    uuid: str = UUID,
    total: str = "1160.50",
    moment: str = "2026-11-23T12:00:00",
) -> str:
    """A stamped withholding; without `receiver` that of a foreigner."""
    end = {"2.0": "E", "1.0": "Emisor"}[version]
    name = {"2.0": "RfcR", "1.0": "RFCRecep"}[version]
    whose = (
        f'<r:Nacional {name}="{receiver}"/>'
        if receiver
        else '<r:Extranjero NomDenRazSocR="FOREIGN INC"/>'
    )
    rfc = f"{'Rfc' if version == '2.0' else 'RFC'}{end}"
    return (
        f'<r:Retenciones Version="{version}" FechaExp="{moment}" CveRetenc="14"'
        f' xmlns:r="http://www.sat.gob.mx/esquemas/retencionpago/{version[0]}">'
        f'<r:Emisor {rfc}="{issuer}"/><r:Receptor>{whose}</r:Receptor>'
        f'<r:Totales montoTotOperacion="{total}"/>'
        f"<r:Complemento>{stamp(uuid)}</r:Complemento></r:Retenciones>"
    )
