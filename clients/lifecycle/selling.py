"""The verbs of selling: create a client, add folios and edit its plan."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Actor, Reseller, Role, User
from clients import ledger, rules
from clients.details import Details, clean_details
from clients.ledger import Posted
from clients.lifecycle import one_time
from clients.lifecycle.basis import refuse_if_stale
from clients.lifecycle.locked import (
    Locked,
    Outcome,
    end_sessions,
    lift_suspension,
    lock_client,
    outcome,
    unchanged,
    what_still_bars,
)
from clients.lifecycle.one_time import Request
from clients.lifecycle.plans import (
    CUSTOMIZED,
    Seen,
    Services,
    assign_plan,
    differences,
    services_of,
    set_services,
    snapshot,
)
from clients.models import Client, EntryKind, EventKind
from packages.models import Package


def create(
    reseller: Reseller,
    *,
    details: Details,
    package: Package,
    reference: str,
    by: Actor | None,
    basis: str | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Agregar cliente: copy the package into a plan, grant its folios, set the term,
    and make the person with the contact e-mail the client's user.

    The same `reference` with the same content is a repeat, whatever has happened to the
    package or the person since. Raises PackageNotOnSale, RfcTaken, EmailTaken,
    ReferenceConflict, PreviewChanged.
    """
    request = Request(
        verb="create",
        reference=reference,
        by=by,
        kind=EntryKind.ASSIGNMENT,
        quantity=package.folios,
        content=asdict(details) | {"package": package.public_id},
    )
    with transaction.atomic():
        if earlier := one_time.created_before(reseller.pk, request):
            return _created(earlier)
        if package.reseller_id != reseller.pk or not package.is_on_sale:
            raise rules.PackageNotOnSale(package)
        moment = now or timezone.now()
        today = reseller.local_date(moment)
        refuse_if_stale(basis, None, today, reseller.packages.on_sale())
        expires_on = package.expiry_from(today)
        client = Client(
            reseller=reseller,
            user=_portal_user(details),
            created_at=moment,
            expires_on=expires_on,
            **asdict(details),
        )
        try:
            with transaction.atomic():
                client.save(force_insert=True)
        except IntegrityError as error:
            _reraise_unless(error, "client_rfc_once_per_reseller")
            # A concurrent request was faster, with the same reference or another.
            existing = _with_rfc(reseller, details.rfc)
            if earlier := one_time.known(existing, request):
                return _created(earlier)
            raise rules.RfcTaken(existing) from None
        accounts = ledger.open_account(client.pk)
        client.account = accounts[client.pk]
        assign_plan(
            client,
            package,
            services_of(package),
            moment,
            anchor_day=package.anchor_after(today),
        )
        locked = Locked(accounts, client, moment, today)
        one_time.repeated(client, request)
        locked.record(EventKind.CREATED, by=by, after=snapshot(client))
        posted = locked.post(
            "add_folios",
            kind=EntryKind.ASSIGNMENT,
            quantity=package.folios,
            reference=reference,
            by=by,
        )
        posted.entry.client = client
        return _created(posted)


