"""The first steps of a new reseller, each ticked off by a fact; hiding them.

Nothing is stored of a step: what was done says it. Only that a reseller hid the list is
a row of its own (HiddenSteps).
"""

from dataclasses import dataclass
from typing import Self

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts import business
from accounts.models import Reseller, User
from clients.models import Membership
from followup.models import HiddenSteps

# With more clients than this a reseller is not new, and nothing is looked up.
NEW_CLIENTS_MAX = 50


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    label: str
    url: str
    is_done: bool


@dataclass(frozen=True)
class FirstSteps:
    steps: list[Step]
    is_hidden: bool

    @classmethod
    def of(cls, reseller: Reseller, *, clients: int, has_stamped: bool) -> Self | None:
        """In one query; None if the reseller is not new. `clients`: how many it has,
        archived ones included."""
        if clients > NEW_CLIENTS_MAX:
            return None
        me = OuterRef("pk")
        entered = Membership.objects.filter(
            client__reseller=me, confirmed_at__isnull=False
        )
        found = Reseller.objects.annotate(
            has_packages=Exists(reseller.packages.all()),
            has_keys=Exists(reseller.api_keys.all()),
            has_entered=Exists(entered),
            has_hidden=Exists(HiddenSteps.objects.filter(reseller=me)),
        ).values("has_packages", "has_keys", "has_entered", "has_hidden")
        facts = found.get(pk=reseller.pk)
        return cls(
            _steps(
                is_known=business.is_complete(reseller),
                has_packages=facts["has_packages"],
                has_clients=bool(clients),
                is_connected=has_stamped or facts["has_keys"],
                has_entered=facts["has_entered"],
            ),
            is_hidden=facts["has_hidden"],
        )

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def following(self) -> Step | None:
        """The first that is not done."""
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def is_shown(self) -> bool:
        return self.following is not None and not self.is_hidden


def _steps(
    *,
    is_known: bool,
    has_packages: bool,
    has_clients: bool,
    is_connected: bool,
    has_entered: bool,
) -> list[Step]:
    return [
        Step(
            "Complete los datos de su negocio",
            "El correo en el que recibe lo que sus clientes le responden.",
            "Datos del negocio",
            reverse("business"),
            is_known,
        ),
        Step(
            "Cree su primer paquete",
            "Cuántos folios vende, por cuánto tiempo y a qué precio.",
            "Ver mis paquetes" if has_packages else "Crear un paquete",
            reverse("packages:list"),
            has_packages,
        ),
        Step(
            "Agregue a su primer cliente",
            "Recibe los folios del paquete y puede timbrar enseguida.",
            "Agregar cliente",
            reverse("clients:create"),
            has_clients,
        ),
        Step(
            "Conecte lo que factura",
            "Una llave de la API para el programa que timbra, o el primer timbrado.",
            "Crear una llave",
            reverse("accounts:keys"),
            is_connected,
        ),
        Step(
            "Invite a un cliente a su cuenta",
            "La bienvenida le llega por correo; queda hecho cuando él entra.",
            "Ver mis clientes",
            reverse("clients:list"),
            has_entered,
        ),
    ]


def hide(reseller: Reseller, *, by: User) -> None:
    """For all people of the reseller. Doing it twice changes nothing."""
    row = HiddenSteps(reseller=reseller, by=by)
    HiddenSteps.objects.bulk_create([row], ignore_conflicts=True)


def show(reseller: Reseller) -> None:
    """The undo of `hide`."""
    HiddenSteps.objects.filter(reseller=reseller).delete()
