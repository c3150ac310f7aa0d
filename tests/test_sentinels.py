"""Nobody reads what is not theirs: every URL × every role, in a world of marked data.

Law: domain.md, "The people": a reseller sees only its own, a client its own account;
to everybody else they do not exist. One test per role asks everything of every URL (the
list is Django's own) and looks for words of others (tests/sentinels.py) in each body,
redirect and file. It also sees whether a request changed anything of a stranger.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from tests import factories, sentinels
from tests.cast import prove
from tests.sentinel_requests import NAMES, Asked, requests
from tests.sentinels import SCOPES, Tenant, World

# The world is made once and stays in this process.
pytestmark = pytest.mark.xdist_group("sentinels")

EVERYTHING = {letter + scope for letter in "ab" for scope in SCOPES}
OF_ALICIA = {f"a{scope}" for scope in SCOPES}
OF_BETO = {f"b{scope}" for scope in SCOPES}


class Role(NamedTuple):
    """`reads`: whose words it may see. `acts_on`: the tenants that it may change."""

    reads: set[str]
    acts_on: str = ""
    admin: bool = False


ROLES = {
    "anonymous": Role(set()),
    "alicia": Role(OF_ALICIA, "a"),
    "beto": Role(OF_BETO, "b"),
    "client of alicia": Role({"apub", "aown"}),
    "client of beto": Role({"bpub", "bown"}),
    "support": Role(EVERYTHING, "ab", admin=True),
    "superuser": Role(EVERYTHING, "ab", admin=True),
    "dismissed": Role(set()),
    "suspended client": Role({"apub", "asus"}),
    "client of both": Role({"apub", "ashr", "bpub", "bshr"}),
    "alicia on a visit": Role({"apub", "aown"}),
    "key of alicia": Role(OF_ALICIA, "a"),
    "key of beto": Role(OF_BETO, "b"),
}
# Answers of the middleware, before any view: what they would have changed is not looked
# at, for it takes as long as the request.
NEVER_RAN = {401, 404, 405}
# What else somebody changes of a tenant whose staff it is not: its own answer, and the
# end of its visit.
OWN_ANSWERS = {
    "client of both": {"portal:accept", "portal:decline"},
    "client of alicia": {"portal:decline"},
    "client of beto": {"portal:decline"},
    "alicia on a visit": {"portal:leave", "account_logout"},
}
_STATE = """
SELECT md5(concat(
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM clients_client t
    WHERE reseller_id = %(id)s),
  (SELECT string_agg(a::text || p::text, '' ORDER BY c.id) FROM clients_client c
     JOIN clients_folioaccount a ON a.client_id = c.id
     JOIN clients_plan p ON p.client_id = c.id WHERE c.reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM clients_task t
     JOIN clients_client c ON c.id = t.client_id WHERE c.reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.client_id) FROM clients_followup t
     JOIN clients_client c ON c.id = t.client_id WHERE c.reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM clients_membership t
     JOIN clients_client c ON c.id = t.client_id WHERE c.reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM clients_additionalrfc t
     JOIN clients_client c ON c.id = t.client_id WHERE c.reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM portal_grant t
     JOIN clients_client c ON c.id = t.client_id WHERE c.reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM packages_package t
    WHERE reseller_id = %(id)s),
  (SELECT string_agg(concat(t.name, t.scopes, t.revoked_at), '' ORDER BY t.id)
     FROM accounts_apikey t WHERE reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM accounts_savedview t
     JOIN accounts_user u ON u.id = t.person_id WHERE u.reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.person_id) FROM accounts_listsettings t
     JOIN accounts_user u ON u.id = t.person_id WHERE u.reseller_id = %(id)s),
  (SELECT contact_email FROM accounts_reseller WHERE id = %(id)s),
  (SELECT by_id FROM followup_hiddensteps WHERE reseller_id = %(id)s),
  (SELECT string_agg(t::text, '' ORDER BY t.id) FROM followup_messagetemplate t
    WHERE reseller_id = %(id)s)))
