"""Régimen de capital: «SA DE CV» and its kin, which CFDI 4.0 leaves out of a name.

Source: SAT, "Guía de llenado de los CFDI 4.0", Nombre of Emisor and Receptor: the name
as registered, without the régimen societario.
"""

import re

# As initials, with and without dots, and in words. The longer ones come first.
_INITIALS = (
    "S A P I DE C V",
    "S A P I B DE C V",
    "S A B DE C V",
    "S A DE C V",
    "S DE R L DE C V",
    "S DE R L M I DE C V",
    "S DE R L DE I P DE C V",
    "S DE R L DE I P",
    "S DE R L M I",
    "S DE R L",
    "S P R DE R L DE C V",
    "S P R DE R L",
    "S P R DE R I",
    "S C DE R L DE C V",
    "S C DE P DE R L DE C V",
    "S C DE R L",
    "S C P DE R L",
    "S EN C POR A DE C V",
    "S EN C POR A",
    "S EN C",
    "S EN N C",
    "S A S DE C V",
    "S A S",
    "S A P I",
    "S A",
    "S C",
    "A C",
    "A B P",
    "I A P",
    "I B P",
    "S S S",
)
_WORDS = (
    "SOCIEDAD AN[OÓ]NIMA PROMOTORA DE INVERSI[OÓ]N DE CAPITAL VARIABLE",
    "SOCIEDAD AN[OÓ]NIMA BURS[AÁ]TIL DE CAPITAL VARIABLE",
    "SOCIEDAD AN[OÓ]NIMA DE CAPITAL VARIABLE",
    "SOCIEDAD AN[OÓ]NIMA",
    "SOCIEDAD DE RESPONSABILIDAD LIMITADA DE CAPITAL VARIABLE",
    "SOCIEDAD DE RESPONSABILIDAD LIMITADA",
    "SOCIEDAD POR ACCIONES SIMPLIFICADA",
    "SOCIEDAD CIVIL",
    "ASOCIACI[OÓ]N CIVIL",
)


def _pattern(initials: str) -> str:
    """«S A DE C V» as SA DE CV, S.A. DE C.V., S. A. de C. V.: what stands between two
    letters of initials is a dot or a blank or nothing; around a word it is a blank."""
    parts = re.split(r" (DE|EN|POR) ", initials)
    joined = [part if part in ("DE", "EN", "POR") else _dotted(part) for part in parts]
    return r"\s*".join(joined)


def _dotted(letters: str) -> str:
    return r"\s?".join(rf"{letter}\.?" for letter in letters.split())


# Behind a comma or a blank, at the very end.
_FORMS = "|".join([*map(_pattern, _INITIALS), *_WORDS])
_AT_THE_END = re.compile(rf"(?:\s*,\s*|\s+)(?P<found>{_FORMS})[\s.]*$", re.IGNORECASE)
# So much of the end is looked at: a name is up to 254 characters.
_LONGEST = 90


def split(name: str) -> tuple[str, str]:
    """The name without its régimen de capital, and the régimen as it is written; empty
    where there is none. What would leave nothing is a name."""
    name = name.strip()
    start = max(0, len(name) - _LONGEST)
    found = _AT_THE_END.search(name, start)
    if not found or not found.start():
        return name, ""
    return name[: found.start()].rstrip(" ,"), found["found"].strip()
