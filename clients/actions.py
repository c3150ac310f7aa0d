"""The row actions: their names, icons, and which ones apply to a client.

The screens and the manual read this list. What an action does is a verb of lifecycle,
and when it is allowed is in rules.py. Neither is repeated here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clients import rules
from clients.models import Client
from reseller_panel.urls_by_id import url_of


@dataclass(frozen=True, kw_only=True)
class Action:
    verb: str  # in rules.ALLOWED_WHEN
    label: str
    icon: str
    url_name: str
    asks: bool = True  # opens a dialog; otherwise it is done with one click
    undo: str = ""  # the verb that takes it back, shown in the toast
    downloads: bool = False  # a file comes, and the page stays
    letter: str = ""  # the key that opens it for the row that has the focus

    def is_available(self, client: Client, today: date) -> bool:
        return rules.why_not(self.verb, client, today) is None

    def url(self, client: Client) -> str:
        return url_of(self.url_name, client.public_id)

    def link(self, client: Client) -> "ActionLink":
        return ActionLink(self, self.url(client))


ACTIONS = {
    action.verb: action
    for action in (
        Action(
            verb="enter",
            label="Entrar como cliente",
            icon="log-in",
            url_name="portal:enter",
            letter="c",
        ),
        Action(
            verb="add_folios",
            label="Agregar folios",
            icon="coins",
            url_name="clients:add_folios",
            undo="undo_addition",
            letter="f",
        ),
        Action(
            verb="renew",
            label="Renovar",
            icon="refresh-cw",
            url_name="clients:renew",
            undo="undo_renewal",
            letter="r",
        ),
        Action(
            verb="edit_plan",
            label="Editar plan",
            icon="pencil",
            url_name="clients:edit_plan",
            letter="e",
        ),
        Action(
            verb="suspend",
            label="Suspender",
            icon="ban",
            url_name="clients:suspend",
            undo="activate",
            letter="s",
        ),
        Action(
            verb="activate",
            label="Activar",
            icon="power",
            url_name="clients:activate",
            asks=False,
            undo="suspend",
            letter="s",
        ),
        Action(
            verb="archive",
            label="Archivar",
            icon="archive",
            url_name="clients:archive",
            asks=False,
            undo="restore",
            letter="a",
        ),
        Action(
            verb="restore",
            label="Restaurar",
            icon="archive-restore",
            url_name="clients:restore",
            asks=False,
            undo="archive",
            letter="a",
        ),
    )
}


# What is written to many clients: no verb, and nothing changes.
WRITE = Action(
    verb="write",
    label="Enviar mensaje",
    icon="message-circle",
    url_name="followup:write",
)
EXPORT = Action(
    verb="export",
    label="Exportar",
    icon="download",
    url_name="clients:export",
    downloads=True,
)
# What may be done with many clients at once, of the list and of the archived ones.
IN_BULK = (
    *(ACTIONS[v] for v in ("renew", "add_folios", "suspend", "activate", "archive")),
    WRITE,
    EXPORT,
)
IN_BULK_ARCHIVED = (ACTIONS["restore"], EXPORT)

# On the client's page: what is a button of its head, the recommended one first. The
# rest is in the menu beside them.
OF_THE_HEAD = ("restore", "activate", "renew", "add_folios")


# The ways of answering a suggestion without acting on it (templates of followup).
ANSWERS = (
    Action(
        verb="contacted",
        label="Mensaje",
        icon="message-circle",
        url_name="followup:contacted",
        letter="m",
    ),
    Action(
        verb="postpone",
        label="Posponer",
        icon="clock",
        url_name="followup:postpone",
        letter="p",
    ),
    Action(
        verb="dismiss",
        label="Descartar",
        icon="x",
        url_name="followup:dismiss",
        letter="d",
    ),
)


def letters(actions: Iterable[Action]) -> list[tuple[str, str]]:
    """Each letter with what it opens: («s», «Suspender o activar»)."""
    found: dict[str, list[str]] = {}
    for action in actions:
        found.setdefault(action.letter, []).append(action.label)
    return [
        (letter, " o ".join([first, *map(str.lower, others)]))
        for letter, (first, *others) in found.items()
    ]


@dataclass(frozen=True)
class ActionLink:
    """An action for one client, as a template shows it."""

    action: Action
    url: str


def available(client: Client, today: date) -> list[ActionLink]:
    """The actions allowed for the client today, in the order of ACTIONS."""
    return [
        action.link(client)
        for action in ACTIONS.values()
        if action.is_available(client, today)
    ]
