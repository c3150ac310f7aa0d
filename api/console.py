"""The reseller's pages about its API calls: the recent ones, and a form to try one.

A call made with the form uses the same functions as one from a program, with the
chosen key: it really spends folios.
"""

import json
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
from accounts.models import ApiKey, ApiKeyQuerySet, Scope, User
from api import serializers
from api.calls.base import find_client, short_lock_timeout
from api.examples import Example, Wanted, examples_of
from api.stamping import service
from clients import lifecycle
from clients.models import ApiRefusal, Client, FolioLedger
from reseller_panel import problems, way_back, web
from reseller_panel.refusals import Refused

way_back.register("programs:activity", "Llamadas y rechazos")

SHOWN = 50
# Without a client, the page searches only this many of the newest entries of all
# resellers: an index by key would make every stamp slower.
_LOOKED_AT = 50_000


@require_GET
@reseller_only
def activity(request: ResellerRequest) -> HttpResponse:
    """Recent movements and refusals, of all clients or of one."""
    asked = request.GET.get("cliente", "").strip()
    mine = Client.objects.visible_to(request.user).with_facts()
    client = mine.find(asked, today=request.reseller.local_date(timezone.now()))
    own_keys = ApiKey.objects.visible_to(request.user)
    refused = ApiRefusal.objects.filter(api_key__in=own_keys)
    moved = FolioLedger.objects.filter(api_key__in=own_keys)
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
        else refused.select_related("client", "api_key")[:SHOWN],
        "entries": []
        if unknown
        else moved.select_related("client", "api_key", "by", "reverses")[:SHOWN],
    }
    return web.render_page(request, "api/activity.html", context)


# ── A call by hand ────────────────────────────────────────────────────────────────


class KeyChoice(forms.ModelChoiceField):
    """A choice among the usable keys of one reseller."""


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
class Trial:
    """What a program would have sent, and the response it would have got."""

    examples: list[Example]
    status: int
    body: str

    @property
    def is_ok(self) -> bool:
        return self.status < 400


@require_http_methods(["GET", "POST"])
@reseller_only
def try_call(request: ResellerRequest) -> HttpResponse:
    usable = ApiKey.objects.visible_to(request.user).usable()
    form = TryForm(request.POST if request.method == "POST" else None, usable=usable)
    base = request.build_absolute_uri("/").rstrip("/")
    trial = None
    if form.is_valid():
        trial = _try(base, **form.cleaned_data, by=request.user)
    context = {
        "form": form,
        "has_keys": usable.exists(),
        "trial": trial,
    }
    status = 422 if form.is_bound and trial is None else 200
    return web.render_page(
        request,
        "api/try.html",
        context,
        fragment="api/_try.html",
        status=status,
    )


def _try(
    base: str, *, key: ApiKey, call: str, client: str, reference: str, by: User
) -> Trial:
    """Make the call. What it moves is `by` the person, with that key."""
    path = f"/api/v1/clients/{quote(client, safe='')}"
    digest, sent = bytes(key.digest), None
    if call == "stamp":
        path += "/stamps"
        sent = {"reference": reference, "quantity": 1}
        status, body = service.stamp(digest, client, problems.dump(sent), by=by)
    elif call == "reversal":
        path += f"/stamps/{quote(reference, safe='')}/reversal"
        status, body = _response_to(lambda: _reverse(digest, client, reference, by))
    else:
        status, body = _response_to(lambda: _entitlement(digest, client))
    method = "GET" if call == "entitlement" else "POST"
    return Trial(
        examples=examples_of(Wanted(method, base + path, sent)),
        status=status,
        body=json.dumps(json.loads(body), ensure_ascii=False, indent=2),
    )


def _response_to(call: Callable[[], tuple[int, dict[str, Any]]]) -> tuple[int, bytes]:
    try:
        status, body = call()
    except Refused as refusal:
        problem = serializers.problem_of(refusal)
        status, body = problem.status, problem.as_dict()
    return status, problems.dump(body)


def _entitlement(digest: bytes, client: str) -> tuple[int, dict[str, Any]]:
    key = keys.authorize(digest, Scope.STAMPS, Scope.CLIENTS_READ)
    found = find_client(key, client)
    today = found.reseller.local_date(timezone.now())
    return 200, serializers.entitlement(found, today)


def _reverse(
    digest: bytes, client: str, reference: str, by: User
) -> tuple[int, dict[str, Any]]:
    key = keys.authorize(digest, Scope.STAMPS)
    found = find_client(key, client)
    with short_lock_timeout():
        posted = lifecycle.reverse(found, reference=reference, by=by, with_key=key)
        body = serializers.movement_made(found.public_id, posted.entry)
    return 200 if posted.is_repeat else 201, body
