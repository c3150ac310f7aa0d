"""What is plainly right is not asked any further, and would be answered the same."""

import random

import phonenumbers
import pytest
from django.core.exceptions import ValidationError

from clients import details
from clients.details import NAMES
from reseller_panel import phones
from tests import factories


def test_ten_plain_digits_are_the_number_that_the_library_makes_of_them() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    rng = random.Random(seed)
    plain = 0
    for _ in range(3_000):
        text = "".join(rng.choice("0123456789") for _ in range(10))
        try:
            number = phonenumbers.parse(text, "MX")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            style = phonenumbers.PhoneNumberFormat.E164
            assert phones.cleaned(text) == phonenumbers.format_number(number, style)
            plain += bool(phones._PLAIN.fullmatch(text))
        else:
            with pytest.raises(ValidationError):
                phones.cleaned(text)
    assert plain


VALUES = {
    "legal_name": ["EMPRESA 1", "A", "LA & B, SA", "UNO  DOS", "ñandú", "A\n", "-"],
    "rfc": [factories.rfc(1), "EKU991332AB1", "XAXX010101000", "eku9003173c9", "Ñ"],
    "tax_regime": ["601", "600", "", "6010"],
    "postal_code": ["06000", "6000", "060000", "٠٦٠٠٠"],
    "contact_email": [
        *("a@b.mx", "a.b+c@d-e.com", "a@b", "a..b@c.mx", "A@b.mx", "a@-b.mx"),
        *("a_b@c.d.e.mx", ".a@b.mx", "a@b.m", "a@b--c.mx"),
    ],
    "contact_name": ["Clara Kemper", "José", "a  b", "", "x\u200by"],
    "contact_phone": ["5512345678", "", "+525512345678", "55 1234 5678"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_value_is_what_the_field_makes_of_it(name: str) -> None:
    for text in VALUES[name]:
        if details._is_plain(name, text):
            assert details._clean(name, text) == text
