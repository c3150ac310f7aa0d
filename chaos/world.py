"""Migrates and creates the cast through the verbs: `python -m chaos.world make`.

It is a separate process, because only this part of the test sets Django up. `revoke
NAME` revokes a key as the panel would; `strip` drops the UNIQUE constraints, for the
runs with a planted bug.
"""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from stdnum.mx.rfc import calc_check_digit  # noqa: E402

from accounts import keys  # noqa: E402
from accounts.models import ApiKey, Reseller, Scope  # noqa: E402
from chaos.cast import Cast, Key, Player, Role  # noqa: E402
from clients import lifecycle  # noqa: E402
from clients.lifecycle import Details  # noqa: E402
from packages import catalogue  # noqa: E402
from packages.catalogue import PackageDetails  # noqa: E402
from packages.models import LeftoverRule, Package  # noqa: E402

# The number of clients of each role, by reseller.
CLIENTS = {
    "alicia": {
        Role.HOT: 1,
        Role.PLAIN: 3,
        Role.FLAPPING: 3,
        Role.TIGHT: 2,
        Role.RENEWING: 1,
    },
    "beto": {Role.PLAIN: 2, Role.FLAPPING: 1, Role.TIGHT: 1, Role.RENEWING: 1},
}
PACKAGES = {
    Role.TIGHT: PackageDetails(name="Chico", folios=40),
    Role.RENEWING: PackageDetails(
        name="Mensual",
        folios=60,
        term_count=1,
        term_unit="month",
        leftover_rule=LeftoverRule.LOSE,
    ),
}
PLENTY = PackageDetails(name="Grande", folios=1_000_000)


def make() -> Cast:
    players: list[Player] = []
    made_keys: list[Key] = []
    for name, roles in CLIENTS.items():
        reseller = Reseller.objects.create(name=name, slug=name)
        packages = {
            details.name: catalogue.create(
                reseller, details=details, services={}, by=None
            )
            for details in (PLENTY, *PACKAGES.values())
        }
        for role, count in roles.items():
            for _ in range(count):
                details = PACKAGES.get(role, PLENTY)
                number = len(players)
                players.append(_client(reseller, packages[details.name], role, number))
        made_keys.append(_key(reseller, name, [*Scope]))
        if name == "alicia":
            made_keys.append(_key(reseller, "condenada", [Scope.STAMPS], doomed=True))
    return Cast(players, made_keys)


def _client(reseller: Reseller, package: Package, role: Role, number: int) -> Player:
    stem = f"EMP0101{number + 1:02d}A{number % 10}"
    client = lifecycle.create(
        reseller,
        details=Details(
            legal_name=f"Empresa {number}",
            rfc=stem + calc_check_digit(stem),
            tax_regime="601",
            postal_code="06000",
            contact_email=f"cliente{number}@ejemplo.mx",
        ),
        package=package,
        reference=f"alta-{number}",
        by=None,
    ).client
    return Player(str(client.public_id), client.rfc, reseller.slug, role)


def _key(
    reseller: Reseller, name: str, scopes: list[str], *, doomed: bool = False
) -> Key:
    secret = keys.make(reseller, name=name, scopes=scopes, by=None).secret
    return Key(name, secret, reseller.slug, doomed)


def revoke(name: str) -> None:
    keys.revoke(ApiKey.objects.get(name=name), by=None)


def strip() -> None:
    """Drop the UNIQUE constraints, so that a bug shows in the ledger and not as a
    refused INSERT. Plain indexes replace them, so that nothing becomes slower."""
    with connection.cursor() as cursor:
        for table in ("clients_folioledger", "clients_clientevent"):
            cursor.execute(
                "SELECT conname FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype = 'u'",
                [table],
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            cursor.execute(f"CREATE INDEX ON {table} (client_id, seq)")
        cursor.execute("CREATE INDEX ON clients_folioledger (client_id, reference)")
        cursor.execute("CREATE INDEX ON clients_folioledger (reverses_id)")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make"]:
            call_command("migrate", verbosity=0)
            print(make().to_json())
        case ["revoke", name]:
            revoke(name)
        case ["strip"]:
            strip()
        case _:
            sys.exit("usage: python -m chaos.world make | revoke NAME | strip")
