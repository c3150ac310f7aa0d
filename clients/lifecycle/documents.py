"""Stamped documents: a folio is spent for each, once, and its data is stored.

Law: domain.md, "What counts as a stamp"; api.md, POST /api/v1/cfdi. sat/cfdi.py reads
them. That what one says can be, and does not contradict what is known, is checked here.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Actor, ApiKey
from clients import ledger, rules
from clients.ledger import Posted
from clients.lifecycle.stamping import consume
from clients.models import CfdiRecord, Client, EntryKind, FolioLedger
from sat import cfdi
from sat.cfdi import Cfdi


def consume_cfdi(
    client: Client,
    document: Cfdi,
    *,
    by: Actor | None = None,
    now: datetime | None = None,
) -> Posted:
    """Spend a folio for one document and store a CfdiRecord with the entry.

    The UUID is the reference, so a document is paid once. A repeat gets its record too,
    if the first call had no document. Raises what `consume` raises, and
    ImplausibleDocument, DocumentConflict (a reference_conflict), StampReversed.
    """
    with transaction.atomic():
        ledger.lock([client.pk])
        moment = now or timezone.now()
        record = CfdiRecord.of(document)
        known = (
            client.entries.select_related("cfdi")
            .filter(reference=str(document.uuid), kind=EntryKind.STAMP)
            .first()
        )
        if known is None:
            _refuse_implausible(client, document, moment)
            _refuse_elsewhere(client, record)
        else:
            _refuse_contradiction(client, known, document, record)
        posted = consume(client, reference=str(document.uuid), by=by, now=moment)
        if not hasattr(known, "cfdi"):
            _store(record, posted.entry, by=by, now=moment)
    return posted


def _refuse_implausible(client: Client, document: Cfdi, moment: datetime) -> None:
    today = client.reseller.local_date(moment)
    if why := cfdi.implausible(document, today=today):
        raise rules.ImplausibleDocument(why)


def _refuse_elsewhere(client: Client, record: CfdiRecord) -> None:
    """One document has one issuer: another client of the reseller cannot have it too,
    unless its folio was given back."""
    other = (
        CfdiRecord.objects.filter(
            uuid=record.uuid,
            entry__client__reseller=client.reseller_id,
            entry__reversed_by=None,
        )
        .exclude(entry__client=client)
        .select_related("entry__client")
        .first()
    )
    if other:
        raise rules.DocumentConflict(
            record.uuid, f"es un timbrado de {other.entry.client}"
        )


def _refuse_contradiction(
    client: Client, known: FolioLedger, document: Cfdi, record: CfdiRecord
) -> None:
    """Of a stamp that is known, with its document or without."""
    if reversal := client.entries.filter(reverses=known).first():
        raise rules.StampReversed(reversal, client.reseller.zone)
    if hasattr(known, "cfdi"):
        if differences := known.cfdi.differences_from(record):
            raise rules.DocumentConflict(record.uuid, "; ".join(differences))
        return
    day = client.reseller.local_date(known.created_at)
    if why := cfdi.implausible(document, today=day):
        raise rules.DocumentConflict(
            record.uuid, f"se gastó el {day:%d/%m/%Y}, y del documento: {why}"
        )
    _refuse_elsewhere(client, record)


def _store(
    record: CfdiRecord, entry: FolioLedger, *, by: Actor | None, now: datetime
) -> None:
    record.entry = entry
    record.reported_at = now
    if isinstance(by, ApiKey):
        record.api_key = by
    else:
        record.by = by
    record.save(force_insert=True)
