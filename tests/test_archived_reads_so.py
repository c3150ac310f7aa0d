"""An archived client never reads as able to stamp, whatever its facts would allow.

Law: domain.md, "Status": archived is not a status, and an archived client can't stamp.
"""

import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from api import serializers
from clients import explanations, lifecycle, preview, refusals
from clients.models import Client
from clients.rows import Row
from clients.status import Status
from portal import explanations as for_the_client
from tests import factories
from tests.cast import MakeClient


@pytest.fixture
def away(make_client: MakeClient, soporte: User) -> Client:
    """Archived without folios; support gave it five since, so its facts are those of an
    active client."""
    client = make_client(legal_name="Lejana SA", exhausted=True, archived=True)
    lifecycle.adjust(client, quantity=5, reason="Error", reference="a", by=soporte)
    fresh = factories.fresh(client)
    today = fresh.reseller.local_date(fresh.created_at)
    assert fresh.status_on(today) is Status.ACTIVE
    return fresh


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def section(html: str, start: str, end: str) -> str:
    return text(html.partition(start)[2].partition(end)[0])


@pytest.mark.parametrize("query", ["archivados=1", "archivados=1&q=lejana"])
def test_its_row_says_archived_and_not_active(
    as_alicia: Browser, away: Client, query: str
) -> None:
    html = as_alicia.get(f"{reverse('clients:list')}?{query}").content.decode()
    row = section(html, f'id="row-{away.public_id}"', "</tr>")
    assert "Archivado" in row
    assert "ctivo" not in row
    assert "~" not in row, "no forecast of a client that can't stamp"
    assert "Activos" not in text(html)


def test_its_page_says_archived_offers_to_restore_and_nothing_else(
    as_alicia: Browser, away: Client
) -> None:
    html = as_alicia.get(away.get_absolute_url()).content.decode()
    status = section(html, 'id="status-h"', "</section>")
    assert "Está archivado desde el" in status
    head = section(html, 'class="head"', "<nav")
    assert head.endswith("Restaurar")
    for wrong in ("Activo", "Puede timbrar", "Agregar folios", "Renovar"):
        assert wrong not in status + head


def test_what_else_keeps_it_from_stamping_is_said_too(
    as_alicia: Browser, make_client: MakeClient
) -> None:
    client = make_client(expired=True, suspended=True, archived=True)
    html = as_alicia.get(client.get_absolute_url()).content.decode()
    status = section(html, 'id="status-h"', "</section>")
    assert "Archivado también suspendido también expirado" in status
    assert "Lo recomendado es activarlo" not in status


def test_the_explanations_begin_with_the_archive(away: Client) -> None:
    day = away.reseller.local_date(away.created_at)
    (one,) = explanations.explain(away, day)
    assert one.why.startswith("Está archivado")
    (told,) = for_the_client.explain(away, day)
    assert "no puede timbrar" in told.why
    assert [badge.label for badge in Row(away, day).badges] == ["archivado"]


def test_support_reads_archived_in_the_admin(as_soporte: Browser, away: Client) -> None:
    page = as_soporte.get(reverse("admin:clients_client_changelist"))
    html = page.content.decode()
    assert section(html, 'field-status"', "</td>").lstrip("> ") == "archivado"


def test_the_api_says_that_it_may_not_stamp_and_why(
    away: Client,
) -> None:
    said = serializers.entitlement(away, away.reseller.local_date(away.created_at))
    assert (said["may_stamp"], said["reason"]) == (False, "client_archived")


def test_restoring_says_beforehand_whether_it_will_stamp(
    make_client: MakeClient, away: Client
) -> None:
    day = away.reseller.local_date(away.created_at)
    stamps = preview.restore(away, today=day)[1]
    assert (stamps.before, stamps.after) == ("rechazado: archivado", "permitido")
    client = make_client(suspended=True, archived=True)
    stamps = preview.restore(client, today=day)[1]
    assert stamps.after == "rechazado: suspendido"


def test_activating_an_archived_client_is_refused(make_client: MakeClient) -> None:
    client = make_client(suspended=True, archived=True)
    with pytest.raises(refusals.ClientArchived):
        lifecycle.activate(client, by=None)
    assert factories.fresh(client).is_suspended
