"""A world in which two resellers have marked data everywhere, to see what crosses.

Each text that a person or a program types is a word of its own (`zqaprv017`): whose it
is (`a` of alicia, `b` of beto) and who may read it. RFCs, telephones and ids are marked
as well. Everything is made through the verbs, in every state, with movements of today.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import chain, count
from uuid import uuid4

from django.db.models import Model
from django.utils import timezone

from accounts import keys, lists
from accounts.models import ApiKey, SavedView, Scope, User
from clients import lifecycle
from clients.bulk import choosing, execution
from clients.forecast.outlook import outlooks
from clients.models import (
    AdditionalRfc,
    BulkRun,
    Client,
    Import,
    Membership,
    SuggestionKind,
    Task,
)
from followup.models import MessageTemplate
from jobs import files, running
from jobs.models import File, Job
from packages import catalogue
from packages.catalogue import PackageDetails
from packages.models import MULTIEMPRESA, Package
from sat import cfdi as documents
from tests import factories, imports
from tests.cfdis import cfdi
from tests.programs import Program

# Who may read a word, besides the reseller: its clients; the one client it is of (an
# open account, a shared person's, a suspended one's); nobody.
PUBLIC, OWN, SHARED, SUSPENDED, PRIVATE = "pub", "own", "shr", "sus", "prv"
SCOPES = (PUBLIC, OWN, SHARED, SUSPENDED, PRIVATE)
WORD = re.compile(rf"zq([ab])({'|'.join(SCOPES)})\d{{3}}", re.IGNORECASE)
# In the name of every client, so that a search for it finds those of everybody.
COMMON = "Compartida"
BOTH = "ambas@cuentas.mx"

STATES = {
    "active": OWN,
    "shared": SHARED,
    "offered": SHARED,
    "suspended": SUSPENDED,
    "expired": PRIVATE,
    "exhausted": PRIVATE,
    "archived": PRIVATE,
}
_numbers = count(1)


@dataclass
class Tenant:
    """A reseller with everything it has; `marks` says who may read which value."""

    letter: str
    staff: User
    dismissed: User
    packages: dict[str, Package] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    rfcs: dict[str, AdditionalRfc] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)
    views: list[SavedView] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    runs: list[BulkRun] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    secret: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    basis: str = ""

    def word(self, scope: str) -> str:
        word = f"zq{self.letter}{scope}{next(_numbers):03}"
        self.marks[word] = self.letter + scope
        return word

    def mark(self, scope: str, *values: object) -> None:
        self.marks |= {str(value).lower(): self.letter + scope for value in values}

    @property
    def mine(self) -> Client:
        return self.clients["active"]

    def membership(self, state: str) -> Membership:
        return Membership.objects.live().get(client=self.clients[state])

    def objects(self) -> Iterator[Model]:
        """One of each kind, for the object pages of the admin."""
        yield from (self.staff.reseller, self.staff, self.keys["usable"], self.mine)
        yield from (self.packages["sold"], self.membership("active"))
        yield from (self.mine.entries.first(), self.mine.events.first())
        yield self.keys["usable"].access_events.first()


@dataclass
class World:
    alicia: Tenant
    beto: Tenant
    support: User
    superuser: User
    both: User

    def found_in(self, text: str) -> dict[str, str]:
        """The marked values in a text, each with whose it is and who may read it."""
        text = text.lower()
        found = {m[0]: m[1] + m[2] for m in WORD.finditer(text)}
        for tenant in (self.alicia, self.beto):
            for value, mark in tenant.marks.items():
                if not value.startswith("zq") and value in text:
                    found[value] = mark
        return found


def build() -> World:
    support = factories.SupportFactory(is_superuser=False)
    alicia, beto = (_tenant(letter, support) for letter in "ab")
    return World(
        alicia,
        beto,
        support,
        factories.SupportFactory(),
        User.objects.get(email=BOTH),
    )


def _tenant(letter: str, support: User) -> Tenant:
    reseller = factories.ResellerFactory(slug=f"revendedor-{letter}")
    people = [
        factories.UserFactory(email=f"{who}-{letter}@panel.mx", reseller=reseller)
        for who in ("staff", "dismissed")
    ]
    one = Tenant(letter, *people)
    for person in people:
        User.objects.filter(pk=person.pk).update(name=one.word(PUBLIC))
        person.refresh_from_db()
    reseller.name = one.word(PUBLIC)
    reseller.save()
    _sells(one)
    _lets_programs_call(one)
    for state, scope in STATES.items():
        _sells_to(one, state, scope, support)
    _writes_messages(one)
    _saves_views(one)
    _imports(one)
    _acts_on_many(one)
    _has_refusals(one)
    _mark_numbers(one)
    User.objects.filter(pk=one.dismissed.pk).update(is_active=False)
    one.dismissed.refresh_from_db()
    return one


def _sells(one: Tenant) -> None:
    multi = {factories.services()[MULTIEMPRESA].pk: 3}
    scopes = {"sold": PUBLIC, "unsold": PRIVATE, "withdrawn": PRIVATE}
    assert one.staff.reseller
    for name, scope in scopes.items():
        one.packages[name] = catalogue.create(
            one.staff.reseller,
            details=PackageDetails(
                name=one.word(scope),
                folios=400,
                term_count=1,
                term_unit="year",
                price=Decimal("100.00"),
            ),
            services=multi,
            by=one.staff,
        )
    catalogue.withdraw(one.packages["withdrawn"], by=one.staff)


def _saves_views(one: Tenant) -> None:
    """One shows what it looks for; its person also has columns of their own."""
    for number in range(2):
        name, query = one.word(PRIVATE), f"q={one.word(PRIVATE)}&columnas=correo"
        view = lists.save_view(one.staff, name=name, query=query, is_default=not number)
        one.views.append(view)
    lists.set_columns(one.staff, ["correo", "telefono", "servicios"])


def _imports(one: Tenant) -> None:
    """A file that waits to be confirmed, with a name that no package has, somebody who
    is there already and a wrong line."""
    lines = [
        ["RFC", "Razón social", one.word(PRIVATE), "Paquete"],
        [one.mine.rfc, one.word(PRIVATE), one.word(PRIVATE), ""],
        [factories.rfc(40_000), one.word(PRIVATE), "", one.word(PRIVATE)],
        ["", one.word(PRIVATE), "", ""],
    ]
    name = f"{one.word(PRIVATE)}.csv"
    one.imports.append(imports.staged(one.staff, imports.as_csv(lines), name=name))


def _acts_on_many(one: Tenant) -> None:
    """A preview, a change that was made, and a job with a file."""
    clients = [one.clients[state].pk for state in ("active", "expired")]
    for verb in ("write", "renew", "add_folios"):
        run = choosing.choose(one.staff, verb, clients)
        run.quantity, run.reason = 5, one.word(PRIVATE)
        choosing.show_anew(run, one.mine.reseller.local_date(timezone.now()))
        one.runs.append(run)
    # Its reason is read by the clients.
    run.reason = ""
    one.jobs.append(execution.begin(run))
    reseller = one.mine.reseller
    job = running.start(reseller, by=one.staff, kind="x", title=one.word(PRIVATE))
    file = files.create(job, name=f"{one.word(PRIVATE)}.csv", content_type="text/csv")
    files.append(file, one.word(PRIVATE).encode())
    one.jobs.append(job)
    one.files.append(file)


def _lets_programs_call(one: Tenant) -> None:
    assert one.staff.reseller
    for name in ("usable", "revoked"):
        one.keys[name], secret = keys.make(
            one.staff.reseller,
            name=one.word(PRIVATE),
            scopes=Scope.values,
            by=one.staff,
        )
        one.secret = one.secret or secret
    keys.revoke(one.keys["revoked"], by=one.staff)


def _sells_to(one: Tenant, state: str, scope: str, support: User) -> None:
    is_both = state in ("shared", "offered")
    address = BOTH if is_both else f"{one.word(scope)}@correo.mx"
    number = next(_numbers)
    client = factories.make_client(
        package=one.packages["sold"],
        by=one.staff,
        key=one.word(scope if scope in (OWN, SHARED) else PRIVATE),
        expired=state == "expired",
        confirmed=state != "offered",
        legal_name=f"{COMMON} {one.word(scope)}",
        rfc=factories.rfc(5000 + number),
        contact_name=one.word(scope),
        contact_email=address,
        contact_phone=f"55{41000000 + number}",
    )
    one.clients[state] = client
    # What an account says when it is open.
    inside = scope if scope in (OWN, SHARED) else PRIVATE
    _moves(one, client, inside, support)
    _is_followed_up(one, state, client)
    by = one.staff
    lifecycle.suspend(client, reason=one.word(PRIVATE), message=one.word(scope), by=by)
    if state == "archived":
        lifecycle.archive(client, by=by)
    elif state != "suspended":
        lifecycle.activate(client, by=by)
    if state == "exhausted":
        fresh = factories.fresh(client)
        lifecycle.consume(
            fresh, reference=one.word(PRIVATE), quantity=fresh.balance, by=None
        )
    one.clients[state] = factories.fresh(client)


def _moves(one: Tenant, client: Client, inside: str, support: User) -> None:
    """Every kind of entry and event that carries a text."""
    by, key = one.staff, one.keys["usable"]
    lifecycle.add_folios(
        client,
        quantity=50,
        reason=one.word(inside),
        reference=one.word(inside),
        by=by,
    )
    lifecycle.adjust(
        client,
        quantity=7,
        reason=one.word(inside),
        reference=one.word(inside),
        by=support,
    )
    lifecycle.add_rfc(client, rfc=factories.rfc(9000 + next(_numbers)), by=by)
    lifecycle.enter(client, reason=one.word(inside), by=by)
    lifecycle.leave(client, by=by)
    if client.expires_on and client.expires_on < timezone.now().date():
        return
    lifecycle.consume(client, reference=one.word(inside), quantity=3, by=key)
    spent = one.word(inside)
    lifecycle.consume(client, reference=spent, by=key)
    lifecycle.reverse(client, reference=spent, reason=one.word(inside), by=key)
    moment = f"{timezone.now():%Y-%m-%dT00:00:00}"
    document = cfdi(issuer=client.rfc, uuid=str(uuid4()).upper(), moment=moment)
    lifecycle.consume_cfdi(client, documents.read(document.encode()), by=key)


def _is_followed_up(one: Tenant, state: str, client: Client) -> None:
    by, today = one.staff, timezone.now().date()
    lifecycle.add_note(client, text=one.word(PRIVATE), by=by)
    for done in (False, True):
        task_id = uuid4()
        lifecycle.add_task(
            client,
            text=one.word(PRIVATE),
            due_on=client.reseller.local_date(timezone.now()),
            key=task_id,
            by=by,
        )
        task = Task.objects.get(public_id=task_id)
        if done:
            lifecycle.finish_task(task, by=by)
        one.tasks.setdefault("done" if done else "pending", task)
    one.rfcs.setdefault("additional", client.additional_rfcs.get())
    if state == "expired":
        suggested = outlooks([factories.fresh(client)], today)[client.pk].suggestion
        assert suggested
        lifecycle.postpone(
            client,
            kind=suggested.kind,
            basis=suggested.basis,
            until=today + timedelta(days=9),
            by=by,
        )
        lifecycle.resume(client, by=by)
        lifecycle.dismiss(
            client,
            kind=suggested.kind,
            basis=suggested.basis,
            reason=one.word(PRIVATE),
            by=by,
        )


def _writes_messages(one: Tenant) -> None:
    for kind in SuggestionKind:
        MessageTemplate.objects.create(
            reseller=one.staff.reseller,
            kind=kind,
            subject=one.word(PRIVATE),
            text=one.word(PRIVATE),
            by=one.staff,
            at=timezone.now(),
        )


def _has_refusals(one: Tenant) -> None:
    """What a program was refused, of a known client and of one that there is not."""
    program = Program(one.secret)
    closed = str(one.clients["suspended"].public_id)
    assert program.stamp(closed, one.word(PRIVATE)).status_code == 403
    assert program.get(f"/clients/{one.word(PRIVATE)}").status_code == 404


def _mark_numbers(one: Tenant) -> None:
    for state, client in one.clients.items():
        scope = STATES[state]
        additional = client.additional_rfcs.values_list("rfc", "public_id")
        inside = [value for pair in additional for value in pair]
        if scope == SUSPENDED:
            one.mark(PRIVATE, *inside)
        else:
            one.mark(scope, *inside)
        one.mark(scope, client.public_id, client.rfc, client.contact_phone[3:])
        one.mark(scope, *client.memberships.values_list("public_id", flat=True))
        one.mark(PRIVATE, *client.tasks.values_list("public_id", flat=True))
    several = (one.packages.values(), one.keys.values(), one.runs, one.jobs, one.files)
    for kept in chain.from_iterable(several):
        one.mark(PRIVATE, kept.public_id)
    one.mark(PRIVATE, *(key.prefix for key in one.keys.values()))
    one.marks[one.secret.lower()] = "secret"
