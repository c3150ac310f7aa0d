"""Entries, clients and refusals as JSON objects, in the shapes of api.md.

Both servers of the API (Django and api/stamping/server.py) make their bodies here, so
that a call has the same response, byte for byte. Times are in UTC, with their offset.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from clients import past, rules
from clients.details import InvalidDetails
from clients.models import AdditionalRfc, Client, EntryKind, FolioLedger
from clients.past import Included, Past, Period
from clients.status import Status
from packages.models import Inclusion, Service
from reseller_panel import problems
from reseller_panel.problems import STATUS, FieldError, Problem
from reseller_panel.refusals import Refused

_EXHAUSTED = "folios_exhausted"


def movement_made(public_id: UUID, entry: FolioLedger) -> dict[str, Any]:
    """The movement that a call made: a stamp, a reversal, an addition.

    `quantity` has no sign. A reversal has the reference of the stamp that it reverses.
    """
    reference = entry.reference
    if entry.kind == EntryKind.REVERSAL and entry.reverses:
        reference = entry.reverses.reference
    return {
        "client": str(public_id),
        "seq": entry.seq,
        "reference": reference,
        "quantity": abs(entry.quantity),
        "balance_after": entry.balance_after,
        "created_at": entry.created_at.isoformat(),
    }


def movement(entry: FolioLedger) -> dict[str, Any]:
    """One entry of the statement, with a signed quantity."""
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "reference": entry.reference,
        "quantity": entry.quantity,
        "balance_after": entry.balance_after,
        "reverses": entry.reverses.seq if entry.reverses else None,
        "reason": entry.reason,
        "additional_rfc": entry.additional_rfc or None,
        "created_at": entry.created_at.isoformat(),
        "cfdi": _document(entry),
    }


def _document(entry: FolioLedger) -> dict[str, Any] | None:
    """The data of the CFDI that was reported for this stamp, if any."""
    document = getattr(entry, "cfdi", None)
    if document is None:
        return None
    return {
        "uuid": str(document.uuid),
        "issued_on": document.issued_on.isoformat(),
        "kind": document.kind,
        "issuer_rfc": document.issuer_rfc or None,
        "receiver_rfc": document.receiver_rfc,
        "total": f"{document.total.normalize():f}",
        "certificate_ends_at": _moment(document.certificate_ends_at),
        "reported_at": _moment(document.reported_at),
        "verified": False,
    }


def entitlement(client: Client, today: date) -> dict[str, Any]:
    """Whether the client may stamp today, and why not."""
    return _entitlement(
        client, today, client.additional_rfcs.all(), client.plan.inclusions.all()
    )


def _entitlement(
    client: Client,
    today: date,
    additional_rfcs: Iterable[AdditionalRfc | Period],
    inclusions: Iterable[Inclusion | Included],
) -> dict[str, Any]:
    reason = reason_against(client, today)
    return {
        "id": str(client.public_id),
        "rfc": client.rfc,
        "legal_name": client.legal_name,
        "status": client.status_on(today).value,
        "may_stamp": reason is None,
        "reason": reason,
        "folio_balance": client.balance,
        "expires_on": client.expires_on.isoformat() if client.expires_on else None,
        "additional_rfcs": [
            {
                "rfc": additional.rfc,
                "starts_on": additional.starts_on.isoformat(),
                "ends_on": additional.ends_on.isoformat()
                if additional.ends_on
                else None,
            }
            for additional in additional_rfcs
            if not additional.is_over(today)
        ],
        "plan": {
            "name": client.plan.name,
            "services": [included(inclusion) for inclusion in inclusions],
        },
    }


def reason_against(client: Client, today: date) -> str | None:
    """The code with which a stamp of one folio would be refused today, or None."""
    if refusal := rules.why_not("consume", client, today):
        return refusal.code
    return _EXHAUSTED if client.status_on(today) is Status.EXHAUSTED else None


def included(inclusion: Inclusion | Included) -> dict[str, Any]:
    service = inclusion.service
    return {
        "code": service.code,
        "name": service.name,
        "quantity": inclusion.quantity,
    }


def client_object(client: Client, today: date) -> dict[str, Any]:
    """The entitlement of a client, and all its other data that a program manages."""
    package = {"package": str(client.plan.package.public_id)}
    return entitlement(client, today) | package | _managed(client)


def _managed(client: Client) -> dict[str, Any]:
    return {
        "tax_regime": client.tax_regime,
        "postal_code": client.postal_code,
        "contact_name": client.contact_name,
        "contact_email": client.contact_email,
        "contact_phone": client.contact_phone,
        "created_at": client.created_at.isoformat(),
        "suspended_at": _moment(client.suspended_at),
        "archived_at": _moment(client.archived_at),
    }


def clients_then(
    found: Sequence[Past], day: date, *, in_full: bool
) -> list[dict[str, Any]]:
    """The same objects at the end of a day. `not_kept` names what the history of the
    client does not say; it is null or empty. Two queries."""
    rfcs = past.rfcs_at(one.then for one in found)
    services = [*Service.objects.all()]
    return [
        _client_then(one, day, rfcs[one.client.pk], services, in_full=in_full)
        for one in found
    ]


def _client_then(
    was: Past,
    day: date,
    rfcs: Iterable[Period],
    services: Iterable[Service],
    *,
    in_full: bool,
) -> dict[str, Any]:
    client, missing = was.client, was.not_kept
    inclusions = past.services_named(was.plan.services or (), services)
    if inclusions is None:
        missing = [*missing, "plan.services"]
    told = _entitlement(client, day, rfcs, inclusions or ())
    if in_full:
        package = client.plan.package if was.plan.package_id else None
        told["package"] = str(package.public_id) if package else None
        told |= _managed(client)
    else:
        missing = [name for name in missing if name != "package"]
    return told | {"as_of": day.isoformat(), "not_kept": missing}


def as_of_today(told: dict[str, Any], today: date) -> dict[str, Any]:
    """An object of today for who asked for the day that it is."""
    return told | {"as_of": today.isoformat(), "not_kept": []}


def _moment(value: Any) -> str | None:
    return value.isoformat() if value else None


def problem_of(refusal: Refused) -> Problem:
    """A Problem with the code and message of a refusal, and the status of api.md."""
    if isinstance(refusal, InvalidDetails):
        return problems.invalid(
            *(
                FieldError(field, message)
                for field, messages in refusal.errors.items()
                for message in messages
            )
        )
    return Problem(
        STATUS.get(refusal.code, 409),
        refusal.code,
        str(refusal),
        errors=(FieldError(refusal.field, str(refusal)),) if refusal.field else (),
    )
