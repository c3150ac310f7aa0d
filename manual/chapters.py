"""The chapters of the manual, in reading order, and who may read them.

A chapter's text is templates/manual/chapters/<key>.html. Names of statuses, actions and
movements, limits and thresholds come from the code, through contents.py, so that the
text cannot contradict the product.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils.text import slugify

from accounts.models import Role, User


@dataclass(frozen=True, kw_only=True)
class Chapter:
    key: str  # the name of its URL and of its template
    title: str
    about: str
    icon: str
    for_clients: bool = False  # for everybody, also without a log-in

    @property
    def slug(self) -> str:
        return slugify(self.title)


CHAPTERS = (
    Chapter(
        key="start",
        title="Primeros pasos",
        about="De cero a su primer cliente timbrando, en cinco pasos.",
        icon="play",
    ),
    Chapter(
        key="clients",
        title="La lista de clientes",
        about="Qué dice cada columna, y cómo buscar, filtrar y ordenar.",
        icon="users",
    ),
    Chapter(
        key="statuses",
        title="Los estatus",
        about="Los cuatro estatus, de dónde salen y cómo se sale de cada uno.",
        icon="circle-check",
    ),
    Chapter(
        key="actions",
        title="Las acciones",
        about="Qué hace exactamente cada botón, y en qué orden usarlos.",
        icon="power",
    ),
    Chapter(
        key="packages",
        title="Los paquetes",
        about="Lo que usted vende, y por qué cambiarlo no toca lo ya vendido.",
        icon="package",
    ),
    Chapter(
        key="many",
        title="Muchos a la vez",
        about="Cambiar, traer y exportar muchos clientes, y los trabajos que lo hacen.",
        icon="layers",
    ),
    Chapter(
        key="followup",
        title="El seguimiento",
        about="A quién llamar hoy, qué ofrecerle y por qué.",
        icon="bell",
    ),
    Chapter(
        key="visits",
        title="Entrar como cliente",
        about="Cómo ayudar a un cliente desde su propia cuenta, a la vista de todos.",
        icon="log-in",
    ),
    Chapter(
        key="statement",
        title="El estado de cuenta",
        about="Cada clase de movimiento, y por qué el saldo siempre cuadra.",
        icon="receipt",
    ),
    Chapter(
        key="programs",
        title="La API y sus llaves",
        about="Para que sus programas pregunten y timbren sin pasar por el panel.",
        icon="key-round",
    ),
    Chapter(
        key="account",
        title="Mi cuenta, para el cliente",
        about="Lo que ve quien factura: sus folios, su vigencia y sus movimientos.",
        icon="user",
        for_clients=True,
    ),
)


def open_to(user: User | AnonymousUser) -> list[Chapter]:
    """The chapters that this person may read. A reseller and support read all of them;
    a client, and anybody not logged in, only those about the client's own account."""
    if isinstance(user, User) and user.role is not Role.CLIENT:
        return list(CHAPTERS)
    return [chapter for chapter in CHAPTERS if chapter.for_clients]
