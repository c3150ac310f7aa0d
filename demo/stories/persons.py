"""Alicia's other clients that are persons."""

from demo.acts import (
    added,
    adjusted,
    archived,
    edited,
    suspended,
)
from demo.rhythms import Rhythm
from demo.year import Story

WEEKLY, MONTH_END = Rhythm.WEEKLY, Rhythm.MONTH_END

PERSONS = [
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
        accepts=False,
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
