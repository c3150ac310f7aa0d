"""Alicia's clients that are SAT's public test taxpayers."""

from clients.models import Channel
from demo.acts import (
    archived,
    contacted,
    edited,
    finished,
    postponed,
    promised,
    refused_by_pac,
    reopened,
    suspended,
    visited,
)
from demo.packages import COMPANIES, USERS
from demo.rhythms import Rhythm
from demo.stories.names import KEMPER
from demo.year import Story

WEEKLY, MONTH_END, BURSTS = Rhythm.WEEKLY, Rhythm.MONTH_END, Rhythm.BURSTS

_UNPAID = "No ha pagado la última factura"
_CALL_US = "Su servicio está en pausa. Llámenos para reactivarlo: 55 5555 0100."

TAXPAYERS = [
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
]
