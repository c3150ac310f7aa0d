"""Reading CFDI: real ones of every version, and hostile or broken documents."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import pytest

from sat.cfdi import MAX_BYTES, Cfdi, CfdiError, implausible, read
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
        certificate_ends_at=datetime(2027, 5, 18, 11, 43, 51, tzinfo=UTC),
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
    assert str(error) == "Trae más de un TimbreFiscalDigital distinto."


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
        ({"moment": ""}, "Le falta el atributo Fecha."),
        ({"moment": "23/11/2026"}, "Su fecha no es válida."),
        ({"moment": "2026-02-30T12:00:00"}, "Su fecha no es válida."),
        ({"total": ""}, "Le falta el atributo Total."),
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
        cfdi().encode().replace(b"EMISOR", b"EMI\x00SOR"),
        cfdi().encode().replace(b"EMISOR", b"EMI\x0bSOR"),
        cfdi().encode().replace(b"EMISOR", b"EMI & SOR"),
        cfdi(issuer="OÑO120726RX3").encode("latin-1"),  # undeclared
        (DECLARED.format("UTF-16") + cfdi()).encode(),  # declared, but not the encoding
        cfdi().replace("cfdi:Emisor", "nadie:Emisor").encode(),
        cfdi().replace('Version="4.0"', 'Version="4.0" Version="4.0"').encode(),
    ],
    ids=range(16),
)
def test_what_is_not_whole_xml_is_refused(data: bytes) -> None:
    error = refused(data)
    assert error.code == "not_xml"
    assert error.message.startswith("No es XML o está incompleto")


@pytest.mark.parametrize(
    "encoding", ["klingon", "utf-7", "rot13", "base64", "shift_jis"]
)
def test_an_encoding_that_cannot_be_read_is_named_as_the_reason(encoding: str) -> None:
    error = refused(DECLARED.format(encoding) + cfdi())
    assert error.code == "not_xml"
    assert error.message == (
        "Declara una codificación que no se puede leer; guárdelo en UTF-8."
    )


@pytest.mark.parametrize(
    ("before", "line", "column"),
    [("", 1, 1), ("\n\n", 3, 1), ("\ufeff", 1, 1), ("\ufeff\r\n  ", 2, 3)],
)
def test_the_place_of_the_error_is_that_of_the_file(
    before: str, line: int, column: int
) -> None:
    whole = refused(cfdi(after="<b></c>")).message
    offset = cfdi(after="<b></c>").index("</c>") + 2  # behind "</"
    place = f"(línea 1, columna {offset + 1})"
    assert whole == f"No es XML o está incompleto {place}."
    place = f"(línea {line}, columna {offset + column})"
    error = refused(before + cfdi(after="<b></c>"))
    assert error.message == f"No es XML o está incompleto {place}."


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


# --- Bytes around the document --------------------------------------------------

BOM = "\ufeff"


@pytest.mark.parametrize(
    "before",
    [
        *(BOM, BOM * 2, BOM * 3, "\n", "\r\n\r\n", " \t ", "\x00", "\x00\x00"),
        *(BOM + "\n" + BOM, "\n" + BOM, "\n" * 300_000, BOM + "\x00\n"),
    ],
    ids=range(12),
)
@pytest.mark.parametrize("declared", [True, False])
def test_marks_blanks_and_nuls_before_it_are_taken_off(
    before: str, declared: bool
) -> None:
    document = (DECLARED.format("UTF-8") if declared else "") + cfdi()
    assert read((before + document).encode()).uuid == UUID(cfdis.UUID)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", [BOM, BOM * 2, BOM + "\n", BOM + "\r\n " + BOM])
def test_marks_and_blanks_before_utf_16_are_taken_off(
    encoding: str, before: str
) -> None:
    document = before + DECLARED.format("UTF-16") + cfdi()
    assert read(document.encode(encoding)).uuid == UUID(cfdis.UUID)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read(encoding: str) -> None:
    document = DECLARED.format("UTF-16") + cfdi()
    assert read(document.encode(encoding)).uuid == UUID(cfdis.UUID)


@pytest.mark.parametrize(
    "after",
    [
        b"\x00",
        b"\x00" * 600_000,
        b"\x1a",
        b"basura",
        b"basura " * 100_000,
        b"x" * 600_000,
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"]]>",
        b"\r\n-- fin & <",
        b"</otro>",
        b"<!-- un comentario -->",
        b"<!-- sin final <cfdi:Comprobante/>",
        b"<!DOCTYPE x [<!ENTITY a 'ja'>]>",
    ],
    ids=range(14),
)
def test_text_and_nuls_after_the_root_are_taken_off(after: bytes) -> None:
    assert read(cfdi().encode() + after).uuid == UUID(cfdis.UUID)


@pytest.mark.parametrize("gap", ["", "\n", "\x00", "basura ", "x" * 600_000])
@pytest.mark.parametrize("uuid", [cfdis.UUID, OTHER])
def test_another_document_behind_it_is_refused(gap: str, uuid: str) -> None:
    error = refused(cfdi() + gap + cfdi(uuid=uuid))
    assert error.code == "invalid_cfdi"
    assert error.message == (
        "Después del comprobante sigue otro elemento; "
        "mande un solo documento por archivo."
    )


@pytest.mark.parametrize("at", range(-6, 4))
def test_another_document_is_seen_wherever_the_bytes_are_cut(at: int) -> None:
    """What gives the bytes may give them in pieces of any size."""
    whole = (cfdi() + " y " + cfdi(uuid=OTHER)).encode()
    cut = len(cfdi().encode()) + 3 + at

    class Pieces:
        def __init__(self) -> None:
            self.left = [whole[:cut], whole[cut:]]

        def read(self, size: int, /) -> bytes:
            return self.left.pop(0) if self.left else b""

    with pytest.raises(CfdiError, match="sigue otro elemento"):
        read(Pieces())


# --- Ten megabytes --------------------------------------------------------------


def filled(size: int, *, line: str = "") -> bytes:
    """A document of exactly `size` bytes, of lines or of a comment."""
    lines = line * ((size - 3_000) // len(line.encode())) if line else ""
    bare = cfdi(before=f"<cfdi:Conceptos>{lines}</cfdi:Conceptos>", after="<!---->")
    filler = "x" * (size - len(bare.encode()))
    return bare.replace("<!---->", f"<!--{filler}-->").encode()


LINE = (
    '<cfdi:Concepto Cantidad="1" Descripcion="Café de olla" Importe="100.00">'
    '<cfdi:Impuestos><cfdi:Traslado Base="100.00" Importe="16.00"/></cfdi:Impuestos>'
    "</cfdi:Concepto>"
)


def test_ten_megabytes_are_the_limit_and_beyond_it_the_size_is_said() -> None:
    assert MAX_BYTES == 10 * 1024 * 1024
    assert read(filled(MAX_BYTES)).version == "4.0"
    error = refused(filled(MAX_BYTES + 1))
    assert error.code == "too_large"
    assert error.message == (
        "Pesa 10,485,761 bytes; se reciben hasta 10,485,760 bytes (10 MB)."
    )


def test_without_a_known_size_it_is_read_up_to_the_limit() -> None:
    with pytest.raises(CfdiError) as caught:
        read(BytesIO(filled(2 * MAX_BYTES, line=LINE)))
    assert caught.value.message == (
        "Pesa más de 10,485,760 bytes (10 MB), que es lo más que se recibe."
    )


class Counted:
    """A source of bytes that are made when they are read."""

    def __init__(self, whole: bytes, copies: int = 1) -> None:
        self.whole, self.copies, self.given = BytesIO(whole), copies, 0

    def read(self, size: int, /) -> bytes:
        data = self.whole.read(size)
        if not data and self.copies > 1:
            self.copies -= 1
            self.whole.seek(0)
            data = self.whole.read(size)
        self.given += len(data)
        return data


def peak(source: Counted) -> int:
    """The memory that reading it took, in bytes."""
    tracemalloc.start()
    try:
        with suppress(CfdiError):
            read(source)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_document_is_read_in_constant_memory() -> None:
    large = Counted(filled(9_900_000, line=LINE))
    small = Counted(filled(600_000, line=LINE))
    assert read(BytesIO(large.whole.getvalue())).uuid == UUID(cfdis.UUID)
    assert peak(large) < 2_000_000
    assert large.given == 9_900_000
    assert peak(small) < 2_000_000


def test_forty_megabytes_are_refused_in_constant_memory() -> None:
    begin, end = filled(2_000_000, line=LINE).split(b"</cfdi:Conceptos>")
    document = Counted(begin + LINE.encode() * 100_000 + end)
    assert len(document.whole.getvalue()) > 15_000_000
    assert peak(document) < 2_000_000
    assert document.given == MAX_BYTES + 1


@pytest.mark.parametrize("blank", [b" ", b"\x00", b"\n\xef\xbb\xbf"])
def test_forty_megabytes_of_nothing_are_refused_in_constant_memory(
    blank: bytes,
) -> None:
    endless = Counted(blank * 1_000_000, copies=40)
    assert peak(endless) < 2_000_000
    assert endless.given == MAX_BYTES + 1


def crowd(attribute: Callable[[int], str], count: int) -> str:
    return f"<a {' '.join(map(attribute, range(count)))}/>"


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        (lambda: "<a>" * 700_000 + "</a>" * 700_000, "500 elementos uno dentro"),
        (lambda: "".join(f"<a{n}/>" for n in range(800_000)), "20,000 nombres"),
        (
            lambda: crowd(lambda n: f'a{n}=""', 700_000),
            "demasiados atributos",
        ),
        (
            lambda: crowd(lambda n: f'xmlns:a{n}="b"', 500_000),
            "demasiados atributos",
        ),
        (
            lambda: "".join(f'<a xmlns:a{n}="b"/>' for n in range(400_000)),
            "20,000 nombres",
        ),
    ],
    ids=["deep", "names", "attributes", "prefixes", "declared"],
)
def test_what_the_parser_would_have_to_remember_is_bounded(
    hostile: Callable[[], str], words: str
) -> None:
    document = cfdi(after=hostile())
    assert len(document) < MAX_BYTES
    error = refused(document)
    assert error.code == "invalid_cfdi"
    assert words in error.message
    assert peak(Counted(document.encode())) < 30_000_000


@pytest.mark.parametrize(
    "addenda",
    [
        lambda: f"<a>{'QUJD' * 2_000_000}</a>",
        lambda: '<a pdf="' + "QUJD" * 2_000_000 + '=="/>',
        lambda: f"<a><![CDATA[{'<b>' * 1_000_000}]]></a>",
        lambda: "<a>" * 400 + "</a>" * 400,
        lambda: "".join(f'<a{n} b{n}="1"/>' for n in range(9_000)),
    ],
    ids=["text", "attribute", "cdata", "deep", "names"],
)
def test_an_addenda_may_be_large(addenda: Callable[[], str]) -> None:
    document = cfdi(after=f"<cfdi:Addenda>{addenda()}</cfdi:Addenda>")
    assert read(document.encode()).uuid == UUID(cfdis.UUID)


def test_a_global_invoice_of_three_thousand_lines_is_read() -> None:
    lines = LINE.replace("Café de olla", "Venta " * 40) * 3_000
    document = cfdi(before=f"<cfdi:Conceptos>{lines}</cfdi:Conceptos>").encode()
    assert len(document) > 1024 * 1024
    assert read(document).uuid == UUID(cfdis.UUID)


# --- Rare ones ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("01-newline-before-decl.xml", "I"),
        ("03-bom-twice.xml", "I"),
        ("15-same-tfd-twice.xml", "I"),
        ("30-retenciones-20.xml", "R"),
    ],
)
def test_rare_files_that_are_stamped_count(name: str, kind: str) -> None:
    document = read(cfdis.rare(name).read_bytes())
    assert (document.issuer_rfc, document.kind) == ("EKU9003173C9", kind)


@pytest.mark.parametrize(
    "second",
    [
        stamp(),
        stamp(cfdis.UUID.lower()),
        stamp(prefix="otro"),
        stamp().replace("/>", ' xsi:algo="1" xmlns:xsi="http://x.mx"/>'),
        stamp(f" {cfdis.UUID} "),
    ],
)
def test_the_same_stamp_twice_is_one(second: str) -> None:
    assert read(cfdi(complement=stamp() + second).encode()).uuid == UUID(cfdis.UUID)
    between = f"{stamp()}</cfdi:Complemento><cfdi:Complemento>{second}"
    assert read(cfdi(complement=between).encode()).uuid == UUID(cfdis.UUID)


def test_the_same_uuid_stamped_at_two_hours_is_refused() -> None:
    later = stamp().replace("12:00:05", "12:00:06")
    error = refused(cfdi(complement=stamp() + later))
    assert error.message == "Trae más de un TimbreFiscalDigital distinto."


def test_of_a_valid_and_an_empty_stamp_the_valid_one_counts() -> None:
    both = stamp("") + stamp() + stamp("0")
    assert read(cfdi(complement=both).encode()).uuid == UUID(cfdis.UUID)


@pytest.mark.parametrize(
    "document",
    [
        cfdi(complement="", after=f"<cfdi:Addenda>{stamp()}</cfdi:Addenda>"),
        cfdi(complement=f"<x>{stamp()}</x>"),
        cfdi(complement=f'<TimbreFiscalDigital UUID="{cfdis.UUID}"/>'),
        cfdi(complement=stamp().replace("http://www.sat.gob.mx/", "http://x.mx/")),
    ],
)
def test_a_stamp_that_is_not_its_own_is_not_called_absent(document: str) -> None:
    assert refused(document).message == (
        "No está timbrado: trae un TimbreFiscalDigital, pero no es del SAT o no está "
        "en el Complemento del comprobante."
    )


@pytest.mark.parametrize("version", ["2.0", "1.0"])
def test_a_withholding_is_read(version: str) -> None:
    document = read(cfdis.withholding(version=version).encode())
    assert document == Cfdi(
        uuid=UUID(cfdis.UUID),
        version=version,
        kind="R",
        issued_at=datetime(2026, 11, 23, 12, 0, 0),  # noqa: DTZ001
        issuer_rfc="EKU9003173C9",
        receiver_rfc="XAXX010101000",
        total=Decimal("1160.50"),
    )


@pytest.mark.parametrize("version", ["2.0", "1.0"])
def test_a_withholding_of_a_foreigner_has_the_generic_rfc(version: str) -> None:
    document = read(cfdis.withholding(version=version, receiver="").encode())
    assert document.receiver_rfc == "XEXX010101000"


@pytest.mark.parametrize(
    ("moment", "hour"),
    [
        ("2026-11-23T12:00:00-06:00", 12),
        ("2026-11-23T18:00:00Z", 18),
        ("2026-11-23T12:00:00.123-06:00", 12),
    ],
)
def test_the_hour_of_an_old_one_may_have_a_zone(moment: str, hour: int) -> None:
    """It stays the local hour of the place of issue, as it is in the others."""
    old = read(cfdis.withholding(version="1.0", moment=moment).encode())
    assert old.issued_at == datetime(2026, 11, 23, hour)  # noqa: DTZ001
    read(OLD.replace("2013-05-31T10:09:08", moment).encode())
    assert refused(cfdi(moment=moment)).message == "Su fecha no es válida."


@pytest.mark.parametrize(
    ("total", "value"),
    [("-1160.50", "-1160.50"), ("+5", "5"), (".50", "0.50"), ("116.", "116")],
)
def test_the_total_of_an_old_one_is_any_decimal(total: str, value: str) -> None:
    assert read(OLD.replace("1160.50", total).encode()).total == Decimal(value)


def test_a_withholding_inside_a_namespace_that_is_not_its_own_is_refused() -> None:
    wrong = cfdis.withholding(version="1.0").replace("pago/1", "pago/2")
    assert "retenciones 2.0, 1.0" in refused(wrong).message


# --- The certificate ------------------------------------------------------------


@pytest.mark.parametrize(
    "certificate", ["", "no", "QUJD", "====", "Ñ", "A" * 20_000, "MIIF" * 500]
)
def test_a_certificate_that_cannot_be_read_has_no_end(certificate: str) -> None:
    document = cfdi().replace(" Moneda", f' Certificado="{certificate}" Moneda')
    assert read(document.encode()).certificate_ends_at is None


def test_the_end_of_a_real_certificate_is_read_in_every_standard() -> None:
    real = cfdis.real("ingreso-33.xml").read_text()
    text = real.partition('Certificado="MII')[2].partition('"')[0]
    ends_at = datetime(2023, 6, 17, 19, 44, 14, tzinfo=UTC)
    for document, name in [
        (cfdi(), "Certificado"),
        (OLD, "certificado"),
        (cfdis.withholding(version="2.0"), "Certificado"),
        (cfdis.withholding(version="1.0"), "Cert"),
    ]:
        signed = document.replace(" xmlns:", f' {name}="MII{text}" xmlns:', 1)
        assert read(signed.encode()).certificate_ends_at == ends_at


# --- What can be ----------------------------------------------------------------

TODAY = date(2026, 11, 28)


def said(document: str) -> str:
    return implausible(read(document.encode()), today=TODAY)


@pytest.mark.parametrize(
    "day", ["2005-01-01", "2013-05-31", "2026-11-28", "2026-11-29"]
)
def test_days_from_2005_to_tomorrow_can_be(day: str) -> None:
    assert said(cfdi(moment=f"{day}T23:59:59")) == ""


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2004-12-31"])
def test_days_before_there_were_digital_documents_cannot_be(day: str) -> None:
    assert said(cfdi(moment=f"{day}T12:00:00")).endswith("es anterior a 2005.")


@pytest.mark.parametrize("day", ["2026-11-30", "2027-11-28", "9999-12-31"])
def test_days_after_tomorrow_cannot_be(day: str) -> None:
    assert said(cfdi(moment=f"{day}T00:00:00")).endswith("aún no llega.")


def test_there_were_no_withholdings_before_2014() -> None:
    assert said(cfdis.withholding(moment="2014-01-01T00:00:00")) == ""
    before = said(cfdis.withholding(moment="2013-12-31T00:00:00"))
    assert before == "Su fecha (31/12/2013) no puede ser: es anterior a 2014."


def test_totals_that_nobody_invoices_cannot_be() -> None:
    assert said(cfdi(total="9999999999999.999999")) == ""
    for total in ("10000000000000", "9" * 18, "1" + "0" * 17):
        assert (
            said(cfdi(total=total)) == "Su total no puede ser: tiene más de 13 cifras."
        )
    assert said(OLD.replace("1160.50", "-" + "9" * 18))


def test_tomorrow_is_counted_from_the_day_that_is_given() -> None:
    document = read(cfdi(moment="2026-11-29T00:00:00").encode())
    assert implausible(document, today=TODAY - timedelta(days=1))
