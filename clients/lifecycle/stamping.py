"""Stamping: folios are spent, given back when the PAC refuses, corrected by support."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Actor, Role, User
from clients import ledger, rules
from clients.cfdi import Cfdi
from clients.ledger import PATIENT, Movement, Patience, Posted
from clients.lifecycle.facts import Question
from clients.lifecycle.held import Outcome, hold, outcome
from clients.models import CfdiRecord, Client, EntryKind
from reseller_panel import sql


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """One stamped CFDI (or several) to be paid with folios."""

    client_id: int
    reference: str
    quantity: int = 1
    # SHA-256 of the API key that asks, where it is to be checked under the lock.
    key_digest: bytes | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", normal_reference(self.reference))


def consume_many(
    stamps: Sequence[Stamp],
    *,
    by: Actor | None = None,
    now: datetime | None = None,
    patience: Patience = PATIENT,
) -> list[Posted | Exception]:
    """Spend folios for stamped CFDI, in order; one answer each (ledger.post_many).

    A stamp's key is looked at first (Problem, UnknownClient), then its reference, so
    that a repeat is answered whatever the status is. Refusals: ClientArchived,
    ClientSuspended, PackageExpired, InsufficientFolios, ReferenceConflict; AccountHeld
    where `patience` says so. Client ids must exist; quantities are positive.
    """
    with transaction.atomic():
        ids = {stamp.client_id for stamp in stamps}
        trip = sql.Trip()
        accounts = ledger.lock(ids, patience=patience, trip=trip)
        question = Question(stamps, trip)
        seen = ledger.known(accounts, stamps, trip=trip)
        facts, moment = question.answer(accounts), now or timezone.now()
        barred = [facts.barred(stamp) for stamp in stamps]
        days = facts.days(moment)
        posted = ledger.post_many(
            accounts,
            [
                Movement(
                    client_id=stamp.client_id,
                    kind=EntryKind.STAMP,
                    quantity=-stamp.quantity,
                    reference=stamp.reference,
                    by=by or facts.caller(stamp),
                )
                for stamp, why in zip(stamps, barred, strict=True)
                if why is None
            ],
            now=moment,
            days=days,
            refusals=facts.refusals(days),
            seen=seen,
        )
    answers = iter(posted)
    return [why or next(answers) for why in barred]


def consume(
    client: Client,
    *,
    reference: str,
    quantity: int = 1,
    by: Actor | None = None,
    now: datetime | None = None,
) -> Posted:
    """One stamp: a batch of one, whose refusal is raised."""
    stamp = Stamp(client_id=client.pk, reference=reference, quantity=quantity)
    (answer,) = consume_many([stamp], by=by, now=now)
    if isinstance(answer, Exception):
        raise answer
    return answer


def consume_cfdis(
    documents: Sequence[tuple[int, Cfdi]],
    *,
    by: Actor | None = None,
    now: datetime | None = None,
) -> list[Posted | Exception]:
    """Spend a folio for each stamped CFDI, given with the id of its client, and keep
    beside the entry what the document says.

    The UUID is the reference, so a document is paid once. One answer each, as of
    consume_many; a repeat is given its record too, if the first call had no document.
    """
    stamps = [
        Stamp(client_id=client_id, reference=str(cfdi.uuid))
        for client_id, cfdi in documents
    ]
    with transaction.atomic():
        answers = consume_many(stamps, by=by, now=now)
        CfdiRecord.objects.bulk_create(
            (
                CfdiRecord(
                    entry=answer.entry,
                    uuid=cfdi.uuid,
                    issued_on=cfdi.issued_at.date(),
                    kind=cfdi.kind,
                    receiver_rfc=cfdi.receiver_rfc,
                    total=cfdi.total,
                )
                for (_, cfdi), answer in zip(documents, answers, strict=True)
                if isinstance(answer, Posted)
            ),
            ignore_conflicts=True,
        )
    return answers


def consume_cfdi(
    client: Client,
    cfdi: Cfdi,
    *,
    by: Actor | None = None,
    now: datetime | None = None,
) -> Posted:
    """One document: a list of one, whose refusal is raised."""
    (answer,) = consume_cfdis([(client.pk, cfdi)], by=by, now=now)
    if isinstance(answer, Exception):
        raise answer
    return answer


def reverse(
    client: Client,
    *,
    reference: str,
    by: Actor | None,
    reason: str = "",
    now: datetime | None = None,
) -> Posted:
    """Give back the folios of one stamp that the PAC refused, once.

    Allowed in every status. Raises UnknownStamp.
    """
    with hold(client, now) as held:
        reference = normal_reference(reference)
        stamp = held.client.entries.filter(
            reference=reference, kind=EntryKind.STAMP
        ).first()
        if stamp is None:
            raise rules.UnknownStamp(reference)
        if earlier := held.client.entries.filter(reverses=stamp).first():
            return Posted(earlier, is_repeat=True)
        return held.post(
            "reverse",
            kind=EntryKind.REVERSAL,
            quantity=-stamp.quantity,
            reverses=stamp,
            by=by,
            reason=reason,
        )


def adjust(
    client: Client,
    *,
    quantity: int,
    reason: str,
    reference: str,
    by: User,
    now: datetime | None = None,
) -> Outcome:
    """Support corrects a mistake with a visible entry; `quantity` carries the sign.

    Raises SupportOnly, ReasonMissing, InvalidQuantity, InsufficientFolios,
    ReferenceConflict.
    """
    if by.role is not Role.SUPPORT:
        raise rules.SupportOnly
    if not reason.strip():
        raise rules.ReasonMissing
    if not 1 <= abs(quantity) <= settings.FOLIOS_ADDITION_MAX:
        raise rules.InvalidQuantity(
            "Escriba un número entero distinto de cero, "
            f"de no más de {settings.FOLIOS_ADDITION_MAX:,} en ningún sentido."
        )
    with hold(client, now) as held:
        posted = held.post(
            "adjust",
            kind=EntryKind.ADJUSTMENT,
            quantity=quantity,
            reference=reference,
            by=by,
            reason=reason,
        )
        message = f"Ajuste de {quantity:+,} folios a {held.client}."
        return outcome(held, message, posted)


def normal_reference(reference: str) -> str:
    """UUIDs compare case-insensitively (api.md); anything else is the caller's."""
    try:
        return str(UUID(reference)) if len(reference) == 36 else reference
    except ValueError:
        return reference
