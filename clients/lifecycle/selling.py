"""The verbs of selling: create a client, add folios, renew and edit its plan."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Actor, Reseller
from accounts.text import clean_line
from clients import ledger, rules
from clients.details import Details, clean_details
from clients.ledger import Movement, Posted
from clients.lifecycle.locked import (
    Locked,
    Outcome,
    lift_suspension,
    lock_client,
    outcome,
    unchanged,
    what_still_bars,
)
from clients.lifecycle.memberships import give_access, move_access, person_of
from clients.lifecycle.plans import (
    CUSTOMIZED,
    Services,
    assign_plan,
    differences,
    plan_renewal,
    services_of,
    set_services,
    snapshot,
)
from clients.lifecycle.rfcs import raise_if_taken, refuse_too_many
from clients.models import Client, EntryKind, EventKind, FolioLedger, membership_of
from packages.models import Package


def create(
    reseller: Reseller,
    *,
    details: Details,
    package: Package,
    reference: str,
    by: Actor | None,
    now: datetime | None = None,
) -> Outcome:
    """Agregar cliente: copy the package into a plan, grant its folios, set the term,
    and give the account to the person with the contact e-mail.

    The same `reference` with the same RFC is a repeat, whatever has happened to the
    package or the person since. Raises PackageNotOnSale, RfcTaken, ReferenceConflict.
    """
    with transaction.atomic():
        if earlier := _created_before(reseller, details.rfc, package, reference):
            return earlier
        if package.reseller_id != reseller.pk or not package.is_on_sale:
            raise rules.PackageNotOnSale(package)
        moment = now or timezone.now()
        expires_on = package.expiry_from(reseller.local_date(moment))
        person = person_of(details.contact_email)
        client = Client(
            reseller=reseller,
            user=person,
            created_at=moment,
            expires_on=expires_on,
            rfc_since=reseller.local_date(moment),
            **asdict(details),
        )
        try:
            with transaction.atomic():
                client.save(force_insert=True)
        except IntegrityError as error:
            # A concurrent request was faster, with the same reference or another.
            if earlier := _created_before(reseller, details.rfc, package, reference):
                return earlier
            raise_if_taken(error, reseller, details.rfc)
        accounts = ledger.open_account(client.pk)
        client.account = accounts[client.pk]
        assign_plan(client, package, services_of(package), moment)
        given = give_access(client, person, by=by, now=moment)
        locked = Locked(accounts, client, moment, reseller.local_date(moment))
        locked.record(EventKind.CREATED, by=by, after=snapshot(client))
        posted = locked.post(
            "add_folios",
            kind=EntryKind.ASSIGNMENT,
            quantity=package.folios,
            reference=reference,
            by=by,
        )
    return Outcome(
        client=client,
        entry=posted.entry,
        given=given,
        message=f"{client} quedó activo con {package.folios:,} folios.",
    )


def add_folios(
    client: Client,
    *,
    quantity: int,
    reference: str,
    by: Actor | None,
    reason: str = "",
    activate: bool = False,
    now: datetime | None = None,
) -> Outcome:
    """Agregar folios: the plan and its name stay. `activate` lifts a suspension too.

    Raises ClientArchived, InvalidQuantity, ReferenceConflict, UnprintableText.
    """
    reason = clean_line(reason, field="reason")
    if not 1 <= quantity <= settings.FOLIOS_ADDITION_MAX:
        raise rules.InvalidQuantity(
            f"Escriba un número entero entre 1 y {settings.FOLIOS_ADDITION_MAX:,}."
        )
    with lock_client(client, now) as locked:
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


def renew(
    client: Client,
    *,
    reference: str,
    by: Actor | None,
    package: Package | None = None,
    activate: bool = False,
    now: datetime | None = None,
) -> Outcome:
    """Renovar: assign the same package (None) or another on sale; see plan_renewal.

    The client's own package may be renewed even if withdrawn from sale. Does not lift
    a suspension unless `activate`. Raises ClientArchived, PackageNotOnSale,
    TooManyRfcs, ReferenceConflict.
    """
    with lock_client(client, now) as locked:
        client, plan = locked.client, locked.client.plan
        renewal = plan_renewal(client, package, today=locked.today)
        movement = Movement(
            client_id=client.pk,
            kind=EntryKind.RENEWAL,
            quantity=renewal.granted,
            reference=reference,
            by=by,
        )
        if earlier := ledger.known(locked.accounts, [movement]):
            (entry,) = earlier.values()
            asked = package.folios if package else entry.quantity
            if (entry.kind, entry.quantity) != (EntryKind.RENEWAL, asked):
                raise ledger.ReferenceConflict(entry)
            return outcome(locked, _renewed(locked), Posted(entry, is_repeat=True))
        locked.refuse_unless_allowed("renew")
        if package and (
            package.reseller_id != client.reseller_id or not package.is_on_sale
        ):
            raise rules.PackageNotOnSale(package)
        refuse_too_many(locked, renewal.services)
        before = snapshot(client)
        if renewal.lost:
            locked.post(
                "renew",
                kind=EntryKind.EXPIRY,
                quantity=-renewal.lost,
                by=by,
                reason=f"Sobrantes al renovar: {plan.leftover_label}",
            )
        posted = ledger.post(
            locked.accounts, movement, now=locked.now, day=locked.today
        )
        client.expires_on = renewal.expires_on
        client.save(update_fields=["expires_on"])
        assign_plan(
            client,
            package or plan.package,
            renewal.services,
            locked.now,
            name=renewal.name,
            is_customized=renewal.is_customized,
        )
        before, after = differences(before, snapshot(client))
        locked.record(EventKind.RENEWED, by=by, before=before, after=after)
        if activate:
            lift_suspension(locked, by)
        return outcome(locked, _renewed(locked), posted)


def edit_plan(
    client: Client,
    *,
    changes: Mapping[str, str],
    services: Services | None = None,
    accept_rfc: bool = False,
    login_follows: bool | None = None,
    by: Actor | None,
    now: datetime | None = None,
) -> Outcome:
    """Editar plan: services, contact and fiscal data; never folios.

    `changes` are typed values by field name of Details; a field left out keeps its
    value as read under the lock, and so do the services if `services` is None. If
    anything really changed, the plan becomes "personalizado"; otherwise nothing is
    written. `login_follows`: whether one is to enter the account with the contact
    e-mail, or as until now; None is the former if that is so already. Raises
    ClientArchived, InvalidDetails, RfcTaken.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("edit_plan")
        client, plan = locked.client, locked.client.plan
        former = Details.of(client)
        details = clean_details(
            vars(former) | dict(changes), accept_rfc=accept_rfc, known_rfc=client.rfc
        )
        own_services = services_of(plan)
        new_services = own_services if services is None else dict(services)
        is_edited = (former, own_services) != (details, new_services)
        moves_login = _moves_login(client, details, login_follows)
        if not is_edited and not moves_login:
            return unchanged(locked, "No hubo cambios que guardar.")
        refuse_too_many(locked, new_services)
        before, message, given = snapshot(client), "", None
        if is_edited:
            _write_details(client, details, today=locked.today)
            plan.name, plan.is_customized = CUSTOMIZED, True
            plan.save(update_fields=["name", "is_customized"])
            message = f"Se guardó el plan de {client}; ahora es personalizado."
        if new_services != own_services:
            set_services(plan, new_services)
        if moves_login:
            given = move_access(client, by=by, now=locked.now)
            message += f" El acceso de {given.email} está pendiente de confirmar."
        before, after = differences(before, snapshot(client))
        locked.record(EventKind.PLAN_EDITED, by=by, before=before, after=after)
        return replace(outcome(locked, message.strip()), given=given)


