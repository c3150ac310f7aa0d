"""Catalogue c_RegimenFiscal of CFDI 4.0, as published by SAT (August 2026).

Source: SAT, "Catálogos CFDI 4.0" (catCFDI), sheet c_RegimenFiscal. To update, compare
with the new sheet; a code that leaves the catalogue stays here while clients have it.
"""

from typing import NamedTuple


class Regime(NamedTuple):
    description: str
    individuals: bool  # persona física
    companies: bool  # persona moral


REGIMES = {
    "601": Regime("General de Ley Personas Morales", False, True),
    "603": Regime("Personas Morales con Fines no Lucrativos", False, True),
    "605": Regime("Sueldos y Salarios e Ingresos Asimilados a Salarios", True, False),
    "606": Regime("Arrendamiento", True, False),
    "607": Regime("Régimen de Enajenación o Adquisición de Bienes", True, False),
    "608": Regime("Demás ingresos", True, False),
    "610": Regime(
        "Residentes en el Extranjero sin Establecimiento Permanente en México",
        True,
        True,
    ),
    "611": Regime("Ingresos por Dividendos (socios y accionistas)", True, False),
    "612": Regime(
        "Personas Físicas con Actividades Empresariales y Profesionales",
        True,
        False,
    ),
    "614": Regime("Ingresos por intereses", True, False),
    "615": Regime("Régimen de los ingresos por obtención de premios", True, False),
    "616": Regime("Sin obligaciones fiscales", True, False),
    "620": Regime(
        "Sociedades Cooperativas de Producción que optan por diferir sus ingresos",
        False,
        True,
    ),
    "621": Regime("Incorporación Fiscal", True, False),
    "622": Regime(
        "Actividades Agrícolas, Ganaderas, Silvícolas y Pesqueras",
        False,
        True,
    ),
    "623": Regime("Opcional para Grupos de Sociedades", False, True),
    "624": Regime("Coordinados", False, True),
    "625": Regime(
        "Régimen de las Actividades Empresariales con ingresos a través de "
        "Plataformas Tecnológicas",
        True,
        False,
    ),
    "626": Regime("Régimen Simplificado de Confianza", True, True),
}

REGIME_CHOICES = [(code, f"{code} · {r.description}") for code, r in REGIMES.items()]


def suits(code: str, *, individual: bool) -> bool:
    """Whether a persona física (`individual`), or else a moral, may have the regime."""
    regime = REGIMES[code]
    return regime.individuals if individual else regime.companies
