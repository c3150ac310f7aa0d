"""Renewing: the plan is copied afresh, leftovers follow their rule, the term goes on.

The arithmetic is plans.plan_renewal, which the preview shows too.
"""

from datetime import datetime

from accounts.models import Actor
from clients import refusals
from clients.ledger import Posted
from clients.lifecycle import one_time
from clients.lifecycle.basis import choices_of
from clients.lifecycle.locked import (
    Locked,
    Outcome,
    lift_suspension,
    lock_client,
    outcome,
    what_still_bars,
)
from clients.lifecycle.one_time import Request
from clients.lifecycle.plans import (
    Renewal,
    assign_plan,
    differences,
    former_plan,
    plan_renewal,
    snapshot,
)
from clients.lifecycle.rfcs import refuse_too_many
from clients.models import Client, EntryKind, EventKind
from packages.models import Package


def renew(
    client: Client,
    *,
    reference: str,
    by: Actor | None,
    package: Package | None = None,
    activate: bool = False,
    basis: str | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Renovar: assign the same package (None) or another on sale; see plan_renewal.

    The client's own package may be renewed even if withdrawn from sale. Does not lift
    a suspension unless `activate`. Raises ClientArchived, PackageNotOnSale,
    TooManyRfcs, ReferenceConflict, PreviewChanged.
    """
    with lock_client(client, now) as locked:
        client = locked.client
        renewal = plan_renewal(client, package, today=locked.today)
        request = Request(
            verb="renew",
            reference=reference,
            by=by,
            kind=EntryKind.RENEWAL,
            quantity=renewal.granted,
            content={
                "package": package and package.public_id,
                "activate": activate,
            },
        )
        if earlier := one_time.repeated(client, request):
            return outcome(locked, _renewed(locked), earlier)
        locked.refuse_unless_allowed("renew")
        locked.refuse_if_stale(basis, choices_of(client) if basis else ())
        if package and (
            package.reseller_id != client.reseller_id or not package.is_on_sale
        ):
            raise refusals.PackageNotOnSale(package)
        refuse_too_many(locked, renewal.services)
        posted = _write(locked, renewal, package, request)
        if activate:
            lift_suspension(locked, by)
        return outcome(locked, _renewed(locked), posted)


def _write(
    locked: Locked, renewal: Renewal, package: Package | None, request: Request
) -> Posted:
    """What is lost and granted, the term, the plan, and the record of it."""
    client, plan = locked.client, locked.client.plan
    before, former = snapshot(client), former_plan(client)
    if renewal.lost:
        locked.post(
            "renew",
            kind=EntryKind.EXPIRY,
            quantity=-renewal.lost,
            by=request.by,
            reason=f"Sobrantes al renovar: {plan.leftover_label}",
        )
    posted = locked.post("renew", **request.movement)
    client.expires_on = renewal.expires_on
    client.save(update_fields=["expires_on"])
    assign_plan(
        client,
        package or plan.package,
        renewal.services,
        locked.now,
        anchor_day=renewal.anchor_day,
        name=renewal.name,
        is_customized=renewal.is_customized,
    )
    before, after = differences(before, snapshot(client))
    before["former_plan"] = former
    locked.record(EventKind.RENEWED, by=request.by, before=before, after=after)
    return posted


def _renewed(locked: Locked) -> str:
    client = locked.client
    until = f" hasta el {client.expires_on:%d/%m/%Y}" if client.expires_on else ""
    has = f"tiene {client.balance:,} folios.{what_still_bars(locked)}"
    return f"Se renovó {client}{until}; {has}"