def add_folios(
    client: Client,
    *,
    quantity: int,
    reference: str,
    by: Actor | None,
    reason: str = "",
    activate: bool = False,
    basis: str | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Agregar folios: the plan and its name stay. `activate` lifts a suspension too.

    Raises ClientArchived, InvalidQuantity, ReferenceConflict, PreviewChanged.
    """
    if not 1 <= quantity <= settings.FOLIOS_ADDITION_MAX:
        raise rules.InvalidQuantity(
            f"Escriba un número entero entre 1 y {settings.FOLIOS_ADDITION_MAX:,}."
        )
    request = Request(
        verb="add_folios",
        reference=reference,
        by=by,
        kind=EntryKind.ADDITION,
        quantity=quantity,
        content={"quantity": quantity, "reason": reason, "activate": activate},
    )
    with lock_client(client, now) as locked:
        posted = one_time.repeated(locked.client, request)
        if posted is None:
            locked.refuse_unless_allowed("add_folios")
            locked.refuse_if_stale(basis)
            posted = locked.post(
                "add_folios",
                kind=EntryKind.ADDITION,
                quantity=quantity,
                reference=reference,
                by=by,
                reason=reason,
            )
        if activate and not posted.is_repeat:
            lift_suspension(locked, by)
        message = (
            f"Se agregaron {quantity:,} folios a {locked.client}; "
            f"tiene {locked.client.balance:,}.{what_still_bars(locked)}"
        )
    return outcome(locked, message, posted)


def edit_plan(
    client: Client,
    *,
    changes: Mapping[str, str],
    services: Services | None = None,
    seen: Seen | None = None,
    accept_rfc: bool = False,
    by: Actor | None,
    now: datetime | None = None,
) -> Outcome:
    """Editar plan: services, contact and fiscal data; never folios.

    `changes` are typed values by field name of Details; a field left out keeps its
    value as read under the lock, and so do the services if `services` is None. Of what
    was `seen` only the difference is applied. If anything really changed, the plan
    becomes "personalizado"; otherwise nothing is written.

    Raises ClientArchived, InvalidDetails, RfcTaken, EmailTaken, ChangedMeanwhile.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("edit_plan")
        client, plan = locked.client, locked.client.plan
        former, own_services = Details.of(client), services_of(plan)
        raw = vars(former) | dict(changes)
        new_services = own_services if services is None else dict(services)
        if seen is not None:
            raw, new_services = seen.merged(raw, new_services, former, own_services)
        details = clean_details(raw, accept_rfc=accept_rfc, known_rfc=client.rfc)
        if (former, own_services) == (details, new_services):
            return unchanged(locked, "No hubo cambios que guardar.")
        before = snapshot(client)
        _write_details(client, details)
        plan.name, plan.is_customized = CUSTOMIZED, True
        plan.save(update_fields=["name", "is_customized"])
        if new_services != own_services:
            set_services(plan, new_services)
        before, after = differences(before, snapshot(client))
        locked.record(EventKind.PLAN_EDITED, by=by, before=before, after=after)
        return outcome(
            locked, f"Se guardó el plan de {client}; ahora es personalizado."
        )


# ── Helpers ───────────────────────────────────────────────────────────────────────


def _write_details(client: Client, details: Details) -> None:
    """Save `details`. A new e-mail changes the user, and ends the former's sessions."""
    if client.contact_email.lower() != details.contact_email.lower():
        end_sessions(client.user)
        client.user = _portal_user(details)
    for name, value in asdict(details).items():
        setattr(client, name, value)
    try:
        with transaction.atomic():
            client.save(update_fields=["user", *asdict(details)])
    except IntegrityError as error:
        _reraise_unless(error, "client_rfc_once_per_reseller")
        raise rules.RfcTaken(_with_rfc(client.reseller, details.rfc)) from None


def _portal_user(details: Details) -> User:
    """The person with the contact e-mail. Raises EmailTaken for staff: whoever enters a
    client's account acts as its user."""
    user, _ = User.objects.get_or_create(
        email=details.contact_email.lower(),
        defaults={"name": details.contact_name, "password": make_password(None)},
    )
    if user.role is not Role.CLIENT:
        raise rules.EmailTaken
    return user


def _with_rfc(reseller: Reseller, rfc: str) -> Client:
    return Client.objects.with_facts().get(reseller=reseller, rfc=rfc)


def _created(posted: Posted) -> Outcome:
    entry = posted.entry
    return Outcome(
        client=entry.client,
        entry=entry,
        changed=not posted.is_repeat,
        is_repeat=posted.is_repeat,
        message=f"{entry.client} quedó activo con {entry.quantity:,} folios.",
    )


def _reraise_unless(error: IntegrityError, constraint: str) -> None:
    diag = getattr(error.__cause__, "diag", None)
    if diag is None or diag.constraint_name != constraint:
        raise error
