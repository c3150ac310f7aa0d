"""With five thousand clients every number equals the length of its list, and the folios
by day equal the sums of the ledger."""

import re
from collections import Counter
from html import unescape

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clients import listing, paging
from clients.forecast.outlook import outlooks
from clients.management.commands.audit_ledger import add_up
from clients.models import Client
from demo import crowd
from followup import tray
from followup.management.commands import audit_days
from tests.test_home import assert_numbers_agree

SIZE = 5_000


@pytest.fixture
def crowded(alicia: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are counted, so that numbers can be compared."""
    for module in (paging, listing, tray):
        monkeypatch.setattr(module, "COUNT_MAX", SIZE)
    assert alicia.reseller is not None
    crowd.make(alicia.reseller, SIZE)


def test_with_a_crowd_every_number_is_the_count_of_its_list(
    crowded: None, alicia: User, as_alicia: Browser
) -> None:
    numbers = assert_numbers_agree(as_alicia)
    assert all(numbers.values()), numbers
    assert _chips(as_alicia) == _suggested_one_by_one(alicia)
    audit = add_up()
    assert (audit.clients, audit.wrong) == (SIZE, [])
    days, wrong = audit_days.add_up()
    assert days > 200
    assert wrong == []


def _chips(browser: Browser) -> Counter[str]:
    """The counts of the tray; each must equal the total of the list it links to."""
    html = browser.get(reverse("followup:tray")).content.decode()
    found = re.findall(r'class="chip" href="([^"]*)"[^>]*>([^<]+)<b>([\d,]+)</b>', html)
    counts: Counter[str] = Counter()
    for url, label, number in found:
        page = browser.get(unescape(url)).content.decode()
        listed = re.search(r"de ([\d,]+) clientes<", page)
        assert (listed[1] if listed else "0") == number, label
        counts[label.lower()] = int(number.replace(",", ""))
    return +counts  # without the zeros


def _suggested_one_by_one(alicia: User) -> Counter[str]:
    """Counts by the rule in Python, for all clients; no suggestion has an answer."""
    assert alicia.reseller is not None
    today = alicia.reseller.local_date(timezone.now())
    everybody = Client.objects.visible_to(alicia).with_facts().order_by("id")
    found = outlooks(list(everybody), today).values()
    kinds = Counter(one.suggestion.kind.label for one in found if one.suggestion)
    return kinds + Counter({"todo": kinds.total()})
