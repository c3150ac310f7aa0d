"""RFC (domain.md): letters, a real date, homoclave; the check digit only warns."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from stdnum.mx import rfc as mx_rfc
from stdnum.mx.rfc import calc_check_digit

from clients.models import Client
from sat import rfc
from tests import factories

# The RFC in the certificates of SAT's public test taxpayers.
SAT_TAXPAYERS = (
    "EKU9003173C9 XIA190128J61 IIA040805DZ4 URE180429TM6 IVD920810GU2 JES900109Q90 "
    "KIJ0906199R1 OÑO120726RX3 EWE1709045U0 H&E951128469 ZUÑ920208KL4 CACX7605101P8 "
    "FUNK671228PH6 MISC491214B86 KICR630120NX3 XOJI740919U48 WATM640917J45 "
    "XAMA620210DQ5"
).split()


@pytest.mark.parametrize("text", SAT_TAXPAYERS)
def test_every_public_test_taxpayer_is_accepted(text: str) -> None:
    assert rfc.clean(text) == text
    rfc.validate(text)
    assert rfc.is_well_formed(text)
    assert rfc.is_individual(text) is (len(text) == 13)


@pytest.mark.parametrize("text", SAT_TAXPAYERS)
def test_a_check_digit_of_sats_own_taxpayers_may_be_a_warning_but_never_an_error(
    text: str,
) -> None:
    """Some of their check digits are wrong, so a wrong one is only a warning."""
    assert rfc.has_wrong_check_digit(text) in {True, False}


def test_a_wrong_check_digit_is_noticed() -> None:
    assert not rfc.has_wrong_check_digit("EKU9003173C9")
    for last in "012345678ABXÑ":
        assert rfc.has_wrong_check_digit(f"EKU9003173C{last}")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("eku9003173c9", "EKU9003173C9"),
        (" EKU-900317-3C9 ", "EKU9003173C9"),
        ("EKU 900317 3C9", "EKU9003173C9"),
        ("eku\t900317\u00a03c9\n", "EKU9003173C9"),
        ("oño120726rx3", "OÑO120726RX3"),
        (unicodedata.normalize("NFD", "oño120726rx3"), "OÑO120726RX3"),
        ("h&e951128469", "H&E951128469"),
        ("EKU\u200b900317\ufeff3C9", "EKU9003173C9"),
        ("\u202aEKU9003173C9\u202c", "EKU9003173C9"),
        ("EKU\u00ad900317\u20113C9", "EKU9003173C9"),
        ("EKU\u2013900317\u22123C9", "EKU9003173C9"),
        ("EKU\u3000900317\u20283C9", "EKU9003173C9"),
    ],
)
def test_it_is_kept_in_upper_case_without_spaces_or_hyphens(
    typed: str, kept: str
) -> None:
    assert rfc.clean(typed) == kept
    rfc.validate(kept)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EKU9003173C",  # one too few
        "EKU9003173C99",  # a persona física needs four letters
        "EKUX9003173C99",
        "EK19003173C9",  # a digit among the letters
        "EKU900317-C9",
        "EKÚ9003173C9",
        "EKU90O3173C9",  # the letter O
        "EKU9013173C9",  # month 13
        "EKU9000173C9",
        "EKU9002303C9",  # 30 February
        "EKU9102293C9",  # 29 February of no leap year
        "EKU9004313C9",
        "EKU9003003C9",
        "EKU9003173C9\n",
        "\u00a0EKU9003173C9",
        "EKU９００３１７3C9",  # full-width digits
        "EKU٩٠٠٣١٧3C9",
        "eku9003173c9",
    ],
)
def test_what_cannot_be_one_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rfc.validate(text)
    assert caught.value.code == "invalid_rfc"


@pytest.mark.parametrize(
    "text", ["EKU\x1b9003173C9", "\x00EKU9003173C9", "EKU\ufffe9003173C9"]
)
def test_other_characters_stay_to_be_named(text: str) -> None:
    assert rfc.clean(text) == text


@pytest.mark.parametrize("word", sorted(rfc.INCONVENIENT_WORDS))
def test_a_beginning_that_sat_avoids_is_a_warning(word: str) -> None:
    stem = f"{word}900317AB"
    text = stem + calc_check_digit(stem)
    rfc.validate(text)
    (doubt,) = rfc.doubts(text)
    assert f"Empieza con «{word}»" in doubt


def test_the_list_has_every_word_that_stdnum_refuses() -> None:
    assert rfc.INCONVENIENT_WORDS == mx_rfc._name_blacklist


def test_each_doubt_is_said_by_its_own_name() -> None:
    assert rfc.doubts("EKU9003173C9") == []
    assert rfc.doubts("EKU9003173C8") == [
        "El último carácter no corresponde al resto del RFC."
    ]
    stem = "PEDO900317AB"
    wrong = stem + ("0" if calc_check_digit(stem) != "0" else "1")
    digit, word = rfc.doubts(wrong)
    assert "último carácter" in digit
    assert "«PEDO»" in word
    # Three letters of a company are none of the words.
    assert not rfc.has_inconvenient_beginning("PED900317AB1")


@pytest.mark.parametrize("text", ["EKU0002293C9", "EKU0402293C9", "EKU2402293C9"])
def test_29_february_of_a_leap_year_is_a_date(text: str) -> None:
    rfc.validate(text)


@pytest.mark.parametrize("text", ["XAXX010101000", "XEXX010101000"])
def test_the_generic_ones_cannot_be_a_client(text: str) -> None:
    with pytest.raises(ValidationError, match="es el RFC genérico") as caught:
        rfc.validate(text)
    assert caught.value.code == "generic_rfc"
    assert rfc.is_well_formed(text), "but they stand in documents"


@pytest.mark.parametrize("number", [1, 2, 1295, 1296, 5000])
def test_invented_taxpayers_are_valid(number: int) -> None:
    text = factories.rfc(number)
    rfc.validate(text)
    assert not rfc.has_wrong_check_digit(text)


def test_the_models_field_uses_the_same_rule() -> None:
    field = Client._meta.get_field("rfc")
    with pytest.raises(ValidationError):
        field.run_validators("XAXX010101000")
    field.run_validators("EKU9003173C9")
