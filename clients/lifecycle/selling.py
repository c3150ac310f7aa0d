"""The verbs of selling: create a client, add folios and edit its plan."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Actor, Reseller
from accounts.text import clean_line
from clients import ledger, refusals
from clients.details import Details, clean_details
from clients.ledger import Posted
from clients.lifecycle import one_time
from clients.lifecycle.basis import refuse_if_stale
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
from clients.lifecycle.rfcs import raise_if_taken, refuse_too_many
from clients.models import Client, EntryKind, EventKind, Membership, login_of
from packages.models import Package
from reseller_panel.stale import merge


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
    and give the account to the person with the contact e-mail.

    The same `reference` with the same content is a repeat, whatever has happened to the
    package or the person since. Raises PackageNotOnSale, RfcTaken, ReferenceConflict,
    PreviewChanged.
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
            raise refusals.PackageNotOnSale(package)
        moment = now or timezone.now()
        today = reseller.local_date(moment)
        refuse_if_stale(basis, None, today, reseller.packages.on_sale())
        client = _unsaved(reseller, details, package, moment)
        try:
            with transaction.atomic():
                client.save(force_insert=True)
        except IntegrityError as error:
            if earlier := _created_at_once(reseller, details.rfc, request):
                return _created(earlier)
            raise_if_taken(error, reseller, details.rfc)
        return _open(client, package, request, moment=moment)


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

    Raises ClientArchived, InvalidQuantity, ReferenceConflict, UnprintableText,
    PreviewChanged.
    """
    reason = clean_line(reason, field="reason")
    if not 1 <= quantity <= settings.FOLIOS_ADDITION_MAX:
        raise refusals.InvalidQuantity(
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
            posted = locked.post("add_folios", reason=reason, **request.movement)
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
    login_follows: bool | None = None,
    by: Actor | None,
    now: datetime | None = None,
) -> Outcome:
    """Editar plan: services, contact and fiscal data; never folios.

    `changes` are typed values by field name of Details; what is left out keeps its
    value as read under the lock, like the services if None. Of what was `seen` only the
    difference is applied. If anything really changed, the plan becomes "personalizado";
    otherwise nothing is written. `login_follows`: whether one is to enter the account
    with the contact e-mail, or as until now; None is the former if that is so already.

    Raises ClientArchived, InvalidDetails, RfcTaken, ChangedMeanwhile, TooManyRfcs.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("edit_plan")
        client = locked.client
        former, own_services = Details.of(client), services_of(client.plan)
        raw = vars(former) | dict(changes)
        new_services = own_services if services is None else dict(services)
        if seen is not None:
            raw, new_services = seen.merged(raw, new_services, former, own_services)
        details = clean_details(
            raw,
            accept_rfc=accept_rfc,
            known_rfc=client.rfc,
            may_be_missing=client.missing,
        )
        is_edited = (former, own_services) != (details, new_services)
        moves_login = _moves_login(client, details, login_follows, seen)
        if not is_edited and not moves_login:
            return unchanged(locked, "No hubo cambios que guardar.")
        refuse_too_many(locked, new_services)
        before, message, given = snapshot(client), "", None
        if is_edited:
            _write(client, details, new_services, today=locked.today)
            message = f"Se guardó el plan de {client}; ahora es personalizado."
        if moves_login:
            given = move_access(client, by=by, now=locked.now)
            message += f" El acceso de {given.email} está pendiente de confirmar."
        before, after = differences(before, snapshot(client))
        locked.record(EventKind.PLAN_EDITED, by=by, before=before, after=after)
        return replace(outcome(locked, message.strip()), given=given)


# ── Helpers ───────────────────────────────────────────────────────────────────────


def _unsaved(
    reseller: Reseller, details: Details, package: Package, moment: datetime
) -> Client:
    today = reseller.local_date(moment)
    return Client(
        reseller=reseller,
        user=person_of(details.contact_email),
        created_at=moment,
        expires_on=package.expiry_from(today),
        rfc_since=today,
        **asdict(details),
    )


def _created_at_once(reseller: Reseller, rfc: str, request: Request) -> Posted | None:
    """A concurrent request was faster, with the same reference or another."""
    if earlier := one_time.created_before(reseller.pk, request):
        return earlier
    existing = reseller.clients.filter(rfc=rfc).first()
    return one_time.known(existing, request) if existing else None


def _open(
    client: Client, package: Package, request: Request, *, moment: datetime
) -> Outcome:
    """Give a new client its account, plan, person and first folios."""
    today = client.reseller.local_date(moment)
    accounts = ledger.open_account(client)
    client.account = accounts[client.pk]
    assign_plan(
        client,
        package,
        services_of(package),
        moment,
        anchor_day=package.anchor_after(today),
    )
    assert client.user is not None
    given = give_access(client, client.user, by=request.by, now=moment)
    locked = Locked(accounts, client, moment, today)
    one_time.repeated(client, request)
    locked.record(EventKind.CREATED, by=request.by, after=snapshot(client))
    posted = locked.post("add_folios", **request.movement)
    posted.entry.client = client
    return _created(posted, given)


def _moves_login(
    client: Client, details: Details, follows: bool | None, seen: Seen | None
) -> bool:
    """Whether the account goes to the person with the contact e-mail of `details`.

    Raises ChangedMeanwhile if somebody else has moved it since it was `seen`.
    """
    login = login_of(client)
    if follows is None:
        follows = login == client.contact_email.lower()
    wanted = details.contact_email.lower()
    if seen is not None:
        merged = merge(
            seen={"login_email": seen.login_email},
            wanted={"login_email": wanted if follows else seen.login_email},
            current={"login_email": login},
        )
        return merged["login_email"] != login
    return follows and login != wanted


def _write(
    client: Client, details: Details, services: Services, *, today: date
) -> None:
    """Save what was edited; the plan is the client's own from now on."""
    if client.rfc != details.rfc:
        client.rfc_since = today
    for name, value in asdict(details).items():
        setattr(client, name, value)
    try:
        with transaction.atomic():
            client.save(update_fields=["rfc_since", *asdict(details)])
    except IntegrityError as error:
        raise_if_taken(error, client.reseller, details.rfc)
    plan = client.plan
    if services != services_of(plan):
        set_services(plan, services)
    plan.name, plan.is_customized = CUSTOMIZED, True
    plan.save(update_fields=["name", "is_customized"])


def _created(posted: Posted, given: Membership | None = None) -> Outcome:
    entry = posted.entry
    return Outcome(
        client=entry.client,
        entry=entry,
        given=given,
        changed=not posted.is_repeat,
        is_repeat=posted.is_repeat,
        message=f"{entry.client} quedó activo con {entry.quantity:,} folios.",
    )
