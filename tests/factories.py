"""Factories of users, packages and clients, which make no state the product cannot.

A client is created, expires, is exhausted, suspended or archived by the verbs of
clients/lifecycle, never by writing a field.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any
from uuid import uuid4

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory
from stdnum.mx.rfc import calc_check_digit

from accounts.addresses import prove_address
from accounts.models import Reseller, User
from clients import lifecycle
from clients.lifecycle import Details
from clients.models import Client, membership_of
from clients.status import Status
from packages.models import Package, PackageService, Service, TermUnit

PASSWORD = "una-clave-larga-de-prueba"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_numbers = count(1)


def reference() -> str:
    """A one-time key, such as a dialog gets when it is opened."""
    return str(uuid4())


def rfc(number: int) -> str:
    """The RFC of a company that does not exist, with the right check digit."""
    letters, rest = divmod(number, 36 * 36)
    stem = f"EM{chr(ord('A') + letters % 26)}010101{_ALPHABET[rest // 36]}"
    stem += _ALPHABET[rest % 36]
    return stem + calc_check_digit(stem)


def services() -> dict[str, Service]:
    """The services of the first migration, by code; made again after a flush."""
    first = import_module("packages.migrations.0001_initial").SERVICES
    return {
        code: Service.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "description": description,
                "quantity_label": label,
            },
        )[0]
        for code, name, description, label in first
    }


class ResellerFactory(DjangoModelFactory[Reseller]):
    class Meta:
        model = Reseller

    name = factory.Sequence(lambda n: f"Revendedor {n}")
    slug = factory.Sequence(lambda n: f"revendedor-{n}")


class UserFactory(DjangoModelFactory[User]):
    """Staff of a new reseller, unless `reseller` is given. The password is PASSWORD."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"persona{n}@ejemplo.mx")
    name = factory.Sequence(lambda n: f"Persona {n}")
    password = PASSWORD
    reseller = factory.SubFactory(ResellerFactory)

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class SupportFactory(UserFactory):
    reseller = None
    is_staff = True
    is_superuser = True


class PackageFactory(DjangoModelFactory[Package]):
    """100 folios for one year; `services={"multiempresa": 2}` are given by code."""

    class Meta:
        model = Package
        skip_postgeneration_save = True

    reseller = factory.SubFactory(ResellerFactory)
    name = factory.Sequence(lambda n: f"Paquete {n}")
    folios = 100
    term_count = 1
    term_unit = TermUnit.YEAR

    @classmethod
    def _create(cls, model_class: type[Package], *args: Any, **kwargs: Any) -> Package:
        included: Mapping[str, int | None] = kwargs.pop("services", {})
        if kwargs["term_count"] is None:
            kwargs["term_unit"] = ""
        package = model_class(**kwargs)
        package.full_clean()
        package.save()
        catalogue = services()
        for code, quantity in included.items():
            PackageService.objects.create(
                package=package, service=catalogue[code], quantity=quantity
            )
        return package


def make_client(
    *,
    package: Package,
    by: User | None = None,
    now: datetime | None = None,
    expired: bool = False,
    exhausted: bool = False,
    suspended: bool = False,
    archived: bool = False,
    confirmed: bool = True,
    key: str = "",
    **details: str,
) -> Client:
    """Create a client with `package` and bring it into the given state by the verbs.

    `now` is when it is created; by default an expired one is created 400 days ago. A
    client that is to be archived and would be active is suspended first, because the
    verb requires it. Its person has proven the address and accepted the account,
    unless `confirmed` is False.
    """
    number = next(_numbers)
    if expired and now is None:
        now = timezone.now() - timedelta(days=400)
    client = lifecycle.create(
        package.reseller,
        details=Details(
            **{
                "legal_name": f"Empresa {number}",
                "rfc": rfc(number),
                "tax_regime": "601",
                "postal_code": "06000",
                "contact_name": f"Contacto {number}",
                "contact_email": f"cliente{number}@ejemplo.mx",
            }
            | details
        ),
        package=package,
        reference=key or reference(),
        by=by,
        now=now,
    ).client
    if confirmed:
        let_in(client, now=now)
    if exhausted:
        lifecycle.consume(
            client, reference=reference(), quantity=client.balance, now=now
        )
    today = client.reseller.local_date(timezone.now())
    status = fresh(client).status_on(today)
    if expired:
        assert status is Status.EXPIRED, "its package has too long a term"
    if suspended or (archived and status is Status.ACTIVE):
        lifecycle.suspend(client, reason="No ha pagado", by=by)
    if archived:
        lifecycle.archive(client, by=by)
    return fresh(client)


def let_in(client: Client, *, now: datetime | None = None) -> User:
    """Bring in the person whom the account was given to; return it."""
    access = membership_of(client)
    assert access is not None
    if prove_address(access.user, now=now):
        lifecycle.confirm_first_access(access.user, now=now)
        access.refresh_from_db(fields=["confirmed_at"])
    if access.is_pending:
        lifecycle.confirm_access(access, by=access.user, now=now)
    return access.user


def fresh(client: Client) -> Client:
    """The client with its facts, read anew from the database."""
    return Client.objects.with_facts().get(pk=client.pk)
