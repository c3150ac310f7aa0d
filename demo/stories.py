"""The clients of the demo: every status, every combination, every rhythm.

There is one Story per client; year.py explains its fields. A comment says what a story
shows where its fields do not make that clear.
"""

from clients.models import Channel
from demo.acts import (
    activated,
    added,
    adjusted,
    archived,
    contacted,
    dismissed,
    edited,
    finished,
    noted,
    postponed,
    promised,
    refused_by_pac,
    renewed,
    reopened,
    restored,
    resumed,
    suspended,
    visited,
)
from demo.packages import COMPANIES, MAIL, SMTP, USERS
from demo.rhythms import Rhythm
from demo.year import Story

WEEKLY, MONTH_END, BURSTS = Rhythm.WEEKLY, Rhythm.MONTH_END, Rhythm.BURSTS

_UNPAID = "No ha pagado la última factura"
_CALL_US = "Su servicio está en pausa. Llámenos para reactivarlo: 55 5555 0100."

KEMPER = "EKU9003173C9"  # its user is clara@demo.mx
SHARED = "TRB0602151KA"  # client of both resellers, each with its own balance

ALICIA = [
    # ── SAT's public test taxpayers ───────────────────────────────────────────────
    Story(
        rfc=KEMPER,
        package="Empresarial 1,200",
        ends_in=214,
        terms=2,
        per_day=3.2,
        acts=(
            visited(64, "Pidió ayuda para descargar sus facturas"),
            promised(40, "Enviar el manual de facturación a Clara", within=10),
            finished(31),
            reopened(30),
            finished(29),
            refused_by_pac(23, "El PAC rechazó el CFDI: CFDI40147"),
        ),
    ),
    Story(
        rfc="XIA190128J61",
        package="Corporativo 5,000",
        ends_in=430,
        rhythm=MONTH_END,
        per_day=4.8,
    ),
    Story(
        rfc="IIA040805DZ4",
        package="PyME anual",
        ends_in=121,
        rhythm=WEEKLY,
        per_day=1.1,
        tops_up=100,
    ),
    Story(
        rfc="URE180429TM6",
        package="Despacho contable",
        ends_in=196,
        per_day=4.8,
        acts=(edited(60, services={COMPANIES: 14, USERS: 8}),),
    ),
    # Was contacted before its term ended. Now it has ended, and is suggested again.
    Story(
        rfc="IVD920810GU2",
        package="Empresarial 1,200",
        ends_in=-1,
        per_day=3,
        acts=(contacted(9, Channel.EMAIL),),
    ),
    Story(rfc="JES900109Q90", package="PyME anual", ends_in=0, per_day=0.9),
    Story(rfc="KIJ0906199R1", package="Trimestral 200", ends_in=1, per_day=1.8),
    Story(rfc="OÑO120726RX3", package="Arranque 50", since=210, per_day=0.6),
    Story(
        rfc="EWE1709045U0",
        package="PyME anual",
        ends_in=88,
        per_day=0.9,
        acts=(suspended(47, _UNPAID, _CALL_US), postponed(10, within=14)),
    ),
    Story(rfc="H&E951128469", package="Mensual 100", ends_in=5, terms=9, per_day=3.4),
    Story(
        rfc="ZUÑ920208KL4",
        package="Trimestral 200",
        ends_in=-12,
        terms=2,
        per_day=1.5,
        acts=(suspended(26, "Cheque devuelto", _CALL_US),),
    ),
    Story(rfc="CACX7605101P8", package="Arranque 50", since=160, per_day=0.8, leaves=3),
    Story(
        rfc="FUNK671228PH6",
        package="Mensual 100",
        ends_in=18,
        terms=11,
        per_day=2.5,
        acts=(promised(4, "Mandar la cotización del paquete trimestral", within=5),),
    ),
    Story(
        rfc="MISC491214B86",
        package="PyME anual",
        ends_in=40,
        per_day=0.7,
        acts=(suspended(75, "Se jubiló y cerró su negocio"), archived(74)),
    ),
    # Runs out of folios well before the end of its term, again and again.
    Story(
        rfc="KICR630120NX3", package="Trimestral 200", ends_in=-33, terms=2, per_day=4.8
    ),
    Story(
        rfc="XOJI740919U48",
        package="PyME anual",
        ends_in=103,
        per_day=0.8,
        quiet_for=78,
    ),
    Story(
        rfc="WATM640917J45",
        package="Bolsa 500",
        since=345,
        rhythm=BURSTS,
        per_day=1.8,
        tops_up=250,
    ),
    Story(
        rfc="XAMA620210DQ5",
        package="Arranque 50",
        since=290,
        per_day=0.7,
        acts=(suspended(38, "Pide factura de un pago que no ha hecho"),),
    ),
    # ── Companies ─────────────────────────────────────────────────────────────────
    Story(
        rfc="ALE030512H42",
        package="PyME anual",
        ends_in=263,
        terms=2,
        per_day=1.1,
        tops_up=100,
    ),
    Story(
        rfc="TMN9811042A5",
        package="Semestral 600",
        ends_in=27,
        terms=2,
        rhythm=WEEKLY,
        per_day=3.2,
    ),
    Story(rfc="P&M1103213T2", package="Bolsa 500", since=250, per_day=3.0),
    # Few folios are left: at its pace they run out within the week.
    Story(
        rfc="FTT150907QJA",
        package="Empresarial 1,200",
        ends_in=9,
        per_day=4.6,
        leaves=12,
    ),
    Story(
        rfc=SHARED,
        package="Despacho contable",
        ends_in=55,
        per_day=5.6,
        acts=(adjusted(90, 50, "Se le cobraron dos veces los mismos folios"),),
    ),
    Story(
        rfc="CPP890630UA6",
        package="PyME anual",
        ends_in=330,
        terms=2,
        rhythm=BURSTS,
        per_day=1.2,
    ),
    Story(
        rfc="FMS120419R24",
        package="Bolsa 500",
        since=330,
        rhythm=MONTH_END,
        per_day=0.8,
        quiet_for=64,
    ),
    Story(rfc="GID170823MC6", package="Corporativo 5,000", ends_in=489, per_day=4.0),
    Story(
        rfc="CAC0409119L4",
        package="Semestral 600",
        ends_in=74,
        rhythm=BURSTS,
        per_day=3.5,
    ),
    Story(
        rfc="CDS1901024P4",
        package="Mensual 100",
        ends_in=2,
        terms=5,
        per_day=3.6,
        leaves=1,
    ),
    Story(
        rfc="LCA130529UV1",
        package="Empresarial 1,200",
        ends_in=160,
        per_day=3.5,
        tops_up=300,
        acts=(edited(30, services={MAIL: None, SMTP: None, USERS: 6}),),
    ),
    Story(rfc="PLR010716BE8", package="Trimestral 200", ends_in=30, per_day=1.7),
    Story(
        rfc="CN&0802147D3",
        package="Semestral 600",
        ends_in=-6,
        terms=2,
        rhythm=MONTH_END,
        per_day=3.5,
    ),
    Story(
        rfc="APM970303S62",
        package="Despacho contable",
        ends_in=241,
        per_day=6.4,
        acts=(refused_by_pac(11, "El PAC rechazó el CFDI: CFDI40161"),),
    ),
    # Was suspended once, has paid and is active again.
    Story(
        rfc="TMO050819F86",
        package="PyME anual",
        ends_in=66,
        per_day=1.0,
        acts=(suspended(140, _UNPAID, _CALL_US), activated(131)),
    ),
    Story(
        rfc="VLN140225GY2",
        package="Promoción de aniversario",
        ends_in=-8,
        rhythm=WEEKLY,
        per_day=1.3,
        acts=(dismissed(5, "Cerró la sucursal y ya no factura"),),
    ),
    Story(
        rfc="HPA940618CZA",
        package="Promoción de aniversario",
        ends_in=15,
        per_day=1.4,
        leaves=9,
    ),
    Story(
        rfc="SPA1610107N2",
        package="PyME anual",
        ends_in=-24,
        rhythm=MONTH_END,
        per_day=0.9,
        acts=(
            contacted(6, Channel.WHATSAPP),
            noted(6, "Dice que renueva en cuanto cobre; volver a llamar."),
            resumed(1),
        ),
    ),
    Story(
        rfc="GST0011245J2",
        package="Empresarial 1,200",
        ends_in=-52,
        per_day=3.6,
        acts=(suspended(50, "Venció y no contesta"), archived(21)),
    ),
    # Suspended, expired and without folios at once.
    Story(
        rfc="ISZ990831KP8",
        package="Trimestral 200",
        ends_in=-70,
        per_day=4.8,
        acts=(
            suspended(61, _UNPAID),
            promised(12, "Llamar a su contador, que ofreció pagar", within=9),
        ),
    ),
    Story(
        rfc="PSC0712063R1",
        package="Mensual 100",
        ends_in=11,
        terms=10,
        rhythm=WEEKLY,
        per_day=3.7,
    ),
    # Was renewed with a yearly package, after one without a term.
    Story(
        rfc="TIQ200217V14",
        package="Arranque 50",
        since=198,
        per_day=2.0,
        acts=(renewed(165, "Empresarial 1,200"),),
    ),
    Story(
        rfc="CBA880901HD5",
        package="Promoción de aniversario",
        ends_in=46,
        rhythm=MONTH_END,
        per_day=1.5,
    ),
    Story(rfc="RDM9912318W2", package="Semestral 600", ends_in=131, per_day=4.4),
    # Was archived by mistake and restored.
    Story(
        rfc="CGU100505TN3",
        package="Arranque 50",
        since=120,
        per_day=1.2,
        acts=(archived(44), restored(43), added(42, 200)),
    ),
    Story(
        rfc="OIN020130AM0",
        package="Bolsa 500",
        since=85,
        per_day=0.0,  # bought and never stamped
    ),
    # ── Persons ───────────────────────────────────────────────────────────────────
    Story(rfc="MUPA780314D56", package="PyME anual", ends_in=22, per_day=1.0),
    Story(rfc="HEIG850912QN3", package="Mensual 100", ends_in=24, terms=6, per_day=1),
    Story(
        rfc="ÑUAL9005213HA",
        package="Arranque 50",
        since=75,
        per_day=0.7,
        acts=(edited(12, contact_phone="+526699821508"),),
    ),
    Story(
        rfc="GATB720725M48",
        package="PyME anual",
        ends_in=180,
        rhythm=MONTH_END,
        per_day=0.5,
    ),
    Story(rfc="ZEOR8311089B5", package="Arranque 50", since=240, per_day=0.3),
    Story(rfc="IAGA950430T78", package="Prueba 15 días", ends_in=8, per_day=1.2),
    Story(
        rfc="DARJ680219EXA",
        package="Trimestral 200",
        ends_in=62,
        terms=3,
        per_day=2.4,
        tops_up=50,
    ),
    Story(rfc="LOLP910617K21", package="Prueba 15 días", ends_in=15, per_day=0.0),
    Story(
        rfc="CAQM7410036G0",
        package="PyME anual",
        ends_in=142,
        per_day=2.6,
        # Bought folios twice, and is out of folios again long before its term ends.
        acts=(added(80, 40), added(40, 60, "Pagó en efectivo")),
    ),
    Story(rfc="SAEG880126T1A", package="Prueba 15 días", ends_in=-3, per_day=2.8),
    Story(
        rfc="PEVI6007318F3",
        package="Arranque 50",
        since=310,
        per_day=0.4,
        quiet_for=130,
        acts=(suspended(9, "Lo pidió él mismo: sale de viaje"),),
    ),
    Story(
        rfc="YACR790916LC6",
        package="PyME anual",
        ends_in=283,
        terms=2,
        rhythm=WEEKLY,
        per_day=0.9,
        acts=(adjusted(35, -12, "Folios de otra cuenta, abonados por error"),),
    ),
    Story(
        rfc="BARO860508V60",
        package="Arranque 50",
        since=95,
        per_day=0.9,
        acts=(archived(7),),
    ),
    Story(
        rfc="TODV701201NJ7",
        package="Prueba 15 días",
        ends_in=-41,
        per_day=1,
        acts=(archived(30),),
    ),
    Story(rfc="LAGI920811SRA", package="Trimestral 200", ends_in=89, per_day=1.5),
    Story(rfc="XITE650322C98", package="Arranque 50", since=0, per_day=0.5),
]

BETO = [
    Story(
        rfc=SHARED,
        package="Frontera anual",
        ends_in=170,
        per_day=1.5,
        acts=(suspended(3, "Ya factura con otro proveedor"),),
    ),
    Story(rfc="MGE030716B85", package="Frontera anual", ends_in=92, per_day=2),
    Story(
        rfc="FNS1502116Y2",
        package="Frontera 100",
        since=190,
        rhythm=WEEKLY,
        per_day=0.9,
        tops_up=100,
    ),
    Story(rfc="BEIC770829PU8", package="Frontera 100", since=240, per_day=0.8),
    Story(rfc="MFT9604224X2", package="Frontera anual", ends_in=-10, per_day=1.8),
    Story(rfc="OONL901114A34", package="Frontera 100", since=1, per_day=1),
]
