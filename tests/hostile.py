"""A world in which whatever somebody may type is markup that would act.

Law: quality.md, "Markup in names is text everywhere". Each field that a person or a
program fills is filled, through the verbs and pages, with HTML that loads, runs, links
or (with htmx) asks; `Hostile.pages` is every page on which it could come out, by who
sees it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts import people
from accounts.models import ApiKey, User
from clients import lifecycle
from clients.forecast.outlook import outlooks
from clients.models import Channel, Client, SuggestionKind
from followup.models import MessageTemplate
from packages.models import Package, Service
from portal.models import Grant
from tests import factories
from tests.cast import MakeClient, prove
from tests.programs import MakeProgram, Program
from tests.test_access import NAMES, ONLY_POST, TABLE

# Where it would ask, if it could: no page of ours has this address.
TRAP = "/trampa/"
MARK = "xyz"
SHORT = f"<i hx-get={TRAP} hx-trigger=load>{MARK}"
NAME = f"\"'><img src={TRAP} onerror=mal()><i hx-get={TRAP} hx-trigger=load>{MARK}</i>"
TEXT = (
    f'{NAME}<script>mal()</script><a href="javascript:mal()">{MARK}</a>'
    f'<b hx-post="{TRAP}" hx-trigger="load, every 1s" hx-on::load="mal()">{MARK}</b>'
    f"<iframe src={TRAP}></iframe></title></textarea><svg onload=mal()>"
)
ADDRESS = f'"<img/src={TRAP}onerror=mal()>{MARK}"@ejemplo.mx'
QUERY = {"q": NAME, "cliente": NAME, "orden": NAME, "de": NAME, "pagina": NAME}


@dataclass(frozen=True)
class Hostile:
    """The people who look, what there is to look at, and the key of a program."""

    alicia: User
    soporte: User
    clients: list[Client]
    package: Package
    key: ApiKey

    def pages(self, role: str) -> list[str]:
        if role == "soporte":
            return list(self._of_support())
        return list(self._of_panel("as_alicia" if role == "alicia" else "as_clara"))

    def _of_panel(self, role: str) -> Iterator[str]:
        place = ("anonymous", "as_alicia", "as_beto", "as_clara").index(role)
        for name, row in TABLE.items():
            if row[place] not in {"page", "refused"} or name in ONLY_POST:
                continue
            if not NAMES[name].pattern.converters:
                yield reverse(name)
                yield f"{reverse(name)}?{urlencode(QUERY)}"
            for one in self._objects_of(name):
                yield reverse(name, args=[one.public_id])
        for name in ("mfa_index", "usersessions_list", "account_reauthenticate"):
            yield reverse(name)

    def _objects_of(self, name: str) -> list[Client] | list[Package] | list[ApiKey]:
        if not NAMES[name].pattern.converters:
            return []
        if name.startswith("packages:"):
            return [self.package]
        return [self.key] if name.startswith("accounts:") else self.clients

    def _of_support(self) -> Iterator[str]:
        yield reverse("admin:index")
        for model in admin.site._registry:
            page = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield reverse(f"{page}_changelist")
            yield f"{reverse(f'{page}_changelist')}?{urlencode({'q': MARK})}"
            for one in model._default_manager.order_by("-pk")[:4]:
                yield reverse(f"{page}_change", args=[one.pk])
                yield reverse(f"{page}_history", args=[one.pk])


def build(
    alicia: User, soporte: User, make_client: MakeClient, make_program: MakeProgram
) -> Hostile:
    alicia.name = soporte.name = NAME
    for person in (alicia, soporte):
        person.save()
    reseller = alicia.reseller
    assert reseller is not None
    reseller.name = NAME
    reseller.save()
    Service.objects.update(name=NAME, description=TEXT[:200], quantity_label=SHORT[:40])
    package = factories.PackageFactory(
        reseller=reseller, name=NAME, services={"multiempresa": 2, "correo-smtp": None}
    )
    names = {"legal_name": NAME, "contact_name": NAME, "package": package}
    program = make_program()
    assert program.key is not None
    ApiKey.objects.filter(pk=program.key.pk).update(name=NAME)
    clients = [
        make_client(**names, contact_email=ADDRESS),
        make_client(**names),
        make_client(**names, exhausted=True),
        make_client(**names, exhausted=True),
        make_client(**names, exhausted=True, archived=True),
    ]
    for client in clients[:4]:
        _live(client, alicia, soporte, program)
    _answer(clients[2], alicia)
    lifecycle.suspend(clients[1], reason=TEXT, message=TEXT, by=alicia)
    for kind in SuggestionKind:
        MessageTemplate.objects.create(
            reseller=reseller,
            kind=kind,
            subject=NAME,
            text=TEXT,
            by=alicia,
            at=timezone.now(),
        )
    _look_around(alicia, soporte, program.key, clients[0])
    key = ApiKey.objects.get(pk=program.key.pk)
    fresh = [factories.fresh(client) for client in clients]
    return Hostile(alicia, soporte, fresh, package, key)


def _live(client: Client, alicia: User, soporte: User, program: Program) -> None:
    today = client.reseller.local_date(timezone.now())
    if client.balance:
        program.stamp(client.rfc, SHORT)
        program.stamp(client.rfc, SHORT + "2", 10_000)
        lifecycle.reverse(client, reference=SHORT, by=alicia, reason=TEXT)
    program.stamp(SHORT, SHORT)
    lifecycle.edit_plan(client, changes={"contact_name": f"{NAME}."}, by=alicia)
    for text in (TEXT, NAME):
        key = uuid4()
        lifecycle.add_note(client, text=text, by=alicia)
        lifecycle.add_task(client, text=text, due_on=today, key=key, by=alicia)
    lifecycle.finish_task(client.tasks.latest("pk"), by=alicia)
    lifecycle.enter(client, reason=TEXT, by=alicia)
    if client.balance:
        lifecycle.adjust(
            client, quantity=1, reason=TEXT, reference=factories.reference(), by=soporte
        )


def _answer(client: Client, alicia: User) -> None:
    today = client.reseller.local_date(timezone.now())
    made = outlooks([factories.fresh(client)], today)[client.pk].suggestion
    assert made is not None
    about = {"kind": made.kind, "basis": made.basis, "by": alicia}
    lifecycle.contacted(client, **about, channel=Channel.EMAIL)
    lifecycle.dismiss(client, **about, reason=TEXT)


def _look_around(alicia: User, soporte: User, key: ApiKey, client: Client) -> None:
    """What the pages themselves keep: browsers, visits, records of support."""
    for person in (alicia, client.user, soporte):
        browser = Browser(HTTP_USER_AGENT=TEXT[:190])
        person.set_password(factories.PASSWORD)
        person.save()
        form = {"login": person.email, "password": factories.PASSWORD}
        browser.post(reverse("account_login"), form)
    now = timezone.now()
    Grant.objects.create(
        client=client,
        actor=alicia,
        reason=TEXT,
        created_at=now - timedelta(minutes=2),
        expires_at=now,
        ended_at=now,
    )
    prove(browser).post(
        reverse("admin:accounts_apikey_changelist"),
        {"action": "revoke", "_selected_action": [str(key.pk)], "confirmed": "1"},
    )
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=None, revoked_by=None)
    people.change(alicia, {"name": f"{NAME}!"}, by=soporte)
