"""Every URL × every role: the response to a GET, for one's own and another's object;
to a POST where nothing else is allowed.

There is one table. A URL that is not in it fails, so no new page is forgotten; what is
read and changed is test_sentinels.py's to see. `page` is 200, `log-in` redirects to the
log-in page, `none` is 404 (the same for a stranger's object and for a missing one).
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import (
    NoReverseMatch,
    URLPattern,
    URLResolver,
    get_resolver,
    reverse,
)
from django.utils import timezone

from accounts import keys, lists
from accounts.models import User
from clients import lifecycle
from clients.bulk import choosing, execution
from clients.models import Client, membership_of
from jobs import files, running
from packages.models import Package
from tests import factories, imports
from tests.cast import MakeClient

ROLES = ("anonymous", "as_alicia", "as_beto", "as_clara", "as_soporte")
# Who gets what another role gets, but for the pages of a client's account.
OTHERS = {
    "as_dismissed": "anonymous",
    "as_suspended": "as_clara",
    "as_both": "as_clara",
}

# What each role gets: anonymous, alicia (the owner), beto (another reseller), clara
# (the client), soporte (support).
RESELLERS = ("log-in", "page", "page", "none", "none")  # a list of one's own
OWNERS = ("log-in", "page", "none", "none", "none")  # an object of alicia
REFUSES = ("log-in", "refused", "none", "none", "none")  # hers, but in the wrong state
CLIENTS = ("log-in", "none", "none", "page", "none")
ALL = ("page",) * 5
MANUAL = ("log-in", "page", "page", "none", "page")  # how to sell
POSTED = ("log-in", "405", "405", "405", "405")

TABLE = {
    "home": ("log-in", "page", "page", "moved", "moved"),
    "icons": ALL,
    "favicon": ALL,
    "healthz": ALL,
    "readyz": ALL,
    "clients:list": RESELLERS,
    "clients:create": RESELLERS,
    "clients:import": RESELLERS,
    "clients:import_csv": RESELLERS,
    "clients:import_xlsx": RESELLERS,
    "clients:import_columns": OWNERS,
    "clients:import_check": OWNERS,
    "clients:import_line": OWNERS,
    "clients:import_lines": OWNERS,
    "clients:import_packages": POSTED,
    "clients:import_confirm": POSTED,
    "clients:import_discard": POSTED,
    "clients:columns": RESELLERS,
    "clients:page_size": POSTED,
    "clients:save_view": RESELLERS,
    "clients:change_view": OWNERS,
    "clients:remove_view": OWNERS,
    "clients:sheet_link": OWNERS,
    "clients:export": POSTED,
    "clients:entries": RESELLERS,
    "sheet": ("none",) * 5,  # whoever has the secret, and nobody else
    "clients:choose": POSTED,
    "clients:count_cfdi": RESELLERS,
    "clients:bulk_run": OWNERS,
    "clients:undo_run": OWNERS,
    "clients:again": OWNERS,
    "clients:result_csv": OWNERS,
    "clients:detail": OWNERS,
    "clients:statement": OWNERS,
    "clients:notes": OWNERS,
    "clients:statement_csv": OWNERS,
    "clients:edit_plan": OWNERS,
    "clients:add_folios": OWNERS,
    "clients:renew": OWNERS,
    "clients:undo_addition": OWNERS,
    "clients:undo_renewal": OWNERS,
    "clients:suspend": OWNERS,
    "clients:activate": REFUSES,
    "clients:archive": REFUSES,
    "clients:restore": REFUSES,
    "clients:welcome_again": OWNERS,
    "clients:add_note": OWNERS,
    "clients:add_rfc": OWNERS,
    "clients:end_rfc": OWNERS,
    "clients:add_task": OWNERS,
    "clients:finish_task": OWNERS,
    "clients:reopen_task": OWNERS,
    "jobs:list": RESELLERS,
    "jobs:detail": OWNERS,
    "jobs:lines_csv": OWNERS,
    "jobs:cancel": POSTED,
    "jobs:retry": POSTED,
    "jobs:download": OWNERS,
    "packages:list": RESELLERS,
    "packages:add": RESELLERS,
    "packages:edit": OWNERS,
    "packages:withdraw": OWNERS,
    "packages:put_back": OWNERS,
    "accounts:keys": RESELLERS,
    "accounts:make_key": RESELLERS,
    "accounts:change_key": OWNERS,
    "accounts:revoke_key": OWNERS,
    "programs:activity": RESELLERS,
    "programs:try": RESELLERS,
    "business": RESELLERS,
    "keyboard": RESELLERS,
    "find": RESELLERS,
    "followup:steps": RESELLERS,
    "followup:month": RESELLERS,
    "followup:month_csv": RESELLERS,
    "followup:month_xlsx": RESELLERS,
    "followup:sales": RESELLERS,
    "followup:sales_csv": RESELLERS,
    "followup:sales_xlsx": RESELLERS,
    "followup:tray": RESELLERS,
    "followup:count": RESELLERS,
    "followup:messages": RESELLERS,
    "followup:choose": POSTED,
    "followup:write": OWNERS,
    "followup:contacted": REFUSES,
    "followup:postpone": REFUSES,
    "followup:dismiss": REFUSES,
    "followup:resume": OWNERS,
    "manual:contents": ALL,
    "manual:whole": ALL,
    "manual:start": MANUAL,
    "manual:clients": MANUAL,
    "manual:statuses": MANUAL,
    "manual:actions": MANUAL,
    "manual:packages": MANUAL,
    "manual:many": MANUAL,
    "manual:followup": MANUAL,
    "manual:visits": MANUAL,
    "manual:statement": MANUAL,
    "manual:programs": MANUAL,
    "manual:account": ALL,
    "portal:enter": OWNERS,
    "portal:leave": POSTED,
    "portal:home": CLIENTS,
    "portal:statement": CLIENTS,
    "portal:statement_csv": CLIENTS,
    "portal:visits": CLIENTS,
    "portal:accounts": CLIENTS,
    "portal:accept": POSTED,
    "portal:decline": POSTED,
}
# URLs that are not in the table: log-in and account, the admin and the API.
FOREIGN_APPS = ("account_", "mfa_", "usersessions_", "admin:", "api:")
OF_A_RUN = {
    f"clients:{name}" for name in ("bulk_run", "undo_run", "again", "result_csv")
}
# Views that allow only POST: a GET gets the same 405 for every role.
ONLY_POST = {
    "clients:import_packages",
    "clients:import_confirm",
    "clients:import_discard",
    "jobs:cancel",
    "jobs:retry",
    "clients:undo_run",
    "clients:again",
    "clients:page_size",
    "clients:export",
    "clients:undo_addition",
    "clients:undo_renewal",
    "packages:withdraw",
    "packages:put_back",
    "clients:add_note",
    "clients:welcome_again",
    "clients:add_rfc",
    "clients:end_rfc",
    "clients:add_task",
    "clients:finish_task",
    "clients:reopen_task",
    "followup:resume",
    "followup:steps",
    "portal:accept",
    "portal:decline",
}


def patterns(
    resolver: URLResolver, space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from patterns(item, inner)
        elif item.name:
            yield f"{space}{item.name}", item


NAMES = dict(patterns(get_resolver()))
OURS = sorted(name for name in NAMES if not name.startswith(FOREIGN_APPS))


def outcome(response: HttpResponse) -> str:
    if response.status_code == 302:
        to_login = response["Location"].startswith(reverse("account_login"))
        return "log-in" if to_login else "moved"
    return {200: "page", 404: "none", 409: "refused"}.get(
        response.status_code, str(response.status_code)
    )


def test_every_url_is_in_the_table() -> None:
    assert OURS == sorted(TABLE)


def in_account(name: str, role: str) -> str:
    """The pages of a client's account: closed and why; the chooser first."""
    match role:
        case "as_suspended":
            return "403"
        case "as_both":
            return "page" if name == "portal:accounts" else "moved"
    return "log-in"


