"""Who a document says that a taxpayer is: a constancia's text, or a CFDI (sat)."""

import time
from itertools import pairwise

import pytest

from sat import capital, constancia, documents, regimes
from sat.taxpayers import Taxpayer, UnreadableError
from tests.cfdis import cfdi, real, withholding
from tests.constancias import COMPANY, INDIVIDUAL


def read(text: str, encoding: str = "utf-8") -> Taxpayer:
    (found,) = documents.read(text.encode(encoding))
    return found


def refusal(content: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableError) as refused:
        documents.read(content)
    return refused.value.code, refused.value.message


# ── The constancia ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_constancia_of_a_company_is_read_in_every_usual_encoding(
    encoding: str,
) -> None:
    assert read(COMPANY, encoding) == Taxpayer(
        source="la Constancia de Situación Fiscal",
        rfc="URE180429TM6",
        name="UNIVERSIDAD ROBOTICA ESPAÑOLA",  # no régimen de capital, no trade name
        regimes=("601",),
        postal_code="86991",
    )


def test_of_a_person_the_name_is_put_together_and_only_current_regimes_are_read() -> (
    None
):
    found = read(INDIVIDUAL)
    assert (found.rfc, found.name) == ("CACX7605101P8", "XOCHILT CASAS CHÁVEZ")
    assert found.regimes == ("612", "606")  # 605 has ended
    assert found.postal_code == "36257"


def test_without_a_second_surname_the_name_is_shorter() -> None:
    found = read(INDIVIDUAL.replace("Apellido: CHÁVEZ", "Apellido:"))
    assert found.name == "XOCHILT CASAS"


@pytest.mark.parametrize(
    "text",
    [
        INDIVIDUAL.replace("\n", " "),
        INDIVIDUAL.replace("\n", "\r\n\r\n"),
        INDIVIDUAL.replace(" ", "\n"),
        INDIVIDUAL.replace(" ", "\N{NO-BREAK SPACE}"),
        INDIVIDUAL.replace("Á", "A\N{COMBINING ACUTE ACCENT}"),
        INDIVIDUAL[INDIVIDUAL.index("RFC:") :],
    ],
)
def test_lines_and_columns_may_be_broken_anywhere(text: str) -> None:
    assert read(text) == read(INDIVIDUAL)


def test_labels_copied_apart_from_their_values_leave_what_the_card_says() -> None:
    card = COMPANY[: COMPANY.index("idCIF")]
    found = read(card + "RFC:\nDenominación/Razón Social:\nCódigo Postal:\n")
    assert (found.rfc, found.name) == ("URE180429TM6", "UNIVERSIDAD ROBOTICA ESPAÑOLA")
    assert (found.regimes, found.postal_code) == ((), "")


def test_dates_copied_apart_from_their_regimes_end_none() -> None:
    start, end = INDIVIDUAL.index("Regímenes:"), INDIVIDUAL.index("Obligaciones:")
    torn = (
        "Regímenes: Régimen Simplificado de Confianza\nRégimen de Arrendamiento\n"
        "01/01/2022\n01/02/2022\n"
    )
    found = read(INDIVIDUAL[:start] + torn + INDIVIDUAL[end:])
    assert found.regimes == ("626", "606")


@pytest.mark.parametrize("code", regimes.REGIMES)
def test_each_regime_is_known_by_the_name_of_the_catalogue(code: str) -> None:
    name = regimes.REGIMES[code].description
    for said in (name, f"Régimen de {name.upper()}"):
        text = f"RFC: CACX7605101P8 Regímenes: {said} 01/01/2020 Obligaciones:"
        assert read(text).regimes == (code,)


def test_what_is_no_constancia_says_so() -> None:
    for text in (
        "Estimado cliente: le mando mis datos.",
        "Factura de CACX7605101P8 por $1,160.00",
        "RFC: Código Postal: 36257",
        "{}",
    ):
        code, message = refusal(text.encode())
        assert code == "not_constancia"
        assert "No parece una Constancia" in message


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", "empty", "vacío"),
        (b" \r\n\xef\xbb\xbf", "empty", "vacío"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "pdf", "péguelo"),
        (b"\xef\xbb\xbf\n%PDF-1.4", "pdf", "péguelo"),
        (b"PK\x03\x04\x14\x00" + bytes(300), "binary", "no es de texto"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "binary", "no es de texto"),
        (b"\xff\xfea", "binary", "no es de texto"),
        (bytes(2000), "empty", "vacío"),
        (b"RFC: CACX7605101P8\x00", "binary", "no es de texto"),
        (b"x" * (documents.MAX_BYTES + 1), "too_large", "1,048,577 bytes"),
        (b"x" * documents.MAX_BYTES, "too_large", "1,048,576 caracteres"),
    ],
)
def test_a_wrong_file_says_what_to_do(content: bytes, code: str, message: str) -> None:
    found, said = refusal(content)
    assert found == code
    assert message in said


