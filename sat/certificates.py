"""Certificates of SAT, as documents carry them: only until when they are good.

That one is SAT's, and was good on the day, is not looked at (docs/decisions.md).
"""

import base64
import binascii
from datetime import datetime

from cryptography import x509

# Of the attribute. SAT's have some 2,000 characters.
_MAX_CHARACTERS = 16_000


def ends_at(text: str) -> datetime | None:
    """When the certificate in `text` (DER in base64) ends, in UTC; None if there is
    none that can be read."""
    if not text or len(text) > _MAX_CHARACTERS:
        return None
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        return x509.load_der_x509_certificate(der).not_valid_after_utc
    except (ValueError, binascii.Error):
        return None