def _logged_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.get(pk=user.pk))
    return browser


@pytest.fixture
def as_dismissed(alicia: User) -> Browser:
    """Was of alicia's staff; the cookie is of today, so nothing else is in its way."""
    person = factories.UserFactory(reseller=alicia.reseller, is_active=False)
    return _logged_in(person)


@pytest.fixture
def as_suspended(make_client: MakeClient) -> Browser:
    return _logged_in(make_client(suspended=True).user)


@pytest.fixture
def as_both(make_client: MakeClient, beto: User) -> Browser:
    """A person with an open account at each reseller."""
    client = make_client(contact_email="ambas@cuentas.mx")
    package = factories.PackageFactory(reseller=beto.reseller)
    factories.make_client(package=package, contact_email="ambas@cuentas.mx")
    return _logged_in(client.user)


@pytest.fixture
def browsers(request: pytest.FixtureRequest) -> dict[str, Browser]:
    return {role: request.getfixturevalue(role) for role in (*ROLES, *OTHERS)}


def _object_of(name: str, clara: Client, pyme: Package) -> Any:
    """An object of alicia, of the kind that the page shows."""
    by = clara.reseller.staff.get(email="alicia@distribuidora.mx")
    match name:
        case "clients:end_rfc":
            lifecycle.add_rfc(clara, rfc=factories.rfc(9999), by=by)
            return clara.additional_rfcs.get()
        case "clients:finish_task" | "clients:reopen_task":
            today = clara.reseller.local_date(timezone.now())
            lifecycle.add_task(clara, text="Llamar", due_on=today, key=uuid4(), by=by)
            return clara.tasks.get()
        case "clients:change_view" | "clients:remove_view" | "clients:sheet_link":
            return lists.save_view(by, name="Cobranza", query="columnas=folios")
        case "portal:accept" | "portal:decline":
            return membership_of(clara)
    if name.startswith("clients:import"):
        return imports.staged(by, imports.as_csv([*imports.rows(1), ["x"]]))
    if name.startswith("packages:"):
        return pyme
    if name == "followup:write":
        return choosing.choose(by, "write", [clara.pk])
    if name in OF_A_RUN:
        run = choosing.choose(by, "renew", [clara.pk])
        if name == "clients:undo_run":
            execution.begin(run)
        return run
    if name.startswith("jobs:"):
        job = running.start(clara.reseller, by=by, kind="test", title="Prueba")
        made = files.create(job, name="prueba.csv", content_type="text/csv")
        return made if name == "jobs:download" else job
    if name.startswith("accounts:"):
        made = keys.make(clara.reseller, name="Facturación", scopes=["stamps"], by=None)
        return made.key
    return clara


