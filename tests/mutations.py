"""Mistakes planted one at a time: do the tests of access see them? Not a test.

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
