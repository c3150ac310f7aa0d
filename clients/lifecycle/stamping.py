"""The verbs of stamping: spend folios, give back a refused stamp, adjust a balance."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Actor, ApiKey, Role, User
from accounts.text import clean_line
from clients import ledger, refusals
from clients.ledger import WAIT, LockPolicy, Movement, Posted
from clients.lifecycle import one_time
from clients.lifecycle.batch_facts import BatchQuery, Stamp, normal_reference
from clients.lifecycle.leftovers import lost_meanwhile
from clients.lifecycle.locked import Outcome, lock_client, outcome
from clients.lifecycle.one_time import Request
from clients.models import Client, EntryKind
from reseller_panel import sql
from reseller_panel.refusals import Refused


def consume_many(
    stamps: Sequence[Stamp],
    *,
    by: Actor | None = None,
    now: datetime | None = None,
    policy: LockPolicy = WAIT,
) -> list[Posted | Refused]:
    """Spend folios for stamped CFDI, in order; one result each (ledger.post_many).

    A stamp's key is checked first (KeyRefused, UnknownClient), then its reference, so
    that a repeat returns its entry in every status. Other refusals: ClientArchived,
    ClientSuspended, PackageExpired, InsufficientFolios, ReferenceConflict, and
    AccountContended if `policy` skips locked accounts. Client ids must exist;
    quantities are positive.
    """
    with transaction.atomic():
        pipeline = sql.Pipeline()
        ids = {stamp.client_id for stamp in stamps}
        accounts = ledger.lock(ids, policy=policy, pipeline=pipeline)
        query = BatchQuery(stamps, pipeline)
        known = ledger.known(accounts, stamps, pipeline=pipeline)
        facts, moment = query.read(accounts), now or timezone.now()
        days = facts.days(moment)
        bars = [
            facts.bar(stamp) or facts.bar_rfc(stamp, days, known) for stamp in stamps
        ]
        posted = ledger.post_many(
            accounts,
            [
                _movement(stamp, by, facts.key_of(stamp))
                for stamp, bar in zip(stamps, bars, strict=True)
                if bar is None
            ],
            now=moment,
            days=days,
            refusals=facts.refusals(days),
            known_entries=known,
        )
    results = iter(posted)
    return [bar or next(results) for bar in bars]


def _movement(stamp: Stamp, by: Actor | None, key: ApiKey | None) -> Movement:
    return Movement(
        client_id=stamp.client_id,
        kind=EntryKind.STAMP,
        quantity=-stamp.quantity,
        reference=stamp.reference,
        by=by or stamp.by or key,
        with_key=key if stamp.by else None,
        additional_rfc=stamp.additional_rfc,
    )


def consume(
    client: Client,
    *,
    reference: str,
    quantity: int = 1,
    by: Actor | None = None,
    now: datetime | None = None,
    additional_rfc: str = "",
    issued_on: date | None = None,
) -> Posted:
    """Spend folios for one stamp, and raise its refusal if there is one."""
    stamp = Stamp(
        client_id=client.pk,
        reference=reference,
        quantity=quantity,
        additional_rfc=additional_rfc,
        issued_on=issued_on,
    )
    (result,) = consume_many([stamp], by=by, now=now)
    if isinstance(result, Refused):
        raise result
    return result


def reverse(
    client: Client,
    *,
    reference: str,
    by: Actor | None,
    with_key: ApiKey | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> Posted:
    """Give back the folios of one stamp that the PAC refused, once.

    Allowed in every status. What a renewal since would have taken of them is lost, in
    an entry of its own. Raises UnknownStamp, UnprintableText.
    """
    reason = clean_line(reason, field="reason")
    with lock_client(client, now) as locked:
        reference = normal_reference(reference)
        stamp = locked.client.entries.filter(
            reference=reference, kind=EntryKind.STAMP
        ).first()
        if stamp is None:
            raise refusals.UnknownStamp(reference)
        if earlier := locked.client.entries.filter(reverses=stamp).first():
            return Posted(earlier, is_repeat=True)
        lost = lost_meanwhile(locked.client, stamp)
        posted = locked.post(
            "reverse",
            kind=EntryKind.REVERSAL,
            quantity=-stamp.quantity,
            reverses=stamp,
            by=by,
            with_key=with_key,
            reason=reason,
        )
        if lost:
            locked.post(
                "reverse",
                kind=EntryKind.EXPIRY,
                quantity=-lost,
                by=by,
                reason=f"Sobrantes que una renovación ya quitó: timbrado {reference}",
            )
        return posted


def adjust(
    client: Client,
    *,
    quantity: int,
    reason: str,
    reference: str,
    by: User,
    now: datetime | None = None,
) -> Outcome:
    """Correct a mistake with a visible entry, by support. `quantity` is signed.

    Raises SupportOnly, ReasonMissing, InvalidQuantity, InsufficientFolios,
    ReferenceConflict, UnprintableText.
    """
    if by.role is not Role.SUPPORT:
        raise refusals.SupportOnly
    if not reason.strip():
        raise refusals.ReasonMissing
    reason = clean_line(reason, field="reason")
    if not 1 <= abs(quantity) <= settings.FOLIOS_ADDITION_MAX:
        raise refusals.InvalidQuantity(
            "Escriba un número entero distinto de cero, "
            f"de no más de {settings.FOLIOS_ADDITION_MAX:,} en ningún sentido."
        )
    request = Request(
        verb="adjust",
        reference=reference,
        by=by,
        kind=EntryKind.ADJUSTMENT,
        quantity=quantity,
        content={"quantity": quantity, "reason": reason},
    )
    with lock_client(client, now) as locked:
        posted = one_time.repeated(locked.client, request) or locked.post(
            "adjust", reason=reason, **request.movement
        )
        message = f"Ajuste de {quantity:+,} folios a {locked.client}."
        return outcome(locked, message, posted)
