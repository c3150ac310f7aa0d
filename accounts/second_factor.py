"""Second factors: who has one, and their secrets, which the database never holds plain.

Law: quality.md, "Access". What an authenticator app and the recovery codes are computed
from is encrypted with a key made of SECRET_KEY; SECRET_KEY_FALLBACKS still open what
was written under a former one, until `manage.py reencrypt_second_factors`.
"""

import base64
import logging
import secrets
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User

log = logging.getLogger(__name__)

# What an authenticator keeps that opens an account.
_SECRETS = ("secret", "seed")
# What the person proves by; recovery codes alone stand for a lost one.
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


# What the library would say otherwise.
_REFUSALS = {
    "cannot_delete_authenticator": "Este segundo factor no se puede quitar.",
    "cannot_generate_recovery_codes": "Active antes un segundo factor.",
    "incorrect_code": "El código no es correcto, o ya pasó su tiempo.",
}


class MfaAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | _REFUSALS

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """A name to begin with, which the person changes."""
        had = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Llave {had + 1}"

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. One that no key opens is answered with another that nobody
        knows: no code fits it, and the person is told so as of any wrong code."""
        try:
            return cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("A second factor was written under a key that is not given.")
            return base64.b32encode(secrets.token_bytes(20)).decode()


def cipher() -> MultiFernet:
    """The first key writes; each of them reads."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(secret_key: str) -> bytes:
    made = HKDF(SHA256(), length=32, salt=None, info=b"accounts.second_factor")
    return base64.urlsafe_b64encode(made.derive(secret_key.encode()))


def factors_of(user: Any) -> QuerySet[Authenticator]:
    """Those of a person, or of the row that an OuterRef names."""
    return Authenticator.objects.filter(user=user, type__in=_FACTORS)


def protects(user: User) -> bool:
    return factors_of(user).exists()


def with_secrets(data: dict[str, Any], turn: Callable[[str], str]) -> dict[str, Any]:
    """What an authenticator keeps, with each of its secrets turned."""
    turned: dict[str, Any] = {
        name: turn(data[name]) for name in _SECRETS if name in data
    }
    if "migrated_codes" in data:
        turned["migrated_codes"] = [turn(code) for code in data["migrated_codes"]]
    return data | turned


def reencrypt_all() -> int:
    """Write every secret anew under the key of today; how many authenticators. Raises
    InvalidToken, and writes nothing, when one cannot be opened."""
    with transaction.atomic():
        keepers = Authenticator.objects.select_for_update().exclude(
            type=Authenticator.Type.WEBAUTHN
        )
        for keeper in keepers:
            keeper.data = with_secrets(keeper.data, _rotated)
            keeper.save(update_fields=["data"])
    return len(keepers)


def _rotated(secret: str) -> str:
    return cipher().rotate(secret.encode()).decode()
