"""The verbs of an import: create many clients at once, and update one as it was shown.

Law: domain.md, "The actions", *Agregar cliente*. What `create` writes of one client,
`create_many` writes of a thousand in a dozen statements: tests/test_create_many.py
compares every stored fact. A one-time key is not bound: the RFC is, and the job that
calls counts its lines.

Whoever has a contact e-mail is given the account, which is pending until the person has
proven the address and accepted; no e-mail is sent. Without one nobody enters.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Actor, ApiKey, Reseller
from clients import ledger, refusals
from clients.details import Details
from clients.ledger import Movement
from clients.lifecycle import opening
from clients.lifecycle.basis import PreviewChanged, happened_since
from clients.lifecycle.locked import Outcome, lock_client
from clients.lifecycle.opening import Newcomer
from clients.lifecycle.rfcs import TAKEN, taken
from clients.lifecycle.selling import edit_plan
from clients.models import AdditionalRfc, Client, EntryKind, EventKind
from packages.models import Package
from reseller_panel.refusals import Refused

SUSPENDED_BEFORE = "Ya estaba suspendido en el sistema anterior."


def newcomer_of(
    package: Package, *, details: Details, reference: str, today: date
) -> Newcomer:
    """One who gets the package as it is sold today."""
    return Newcomer(
        details=details,
        package=package,
        reference=reference,
        folios=package.folios,
        expires_on=package.expiry_from(today),
    )


def create_many(
    reseller: Reseller,
    newcomers: Sequence[Newcomer],
    *,
    by: Actor | None,
    reason: str = "",
    now: datetime | None = None,
) -> list[int | Refused]:
    """Create these clients in one transaction, up to a few thousand. Returns the id of
    each, or why it was not created: PackageNotOnSale, RfcTaken, AdditionalRfcTaken.

    `reason` goes into the event of each creation: where they came from. Their RFCs must
    differ, and their packages and details be those of the reseller and clean.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                return _create_many(reseller, newcomers, by, reason, now)
        except IntegrityError as error:
            # Somebody gave one of the RFCs to another client, as an additional one,
            # at this very moment: it is seen now.
            diag = getattr(error.__cause__, "diag", None)
            if diag is None or diag.constraint_name not in TAKEN:
                raise
            return _create_many(reseller, newcomers, by, reason, now)


def update_as_shown(
    client: Client, *, changes: Mapping[str, str], seq: int, by: Actor | None
) -> Outcome:
    """Editar plan with the data of a file. `seq` is the client's last record when it
    was shown what would change. Raises PreviewChanged if anything happened since, and
    what edit_plan raises."""
    with lock_client(client, None) as locked:
        if happened_since(locked.client, seq):
            raise PreviewChanged
        return edit_plan(client, changes=changes, accept_rfc=True, by=by)


def _create_many(
    reseller: Reseller,
    newcomers: Sequence[Newcomer],
    by: Actor | None,
    reason: str,
    now: datetime | None,
) -> list[int | Refused]:
    moment = now or timezone.now()
    today = reseller.local_date(moment)
    refused = _refused(reseller, newcomers, today)
    wanted = [one for one in newcomers if one.details.rfc not in refused]
    emails = {one.details.contact_email.lower() for one in wanted} - {""}
    people = opening.insert_people(emails)
    ids = opening.insert_clients(reseller, wanted, people, moment, today)
    new = {ids[one.details.rfc]: one for one in wanted if one.details.rfc in ids}
    opening.insert_plans(new, moment, today)
    opening.insert_memberships(
        new, people, None if isinstance(by, ApiKey) else by, moment
    )
    _write_history(reseller, new, by, reason, moment)
    return [
        refused.get(one.details.rfc)
        or ids.get(one.details.rfc)
        or taken(reseller, one.details.rfc)
        for one in newcomers
    ]


def _write_history(
    reseller: Reseller,
    new: Mapping[int, Newcomer],
    by: Actor | None,
    reason: str,
    moment: datetime,
) -> None:
    """The accounts of new clients: created, their folios, and suspended if they are."""
    accounts = ledger.open_many(
        reseller.pk, _snapshots(new), now=moment, by=by, reason=reason
    )
    movements = [
        Movement(client_id, EntryKind.ASSIGNMENT, one.folios, one.reference, by=by)
        for client_id, one in new.items()
        if one.folios
    ]
    days = dict.fromkeys(new, reseller.local_date(moment))
    ledger.post_many(accounts, movements, now=moment, days=days, known_entries={})
    ledger.keep(accounts)
    suspended: dict[int, dict[str, Any]] = {
        client_id: {} for client_id, one in new.items() if one.is_suspended
    }
    ledger.record_many(
        accounts,
        suspended,
        EventKind.SUSPENDED,
        now=moment,
        by=by,
        reason=SUSPENDED_BEFORE,
    )


def _refused(
    reseller: Reseller, newcomers: Iterable[Newcomer], today: date
) -> dict[str, Refused]:
    """Why somebody of these RFCs is not to be created, as far as it is known."""
    rfcs = [one.details.rfc for one in newcomers]
    found: dict[str, Refused] = {
        one.details.rfc: refusals.PackageNotOnSale(one.package)
        for one in newcomers
        if one.package.reseller_id != reseller.pk or not one.package.is_on_sale
    }
    held = additional_rfcs(reseller, rfcs, today)
    return found | {rfc: taken(reseller, rfc) for rfc in held}


def additional_rfcs(reseller: Reseller, rfcs: Collection[str], today: date) -> set[str]:
    """Those of `rfcs` that are an additional one of a client, today or later."""
    periods = AdditionalRfc.objects.filter(client__reseller=reseller, rfc__in=rfcs)
    return {one.rfc for one in periods if not one.ends_on or one.ends_on >= today}


def _snapshots(new: Mapping[int, Newcomer]) -> dict[int, dict[str, Any]]:
    """What the event of each creation keeps, as plans.snapshot makes it."""
    services = {
        package.pk: [str(one) for one in package.inclusions.select_related("service")]
        for package in {one.package for one in new.values()}
    }
    return {
        client_id: vars(one.details)
        | {
            "login_email": one.details.contact_email.lower(),
            "plan": one.package.name,
            "expires_on": one.expires_on.isoformat() if one.expires_on else None,
            "services": services[one.package.pk],
        }
        for client_id, one in new.items()
    }
