"""Alicia's other clients that are companies."""

from clients.models import Channel
from demo.acts import (
    activated,
    added,
    adjusted,
    archived,
    contacted,
    dismissed,
    edited,
    noted,
    promised,
    refused_by_pac,
    renewed,
    renewed_by_mistake,
    restored,
    resumed,
    rfc_added,
    rfc_ended,
    suspended,
)
from demo.packages import MAIL, SMTP, USERS
from demo.rhythms import Rhythm
from demo.stories.names import SHARED
from demo.year import Story

WEEKLY, MONTH_END, BURSTS = Rhythm.WEEKLY, Rhythm.MONTH_END, Rhythm.BURSTS

_UNPAID = "No ha pagado la última factura"
_CALL_US = "Su servicio está en pausa. Llámenos para reactivarlo: 55 5555 0100."

OTHER_COMPANIES = [
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
        acts=(
            rfc_added(150, "LAN7008173R5"),
            rfc_added(120, "IXS7607092R5"),
            adjusted(90, 50, "Se le cobraron dos veces los mismos folios"),
            rfc_ended(45, "LAN7008173R5"),
        ),
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
            renewed_by_mistake(4),
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
]
