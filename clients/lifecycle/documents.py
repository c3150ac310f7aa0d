"""Stamped documents: a folio is spent for each, once, and its data is stored.

Law: domain.md, "What counts as a stamp"; api.md, POST /api/v1/cfdi. sat/cfdi.py reads
them. That what one says can be, and does not contradict what is known, is checked here.
"""

from datetime import date, datetime

from accounts.models import Actor, ApiKey
from clients import refusals
from clients.ledger import Posted
from clients.lifecycle.locked import lock_client
from clients.lifecycle.stamping import consume
from clients.models import CfdiRecord, Client, EntryKind, FolioLedger, Seal
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
    if the first call had no document. Its issuer is the client, or one of its
    additional RFCs on the document's day. Raises what `consume` raises, and
    ImplausibleDocument, DocumentConflict (a reference_conflict), StampReversed,
    RfcNotInForce.
    """
    with lock_client(client, now) as locked:
        client, moment = locked.client, locked.now
        record = CfdiRecord.of(document)
        issuer = "" if document.issuer_rfc == client.rfc else document.issuer_rfc
        known = (
            client.entries.select_related("cfdi")
            .filter(reference=str(document.uuid), kind=EntryKind.STAMP)
            .first()
        )
        if known is None:
            _refuse_implausible(document, today=locked.today)
            _refuse_elsewhere(client, record)
            _refuse_other_issuer(client, issuer, record.issued_on)
        else:
            _refuse_contradiction(client, known, document, record)
        posted = consume(
            client,
            reference=str(document.uuid),
            by=by,
            now=moment,
            additional_rfc=issuer,
            issued_on=record.issued_on,
        )
        if not hasattr(known, "cfdi"):
            _store(record, posted.entry, by=by, now=moment)
            _note_seal(client, document)
    return posted


def _refuse_implausible(document: Cfdi, *, today: date) -> None:
    if why := cfdi.implausible(document, today=today):
        raise refusals.ImplausibleDocument(why)


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
        raise refusals.DocumentConflict(
            record.uuid, f"es un timbrado de {other.entry.client}"
        )


def _refuse_other_issuer(client: Client, issuer: str, day: date) -> None:
    if not issuer:
        return
    periods = client.additional_rfcs.filter(rfc=issuer)
    if not any(one.is_in_force(day) for one in periods):
        raise refusals.RfcNotInForce(client, issuer, day)


def _refuse_contradiction(
    client: Client, known: FolioLedger, document: Cfdi, record: CfdiRecord
) -> None:
    """Of a stamp that is known, with its document or without."""
    if reversal := client.entries.filter(reverses=known).first():
        raise refusals.StampReversed(reversal, client.reseller.zone)
    if hasattr(known, "cfdi"):
        if differences := known.cfdi.differences_from(record):
            raise refusals.DocumentConflict(record.uuid, "; ".join(differences))
        return
    issuer = known.additional_rfc
    if issuer and issuer != document.issuer_rfc:
        raise refusals.DocumentConflict(
            record.uuid, f"RFC del emisor: {issuer}, no {document.issuer_rfc}"
        )
    if document.issuer_rfc != client.rfc:
        _refuse_other_issuer(client, document.issuer_rfc, record.issued_on)
    day = client.reseller.local_date(known.created_at)
    if why := cfdi.implausible(document, today=day):
        raise refusals.DocumentConflict(
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


def _note_seal(client: Client, document: Cfdi) -> None:
    """Most documents bring the certificate that is known, and cost one probe. `client`
    is locked, so nobody writes the same row meanwhile."""
    ends_at = document.certificate_ends_at
    if ends_at is None:
        return
    seals = Seal.objects.filter(client=client, rfc=document.issuer_rfc)
    if not seals.filter(ends_at__gte=ends_at).exists():
        Seal.objects.update_or_create(
            client=client, rfc=document.issuer_rfc, defaults={"ends_at": ends_at}
        )
