"""What everybody knows of the demo, and whether somebody could still walk in with it.

Law: quality.md, "Access": no default users outside the demo. The check runs where a
server starts (reseller_panel/health.py), on /readyz, on `migrate` and on
`check --database default`.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError
from django.db.models import Q

from accounts.models import ApiKey, User

PASSWORD = "demo"  # noqa: S105  everybody knows it: never loaded in production
API_KEY = "demo-alicia-key"
ALICIA, BETO, CLARA, SUPPORT = (
    "alicia@demo.mx",
    "beto@demo.mx",
    "clara@demo.mx",
    "soporte@demo.mx",
)
RESELLERS = ("distribuidora-alicia", "comercial-beto")


def open_to_everybody() -> list[str]:
    """People with the demo's password and the demo's key, while they let one in."""
    # Whoever was given another e-mail since still has the password.
    of_the_demo = (
        Q(email__in=[ALICIA, BETO, CLARA, SUPPORT])
        | Q(reseller__slug__in=RESELLERS)
        | Q(is_superuser=True)
    )
    people = User.objects.filter(of_the_demo, is_active=True)
    found = [person.email for person in people if person.check_password(PASSWORD)]
    digest = ApiKey.digest_of(API_KEY)
    if ApiKey.objects.usable().filter(digest=digest).exists():
        found.append(API_KEY)
    return found


def check_nobody_knows_the_way_in(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Only where a database may be asked, and not on a developer's machine."""
    if settings.DEBUG or not databases:
        return []
    try:
        found = open_to_everybody()
    except DatabaseError:
        return []  # not there, or not migrated: nobody gets in
    return [
        checks.Error(
            f"Everybody knows the password or secret of: {', '.join(found)}.",
            hint="This is the demo's database. Serve another, or set DEBUG=1.",
            id="demo.E001",
        )
    ] * bool(found)
