"""The peer: django-hordak spends one unit after another, and never below zero.

It runs in a temporary environment without the product (hordak.py makes it).
`hordak_peer.py make ADDRESS HISTORY` creates accounts that have spent HISTORY units;
`hordak_peer.py spend ADDRESS SECONDS` prints how many units it spends per second. For
each it locks the account's row, checks its balance, then calls `transfer_to`.
"""

import random
import sys
from time import perf_counter

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

command, address, number = sys.argv[1:]
server = conninfo_to_dict(address)
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "mptt",
        "hordak",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": server["host"],
            "USER": server["user"],
            "NAME": server["dbname"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {"prepare_threshold": 5},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    HORDAK_DECIMAL_PLACES=0,
    DEFAULT_CURRENCY="MXN",
    HORDAK_INTERNAL_CURRENCY="MXN",
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from hordak.models import Account, AccountType, Leg, Transaction  # noqa: E402
from moneyed import Money  # noqa: E402

ONE, MANY = Money(1, "MXN"), Money(1_000_000, "MXN")


ACCOUNTS = 20


def make(history: int) -> None:
    call_command("migrate", verbosity=0)
    sold = Account.objects.create(name="sold", type=AccountType.asset)
    spent = Account.objects.create(name="spent", type=AccountType.income)
    for number in range(ACCOUNTS):
        client = Account.objects.create(name=f"{number}", type=AccountType.liability)
        client.transfer_to(sold, MANY)
        with transaction.atomic():
            made = Transaction.objects.bulk_create(
                Transaction() for _ in range(history)
            )
            Leg.objects.bulk_create(
                leg
                for one in made
                for leg in (
                    Leg(transaction=one, account=spent, credit=ONE),
                    Leg(transaction=one, account=client, debit=ONE),
                )
            )


def spend(seconds: float) -> float:
    clients = list(Account.objects.filter(type=AccountType.liability))
    spent = Account.objects.get(name="spent")
    rng, done = random.Random(), 0
    began = perf_counter()
    while perf_counter() - began < seconds:
        with transaction.atomic():
            pk = rng.choice(clients).pk
            # Neither account is a parent, so the simple balance is the whole one.
            client = Account.objects.select_for_update().get(pk=pk)
            if client.get_simple_balance() < ONE:
                raise ValueError("nothing left")
            # Both accounts are credit accounts: what one loses, the other gains.
            spent.transfer_to(client, ONE)
        done += 1
    return done / (perf_counter() - began)


if command == "make":
    make(int(number))
else:
    print(spend(float(number)))