# ── Helpers ───────────────────────────────────────────────────────────────────────


def _renewed(locked: Locked) -> str:
    client = locked.client
    until = f" hasta el {client.expires_on:%d/%m/%Y}" if client.expires_on else ""
    has = f"tiene {client.balance:,} folios.{what_still_bars(locked)}"
    return f"Se renovó {client}{until}; {has}"


def _moves_login(client: Client, details: Details, follows: bool | None) -> bool:
    """Whether the account goes to the person with the contact e-mail of `details`."""
    access = membership_of(client)
    login = access.email if access and access.is_live else ""
    if follows is None:
        follows = login == client.contact_email.lower()
    return follows and login != details.contact_email.lower()


def _write_details(client: Client, details: Details, *, today: date) -> None:
    if client.rfc != details.rfc:
        client.rfc_since = today
    for name, value in asdict(details).items():
        setattr(client, name, value)
    try:
        with transaction.atomic():
            client.save(update_fields=["rfc_since", *asdict(details)])
    except IntegrityError as error:
        raise_if_taken(error, client.reseller, details.rfc)


def _created_before(
    reseller: Reseller, rfc: str, package: Package, reference: str
) -> Outcome | None:
    """The first outcome, if this client was created with the same `reference`."""
    entry = (
        FolioLedger.objects.filter(
            client__reseller=reseller, client__rfc=rfc, reference=reference
        )
        .select_related("client__account", "client__plan__package", "client__reseller")
        .first()
    )
    if entry is None:
        return None
    if (entry.kind, entry.quantity) != (EntryKind.ASSIGNMENT, package.folios):
        raise ledger.ReferenceConflict(entry)
    client = entry.client
    return Outcome(
        client=client,
        entry=entry,
        changed=False,
        is_repeat=True,
        message=f"{client} quedó activo con {entry.quantity:,} folios.",
    )
