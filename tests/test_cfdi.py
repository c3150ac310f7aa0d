"""Reading CFDI: real ones of every version, and hostile or broken documents."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from sat.cfdi import MAX_BYTES, Cfdi, CfdiError, read
from tests import cfdis
from tests.cfdis import OTHER, cfdi, stamp

DECLARED = '<?xml version="1.0" encoding="{}"?>'


def refused(data: bytes | str) -> CfdiError:
    with pytest.raises(CfdiError) as caught:
        read(data.encode() if isinstance(data, str) else data)
    return caught.value


# --- Real files -----------------------------------------------------------------


def test_a_real_40_is_read() -> None:
    assert read(cfdis.real("ingreso-40.xml").read_bytes()) == Cfdi(
        uuid=UUID("6f35d3b5-3651-5370-bc2c-14cdbe384cd7"),
        version="4.0",
        kind="I",
        issued_at=datetime(2025, 2, 19, 8, 32, 29),  # noqa: DTZ001
        issuer_rfc="EKU9003173C9",
        receiver_rfc="MCI7306249Y1",
        total=Decimal("3327.01"),
    )


def test_a_real_33_is_read_and_its_related_document_is_not_its_uuid() -> None:
    document = read(cfdis.real("ingreso-33.xml").read_bytes())
    assert document.uuid == UUID("9FB6ED1A-5F37-4FEF-980A-7F8C83B51894")
    assert (document.version, document.issuer_rfc) == ("3.3", "EKU9003173C9")


def test_a_real_one_without_a_stamp_is_refused() -> None:
    error = refused(cfdis.real("sin-timbre-valido.xml").read_bytes())
    assert error.code == "not_stamped"
    assert str(error) == "No está timbrado: no trae TimbreFiscalDigital."


# --- The UUID -------------------------------------------------------------------


def test_the_uuid_is_that_of_the_stamp() -> None:
    assert read(cfdi().encode()).uuid == UUID(cfdis.UUID)


def test_a_related_document_is_not_it() -> None:
    related = (
        '<cfdi:CfdiRelacionados TipoRelacion="04">'
        f'<cfdi:CfdiRelacionado UUID="{OTHER}"/></cfdi:CfdiRelacionados>'
    )
    assert read(cfdi(before=related).encode()).uuid == UUID(cfdis.UUID)


def test_the_documents_of_a_payment_are_not_it() -> None:
    payment = (
        '<pago20:Pagos xmlns:pago20="http://www.sat.gob.mx/Pagos20" Version="2.0">'
        f'<pago20:Pago><pago20:DoctoRelacionado IdDocumento="{OTHER}" UUID="{OTHER}"/>'
        f"{stamp(OTHER)}</pago20:Pago></pago20:Pagos>"
    )
    document = read(cfdi(kind="P", total="0", complement=payment + stamp()).encode())
    assert (document.uuid, document.kind) == (UUID(cfdis.UUID), "P")


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_stamp_outside_the_complement_is_none(place: str) -> None:
    addenda = f"<cfdi:Addenda>{stamp(OTHER)}</cfdi:Addenda>"
    with_another = cfdi(**{place: addenda})
    assert read(with_another.encode()).uuid == UUID(cfdis.UUID)
    without = cfdi(complement="", **{place: addenda})
    assert refused(without).code == "not_stamped"


def test_a_stamp_of_a_document_inside_the_document_is_not_its_own() -> None:
    inner = f"<cfdi:Addenda>{cfdi(uuid=OTHER)}</cfdi:Addenda>"
    assert refused(cfdi(complement="", after=inner)).code == "not_stamped"


def test_a_stamp_beside_other_complements_is_found() -> None:
    local = (
        '<implocal:ImpuestosLocales xmlns:implocal="http://www.sat.gob.mx/implocal"/>'
    )
    assert read(cfdi(complement=local + stamp()).encode()).uuid == UUID(cfdis.UUID)


def test_several_complements_are_looked_through() -> None:
    """CFDI 3.2 and 3.3 allowed more than one Complemento."""
    several = cfdi(after="<cfdi:Complemento/>")
    assert read(several.encode()).uuid == UUID(cfdis.UUID)


@pytest.mark.parametrize("prefix", ["tfd", "timbre", "x", "ñ"])
def test_any_prefix_will_do(prefix: str) -> None:
    document = cfdi(complement=stamp(prefix=prefix))
    assert read(document.encode()).uuid == UUID(cfdis.UUID)


def test_a_namespace_declared_at_the_root_will_do() -> None:
    stamped = f'<tfd:TimbreFiscalDigital UUID="{cfdis.UUID}"/>'
    declared = cfdi(complement=stamped).replace(
        "<cfdi:Comprobante ",
        '<cfdi:Comprobante xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" ',
    )
    assert read(declared.encode()).uuid == UUID(cfdis.UUID)


def test_a_default_namespace_will_do() -> None:
    document = cfdi().replace("cfdi:", "").replace("xmlns:cfdi", "xmlns")
    document = document.replace(":cfdi=", "=")
    assert "xmlns=" in document
    assert read(document.encode()).issuer_rfc == "EKU9003173C9"


def test_a_stamp_of_another_namespace_is_none() -> None:
    fake = stamp().replace("http://www.sat.gob.mx/", "http://ejemplo.mx/")
    assert refused(cfdi(complement=fake)).code == "not_stamped"
    bare = f'<TimbreFiscalDigital UUID="{cfdis.UUID}"/>'
    assert refused(cfdi(complement=bare)).code == "not_stamped"


def test_two_stamps_are_refused() -> None:
    error = refused(cfdi(complement=stamp() + stamp(OTHER)))
    assert error.code == "invalid_cfdi"
    assert str(error) == "Trae más de un TimbreFiscalDigital."


@pytest.mark.parametrize(
    "uuid",
    [
        "",
        "00000000-0000-0000-0000-000000000000",
        "no-es-un-uuid",
        cfdis.UUID.replace("-", ""),
        "{" + cfdis.UUID + "}",
        "urn:uuid:" + cfdis.UUID,
        cfdis.UUID[:-1],
        cfdis.UUID + "0",
        cfdis.UUID.replace("3", "٣"),
    ],
)
def test_a_stamp_whose_uuid_is_none_is_refused(uuid: str) -> None:
    assert refused(cfdi(uuid=uuid)).code == "not_stamped"


def test_a_uuid_is_read_in_any_case() -> None:
    assert read(cfdi(uuid=cfdis.UUID.lower()).encode()).uuid == UUID(cfdis.UUID)


# --- Other fields ---------------------------------------------------------------

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" version="3.2"
  fecha="2013-05-31T10:09:08" total="1160.50" tipoDeComprobante="ingreso">
 <cfdi:Emisor rfc="H&amp;E951128469" nombre="HERRERIA &amp; ELECTRICOS"/>
 <cfdi:Receptor rfc="OÑO120726RX3"/>
 <cfdi:Complemento>
  <tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"
    version="1.0" uuid="3f2504e0-4f89-41d3-9a0c-0305e82c3301"/>
 </cfdi:Complemento>
</cfdi:Comprobante>"""


