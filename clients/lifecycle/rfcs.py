"""Additional RFCs (Multiempresa): one is added, one ends.

Law: domain.md, "The nouns". How many a plan includes is checked by whatever changes
either: these verbs, edit_plan and renew. That no other client of the reseller has it is
the database's to say (models/rfcs.py).
"""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from accounts.models import Actor, Reseller
from clients import refusals
from clients.details import clean_rfc
from clients.lifecycle.locked import Locked, Outcome, lock_client, outcome, unchanged
from clients.lifecycle.plans import Services, services_of
from clients.models import AdditionalRfc, Client, EventKind, most_at_once
from packages.models import MULTIEMPRESA, Service
from reseller_panel.refusals import Refused

TAKEN = ("client_rfc_once_per_reseller", "rfc_once_per_reseller")


def add_rfc(
    client: Client,
    *,
    rfc: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    accept_rfc: bool = False,
    by: Actor | None,
    now: datetime | None = None,
) -> Outcome:
    """Let the documents of another RFC spend the client's folios, from a day (today)
    to another, that included (none: without end).

    Raises ClientArchived, InvalidDetails, DayNotAhead, TooManyRfcs, RfcTaken.
    """
    with lock_client(client, now) as locked:
        locked.refuse_unless_allowed("add_rfc")
        client = locked.client
        start = starts_on or locked.today
        if ends_on and ends_on < max(start, locked.today):
            raise refusals.DayNotAhead(
                "ends_on", "Elija hoy o un día que no haya pasado."
            )
        added = AdditionalRfc(
            client=client,
            rfc=clean_rfc(rfc, accept_rfc=accept_rfc),
            starts_on=start,
            ends_on=ends_on,
        )
        existing = [*client.additional_rfcs.all()]
        same = (added.rfc, added.starts_on, added.ends_on)
        if same in [(one.rfc, one.starts_on, one.ends_on) for one in existing]:
            return unchanged(locked, f"{client} ya tiene el RFC {added.rfc}.")
        refuse_too_many(locked, services_of(client.plan), adding=added)
        try:
            with transaction.atomic():
                added.save(force_insert=True)
        except IntegrityError as error:
            raise_if_taken(error, client.reseller, added.rfc)
        locked.record(EventKind.RFC_ADDED, by=by, after=_snapshot(added))
        message = f"Lo que timbre {added.rfc} gasta folios de {client}."
        return outcome(locked, message)


def end_rfc(
    additional: AdditionalRfc,
    *,
    last_day: date | None = None,
    by: Actor | None,
    now: datetime | None = None,
) -> Outcome:
    """End an additional RFC on `last_day` (today), which it still serves. It never ends
    before what was stamped with it; one that ends before it begins is taken out.

    Raises ClientArchived, RfcUsedLater.
    """
    with lock_client(additional.client, now) as locked:
        locked.refuse_unless_allowed("end_rfc")
        # Another may have taken it out meanwhile.
        fresh = locked.client.additional_rfcs.filter(pk=additional.pk).first()
        end = last_day or locked.today
        if fresh is None or fresh.ends_on == end:
            return unchanged(locked, f"El RFC {additional.rfc} ya había terminado.")
        used_on = _last_used(fresh)
        if used_on and end < used_on:
            raise refusals.RfcUsedLater(fresh.rfc, used_on)
        before, is_later = _snapshot(fresh), fresh.ends_on and end > fresh.ends_on
        fresh.ends_on = end
        if is_later:
            refuse_too_many(locked, services_of(locked.client.plan), adding=fresh)
        if end < fresh.starts_on:
            fresh.delete()
        else:
            _save_end(fresh)
        after = {"additional_rfc": fresh.rfc, "until": end.isoformat()}
        locked.record(EventKind.RFC_ENDED, by=by, before=before, after=after)
        message = f"El último día de {fresh.rfc} es el {end:%d/%m/%Y}."
        return outcome(locked, message)


def refuse_too_many(
    locked: Locked, services: Services, *, adding: AdditionalRfc | None = None
) -> None:
    """Raise TooManyRfcs unless a plan with these services includes all that the client
    has, `adding` in its new form among them."""
    existing = [
        one
        for one in locked.client.additional_rfcs.all()
        if adding is None or one.pk != adding.pk
    ]
    if adding:
        existing.append(adding)
    needed = most_at_once(existing, today=locked.today)
    if not needed:
        return
    service = Service.objects.filter(code=MULTIEMPRESA).values_list("pk").first()
    included = services.get(service[0], None) if service else None
    if needed > (included or 0):
        raise refusals.TooManyRfcs(included or 0, needed)


def raise_if_taken(error: IntegrityError, reseller: Reseller, rfc: str) -> None:
    """Raise RfcTaken for what the database said of an RFC; anything else as it was."""
    diag = getattr(error.__cause__, "diag", None)
    if diag is None or diag.constraint_name not in TAKEN:
        raise error
    raise taken(reseller, rfc) from None


def taken(reseller: Reseller, rfc: str) -> Refused:
    """The refusal that says which client has this RFC, as its own or as additional."""
    clients = Client.objects.with_facts().filter(reseller=reseller)
    if main := clients.filter(rfc=rfc).first():
        return refusals.RfcTaken(main)
    periods = AdditionalRfc.objects.filter(client__reseller=reseller, rfc=rfc)
    newest = periods.order_by("-starts_on")[:1].values("client")
    return refusals.AdditionalRfcTaken(clients.get(pk__in=newest), rfc)


def _last_used(additional: AdditionalRfc) -> date | None:
    """The last day of a document of it, or of a stamp without one, while it served."""
    client = additional.client
    used = client.entries.filter(additional_rfc=additional.rfc).aggregate(
        document=Max("cfdi__issued_on", filter=_within(additional)),
        stamp=Max("created_at", filter=Q(cfdi=None)),
    )
    days = [used["document"]] if used["document"] else []
    if used["stamp"]:
        days.append(client.reseller.local_date(used["stamp"]))
    return max((day for day in days if additional.is_in_force(day)), default=None)


def _within(additional: AdditionalRfc) -> Q:
    until = additional.ends_on or date.max
    return Q(cfdi__issued_on__range=(additional.starts_on, until))


def _save_end(additional: AdditionalRfc) -> None:
    """A later end may meet another client that has it by then."""
    try:
        with transaction.atomic():
            additional.save(update_fields=["ends_on"])
    except IntegrityError as error:
        raise_if_taken(error, additional.client.reseller, additional.rfc)


def _snapshot(additional: AdditionalRfc) -> dict[str, Any]:
    facts = {
        "additional_rfc": additional.rfc,
        "since": additional.starts_on.isoformat(),
    }
    return facts | (
        {"until": additional.ends_on.isoformat()} if additional.ends_on else {}
    )
