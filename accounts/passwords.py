"""Passwords that others would guess: known from leaks, or made the way people do.

Law: quality.md, "Access". zxcvbn estimates how many guesses a password withstands from
lists of leaked passwords, names, words, keyboards and dates; nothing is asked of the
network. Django's own list of 20,000 is asked beside it (settings.py).
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from accounts.models import User

# Of guesses, as a power of ten: what one who has the hash of it tries in some hours.
GUESSES_LOG10 = 8
# zxcvbn takes no more, and nobody guesses what is longer from its beginning.
_LOOKED_AT = 72
# A telephone, an account, a date: digits alone are tried first. Longer ones are judged
# like any password.
_NUMBER = re.compile(r"[\W_]*(?:\d[\W_]*){1,14}")
# What people here would put into a password of this site. Its lists are English.
_OURS = (
    *("panel", "timbre", "timbrepanel", "timbrado", "timbres", "folio", "folios"),
    *("factura", "facturas", "facturacion", "cfdi", "sat", "rfc", "cliente"),
    *("revendedor", "distribuidora", "empresa", "contabilidad", "contador"),
    *("contrasena", "clave", "acceso", "usuario", "admin", "soporte", "mexico"),
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre", "lunes", "martes"),
    *("miercoles", "jueves", "viernes", "sabado", "domingo", "hola", "amor"),
)


class GuessableValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError with what to do instead."""
        is_number = _NUMBER.fullmatch(password[:_LOOKED_AT]) is not None
        if is_number or _guesses_log10(password, user) < GUESSES_LOG10:
            raise ValidationError(
                "Esta contraseña se adivina fácilmente: está en listas de contraseñas "
                "robadas o se parece a ellas. Use varias palabras que no vayan juntas.",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return "Su contraseña no puede estar en listas de contraseñas robadas."


def _guesses_log10(password: str, user: User | None) -> float:
    own = [user.email, *user.email.split("@"), user.name] if user else []
    plain = _without_accents(password[:_LOOKED_AT])[:_LOOKED_AT]
    found: dict[str, Any] = zxcvbn(plain, [*_OURS, *map(_without_accents, own)])
    return float(found["guesses_log10"])


def _without_accents(text: str) -> str:
    """«contraseña» is as known as «contrasena», and the lists have the latter."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))
