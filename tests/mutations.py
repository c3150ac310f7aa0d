"""Mistakes planted one at a time: do the tests see them? Not a test.

`python -m tests.mutations FOLDER` works in a copy of the checkout, never in it: each
mistake replaces a text of a file, the tests that should see it are run, and the file is
put back. Exit 1 if a mistake survived.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

SCAN = "tests/test_sentinels.py::test_nobody_reads_or_changes_what_is_a_strangers"
TABLE = "tests/test_access.py"
VISITS = ("tests/test_impersonation.py", "tests/test_enter.py", "tests/test_portal.py")
SESSIONS = ("tests/test_sessions.py", "tests/test_login.py")
FORMS = ("tests/test_stale_forms.py",)


class Mistake(NamedTuple):
    """`seen_by`: the arguments for pytest."""

    name: str
    file: str
    old: str
    new: str
    seen_by: tuple[str, ...] = (f"{SCAN}[alicia]",)


_SCOPED = "return self.filter(reseller=user.reseller_id)"
_MISTAKES = [
    Mistake(
        "month page and its CSV unscoped",
        "followup/totals.py",
        "Client.objects.visible_to(user).filter(Exists(moved))",
        "Client.objects.filter(Exists(moved))",
    ),
    Mistake(
        "paquete filter unscoped",
        "clients/filters.py",
        "Package.objects.visible_to(request.user)",
        "Package.objects.all()",
    ),
    Mistake("clients unscoped", "clients/models/client.py", _SCOPED, "return self"),
    Mistake("packages unscoped", "packages/models.py", _SCOPED, "return self"),
    Mistake("keys unscoped", "accounts/models/keys.py", _SCOPED, "return self"),
    Mistake(
        "tasks unscoped",
        "clients/models/followup.py",
        "return self.filter(client__in=Client.objects.visible_to(user))",
        "return self.all()",
    ),
    Mistake(
        "end of an RFC unscoped",
        "clients/views/tasks.py",
        "AdditionalRfc.objects.filter(client__in=mine)",
        "AdditionalRfc.objects.all()",
    ),
    Mistake(
        "search of the tray unscoped",
        "followup/tray.py",
        "clients = Client.objects.with_facts().filter(reseller=reseller)\n",
        "clients = Client.objects.with_facts()\n",
    ),
    Mistake(
        "memberships of anybody",
        "clients/models/memberships.py",
        "return self.live().filter(user=user.pk, ",
        "return self.live().filter(",
        (f"{SCAN}[client of alicia]",),
    ),
    Mistake(
        "suspended accounts open",
        "portal/views.py",
        "for one in choices if one.membership.opens]",
        "for one in choices]",
        (f"{SCAN}[suspended client]",),
    ),
    Mistake(
        "reseller's pages for everybody",
        "accounts/access.py",
        'if reseller is None or getattr(request, "grant", None) is not None:',
        'if reseller is None and getattr(request, "grant", None) is not None:',
        (f"{SCAN}[client of alicia]",),
    ),
    Mistake(
        "reseller's pages inside a visit",
        "portal/middleware.py",
        "        return _refuse(acting)",
        "        acting.user, acting.grant = acting.actor, None\n        return None",
        (f"{SCAN}[alicia on a visit]",),
    ),
    Mistake(
        "the admin for everybody",
        "accounts/support.py",
        "return super().has_permission(request) and not _lacks_second_factor(request)",
        "return bool(request.user.is_authenticated)",
        (TABLE, "-k", "admin"),
    ),
    Mistake(
        "support sees nothing",
        "accounts/support.py",
        "return self.has_module_permission(request)\n\n    def has_add",
        "return False\n\n    def has_add",
        (TABLE, "-k", "admin"),
    ),
    Mistake(
        "revoked and unknown keys pass",
        "accounts/keys.py",
        "if key is None or key.revoked_at is not None:",
        "if key is None:",
        ("tests/test_api_access.py",),
    ),
    Mistake(
        "clients of all in the API",
        "api/calls/base.py",
        "Client.objects.visible_to(key).with_facts()",
        "Client.objects.with_facts()",
        (f"{SCAN}[key of alicia]",),
    ),
    Mistake(
        "key's name in the client's file",
        "portal/views.py",
        ', who="who_for_client"',
        "",
        (f"{SCAN}[client of alicia]",),
    ),
    # ── Visits ──
    Mistake(
        "a visit without end",
        "portal/impersonation.py",
        "if now >= grant.expires_at:",
        "if False:",
        VISITS,
    ),
    Mistake(
        "a visit to an archived client goes on",
        "portal/impersonation.py",
        "if client.is_archived:",
        "if False:",
        VISITS,
    ),
    Mistake(
        "a visit that was ended elsewhere goes on",
        "portal/impersonation.py",
        "grant.ended_at is None\n        and ",
        "",
        VISITS,
    ),
    Mistake(
        "the visit of another person",
        "portal/impersonation.py",
        "and actor.pk == grant.actor_id\n",
        "",
        VISITS,
    ),
    Mistake(
        "the visitor has changed the reseller",
        "portal/impersonation.py",
        "and actor.reseller_id == client.reseller_id\n",
        "",
        VISITS,
    ),
    Mistake(
        "the visitor gets the rights of the client's person",
        "portal/impersonation.py",
        "return User(email=client.contact_email, name=client.contact_name)",
        "return client.user",
        VISITS,
    ),
    Mistake(
        "the session keeps its key when a visit begins",
        "portal/impersonation.py",
        "    change_key(request)\n",
        "",
        VISITS,
    ),
    # ── Sessions and log-in ──
    Mistake(
        "a session lasts without being used",
        "accounts/sessions.py",
        "if now - session.get(SEEN, now) >= minutes * 60:",
        "if False:",
        SESSIONS,
    ),
    Mistake(
        "a session lasts for ever",
        "accounts/sessions.py",
        "if now - session.get(OPENED, now) >= hours * 3600:",
        "if False:",
        SESSIONS,
    ),
    Mistake(
        "suspending leaves the session open",
        "clients/lifecycle/access.py",
        "        end_sessions(locked.client)\n        locked.record(EventKind.SUSP",
        "        locked.record(EventKind.SUSP",
        ("tests/test_suspend.py", "tests/test_memberships.py"),
    ),
    Mistake(
        "closed accounts log in",
        "portal/login.py",
        "not all(one.is_closed for one in own.choices_of(user))",
        "True",
        ("tests/test_login.py", "tests/test_memberships.py"),
    ),
    Mistake(
        "guesses from elsewhere lock the owner out",
        "accounts/login_limits.py",
        "return user is not None and mark == _mark_of(user)",
        "return False",
        SESSIONS,
    ),
    Mistake(
        "any browser counts as known",
        "accounts/login_limits.py",
        "return user is not None and mark == _mark_of(user)",
        "return True",
        SESSIONS,
    ),
    Mistake(
        "passkeys of before the proof go on",
        "portal/login.py",
        "                Authenticator.objects.filter(user=self.user).delete()\n",
        "",
        ("tests/test_login_urls.py", "tests/test_memberships.py"),
    ),
    # ── People and keys ──
    Mistake(
        "support changes support",
        "accounts/people.py",
        "if by.is_staff and (by.is_superuser or not is_of_support):",
        "if by.is_staff:",
        ("tests/test_support.py",),
    ),
    Mistake(
        "support changes an address",
        "accounts/people.py",
        'if not by.is_superuser and touched - {"is_active"}:',
        "if False:",
        ("tests/test_support.py",),
    ),
    Mistake(
        "one changes one's own access",
        "accounts/people.py",
        "if touched and person.pk == by.pk:",
        "if False:",
        ("tests/test_support.py",),
    ),
    Mistake(
        "support adds people to any reseller",
        "accounts/people.py",
        "if reseller is None or User.objects.filter(reseller=reseller).exists():",
        "if reseller is None:",
        ("tests/test_support.py",),
    ),
    Mistake(
        "the former password goes on with another address",
        "accounts/people.py",
        "        fresh.set_unusable_password()\n",
        "",
        ("tests/test_support.py",),
    ),
    Mistake(
        "access is changed without proof",
        "accounts/admin.py",
        'if request.method == "POST" and reauthentication.is_needed(request):',
        "if False:",
        ("tests/test_support.py",),
    ),
    Mistake(
        "keys are made without a password",
        "accounts/reauthentication.py",
        "return not did_recently_reauthenticate(request)",
        "return False",
        ("tests/test_keys.py",),
    ),
    Mistake(
        "a key does what its scopes do not say",
        "accounts/keys.py",
        "if not set(any_of) & set(key.scopes):",
        "if False:",
        ("tests/test_api_access.py",),
    ),
    # ── Memberships ──
    Mistake(
        "an account opens before it is accepted",
        "clients/models/memberships.py",
        "self.confirmed_at is None or not self.user.has_proven_address",
        "not self.user.has_proven_address",
        ("tests/test_memberships.py",),
    ),
    Mistake(
        "anybody accepts a membership",
        "clients/lifecycle/memberships.py",
        "Membership.objects.of(person).filter(pk=membership.pk)",
        "Membership.objects.filter(pk=membership.pk)",
        ("tests/test_memberships.py",),
    ),
    Mistake(
        "the former person keeps the account",
        "clients/lifecycle/memberships.py",
        "    client.memberships.live().update(ended_at=now)\n",
        "",
        ("tests/test_memberships.py",),
    ),
    # ── Forms, previews, keys of forms ──
    Mistake(
        "nobody sees what somebody else changed",
        "reseller_panel/stale.py",
        "        raise ChangedMeanwhile(conflicts)",
        "        return {**merged, **{n: c.wanted for n, c in conflicts.items()}}",
        FORMS,
    ),
    Mistake(
        "all fields are written back",
        "reseller_panel/stale.py",
        "if to_be == was or to_be == is_now:",
        "if to_be == is_now:",
        FORMS,
    ),
    Mistake(
        "a preview is no promise",
        "clients/lifecycle/basis.py",
        "if client and happened_since(client, int(seq)):",
        "if False:",
        FORMS,
    ),
    Mistake(
        "the packages of a preview may change",
        "clients/lifecycle/basis.py",
        "if digest != _digest(today, packages) or not _is_seq(seq):",
        "if not _is_seq(seq):",
        FORMS,
    ),
    Mistake(
        "an old undo undoes what came after",
        "clients/lifecycle/undoing.py",
        "    locked.refuse_undo_if_late(seq, stamps_count=True)\n",
        "",
        ("tests/test_undo.py",),
    ),
    Mistake(
        "one key for two contents",
        "clients/lifecycle/one_time.py",
        "if (used.verb, used.content) != (request.verb, request.digest):",
        "if False:",
        ("tests/test_one_time_keys.py",),
    ),
    Mistake(
        "one key for two clients",
        "clients/lifecycle/one_time.py",
        "        if used.client_id != client.pk:\n"
        "            raise ReferenceConflict(_entry_of(used))\n",
        "",
        ("tests/test_one_time_keys.py",),
    ),
    # ── Numbers and text ──
    Mistake(
        "a comma before any digits groups them",
        "reseller_panel/numbers.py",
        "(?:,[0-9]{3})+)",
        "(?:,[0-9]{1,3})+)",
        ("tests/test_numbers.py",),
    ),
    Mistake(
        "digits of other scripts are read",
        "reseller_panel/numbers.py",
        "_QUANTITY = re.compile(_WHOLE)",
        '_QUANTITY = re.compile(_WHOLE.replace("[0-9]", r"\\d"))',
        ("tests/test_numbers.py",),
    ),
    Mistake(
        "more than five times the plan asks nothing",
        "clients/rules.py",
        "return quantity > UNUSUAL_TIMES * plan_folios",
        "return False",
        ("tests/test_undo.py",),
    ),
    Mistake(
        "an archived client may be sold to",
        "clients/rules.py",
        '"add_folios": (_not_archived,),',
        '"add_folios": (),',
        ("tests/test_actions.py", "tests/test_add_folios.py"),
    ),
    Mistake(
        "an active client is archived",
        "clients/rules.py",
        '"archive": (_not_archived, _not_active),',
        '"archive": (_not_archived,),',
        ("tests/test_actions.py", "tests/test_archive.py"),
    ),
    Mistake(
        "suspended and expired clients stamp",
        "clients/rules.py",
        '"consume": (_not_archived, _not_barred),',
        '"consume": (_not_archived,),',
        ("tests/test_consume.py",),
    ),
]


def survives(folder: Path, mistake: Mistake) -> bool:
    file = folder / mistake.file
    text = file.read_text()
    assert mistake.old in text, f"{mistake.name}: {mistake.file} has changed"
    file.write_text(text.replace(mistake.old, mistake.new))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly"]
    try:
        done = subprocess.run(
            [*command, "--reuse-db", *mistake.seen_by],
            cwd=folder,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=False,
        )
    finally:
        file.write_text(text)
    # Anything else than passed or failed says nothing of the mistake.
    assert done.returncode in (0, 1), done.stdout.decode()
    return done.returncode == 0


def main(folder: Path, words: list[str]) -> int:
    survived = 0
    for mistake in _MISTAKES:
        if words and not any(word in mistake.name for word in words):
            continue
        alive = survives(folder, mistake)
        survived += alive
        print("SURVIVED" if alive else "killed", mistake.name, flush=True)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
