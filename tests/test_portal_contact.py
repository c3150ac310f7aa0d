"""Mi cuenta: whom the client calls, until when it may stamp, and its chart."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Reseller, User
from clients import lifecycle
from clients.forecast.stops import Cause, Stop
from clients.models import Client
from portal import explanations
from reseller_panel import phones
from tests import factories
from tests.cast import MakeClient, MakePackage
from tests.test_portal import HOME, page_of, spend, text

TODAY = date(2026, 11, 28)


def reachable(reseller: Reseller | None, **how: str) -> None:
    Reseller.objects.filter(pk=reseller and reseller.pk).update(**how)


# ── Whom to call ──────────────────────────────────────────────────────────────────


def test_the_reseller_is_a_press_away(as_clara: Browser, alicia: User) -> None:
    reachable(
        alicia.reseller,
        contact_phone="+525512345678",
        contact_whatsapp="+525587654321",
        contact_email="ventas@alicia.mx",
    )
    page = text(as_clara.get(HOME))
    assert 'href="tel:+525512345678"' in page
    assert "55 1234 5678" in page
    assert 'href="https://wa.me/525587654321?text=Buen%20d%C3%ADa.' in page
    assert "EKU9003173C9%3A%20" in page, "and says whose account it is about"
    assert 'href="mailto:ventas@alicia.mx?subject=Cuenta%20de%20folios' in page


def test_without_a_contact_the_mail_goes_to_whoever_answers(
    as_clara: Browser, alicia: User
) -> None:
    page = text(as_clara.get(HOME))
    assert f'href="mailto:{alicia.email}?subject=' in page
    assert "tel:" not in page
    assert "wa.me" not in page
    User.objects.filter(pk=alicia.pk).update(is_active=False)
    assert "mailto:" not in text(as_clara.get(HOME))


def test_a_telephone_is_kept_as_it_is_dialled(alicia: User) -> None:
    reseller = alicia.reseller
    assert reseller
    reseller.contact_phone = "(55) 1234-5678"
    reseller.full_clean()
    reseller.save()
    reseller.refresh_from_db()
    assert reseller.contact_phone == "+525512345678"
    reseller.contact_phone = "123"
    with pytest.raises(ValidationError, match="diez dígitos"):
        reseller.full_clean()


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("+525512345678", "55 1234 5678"),
        ("+529981234567", "998 123 4567"),
        ("+12125550123", "+1 212-555-0123"),
    ],
)
def test_a_telephone_reads_as_it_is_written_in_mexico(kept: str, shown: str) -> None:
    assert phones.shown(kept) == shown


def test_the_reseller_gives_its_own_telephone(
    as_alicia: Browser, as_clara: Browser
) -> None:
    url = reverse("business")
    assert as_alicia.post(url, {"contact_phone": "123"}).status_code == 422
    form = {"contact_phone": "55 1234 5678", "contact_whatsapp": "5587654321"}
    assert as_alicia.post(url, form).status_code == 302
    page = text(as_clara.get(HOME))
    assert 'href="tel:+525512345678"' in page
    assert 'href="https://wa.me/525587654321?text=' in page


def test_support_gives_the_reseller_its_telephone(
    as_soporte: Browser, alicia: User
) -> None:
    assert alicia.reseller
    url = reverse("admin:accounts_reseller_change", args=[alicia.reseller.pk])
    page = text(as_soporte.get(url))
    assert "Teléfono de contacto" in page
    assert "WhatsApp de contacto" in page


# ── Until when ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cause", "why", "what_to_do"),
    [
        (Cause.SEAL, "vence su sello (CSD)", "Renuévelo en el portal del SAT"),
        (Cause.TERM, "termina la vigencia de su paquete", "que lo renueve."),
        (Cause.FOLIOS, "a su ritmo se agotan sus folios", "Pida más a"),
    ],
)
def test_the_day_and_its_cause_are_said_in_the_clients_words(
    clara: Client, cause: Cause, why: str, what_to_do: str
) -> None:
    near = Stop(TODAY + timedelta(days=5), cause)
    line = explanations.stop_of(clara, TODAY, near)
    assert (line.label, line.on) == ("Deja de facturar el", near.on)
    assert line.why == f"en 5 días: {why}"
    said = explanations.explain(clara, TODAY, near)[-1]
    assert why in said.why
    assert what_to_do in said.what_to_do
    far = Stop(TODAY + timedelta(days=90), cause)
    assert len(explanations.explain(clara, TODAY, far)) == 1, "nothing to do yet"


def test_a_seal_that_has_ended_is_said_as_past(clara: Client) -> None:
    gone = Stop(TODAY - timedelta(days=3), Cause.SEAL)
    assert explanations.stop_of(clara, TODAY, gone).label == "No factura desde el"
    said = explanations.explain(clara, TODAY, gone)[-1]
    assert said.why == (
        "Su sello (CSD) venció el 25 de noviembre: con él no se puede facturar."
    )


def test_who_cannot_stamp_is_told_so_instead_of_a_day(make_client: MakeClient) -> None:
    page = page_of(make_client(exhausted=True))
    assert "Ahora no puede" in page
    assert "no le quedan folios" in page
    assert "Deja de facturar" not in page
    assert "venció su paquete" in page_of(make_client(expired=True))


def test_where_nothing_ends_there_is_no_day(
    make_client: MakeClient, make_package: MakePackage
) -> None:
    page = page_of(make_client(package=make_package(term_count=None)))
    assert "Sin fecha" in page


# ── The chart ─────────────────────────────────────────────────────────────────────


def test_the_chart_leads_to_the_clients_own_movements(
    as_clara: Browser, clara: Client
) -> None:
    spend(clara, 3)
    page = text(as_clara.get(HOME))
    today = clara.reseller.local_date(timezone.now())
    assert "Consumo de folios por día" in page
    assert f'href="/mi-cuenta/movimientos/?dia={today}"' in page
    assert 'href="/mi-cuenta/?grafica=meses#forecast"' in page
    assert "Consumo de folios por mes" in text(as_clara.get(HOME, {"grafica": "meses"}))
    assert "/clientes/" not in page.partition("<main")[2]


def test_the_chart_keeps_which_of_several_accounts_is_open(
    as_clara: Browser, clara: Client, make_client: MakeClient
) -> None:
    second = make_client(legal_name="La Otra SA", contact_email=clara.contact_email)
    spend(second, 1)
    choice = f"cliente={second.public_id}"
    page = text(as_clara.get(f"{HOME}?{choice}"))
    assert f'href="/mi-cuenta/?{choice}&amp;grafica=meses#forecast"' in page
    today = clara.reseller.local_date(timezone.now())
    assert f'href="/mi-cuenta/movimientos/?dia={today}&amp;{choice}"' in page


def test_without_stamps_the_chart_is_folded_away(as_clara: Browser) -> None:
    assert "No ha timbrado en 60 días: ver la gráfica" in text(as_clara.get(HOME))


def test_the_forecast_of_a_visit_is_the_clients(
    as_alicia: Browser, clara: Client
) -> None:
    with time_machine.travel(timezone.now()):
        url = reverse("portal:enter", args=[clara.public_id])
        as_alicia.post(url, {"reason": "Ayuda", "key": factories.reference()})
        lifecycle.consume(clara, reference="F-1")
        page = text(as_alicia.get(HOME))
    assert "Consumo de folios por día" in page
    assert as_alicia.get("/mi-cuenta/movimientos/?clase=timbrado").status_code == 200
