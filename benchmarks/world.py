"""The part of the benchmarks that uses the product's code, as a separate process.

`make` migrates and creates the cast through the verbs. `history FOLIOS` makes twenty
clients spend FOLIOS each. `spend SECONDS` spends their folios one by one in process and
prints the rate per second.
"""

import random
import sys
from time import perf_counter

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from stdnum.mx.rfc import calc_check_digit  # noqa: E402

from accounts import keys  # noqa: E402
from accounts.models import Reseller, Scope  # noqa: E402
from benchmarks.cast import Cast  # noqa: E402
from benchmarks.load import reference  # noqa: E402
from clients import lifecycle  # noqa: E402
from clients.lifecycle import Details, Stamp  # noqa: E402
from clients.models import Client  # noqa: E402
from packages import catalogue  # noqa: E402
from packages.catalogue import PackageDetails  # noqa: E402
from packages.models import Package  # noqa: E402

CLIENTS, SPENDERS, KEYS = 1_000, 20, 8
FOLIOS = 1_000_000


def make() -> Cast:
    reseller = Reseller.objects.create(name="alicia", slug="alicia")
    details = PackageDetails(name="Grande", folios=FOLIOS)
    package = catalogue.create(reseller, details=details, services={}, by=None)
    return Cast(
        [_client(reseller, package, number) for number in range(CLIENTS)],
        [
            keys.make(reseller, name=f"app {n}", scopes=[Scope.STAMPS], by=None).secret
            for n in range(KEYS)
        ],
    )


def _client(reseller: Reseller, package: Package, number: int) -> str:
    years, day = divmod(number, 28)
    stem = f"EMP{years:02}01{day + 1:02}A1"
    details = Details(
        legal_name=f"Empresa {number}",
        rfc=stem + calc_check_digit(stem),
        tax_regime="601",
        postal_code="06000",
        contact_email=f"cliente{number}@ejemplo.mx",
    )
    reference = f"alta-{number}"
    client = lifecycle.create(
        reseller, details=details, package=package, reference=reference, by=None
    ).client
    return str(client.public_id)


def spenders() -> list[Client]:
    return list(Client.objects.with_facts().order_by("id")[:SPENDERS])


def history(folios: int) -> None:
    rng = random.Random()
    for client in spenders():
        lifecycle.consume_many(
            [
                Stamp(client_id=client.pk, reference=reference(rng))
                for _ in range(folios)
            ]
        )


def spend(seconds: float) -> float:
    clients = spenders()
    rng, done = random.Random(), 0
    lifecycle.consume(clients[0], reference=reference(rng))
    began = perf_counter()
    while perf_counter() - began < seconds:
        lifecycle.consume(rng.choice(clients), reference=reference(rng))
        done += 1
    return done / (perf_counter() - began)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make"]:
            call_command("migrate", verbosity=0)
            print(make().to_json())
        case ["history", folios]:
            history(int(folios))
        case ["spend", seconds]:
            print(spend(float(seconds)))
        case _:
            sys.exit("usage: benchmarks.world make | history FOLIOS | spend SECONDS")
