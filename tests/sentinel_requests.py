"""What is asked of every URL of the site, with one's own and a stranger's objects.

The addresses come from Django's own list; what they take is named here once, and a kind
that is not named fails.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from clients.models import FolioLedger, SuggestionKind
from tests import factories
from tests.cfdis import cfdi
from tests.sentinels import COMMON, Tenant, World

HTMX = {"HX-Request": "true", "HX-Target": "results"}
LIBRARIES = ("admin:", "account_", "mfa_", "usersessions_", "manual:")
PATCHED = {"api:edit_plan", "api:entitlement"}
FORM = "application/x-www-form-urlencoded"


class Asked(NamedTuple):
    """A request."""

    name: str
    method: str
    url: str
    body: str = ""
    content_type: str = FORM
    headers: dict[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.body[:60]}".strip()


def patterns(
    resolver: URLResolver, space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from patterns(item, inner)
        elif item.name:
            yield f"{space}{item.name}", item


NAMES = dict(patterns(get_resolver()))


# ── Addresses ─────────────────────────────────────────────────────────────────────


def addresses(name: str, one: Tenant) -> list[str]:
    """The addresses of this name for the objects of one tenant."""
    takes = NAMES[name].pattern.regex.groupindex
    if not takes:
        return [reverse(name)]
    return [reverse(name, kwargs=given) for given in _arguments(name, set(takes), one)]


def _arguments(name: str, takes: set[str], one: Tenant) -> Iterator[dict[str, Any]]:
    if takes == {"public_id"}:
        yield from ({"public_id": pk} for pk in _public_ids(name, one))
    elif "client" in takes:
        entry = FolioLedger.objects.filter(client=one.mine, kind="stamp").first()
        assert entry
        rest = {"reference": entry.reference} if "reference" in takes else {}
        additional = one.rfcs["additional"].rfc
        for client in (one.mine.public_id, one.mine.rfc, additional):
            yield {"client": client} | rest
    elif name == "admin:view_on_site":
        kind = ContentType.objects.get_for_model(one.mine)
        yield {"content_type_id": kind.pk, "object_id": one.mine.pk}
    elif takes == {"object_id"}:
        model = name.removeprefix("admin:").rpartition("_")[0]
        objects = {
            row._meta.label_lower.replace(".", "_"): row for row in one.objects()
        }
        yield {"object_id": objects[model].pk if model in objects else 1}
    elif name == "admin:app_list":
        yield from ({"app_label": label} for label in ("accounts", "clients"))
    elif takes == {"secret"}:
        yield {"secret": "nada"}
    elif takes == {"uidb36", "key"}:
        yield {"uidb36": "1", "key": "abc-def"}
    else:
        assert takes == {"pk"}, f"say what {name} is tried with"
        yield {"pk": 1}


def _public_ids(name: str, one: Tenant) -> list[Any]:
    match name:
        case "clients:end_rfc":
            return [one.rfcs["additional"].public_id]
        case name if name.startswith("clients:import"):
            return [batch.public_id for batch in one.imports]
        case "clients:change_view" | "clients:remove_view" | "clients:sheet_link":
            return [view.public_id for view in one.views]
        case "clients:bulk_run" | "clients:undo_run" | "clients:again":
            return [run.public_id for run in one.runs]
        case "clients:result_csv":
            return [run.public_id for run in one.runs]
        case "followup:write":
            return [run.public_id for run in one.runs if run.verb == "write"]
        case "jobs:download":
            return [file.public_id for file in one.files]
        case "clients:finish_task" | "clients:reopen_task":
            return [task.public_id for task in one.tasks.values()]
        case "portal:accept" | "portal:decline":
            return [one.membership(s).public_id for s in ("active", "offered")]
    space = name.partition(":")[0]
    if space == "jobs":
        return [job.public_id for job in one.jobs]
    if space == "packages":
        return [one.packages[n].public_id for n in ("sold", "withdrawn")]
    if space == "accounts":
        return [key.public_id for key in one.keys.values()]
    assert space in {"clients", "followup", "portal"}, f"say what {name} is tried with"
    return [one.clients[s].public_id for s in ("active", "suspended", "archived")]


# ── Questions ─────────────────────────────────────────────────────────────────────

PORTAL = ("portal:home", "portal:statement", "portal:statement_csv", "portal:visits")


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def questions(name: str, one: Tenant) -> list[dict[str, Any]]:
    """The query strings that this page is asked with, naming what is of one tenant."""
    match name:
        case "clients:list" | "api:clients":
            package = [{"paquete": p.public_id} for p in one.packages.values()]
            past = [{"al" if name == "clients:list" else "as_of": f"{yesterday()}"}]
            past.append(past[0] | {"q": COMMON, "archivados": "1"})
            alike = [{"archivados": "1"}, {"q": COMMON}, {"q": one.mine.rfc}]
            alike.append({"columnas": "correo,telefono,regimen,servicios"})
            return [*alike, *package, *past]
        case "find":
            stamp = one.mine.entries.filter(cfdi__isnull=False).first()
            assert stamp
            texts = (COMMON, f"renovar {one.mine.rfc}", f"{stamp.cfdi.uuid}")
            named = f"{one.mine.rfc} {stamp.reference}"
            return [{"q": text} for text in (*texts, named, one.mine.public_id)]
        case "followup:tray" | "followup:count":
            return [{"q": COMMON}, {"accion": "llamar"}, {"accion": "pendientes"}]
        case "followup:messages":
            return [{"de": kind.value} for kind in SuggestionKind]
        case "programs:activity":
            return [{"cliente": one.mine.rfc}, {"cliente": one.mine.public_id}]
        case "clients:create" | "clients:renew":
            return [{"package": one.packages["unsold"].public_id}]
        case "clients:detail":
            return [{"antes": "999"}, {"grafica": "meses"}, {"al": f"{yesterday()}"}]
        case "api:edit_plan" | "api:entitlement":
            return [{"as_of": f"{yesterday()}"}]
        case "clients:statement":
            today = one.mine.reseller.local_date(timezone.now())
            kinds = [{"clase": kind} for kind in ("timbrado", "recarga", "cambios")]
            days = [{"dia": f"{today}"}, {"fecha_desde": "2020-01-01"}]
            return [*kinds, *days, {"antes": f"{today}"}]
        case "clients:export" | "followup:sales":
            return [{"q": COMMON}, {"archivados": "1"}, {"q": one.mine.rfc}]
        case "clients:notes":
            return [{"antes": "999"}]
        case "admin:autocomplete":
            field = {"model_name": "user", "field_name": "reseller", "term": ""}
            return [{"app_label": "accounts", **field}]
    if name in PORTAL:
        return [{"cliente": client.public_id} for client in one.clients.values()]
    return []


# ── What is sent ──────────────────────────────────────────────────────────────────


def form(name: str, one: Tenant) -> dict[str, Any]:
    """One form for all views: each reads what it knows. It names what is of `one`."""
    today = one.mine.reseller.local_date(timezone.now())
    sent: dict[str, Any] = {
        "email": "alguien@otra.mx",
        "login": "alguien@otra.mx",
        "password": factories.PASSWORD,
        "text": "Texto nuevo",
        "subject": "Asunto",
        "reason": "Motivo",
        "message": "Mensaje",
        "name": "Nombre nuevo",
        "folios": "10",
        "price": "10.00",
        "term_unit": "year",
        "term_count": "1",
        "leftover_rule": "keep",
        "scopes": ["stamps"],
        "quantity": "5",
        "reference": str(uuid4()),
        "key": str(uuid4()),
        "due_on": f"{today + timedelta(days=1)}",
        "starts_on": f"{today}",
        "last_day": f"{today}",
        "choice": "mañana",
        "basis": "x",
        "channel": "phone",
        "package": str(one.packages["unsold"].public_id),
        "rfc": one.clients["exhausted"].rfc,
        "legal_name": "Otro nombre",
        "tax_regime": "601",
        "postal_code": "06000",
        "contact_email": "otro@otra.mx",
        "action": "suspend",
        "formato": "csv",
        "since": f"{today - timedelta(days=40)}",
        "until": f"{today}",
        "_selected_action": [str(one.mine.pk)],
    }
    if name in ("clients:choose", "followup:choose"):
        boxes = [str(client.public_id) for client in one.clients.values()]
        sent |= {"verbo": "renew", "cliente": boxes}
    if name == "clients:bulk_run":
        sent |= {"version": "1"}
    if name == "programs:try":
        sent |= {"key": str(one.keys["usable"].public_id), "client": one.mine.rfc}
    return sent


def _bodies(name: str, one: Tenant) -> Iterator[tuple[str, str]]:
    """Bodies and their types."""
    if name.startswith("api:"):
        if name == "api:cfdi":
            issuers = (one.mine.rfc, one.rfcs["additional"].rfc)
            yield from ((cfdi(issuer=rfc), "application/xml") for rfc in issuers)
        yield json.dumps(_json(name, one)), "application/json"
    elif name == "programs:try":
        for call in ("entitlement", "stamp", "reversal"):
            yield urlencode(form(name, one) | {"call": call}), FORM
    else:
        yield urlencode(form(name, one), doseq=True), FORM


def _json(name: str, one: Tenant) -> dict[str, Any]:
    reference = str(uuid4())
    package = str(one.packages["unsold"].public_id)
    stamp = {"reference": reference, "quantity": 1}
    match name:
        case "api:stamps":
            named = (one.mine.rfc, str(one.mine.public_id), one.rfcs["additional"].rfc)
            return {"stamps": [{"client": text, **stamp} for text in named]}
        case "api:create_client" | "api:clients":
            return {
                "rfc": one.clients["exhausted"].rfc,
                "legal_name": "Otro nombre",
                "tax_regime": "601",
                "postal_code": "06000",
                "contact_email": "otro@otra.mx",
                "package": package,
                "reference": reference,
            }
        case "api:edit_plan" | "api:entitlement":
            return {"legal_name": "Otro nombre"}
        case "api:stamp" | "api:add_folios":
            return stamp
        case "api:renew":
            return {"reference": reference, "package": package}
        case "api:suspend":
            return {"reason": "Motivo"}
    return {}


# ── Everything ────────────────────────────────────────────────────────────────────


def requests(world: World, name: str) -> Iterator[Asked]:
    """With objects of both tenants, whoever asks: one is a stranger's to somebody."""
    if name.startswith(LIBRARIES):
        yield from _shortly(world, name)
        return
    for one in (world.alicia, world.beto):
        theirs = world.beto if one is world.alicia else world.alicia
        urls = addresses(name, one)
        takes_object = bool(NAMES[name].pattern.regex.groupindex)
        yield from (Asked(name, "get", url) for url in urls)
        yield Asked(name, "head", urls[0])
        yield Asked(name, "post", urls[0])
        for url in urls if name.startswith("api:") else urls[:2]:
            for body, kind in _bodies(name, one):
                at = f"http://testserver/clientes/?q={COMMON}&archivados=1"
                htmx = HTMX | {"HX-Current-URL": at}
                yield Asked(name, "post", url, body, kind, htmx)
        if name in PATCHED:
            for body, kind in _bodies(name, one):
                yield from (Asked(name, "patch", url, body, kind) for url in urls)
        if takes_object:  # one's own object, with what is a stranger's in the form
            for body, kind in _bodies(name, theirs):
                yield Asked(name, "post", urls[0], body, kind)
        for query in questions(name, one):
            yield Asked(name, "get", f"{urls[0]}?{urlencode(query)}")
        for query in questions(name, theirs) if takes_object else ():
            yield Asked(name, "get", f"{urls[0]}?{urlencode(query)}")


def _shortly(world: World, name: str) -> Iterator[Asked]:
    """Pages with nobody's data, of the log-in, and the admin, whose pages are open or
    closed whatever they are asked."""
    for one in (world.alicia, world.beto):
        url = addresses(name, one)[0]
        yield Asked(name, "get", url)
        for query in questions(name, one):
            yield Asked(name, "get", f"{url}?{urlencode(query)}")
        if not NAMES[name].pattern.regex.groupindex:
            break
    for body, kind in _bodies(name, one):
        yield Asked(name, "post", url, body, kind)