HOSTILE = {
    "blanks": " ",
    "labels": "RFC:",
    "half labels": "Nombre ",
    "half of a long label": "Registro Federal de ",
    "regimes": "Regímenes: Arrendamiento ",
    "half regimes": "Regímenes: Personas Físicas con Actividades Empresariales y ",
    "dates": "01/01/2020 ",
    "almost RFCs": "CACX760510",
    "accents": "e\u0301\u0301",
    "pages": "Página [",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name: str) -> None:
    """A second is generous: each takes some hundredths, whatever it repeats."""
    one = HOSTILE[name]
    text = (
        f"RFC: CACX7605101P8 Regímenes: {one * (constancia.MAX_CHARACTERS // len(one))}"
    )
    begin = time.perf_counter()
    try:
        constancia.read(text[: constancia.MAX_CHARACTERS])
    except UnreadableError:
        pass
    assert time.perf_counter() - begin < 1


# ── A CFDI ────────────────────────────────────────────────────────────────────────


def test_of_a_cfdi_40_both_are_read_with_all_that_it_says() -> None:
    document = cfdi(receiver="XIA190128J61").replace(
        'Nombre="RECEPTOR"',
        'Nombre=" XENON  INDUSTRIAL " DomicilioFiscalReceptor="76343"'
        ' RegimenFiscalReceptor="601"',
    )
    document = document.replace("Moneda=", 'LugarExpedicion="42501" Moneda=')
    issuer, receiver = documents.read(document.encode())
    assert issuer == Taxpayer(
        source="el CFDI que emitió",
        rfc="EKU9003173C9",
        name="EMISOR",
        regimes=("601",),
        postal_code="42501",
        place_of_issue=True,
    )
    assert receiver == Taxpayer(
        source="el CFDI que recibió",
        rfc="XIA190128J61",
        name="XENON INDUSTRIAL",
        regimes=("601",),
        postal_code="76343",
    )


def test_the_public_in_general_is_nobodys_client() -> None:
    (only,) = documents.read(cfdi().encode())
    assert only.rfc == "EKU9003173C9"
    nobody = cfdi(issuer="XEXX010101000")
    assert refusal(nobody.encode())[0] == "not_cfdi"


def test_a_cfdi_32_has_its_codes_in_elements() -> None:
    document = """<?xml version="1.0" encoding="UTF-8"?>
    <Comprobante xmlns="http://www.sat.gob.mx/cfd/3" version="3.2"
                 LugarExpedicion="Pachuca, Hidalgo">
      <Emisor rfc="EKU9003173C9" nombre="ESCUELA KEMPER URGATE SA DE CV">
        <DomicilioFiscal codigoPostal="42501"/>
        <RegimenFiscal Regimen="General de Ley Personas Morales"/>
      </Emisor>
      <Receptor rfc="XIA190128J61"><Domicilio codigoPostal="76343"/></Receptor>
    </Comprobante>"""
    issuer, receiver = documents.read(document.encode())
    assert (issuer.postal_code, issuer.place_of_issue) == ("42501", False)
    assert (issuer.name, issuer.regimes) == ("ESCUELA KEMPER URGATE SA DE CV", ())
    assert (receiver.name, receiver.postal_code) == ("", "76343")


def test_it_need_not_be_stamped_and_unknown_codes_are_left_out() -> None:
    document = cfdi(complement="").replace('"601"', '"999"')
    (only,) = documents.read(document.encode())
    assert only.regimes == ()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("<html><body>RFC: EKU9003173C9</body></html>", "elemento raíz"),
        (withholding(), "elemento raíz"),
        (cfdi()[:-20], "incompleto"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + cfdi(), "entidades"),
        (cfdi(before="<a>" * 600), "uno dentro de otro"),
    ],
)
def test_a_wrong_or_hostile_document_is_refused(document: str, message: str) -> None:
    code, said = refusal(document.encode())
    assert code == "not_cfdi"
    assert message in said


@pytest.mark.parametrize("name", ["ingreso-40.xml", "ingreso-33.xml"])
def test_real_documents_say_who_issued_them(name: str) -> None:
    issuer = documents.read(real(name).read_bytes())[0]
    assert issuer.rfc == "EKU9003173C9"
    assert "KEMPER" in issuer.name
    assert len(issuer.postal_code) == 5


# ── The régimen de capital ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        "SA DE CV",
        "S.A. de C.V.",
        "S. A. DE C. V.",
        "S A DE C V",
        "S de RL de CV",
        "S. de R.L.",
        "SAPI DE CV",
        "S.A.B. DE C.V.",
        "SAS",
        "SC",
        "A.C.",
        "SC DE RL DE CV",
        "S EN C POR A",
        "Sociedad Anónima de Capital Variable",
    ],
)
def test_a_regimen_de_capital_is_found_at_the_end(written: str) -> None:
    for between in (" ", ", ", "  "):
        name, found = capital.split(f"Herrería & Ñandú{between}{written}")
        assert (name, found.rstrip(".")) == ("Herrería & Ñandú", written.rstrip("."))


@pytest.mark.parametrize(
    "name",
    [
        "ESCUELA KEMPER URGATE",
        "MARÍA SALAS",
        "LA CASA",
        "SA DE CV",
        "SC",
        "SA DE CV CONSULTORES",
        "MARCAS",
        "",
        "  ",
    ],
)
def test_other_names_have_none(name: str) -> None:
    assert capital.split(name) == (name.strip(), "")


def test_longer_ones_come_before_those_that_begin_them() -> None:
    """Else «S DE RL» would be found in «S DE RL DE CV»; the end of the name decides
    anyway, so this is about their order alone."""
    for earlier, later in pairwise(capital._INITIALS):
        assert not later.startswith(f"{earlier} ")