@pytest.mark.parametrize("name", sorted(TABLE))
def test_who_may_open_it(
    name: str, browsers: dict[str, Browser], clara: Client, pyme: Package
) -> None:
    takes = NAMES[name].pattern.converters
    whose = _object_of(name, clara, pyme)
    kwargs: dict[str, Any] = {"public_id": whose.public_id} if takes else {}
    if "secret" in takes:
        kwargs = {"secret": "wrong"}
    url = reverse(name, kwargs=kwargs)
    expected = list(TABLE[name])
    if name in ONLY_POST:
        expected = ["log-in", *["405"] * 4]
    got = [outcome(browsers[role].get(url)) for role in ROLES]
    assert got == expected
    for role, same in OTHERS.items():
        wanted = expected[ROLES.index(same)]
        if TABLE[name] is CLIENTS:
            wanted = in_account(name, role)
        assert outcome(browsers[role].get(url)) == wanted, role
    if "public_id" in takes and name not in ONLY_POST:
        missing = reverse(name, kwargs={"public_id": uuid4()})
        assert outcome(browsers["as_alicia"].get(missing)) == "none"


OF_NO_OBJECT = {"followup:steps", "clients:page_size"}
# What comes is a file, which has no page to move to.
A_FILE = {"clients:export"}


@pytest.mark.parametrize("name", sorted(OF_NO_OBJECT))
def test_who_may_post_what_is_of_no_object(
    name: str, browsers: dict[str, Browser]
) -> None:
    """Each reseller hides its own first steps, each person sees its own rows."""
    url = reverse(name)
    expected = ["log-in", "moved", "moved", "none", "none"]
    assert [outcome(browsers[role].post(url)) for role in ROLES] == expected


@pytest.mark.parametrize("name", sorted(A_FILE))
def test_who_may_post_for_a_file(name: str, browsers: dict[str, Browser]) -> None:
    got = [outcome(browsers[role].post(reverse(name))) for role in ROLES]
    assert got == list(RESELLERS)


@pytest.mark.parametrize("name", sorted(ONLY_POST - OF_NO_OBJECT - A_FILE))
def test_who_may_post_it(
    name: str, browsers: dict[str, Browser], clara: Client, pyme: Package
) -> None:
    """A stranger's and a missing one are the same 404; whose it is gets an answer."""
    whose = "as_clara" if name.startswith("portal:") else "as_alicia"
    kept = _object_of(name, clara, pyme)
    url = reverse(name, kwargs={"public_id": kept.public_id})
    missing = reverse(name, kwargs={"public_id": uuid4()})
    for role, browser in browsers.items():
        closed = "log-in" if role in ("anonymous", "as_dismissed") else "none"
        assert outcome(browser.post(missing)) == closed, role
        if role != whose:
            assert outcome(browser.post(url)) == closed, role
    assert outcome(browsers[whose].post(url)) in {"moved", "422"}


