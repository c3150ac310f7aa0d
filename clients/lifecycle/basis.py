"""What a preview was computed from, and whether it still is so.

Law: domain.md, "Saving what somebody else has changed": a preview is a promise. The
dialog carries the basis of the preview it shows; the verb compares it under the lock.
"""

import hashlib
from collections.abc import Iterable
from datetime import date

from django.db.models import prefetch_related_objects

from clients.models import ASIDES, Client, EntryKind
from packages.models import Package
from reseller_panel.refusals import Refused


class PreviewChanged(Refused):
    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Algo cambió mientras esto estaba abierto, y no se hizo nada. Así quedaría "
            "ahora: revíselo y acéptelo otra vez."
        )


def basis_of(
    client: Client | None, today: date, packages: Iterable[Package] = ()
) -> str:
    """Of what is shown of this client today, and of packages that may be chosen."""
    seq = client.account.last_seq if client else 0
    return f"{seq}-{terms_of(today, packages)}"


def refuse_if_stale(
    basis: str | None,
    client: Client | None,
    today: date,
    packages: Iterable[Package] = (),
) -> None:
    """Raises PreviewChanged. Without a `basis` nothing was shown: a click in a row, a
    program. `client` is locked."""
    if basis is None:
        return
    seq, _, digest = basis.partition("-")
    if digest != terms_of(today, packages) or not _is_seq(seq):
        raise PreviewChanged
    if client and happened_since(client, int(seq)):
        raise PreviewChanged


def happened_since(client: Client, seq: int, *, stamps_count: bool = False) -> bool:
    """Whether anything that matters to a preview or an undo happened after `seq`.

    Notes and their like change no fact. A stamp neither, where it does not count: a
    client who stamps every second could never be sold anything.
    """
    if client.account.last_seq == seq:
        return False
    if seq > client.account.last_seq:
        return True  # of no history that there is
    entries = client.entries.filter(seq__gt=seq)
    if not stamps_count:
        entries = entries.exclude(kind=EntryKind.STAMP)
    events = client.events.filter(seq__gt=seq).exclude(kind__in=ASIDES)
    return events.exists() or entries.exists()


def choices_of(client: Client) -> list[Package]:
    """What a renewal may assign: its own package, and all on sale."""
    on_sale = client.reseller.packages.on_sale()
    return [client.plan.package, *on_sale.exclude(pk=client.plan.package_id)]


def _is_seq(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def terms_of(today: date, packages: Iterable[Package]) -> str:
    """What a preview of today depends on, of packages that may be chosen."""
    packages = sorted(packages, key=lambda package: package.pk)
    prefetch_related_objects(packages, "inclusions")
    facts = [
        (
            package.pk,
            package.is_on_sale,
            [*package.terms().values()],
            sorted((one.service_id, one.quantity) for one in package.inclusions.all()),
        )
        for package in packages
    ]
    return hashlib.sha256(repr((today, facts)).encode()).hexdigest()[:16]
