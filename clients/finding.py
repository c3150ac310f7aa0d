"""What *Buscar* finds: clients, what may be done to them today, movements, packages and
pages of the menu.

Every query starts with visible_to and asks for SHOWN rows of each kind, so that it
costs the same however many there are. No movement is looked for by its reference alone:
no index begins with it, because each would make every stamp dearer.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, Q, Value
from django.urls import reverse

from accounts.models import User
from clients.actions import ACTIONS, Action
from clients.lifecycle import normal_reference
from clients.models import Client, FolioLedger, Standing
from clients.named import Named
from clients.paging import Walk, clients_of
from clients.rows import Badge, Row
from clients.search import Folded, id_or_rfc
from clients.sorts import DEFAULT_SORT, Order
from packages.models import Package
from reseller_panel.limits import search_words
from reseller_panel.spanish import counted, short_day

SHOWN = 8  # of each kind
_SHORTEST_VERB = 3  # letters: «ren» is *Renovar*


@dataclass(frozen=True, kw_only=True)
class Result:
    title: str
    url: str
    icon: str
    about: str = ""
    badge: Badge | None = None
    opens_dialog: bool = False


@dataclass(frozen=True)
class Group:
    key: str
    label: str
    results: Sequence[Result]


@dataclass(frozen=True)
class MenuPage:
    """A page of the menu, with the other words by which people look for it."""

    label: str
    url_name: str
    icon: str
    words: str = ""


MENU = (
    MenuPage("Inicio", "home", "house", "resumen portada"),
    MenuPage("Clientes", "clients:list", "users", "lista"),
    MenuPage("Agregar cliente", "clients:create", "plus", "nuevo alta"),
    MenuPage("Trabajos", "jobs:list", "layers", "procesos avance importar exportar"),
    MenuPage("Importar clientes", "clients:import", "users", "traer CSV Excel migrar"),
    MenuPage("Contar CFDI", "clients:count_cfdi", "receipt", "subir XML ZIP timbrados"),
    MenuPage("Paquetes", "packages:list", "package", "precios vender"),
    MenuPage("Agregar paquete", "packages:add", "plus", "nuevo"),
    MenuPage("Seguimiento", "followup:tray", "bell", "llamar pendientes"),
    MenuPage(
        "Mensajes de seguimiento", "followup:messages", "mail", "correo plantillas"
    ),
    MenuPage("Folios por mes", "followup:month", "receipt", "ventas timbrados reporte"),
    MenuPage("API", "accounts:keys", "key-round", "llaves programas"),
    MenuPage("Probar la API", "programs:try", "play", "consola"),
    MenuPage("Ayuda", "manual:contents", "life-buoy", "manual"),
    MenuPage("Datos del negocio", "business", "pencil", "telefono correo ajustes"),
    MenuPage("Contraseña", "account_change_password", "key-round", "clave cuenta"),
    MenuPage("Segundo factor", "mfa_index", "shield", "seguridad cuenta"),
    MenuPage("Sesiones", "usersessions_list", "monitor-smartphone", "cuenta"),
    MenuPage("Teclado", "keyboard", "keyboard", "teclas atajos letras"),
)


def find(text: str, *, user: User, today: date) -> list[Group]:
    """What `text` finds among what the user may see, in groups of SHOWN at most; the
    group that was asked for comes first. Nothing for no text."""
    words = search_words(text)
    if not words:
        return []
    actions, others = _actions_in(words)
    others_text = " ".join(others)
    whole = _clients(text, user)
    named = _clients(others_text, user) if actions and others else []
    clients = _listed(whole or named, text if whole else others_text, today)
    pages = _pages(words)
    groups = [
        Group("clients", "Clientes", clients),
        Group("actions", "Acciones", _verbs(actions, named or whole, today)),
        Group("movements", "Movimientos", [*_movements(words, user)]),
        Group("packages", "Paquetes", [*_packages(words, user)]),
        Group("pages", "Páginas", pages),
    ]
    asked = "actions" if actions else "pages" if _is_label(text, pages) else "clients"
    groups.sort(key=lambda group: group.key != asked)
    return [group for group in groups if group.results]


# ── Clients, and what may be done to them ─────────────────────────────────────────


def _clients(text: str, user: User) -> list[Client]:
    """The newest clients that match, by the same steps as a page of the table."""
    name = id_or_rfc(text.strip())
    if isinstance(name, UUID):
        found = Client.objects.visible_to(user).filter(public_id=name)
        return [*found.with_facts()]
    return clients_of(_newest(text, user))


def _newest(text: str, user: User) -> list[int]:
    """The ids of the newest that match; the archived ones come last."""
    clients, order = Standing.objects.visible_to(user), Order.of(DEFAULT_SORT)
    named = Named.by(text, user)
    parts = clients.listed(), clients.archived()
    ids = [pk for part in parts for pk in Walk(part, order, named).ids(0, SHOWN)]
    return ids[:SHOWN]


def _listed(clients: Sequence[Client], text: str, today: date) -> list[Result]:
    """The clients, and the way to the list where there may be more."""
    found = [
        Result(
            title=client.legal_name,
            about=client.rfc,
            url=client.get_absolute_url(),
            icon="user",
            badge=Row(client, today).badge,
        )
        for client in clients
    ]
    if len(found) == SHOWN:
        url = f"{reverse('clients:list')}?{urlencode({'q': text})}"
        found.append(Result(title="Ver todos en Clientes", url=url, icon="users"))
    return found


def _verbs(
    actions: Sequence[Action], clients: Sequence[Client], today: date
) -> list[Result]:
    """The actions that are named, for each client that allows them today; without a
    name all of them, if only one client was found."""
    if not actions and len(clients) != 1:
        return []
    return [
        Result(
            title=action.label,
            about=client.legal_name,
            url=action.url(client),
            icon=action.icon,
            opens_dialog=True,
        )
        for client in clients
        for action in actions or ACTIONS.values()
        if action.is_available(client, today)
    ][:SHOWN]


def _actions_in(words: Sequence[str]) -> tuple[list[Action], list[str]]:
    """The actions that the first or last words name («agregar fol»), and the words
    beside them."""
    named = [
        (size, action, others)
        for action in ACTIONS.values()
        for size, others in _names(_folded(action.label).split(), words)
    ]
    longest = max((size for size, *_ in named), default=0)
    best = [(action, others) for size, action, others in named if size == longest]
    return list(dict.fromkeys(a for a, _ in best)), best[0][1] if best else []


def _names(label: list[str], words: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """How many words at the beginning or end name the label, and the other words."""
    for size in range(1, min(len(label), len(words)) + 1):
        for part, others in (
            (words[:size], words[size:]),
            (words[-size:], words[:-size]),
        ):
            if all(map(_begins, label, part)):
                yield size, list(others)


def _begins(word: str, typed: str) -> bool:
    plain = _folded(typed)
    return len(plain) >= _SHORTEST_VERB and word.startswith(plain)


# ── Movements, packages, pages ────────────────────────────────────────────────────


def _movements(words: Sequence[str], user: User) -> Iterator[Result]:
    """The stamps of a CFDI by its UUID; a movement by its reference, if its client is
    named before it («kemper F-1029»)."""
    clients = Client.objects.visible_to(user)
    *before, last = words
    wanted = Q()
    if uuids := [name for name in map(id_or_rfc, words) if isinstance(name, UUID)]:
        # Asked by itself: an OR of two tables would have no index.
        stamps = FolioLedger.objects.filter(cfdi__uuid__in=uuids, client__in=clients)
        wanted |= Q(pk__in=[*stamps.values_list("pk", flat=True)[:SHOWN]])
    if before and any(char.isdigit() for char in last):
        named = _newest(" ".join(before), user)
        wanted |= Q(client__in=named, reference=normal_reference(last))
    if wanted:
        found = FolioLedger.objects.select_related("client__reseller", "cfdi")
        yield from map(_movement, found.filter(wanted).order_by("-pk")[:SHOWN])


def _movement(entry: FolioLedger) -> Result:
    client = entry.client
    day = client.reseller.local_date(entry.created_at)
    cfdi = getattr(entry, "cfdi", None)
    moved = counted(abs(entry.quantity), "folio")
    return Result(
        title=str(cfdi.uuid).upper() if cfdi else entry.reference or "",
        about=f"{entry.get_kind_display().capitalize()} de {moved} el "
        f"{short_day(day)} · {client.legal_name}",
        url=f"{reverse('clients:statement', args=[client.public_id])}?dia={day}",
        icon="receipt",
    )


def _packages(words: Sequence[str], user: User) -> Iterator[Result]:
    """Those on sale first."""
    found = Package.objects.visible_to(user).annotate(folded=Folded("name"))
    for word in words:
        found = found.filter(folded__contains=Folded(Value(word)))
    by = F("withdrawn_at").asc(nulls_first=True), "folios", "name"
    for package in found.order_by(*by)[:SHOWN]:
        withdrawn = "" if package.is_on_sale else " · retirado"
        folios = counted(package.folios, "folio")
        yield Result(
            title=package.name,
            about=f"{folios} · {package.term_label}{withdrawn}",
            url=reverse("packages:edit", args=[package.public_id]),
            icon="package",
            opens_dialog=True,
        )


def _pages(words: Sequence[str]) -> list[Result]:
    """The pages that have a word beginning with each one that was typed."""
    typed = [plain for word in words if (plain := _folded(word))]
    return [
        Result(title=page.label, url=reverse(page.url_name), icon=page.icon)
        for page in MENU
        if typed
        and all(_has_beginning(f"{page.label} {page.words}", word) for word in typed)
    ][:SHOWN]


def _has_beginning(text: str, word: str) -> bool:
    return any(one.startswith(word) for one in _folded(text).split())


def _is_label(text: str, pages: Sequence[Result]) -> bool:
    return _folded(text.strip()) in {_folded(page.title) for page in pages}


def _folded(text: str) -> str:
    """Without accents or case."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if not unicodedata.combining(char)).lower()