def _is_whole(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


# URLs without parameters; pages of one object have the same check as their list.
WHOLE = set(filter(_is_whole, NAMES))
ADMIN = sorted(n for n in WHOLE if n.startswith("admin:") and n != "admin:logout")
MADE_BY_SUPPORT = (
    "admin:accounts_reseller_add",
    "admin:accounts_user_add",
    "admin:packages_service_add",
)
# Otherwise a page.
SUPPORT_GETS = {
    "admin:login": "moved",
    "admin:autocomplete": "403",
    "admin:password_change": "moved",
    **{n: "403" for n in ADMIN if n.endswith("_add")},
    **dict.fromkeys(MADE_BY_SUPPORT, "page"),
}
OBJECT_PAGES = sorted(
    name
    for name in set(NAMES) - WHOLE
    if name.startswith("admin:") and name.endswith(("_change", "_history", "_delete"))
)
# mfa_login_webauthn is part of the log-in, and so open to everybody.
ACCOUNT = sorted(
    n
    for n in WHOLE
    if n.startswith(("mfa_", "usersessions_")) and n != "mfa_login_webauthn"
)


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_is_for_support_alone(
    name: str, browsers: dict[str, Browser]
) -> None:
    """What support itself does not get is named, so that the control sees a page."""
    url = reverse(name)
    wanted = SUPPORT_GETS.get(name, "page")
    assert outcome(browsers["as_soporte"].get(url)) == wanted
    for role in set(browsers) - {"as_soporte"}:
        # Whoever is only moved elsewhere has seen nothing.
        seen = outcome(browsers[role].get(url))
        assert seen == "moved" or seen not in {"page", wanted}, role


@pytest.mark.parametrize("name", OBJECT_PAGES)
def test_the_admins_pages_of_one_object_are_for_support_alone(
    name: str, browsers: dict[str, Browser], clara: Client, pyme: Package
) -> None:
    _object_of("accounts:", clara, pyme)
    model, page = name.removeprefix("admin:").rsplit("_", 1)
    row = apps.get_model(*model.split("_")).objects.order_by("pk").first()
    if row is None:  # nothing was logged yet
        assert model == "admin_logentry"
        row = LogEntry.objects.create(user=clara.user, action_flag=1, object_repr="x")
    url = reverse(name, args=[row.pk])
    wanted = "403" if page == "delete" else "page"
    assert outcome(browsers["as_soporte"].get(url)) == wanted
    for role in set(browsers) - {"as_soporte"}:
        assert outcome(browsers[role].get(url)) != "page", role


@pytest.mark.parametrize("name", ACCOUNT)
def test_the_pages_of_ones_account_need_a_log_in(name: str, anonymous: Browser) -> None:
    assert outcome(anonymous.get(reverse(name))) != "page"


@pytest.mark.parametrize("method", ["get", "post", "patch"])
@pytest.mark.parametrize("role", ROLES)
def test_no_log_in_opens_the_api(
    method: str, role: str, browsers: dict[str, Browser], clara: Client
) -> None:
    """Only a key does (see tests/test_api_access.py), never a session."""
    for name, item in NAMES.items():
        if not name.startswith("api:") or name in {"api:openapi", "api:docs"}:
            continue
        given = {"client": clara.rfc, "reference": "F-1"}
        url = reverse(name, kwargs={key: given[key] for key in item.pattern.converters})
        answer = getattr(browsers[role], method)(url)
        assert answer.status_code in {401, 404, 405}, name
    assert clara.entries.count() == 1


def test_nobody_signs_up_by_himself(anonymous: Browser) -> None:
    data = {"email": "x@x.mx", "password1": "abcdefgh12", "password2": "abcdefgh12"}
    assert anonymous.post("/cuenta/signup/", data).status_code == 404


def test_pages_with_data_are_not_kept(as_alicia: Browser, clara: Client) -> None:
    for url in ("/clientes/", reverse("clients:detail", args=[clara.public_id])):
        assert "no-store" in as_alicia.get(url)["Cache-Control"]