def test_an_old_one_with_lower_case_attributes_is_read() -> None:
    assert read(OLD.encode()) == Cfdi(
        uuid=UUID(cfdis.UUID),
        version="3.2",
        kind="I",
        issued_at=datetime(2013, 5, 31, 10, 9, 8),  # noqa: DTZ001
        issuer_rfc="H&E951128469",
        receiver_rfc="OÑO120726RX3",
        total=Decimal("1160.50"),
    )


def test_the_issuers_rfc_is_brought_to_its_form() -> None:
    assert read(cfdi(issuer=" eku-900317 3c9 ").encode()).issuer_rfc == "EKU9003173C9"


@pytest.mark.parametrize("word", ["ingreso", "Egreso", "TRASLADO"])
def test_the_words_of_32_are_the_letters_of_today(word: str) -> None:
    assert read(OLD.replace('"ingreso"', f'"{word}"').encode()).kind == word[0].upper()


@pytest.mark.parametrize("kind", ["I", "E", "T", "N", "P"])
def test_every_kind_is_read(kind: str) -> None:
    assert read(cfdi(kind=kind).encode()).kind == kind


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"issuer": ""}, "El RFC de su emisor no es válido."),
        ({"issuer": "EKU9003173C"}, "El RFC de su emisor no es válido."),
        ({"receiver": "X"}, "El RFC de su receptor no es válido."),
        ({"kind": "Z"}, "Su tipo de comprobante no existe."),
        ({"kind": ""}, "Le falta el atributo tipoDeComprobante."),
        ({"moment": ""}, "Le falta el atributo fecha."),
        ({"moment": "23/11/2026"}, "Su fecha no es válida."),
        ({"moment": "2026-02-30T12:00:00"}, "Su fecha no es válida."),
        ({"total": ""}, "Le falta el atributo total."),
        ({"total": "mil"}, "Su total no es válido."),
        ({"total": "NaN"}, "Su total no es válido."),
        ({"total": "Infinity"}, "Su total no es válido."),
        ({"total": "-1"}, "Su total no es válido."),
        ({"total": "1_000"}, "Su total no es válido."),
        ({"total": "1,000.00"}, "Su total no es válido."),
        ({"total": "1.1234567"}, "Su total no es válido."),
        ({"total": "9" * 19}, "Su total no es válido."),
        ({"total": "１"}, "Su total no es válido."),
        ({"total": "1e999999999"}, "Su total no es válido."),
    ],
)
def test_what_it_says_must_be_possible(broken: dict[str, str], words: str) -> None:
    error = refused(cfdi(**broken))
    assert (error.code, error.message) == ("invalid_cfdi", words)


@pytest.mark.parametrize("total", ["0", "0.000001", "9" * 18 + ".999999", "007.50"])
def test_every_amount_of_the_standard_is_read(total: str) -> None:
    assert read(cfdi(total=total).encode()).total == Decimal(total)


