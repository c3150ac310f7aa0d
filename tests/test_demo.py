"""The demo of api.md: its contents, their consistency, and when it refuses to load."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Max, Q
from django.forms.models import model_to_dict
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import ApiKey, Reseller, Role, Scope, User
from clients.client_forms import EditPlanForm
from clients.lifecycle import CUSTOMIZED, Details
from clients.management.commands.audit_ledger import add_up
from clients.models import (
    Client,
    ClientEvent,
    ClientQuerySet,
    EntryKind,
    EventKind,
    FolioLedger,
)
from clients.status import Status
from demo import stories
from demo.management.commands import load_demo
from followup.management.commands import audit_days
from packages.models import LeftoverRule, Package, TermUnit
from sat.rfc import has_wrong_check_digit
from tests.test_home import assert_numbers_agree

S = Status

# One pytest worker runs all of them, so that the demo is loaded only once.
pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Load the demo once for this file and roll it back after; yields the output."""
    said = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEBUG=True):
            call_command("load_demo", stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: str, db: None) -> str:
    return loaded


def clients_of(slug: str) -> ClientQuerySet:
    return Client.objects.filter(reseller__slug=slug).with_facts()


def of_alicia() -> ClientQuerySet:
    return clients_of("distribuidora-alicia")


@pytest.mark.django_db
def test_it_refuses_to_load_where_debug_is_off() -> None:
    before = User.objects.count(), Reseller.objects.count()
    with override_settings(DEBUG=False), pytest.raises(CommandError, match="DEBUG=1"):
        call_command("load_demo", stdout=StringIO())
    assert (User.objects.count(), Reseller.objects.count()) == before


def test_every_status_is_there_with_every_combination_of_facts(demo: str) -> None:
    today = Reseller.objects.get(slug="distribuidora-alicia").local_date(timezone.now())
    listed = {tuple(client.statuses_on(today)) for client in of_alicia().listed()}
    assert listed == {
        (S.ACTIVE,),
        (S.EXHAUSTED,),
        (S.EXPIRED,),
        (S.EXPIRED, S.EXHAUSTED),
        (S.SUSPENDED,),
        (S.SUSPENDED, S.EXHAUSTED),
        (S.SUSPENDED, S.EXPIRED),
        (S.SUSPENDED, S.EXPIRED, S.EXHAUSTED),
    }
    assert len({client.status_on(today) for client in of_alicia().archived()}) >= 3
    assert of_alicia().count() == 60

    days = {(c.expires_on - today).days for c in of_alicia().listed() if c.expires_on}
    assert {-1, 0, 1} <= days, "expired yesterday, expires today, expires tomorrow"
    assert len(days & set(range(1, 31))) >= 8
    assert of_alicia().filter(expires_on=None).exists()
    assert of_alicia().filter(plan__name=CUSTOMIZED).count() >= 2
    assert of_alicia().filter(account__balance__range=(1, 12)).count() >= 3
    now, listed_ones = timezone.now(), of_alicia().listed()
    assert listed_ones.filter(suspended_at__lt=now - timedelta(days=30)).exists()
    stamped = listed_ones.annotate(
        last=Max("entries__created_at", filter=Q(entries__kind=EntryKind.STAMP))
    )
    assert stamped.filter(last__lt=now - timedelta(days=60)).exists()
    assert stamped.filter(last=None, created_at__lt=now - timedelta(days=60)).exists()


def test_every_ledger_adds_up_and_tells_a_year_of_every_kind_of_movement(
    demo: str,
) -> None:
    audit = add_up()
    assert audit.wrong == []
    assert audit.clients == 66
    assert 10_000 <= audit.entries <= 25_000
    kinds = set(FolioLedger.objects.values_list("kind", flat=True))
    assert kinds == set(EntryKind)
    events = set(ClientEvent.objects.values_list("kind", flat=True))
    assert events == set(EventKind)
    span = FolioLedger.objects.filter(kind=EntryKind.STAMP).dates("created_at", "month")
    assert len(span) >= 12
    assert not FolioLedger.objects.filter(created_at__gt=timezone.now()).exists()
    weekdays = dict(
        FolioLedger.objects.filter(kind=EntryKind.STAMP)
        .values_list("created_at__week_day")
        .annotate(Count("id"))
    )
    sunday, monday, saturday = weekdays[1], weekdays[2], weekdays[7]
    assert sunday < saturday < monday / 2


