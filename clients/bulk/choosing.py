"""Whom a run is for: its rows, and the moment that its preview is of."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from clients.lifecycle.basis import terms_of
from clients.models import BulkRow, BulkRun, Client, RowState
from clients.search import public_id_of
from packages.models import Package
from reseller_panel.refusals import Refused

# Clients of one run. A preview reads them all at once.
MOST = 20_000
# A preview that nobody accepted is forgotten.
FORGOTTEN = timedelta(days=1)
# Of those that can be tried again.
NOT_DONE = (RowState.SKIPPED, RowState.FAILED)


class NobodyChosen(Refused):
    code = "validation"

    def __init__(self) -> None:
        super().__init__("Elija al menos un cliente de la lista.")


class UnknownList(Refused):
    code = "validation"

    def __init__(self) -> None:
        super().__init__(
            "No se sabe qué lista estaba abierta. Acorte su filtro y vuelva a elegir."
        )


class TooManyChosen(Refused):
    code = "validation"

    def __init__(self) -> None:
        super().__init__(
            f"Son más de {MOST:,} clientes. Acote la lista con un filtro y vuelva a "
            "elegir."
        )


def choose(by: User, verb: str, clients: Sequence[int]) -> BulkRun:
    """A preview for these clients of the person's reseller, in this order. Raises
    NobodyChosen, TooManyChosen."""
    if not clients:
        raise NobodyChosen
    if len(clients) > MOST:
        raise TooManyChosen
    assert by.reseller is not None
    with transaction.atomic():
        _forget_old(by)
        run = BulkRun.objects.create(
            reseller=by.reseller, by=by, verb=verb, activates=True
        )
        add_rows(run, ((pk, 0) for pk in clients))
    return run


def add_rows(run: BulkRun, rows: Iterable[tuple[int, int | None]]) -> None:
    """Rows of these clients, each with its `seq`."""
    BulkRow.objects.bulk_create(
        (
            BulkRow(run=run, client_id=pk, seq=seq or 0, place=place)
            for place, (pk, seq) in enumerate(rows, 1)
        ),
        batch_size=2_000,
    )


def chosen_of(user: User, public_ids: Sequence[str]) -> list[int]:
    """The ids of these clients, as far as the person may see them, in this order. What
    is no public id names nobody."""
    asked = dict.fromkeys(filter(None, map(public_id_of, public_ids)))
    mine = Client.objects.visible_to(user).filter(public_id__in=asked)
    found = dict(mine.values_list("public_id", "pk"))
    return [found[one] for one in asked if one in found]


def show_anew(run: BulkRun, today: date) -> None:
    """From now on the preview is of the clients as they are at this moment. Nothing if
    the run was begun meanwhile."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if not fresh.is_preview:
            return
        run.version = fresh.version + 1
        run.save(update_fields=["version"])
        _note_what_is_seen(run, today)


def _note_what_is_seen(run: BulkRun, today: date) -> None:
    packages = Package.objects.filter(
        pk__in=run.rows.values("client__plan__package").distinct()
    )
    on_sale = [*run.reseller.packages.on_sale()] if run.verb == "renew" else []
    known = {
        package.pk: terms_of(today, _choices(run, package, on_sale))
        for package in packages
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE clients_bulkrow AS mine SET seq = account.last_seq,
                      terms = known.terms
                 FROM clients_folioaccount AS account
                 JOIN clients_plan AS plan ON plan.client_id = account.client_id
                 JOIN unnest(%(packages)s::bigint[], %(terms)s::text[])
                      AS known (package, terms) ON known.package = plan.package_id
                WHERE mine.run_id = %(run)s AND account.client_id = mine.client_id
                  AND (mine.seq, mine.terms)
                      IS DISTINCT FROM (account.last_seq, known.terms)""",
            {
                "run": run.pk,
                "packages": [*known],
                "terms": [*known.values()],
            },
        )


def _choices(
    run: BulkRun, package: Package, on_sale: Sequence[Package]
) -> list[Package]:
    """What the preview of a client with this package depends on, as the verb asks."""
    if run.verb != "renew":
        return []
    return [package, *(one for one in on_sale if one.pk != package.pk)]


def again(run: BulkRun, by: User) -> BulkRun:
    """A preview for those of a run who were skipped or failed, asking for the same.
    Raises NobodyChosen."""
    left = run.rows.filter(state__in=NOT_DONE).values_list("client", flat=True)
    with transaction.atomic():
        new = choose(by, run.verb, [*left])
        for name in ("quantity", "package", "activates", "reason", "message"):
            setattr(new, name, getattr(run, name))
        new.save()
    return new


def _forget_old(by: User) -> None:
    since = timezone.now() - FORGOTTEN
    BulkRun.objects.filter(by=by, job=None, created_at__lt=since).delete()