def test_without_an_issuer_it_is_refused() -> None:
    assert refused(cfdi().replace("Emisor", "Otro")).code == "invalid_cfdi"


@pytest.mark.parametrize("version", ["", "2.2", "3.3", "5.0", "4.0 "])
def test_the_version_must_be_one_of_its_namespace(version: str) -> None:
    if version.strip() == "4.0":
        assert read(cfdi(version=version).encode()).version == "4.0"
    else:
        error = refused(cfdi(version=version))
        assert error.code == "not_cfdi"
        assert "4.0, 3.3, 3.2" in error.message


@pytest.mark.parametrize(
    "document",
    [
        "<html/>",
        "<Comprobante/>",
        '<Comprobante xmlns="http://ejemplo.mx/cfd/4" Version="4.0"/>',
        cfdi().replace("cfdi:Comprobante", "cfdi:Retenciones"),
        f"<sobre>{cfdi()}</sobre>",
    ],
)
def test_xml_that_is_no_cfdi_is_refused(document: str) -> None:
    assert refused(document).code == "not_cfdi"


# --- Encodings and malformed bytes ----------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("latin-1", "ISO-8859-1"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_the_declared_encoding_is_believed(encoding: str, declared: str) -> None:
    document = DECLARED.format(declared) + cfdi(issuer="OÑO120726RX3")
    assert read(document.encode(encoding)).issuer_rfc == "OÑO120726RX3"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"\x00",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04",
        b"%PDF-1.7",
        b"not xml",
        b"\xff\xfe\x00",
        cfdi().encode()[:-20],
        cfdi().encode() + b"<otro/>",
        cfdi().encode().replace(b"EMISOR", b"EMI\x00SOR"),
        cfdi().encode().replace(b"EMISOR", b"EMI\x0bSOR"),
        cfdi().encode().replace(b"EMISOR", b"EMI & SOR"),
        cfdi(issuer="OÑO120726RX3").encode("latin-1"),  # undeclared
        (DECLARED.format("UTF-16") + cfdi()).encode(),  # declared, but not the encoding
        (DECLARED.format("klingon") + cfdi()).encode(),
        (DECLARED.format("utf-7") + cfdi()).encode(),
        (DECLARED.format("rot13") + cfdi()).encode(),
        (DECLARED.format("base64") + cfdi()).encode(),
        (DECLARED.format("shift_jis") + cfdi()).encode(),
        cfdi().replace("cfdi:Emisor", "nadie:Emisor").encode(),
        cfdi().replace('Version="4.0"', 'Version="4.0" Version="4.0"').encode(),
    ],
    ids=range(22),
)
def test_what_is_not_whole_xml_is_refused(data: bytes) -> None:
    error = refused(data)
    assert error.code == "not_xml"
    assert error.message.startswith("No es XML o está incompleto")


def test_the_place_of_the_error_is_named() -> None:
    error = refused("<a>\n  <b></c>\n</a>")
    assert error.message == "No es XML o está incompleto (línea 2, columna 8)."


BOMB = "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">'
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "dtd",
    [
        "<!DOCTYPE x>",
        f'<!DOCTYPE x [<!ENTITY a "ja">{BOMB}]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:1/">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]>',
        f'<!DOCTYPE x [<!ENTITY a "{"ja" * 50_000}">]>',
    ],
    ids=["empty", "bomb", "file", "http", "external", "parameter", "quadratic"],
)
def test_a_dtd_of_any_kind_is_refused(dtd: str) -> None:
    document = dtd + cfdi(before="<a>&a;</a>" if "ENTITY a " in dtd else "")
    error = refused(document)
    assert error.code == "forbidden_xml"


def test_two_megabytes_are_refused_before_they_are_parsed() -> None:
    error = refused(b"<" * 2 * 1024 * 1024)
    assert error.code == "too_large"
    assert error.message == "Pesa más de 1 MB; un CFDI no llega a tanto."


def test_one_megabyte_is_the_limit() -> None:
    small = cfdi(after="<!---->")
    filler = "x" * (MAX_BYTES - len(small.encode()))
    assert read(cfdi(after=f"<!--{filler}-->").encode()).version == "4.0"
    assert refused(cfdi(after=f"<!--{filler}x-->")).code == "too_large"


def test_elements_as_deep_as_a_megabyte_allows_do_no_harm() -> None:
    depth = 140_000
    document = cfdi(after="<a>" * depth + "</a>" * depth)
    assert len(document) < MAX_BYTES
    assert read(document.encode()).uuid == UUID(cfdis.UUID)


def test_as_many_attributes_as_a_megabyte_allows_do_no_harm() -> None:
    attributes = " ".join(f'a{n}="1"' for n in range(80_000))
    document = cfdi(after=f"<a {attributes}/>")
    assert len(document) < MAX_BYTES
    assert read(document.encode()).uuid == UUID(cfdis.UUID)
