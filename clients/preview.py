"""The preview of an action: what it would change, as lines before → after.

Pure functions from facts to lines. A renewal is computed by lifecycle.plan_renewal,
which the verb uses too.
"""

from dataclasses import dataclass
from datetime import date

from clients.lifecycle import plan_renewal
from clients.models import Client
from clients.status import Status, derive_status
from packages.models import Package
from reseller_panel.spanish import counted, money, short_day


@dataclass(frozen=True)
class Change:
    """One line of a preview. `before` is None where nothing was before. `lost`: folios
    that it takes away; such a line is shown as a warning."""

    label: str
    before: str | None
    after: str
    lost: int = 0

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_change(self) -> bool:
        return self.before != self.after


def folios(number: int) -> str:
    return f"{number:,}"


def _status(
    client: Client, today: date, *, balance: int, lifted: bool, expires_on: date | None
) -> Change:
    after = derive_status(
        suspended_at=None if lifted else client.suspended_at,
        expires_on=expires_on,
        balance=balance,
        today=today,
    )
    return Change("Estatus", client.status_on(today).label, after.label)


def add_folios(
    client: Client, *, quantity: int, activate: bool, today: date
) -> list[Change]:
    balance = client.balance + quantity
    return [
        Change("Folios", folios(client.balance), folios(balance)),
        Change("Vigencia", short_day(client.expires_on), short_day(client.expires_on)),
        _status(
            client,
            today,
            balance=balance,
            lifted=activate,
            expires_on=client.expires_on,
        ),
    ]


def renew(
    client: Client, *, package: Package | None, activate: bool, today: date
) -> list[Change]:
    renewal = plan_renewal(client, package, today=today)
    lost = [
        Change(
            "Sobrantes",
            folios(client.balance),
            f"{folios(client.balance - renewal.lost)} "
            f"(se pierden {folios(renewal.lost)})",
            lost=renewal.lost,
        )
    ]
    return [
        Change("Paquete", client.plan.name, renewal.name),
        *_price(package or client.plan.package),
        *(lost if renewal.lost else []),
        Change("Recibe", None, counted(renewal.granted, "folio")),
        Change("Saldo final", folios(client.balance), folios(renewal.balance_after)),
        Change("Vigencia", short_day(client.expires_on), short_day(renewal.expires_on)),
        _status(
            client,
            today,
            balance=renewal.balance_after,
            lifted=activate,
            expires_on=renewal.expires_on,
        ),
    ]


def create(package: Package, *, today: date) -> list[Change]:
    return [
        *_price(package),
        Change("Saldo final", None, counted(package.folios, "folio")),
        Change("Vigencia", None, short_day(package.expiry_from(today))),
        Change("Estatus", None, Status.ACTIVE.label),
    ]


def _price(package: Package) -> list[Change]:
    """What the package costs, if the reseller has given it a price."""
    if package.price is None:
        return []
    return [Change("Precio", None, money(package.price))]


def suspend(client: Client, *, today: date) -> list[Change]:
    status = client.status_on(today)
    stamps = "permitido" if status is Status.ACTIVE else "rechazado"
    return [
        Change("Estatus", status.label, Status.SUSPENDED.label),
        Change("Timbrar", stamps, "rechazado"),
        Change("Entrar a su cuenta", "permitido", "rechazado"),
    ]


def activate(client: Client, *, today: date) -> list[Change]:
    return [
        _status(
            client,
            today,
            balance=client.balance,
            lifted=True,
            expires_on=client.expires_on,
        )
    ]


def edit_plan(client: Client) -> list[Change]:
    """What becomes of the plan's name is said in the footer of the dialog."""
    return [Change("Folios", folios(client.balance), folios(client.balance))]


def archive() -> list[Change]:
    return [Change("En la lista", "visible", "sólo en Archivados")]


def restore(client: Client, *, today: date) -> list[Change]:
    status = client.status_on(today)
    stamps = "permitido" if status is Status.ACTIVE else f"rechazado: {status.label}"
    return [
        Change("En la lista", "sólo en Archivados", "visible"),
        Change("Timbrar", "rechazado: archivado", stamps),
    ]