def test_packages_are_of_every_kind(demo: str) -> None:
    packages = Package.objects.filter(reseller__slug="distribuidora-alicia")
    assert {p.term_unit for p in packages} == {"", *TermUnit}
    assert {p.leftover_rule for p in packages} == set(LeftoverRule)
    assert packages.filter(price=None).exists()
    assert packages.filter(withdrawn_at__isnull=False).count() == 1
    assert packages.filter(inclusions__quantity__gt=1).exists()
    for package in packages:
        package.full_clean()


def test_the_facts_of_every_client_are_such_that_its_form_accepts_them(
    demo: str,
) -> None:
    for client in Client.objects.with_facts():
        form = EditPlanForm(None, client=client)
        data = model_to_dict(client, Details.__dataclass_fields__)
        data |= {name: form[name].initial for name in form.fields if "_" in name} | data
        data = {name: value for name, value in data.items() if value not in (None, "")}
        assert EditPlanForm(data, client=client).is_valid(), (client, form.errors)
        assert not has_wrong_check_digit(client.rfc), client


def test_one_taxpayer_is_a_client_of_both_with_a_balance_of_its_own(demo: str) -> None:
    alicias = of_alicia().get(rfc=stories.SHARED)
    betos = clients_of("comercial-beto").get(rfc=stories.SHARED)
    assert alicias.balance != betos.balance
    assert alicias.user == betos.user
    only_once = Client.objects.filter(rfc=stories.KEMPER)
    assert only_once.count() == 1, "a stamped file of the demo must find one client"
    kemper = of_alicia().get(rfc=stories.KEMPER)
    assert kemper.balance > 100
    assert kemper.status_on(kemper.reseller.local_date(timezone.now())) is S.ACTIVE


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("alicia@demo.mx", Role.RESELLER),
        ("beto@demo.mx", Role.RESELLER),
        ("clara@demo.mx", Role.CLIENT),
        ("soporte@demo.mx", Role.SUPPORT),
    ],
)
def test_the_people_can_log_in(demo: str, email: str, role: Role) -> None:
    assert email in demo
    browser = Browser()
    browser.post(reverse("account_login"), {"login": email, "password": "demo"})
    user = User.objects.get(email=email)
    assert browser.session["_auth_user_id"] == str(user.pk)
    assert user.role is role


def test_every_number_of_inicio_equals_the_list_it_leads_to(demo: str) -> None:
    browser = Browser()
    browser.force_login(User.objects.get(email=load_demo.ALICIA))
    numbers = assert_numbers_agree(browser)
    assert all(numbers.values()), "the demo has something to show everywhere"
    assert audit_days.add_up()[1] == []


def test_nobody_else_has_a_password_and_mail_reaches_nobody(demo: str) -> None:
    others = User.objects.exclude(email__in=load_demo.PEOPLE)
    assert others.exists()
    assert not any(user.has_usable_password() for user in others)
    assert all(user.email.endswith(".example") for user in others)


def test_the_api_key_is_alicias_and_may_do_everything(demo: str) -> None:
    (key,) = ApiKey.objects.filter(digest=ApiKey.digest_of("demo-alicia-key"))
    assert key.reseller.slug == "distribuidora-alicia"
    assert set(key.scopes) == set(Scope)
    assert "demo-alicia-key" in demo


def test_a_second_run_adds_nothing_and_tells_the_same_again(demo: str) -> None:
    def everything() -> list[int]:
        return [m.objects.count() for m in (User, Package, Client, FolioLedger, ApiKey)]

    before, said = everything(), StringIO()
    with override_settings(DEBUG=True):
        call_command("load_demo", stdout=said)
    assert everything() == before
    for text in ("alicia@demo.mx", "clara@demo.mx", "demo-alicia-key"):
        assert text in said.getvalue()
