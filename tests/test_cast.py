"""The factories make the states that they promise, by the verbs alone."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Role, User
from clients.models import Client
from clients.status import Status
from tests import factories
from tests.cast import MakeClient


def test_clara_is_an_active_client_of_alicia(clara: Client, alicia: User) -> None:
    assert clara.reseller == alicia.reseller
    assert clara.balance == 100
    assert clara.status_on(timezone.localdate()) is Status.ACTIVE
    assert clara.user.role is Role.CLIENT
    assert clara.user.check_password(factories.PASSWORD)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({}, Status.ACTIVE),
        ({"suspended": True}, Status.SUSPENDED),
        ({"expired": True}, Status.EXPIRED),
        ({"exhausted": True}, Status.EXHAUSTED),
        ({"expired": True, "exhausted": True, "suspended": True}, Status.SUSPENDED),
        ({"expired": True, "archived": True}, Status.EXPIRED),
        ({"archived": True}, Status.SUSPENDED),
    ],
)
def test_a_client_can_be_made_in_every_state(
    make_client: MakeClient, state: dict[str, bool], status: Status
) -> None:
    client = make_client(**state)
    assert client.status_on(timezone.localdate()) is status
    assert client.is_archived is state.get("archived", False)
    assert (client.balance == 0) is state.get("exhausted", False)


def test_each_browser_is_logged_in_as_its_own_person(
    as_alicia: Browser, as_beto: Browser, as_clara: Browser, as_soporte: Browser
) -> None:
    browsers = [as_alicia, as_beto, as_clara, as_soporte]
    assert len({browser.session["_auth_user_id"] for browser in browsers}) == 4
