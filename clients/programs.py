"""What programs did with the API and were refused, and a call tried by hand.

Pages of the reseller. What is tried is answered by the same functions as a program's
call, with the key that is chosen: it really spends folios.
"""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django import forms
from django.db.models import Max
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts import keys
from accounts.access import ResellerRequest, reseller_only
from accounts.models import ApiKey, ApiKeyQuerySet, Scope
from clients import answers, lifecycle, metering
from clients.ledger import LedgerError
from clients.models import ApiRefusal, Client, FolioLedger
from clients.rules import Refused
from reseller_panel import problems, web
from reseller_panel.problems import TITLES, Problem

SHOWN = 50
# Of the newest movements of all resellers: how far back the page without a client
# looks for this reseller's. An index by key would cost every stamp.
_LOOKED_AT = 50_000

CALLS = {
    "entitlement": "consultar",
    "stamp": "timbrar",
    "stamps": "timbrar un lote",
    "reversal": "devolver",
    "cfdi": "informar un CFDI",
    "movements": "movimientos",
    "clients": "lista de clientes",
    "create_client": "agregar cliente",
    "edit_plan": "editar plan",
    "add_folios": "agregar folios",
    "renew": "renovar",
    "suspend": "suspender",
    "activate": "activar",
    "archive": "archivar",
    "restore": "restaurar",
    "packages": "paquetes",
}


@dataclass(frozen=True)
class RefusalRow:
    """A refusal in the words of the page."""

    refusal: ApiRefusal
    call: str
    why: str

    @classmethod
    def of(cls, refusal: ApiRefusal) -> "RefusalRow":
        return cls(
            refusal,
            CALLS.get(refusal.call, refusal.call),
            TITLES.get(refusal.code, refusal.code),
        )


def refusals_of(client: Client, limit: int = 5) -> list[RefusalRow]:
    """The newest of one client, for its page."""
    rows = client.refusals.select_related("api_key").order_by("-last_at")[:limit]
    return [RefusalRow.of(row) for row in rows]


@require_GET
@reseller_only
def activity(request: ResellerRequest) -> HttpResponse:
    """Recent movements and refusals, of all clients or of one."""
    asked = request.GET.get("cliente", "").strip()
    client = _find(request, asked) if asked else None
    mine = ApiKey.objects.visible_to(request.user)
    refused = ApiRefusal.objects.filter(api_key__in=mine)
    moved = FolioLedger.objects.filter(api_key__in=mine)
    if client:
        refused, moved = refused.filter(client=client), moved.filter(client=client)
        moved = moved.order_by("-seq")
    else:
        newest = FolioLedger.objects.aggregate(id=Max("id"))["id"] or 0
        moved = moved.filter(id__gt=newest - _LOOKED_AT).order_by("-id")
    unknown = bool(asked) and client is None
    context = {
        "asked": asked,
        "client": client,
        "unknown": unknown,
        "refusals": []
        if unknown
        else [
            RefusalRow.of(row)
            for row in refused.select_related("client", "api_key")[:SHOWN]
        ],
        "entries": []
        if unknown
        else moved.select_related("client", "api_key", "reverses")[:SHOWN],
    }
    return web.render_page(request, "clients/api/activity.html", context)


def _find(request: ResellerRequest, asked: str) -> Client | None:
    try:
        return metering.find(request.user, asked)
    except Problem:
        return None


# ── A call by hand ────────────────────────────────────────────────────────────────


class KeyChoice(forms.ModelChoiceField):
    """Of the keys of one reseller that are in force."""


class TryForm(forms.Form):
    key = KeyChoice(
        label="Llave",
        queryset=ApiKey.objects.none(),
        to_field_name="public_id",
        empty_label=None,
    )
    call = forms.ChoiceField(
        label="Llamada",
        choices=[
            ("entitlement", "Consultar si puede timbrar"),
            ("stamp", "Timbrar: gasta un folio de verdad"),
            ("reversal", "Devolver el folio de un timbrado"),
        ],
    )
    client = forms.CharField(label="RFC o id del cliente", max_length=64)
    reference = forms.CharField(
        label="Referencia",
        help_text="La de su factura. Repetirla no gasta otro folio.",
        max_length=64,
        required=False,
    )

    def __init__(self, *args: Any, usable: ApiKeyQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["key"]
        assert isinstance(choice, KeyChoice)
        choice.queryset = usable

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("call") != "entitlement" and not data.get("reference"):
            self.add_error("reference", "Escriba la referencia.")
        return data


@dataclass(frozen=True)
class Tried:
    """What a program would have sent and what it would have been told."""

    curl: str
    status: int
    told: str

    @property
    def is_ok(self) -> bool:
        return self.status < 400


@require_http_methods(["GET", "POST"])
@reseller_only
def try_call(request: ResellerRequest) -> HttpResponse:
    usable = ApiKey.objects.visible_to(request.user).usable()
    form = TryForm(request.POST if request.method == "POST" else None, usable=usable)
    base = request.build_absolute_uri("/").rstrip("/")
    tried = _try(base, **form.cleaned_data) if form.is_valid() else None
    context = {
        "form": form,
        "has_keys": usable.exists(),
        "tried": tried,
    }
    status = 422 if form.is_bound and tried is None else 200
    return web.render_page(
        request,
        "clients/api/try.html",
        context,
        fragment="clients/api/_try.html",
        status=status,
    )


def _try(base: str, *, key: ApiKey, call: str, client: str, reference: str) -> Tried:
    path = f"/api/v1/clients/{quote(client, safe='')}"
    digest, sent = bytes(key.digest), b""
    if call == "stamp":
        path += "/stamps"
        sent = problems.dump({"reference": reference, "quantity": 1})
        status, told = metering.stamp_call(digest, client, sent)
    elif call == "reversal":
        path += f"/stamps/{quote(reference, safe='')}/reversal"
        status, told = _answered(lambda: _reverse(digest, client, reference))
    else:
        status, told = _answered(lambda: _entitlement(digest, client))
    return Tried(
        curl=_curl("GET" if call == "entitlement" else "POST", base + path, sent),
        status=status,
        told=json.dumps(json.loads(told), ensure_ascii=False, indent=2),
    )


def _curl(method: str, url: str, sent: bytes) -> str:
    """To be pasted into a shell in which LLAVE holds the secret."""
    lines = [f"curl -s -X {method} {shlex.quote(url)}"]
    lines.append('-H "Authorization: Bearer $LLAVE"')
    if sent:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(sent.decode())}")
    return " \\\n  ".join(lines)


def _answered(call: Callable[[], tuple[int, dict[str, Any]]]) -> tuple[int, bytes]:
    try:
        status, told = call()
    except (Refused, LedgerError) as refusal:
        problem = answers.problem_of(refusal)
        status, told = problem.status, problem.told()
    except Problem as problem:
        status, told = problem.status, problem.told()
    return status, problems.dump(told)


def _entitlement(digest: bytes, client: str) -> tuple[int, dict[str, Any]]:
    key = keys.authorize(digest, Scope.STAMPS, Scope.CLIENTS_READ)
    found = metering.find(key, client)
    today = found.reseller.local_date(timezone.now())
    return 200, answers.entitlement(found, today)


def _reverse(digest: bytes, client: str, reference: str) -> tuple[int, dict[str, Any]]:
    key = keys.authorize(digest, Scope.STAMPS)
    found = metering.find(key, client)
    with metering.impatient():
        posted = lifecycle.reverse(found, reference=reference, by=key)
        made = answers.movement_made(found.public_id, posted.entry)
    return 200 if posted.is_repeat else 201, made