"""


# ── The world and its people ──────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """In a transaction around all tests of the module, so that nothing of it stays."""
    settings = override_settings(API_REFUSALS_EVERY=0)
    with django_db_blocker.unblock(), settings, transaction.atomic():
        yield sentinels.build()
        transaction.set_rollback(True)
    connection.close()


def _person(user: User) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(User.objects.get(pk=user.pk))
    browser.get(reverse("icons"))
    return browser


def _proven(user: User) -> Browser:
    return prove(_person(user))


def _with_password(user: User) -> Browser:
    user.set_password(factories.PASSWORD)
    user.save()
    return _person(user)


def _on_a_visit(one: Tenant) -> Browser:
    browser = _person(one.staff)
    url = reverse("portal:enter", args=[one.mine.public_id])
    data = {"reason": one.word("own"), "key": str(uuid4())}
    assert browser.post(url, data).status_code == 302
    return browser


def _program(one: Tenant) -> Browser:
    return Browser(
        raise_request_exception=False,
        headers={"Authorization": f"Bearer {one.secret}"},
    )


BROWSERS: dict[str, Callable[[World], Browser]] = {
    "anonymous": lambda w: Browser(raise_request_exception=False),
    "alicia": lambda w: _proven(w.alicia.staff),
    "beto": lambda w: _proven(w.beto.staff),
    "client of alicia": lambda w: _with_password(w.alicia.mine.user),
    "client of beto": lambda w: _with_password(w.beto.mine.user),
    "support": lambda w: _proven(w.support),
    "superuser": lambda w: _proven(w.superuser),
    "dismissed": lambda w: _person(w.alicia.dismissed),
    "suspended client": lambda w: _person(w.alicia.clients["suspended"].user),
    "client of both": lambda w: _with_password(w.both),
    "alicia on a visit": lambda w: _on_a_visit(w.alicia),
    "key of alicia": lambda w: _program(w.alicia),
    "key of beto": lambda w: _program(w.beto),
}


# ── The scan ──────────────────────────────────────────────────────────────────────


class Seen(NamedTuple):
    """What a role got from all requests together."""

    asked: Counter[str]
    words: dict[str, str]
    faults: list[str]


def scan(world: World, role: str, browser: Browser) -> Seen:
    seen = Seen(Counter(), {}, [])
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    before = states(world)
    for name in NAMES:
        for asked in requests(world, name):
            with transaction.atomic():
                browser.cookies.clear()
                browser.cookies.load(cookies)
                _ask(world, role, browser, asked, seen, before)
                transaction.set_rollback(True)
    return seen


def _ask(
    world: World,
    role: str,
    browser: Browser,
    asked: Asked,
    seen: Seen,
    before: dict[str, str],
) -> None:
    how: dict[str, Any] = {"headers": asked.headers}
    if asked.method in ("post", "patch"):
        how |= {"data": asked.body, "content_type": asked.content_type}
    response = getattr(browser, asked.method)(asked.url, **how)
    seen.asked[asked.method] += 1
    if response.status_code >= 500:
        seen.faults.append(f"{response.status_code}: {asked}")
    sent = f"{asked.url} {asked.body} {asked.headers}".lower()
    words = world.found_in(text_of(response))
    words = {word: mark for word, mark in words.items() if word not in sent}
    seen.words.update(words)
    allowed = may_read(role, asked)
    if crossed := {word for word, mark in words.items() if mark not in allowed}:
        seen.faults.append(f"reads {sorted(crossed)[:4]}: {asked}")
    closed = set(before) - set(ROLES[role].acts_on)
    if closed and response.status_code not in NEVER_RAN and not may_change(role, asked):
        after = states(world)
        if changed := [letter for letter in closed if after[letter] != before[letter]]:
            seen.faults.append(f"changes {changed}: {asked}")


def may_read(role: str, asked: Asked) -> set[str]:
    """Support reads everything in the admin, and elsewhere nothing."""
    reads = ROLES[role].reads
    return reads if not ROLES[role].admin or asked.name.startswith("admin:") else set()


def may_change(role: str, asked: Asked) -> bool:
    return asked.name in OWN_ANSWERS.get(role, ())


def text_of(response: HttpResponse) -> str:
    body = b"".join(response) if response.streaming else response.content
    headers = " ".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n{body.decode(errors='replace')}"


def states(world: World) -> dict[str, str]:
    """By tenant, a digest of all it has; what only notes a use is not in it."""
    found = {}
    with connection.cursor() as cursor:
        for one in (world.alicia, world.beto):
            cursor.execute(_STATE, {"id": one.staff.reseller_id})
            found[one.letter] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_or_changes_what_is_a_strangers(world: World, role: str) -> None:
    with transaction.atomic():
        seen = scan(world, role, BROWSERS[role](world))
        transaction.set_rollback(True)
    print(role, dict(seen.asked), Counter(seen.words.values()))
    assert not seen.faults, "\n".join(seen.faults[:40])
    # The control: it has read of everything that it may.
    assert set(seen.words.values()) == ROLES[role].reads
