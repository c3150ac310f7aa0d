"""Asking for a file: the response itself, or a job that makes it.

Who wants it has been let in by the view; what they may see is asked again for every
piece of rows (tables.py).
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.models import User
from clients.columns import Column, said
from clients.exporting import making
from clients.exporting.entries import count_up_to, ids_between
from clients.exporting.making import Wanted
from clients.exporting.tables import (
    ClientTable,
    EntryTable,
    Table,
    pieces,
    reseller_of,
)
from clients.forecast.keeping import made
from clients.listing import ClientList
from jobs.models import Job
from reseller_panel.spanish import short_day
from reseller_panel.spreadsheets import AT_ONCE, Format, response

Made = HttpResponseBase | Job


def everybody(
    table: ClientList, *, columns: Sequence[Column], form: Format, by: User
) -> Made:
    """All clients of a list, on all its pages, in its order. A job asks for them again
    when it begins. Needs `table.count()` first."""
    ids = table.walk.ids(0, AT_ONCE + 1)
    if len(ids) <= AT_ONCE:
        return some(ids, columns=columns, form=form, by=by)
    query = table.data.urlencode()
    wanted = Wanted("list", form, columns=said(columns), query=query)
    total = None if table.matched.is_more else table.matched.number
    return making.start(wanted, by=by, title=_title(total, form), total=total)


def some(
    ids: Sequence[int], *, columns: Sequence[Column], form: Format, by: User
) -> Made:
    """These clients, in this order; those that are not visible to `by` are left out."""
    if len(ids) <= AT_ONCE:
        return at_once(ids, columns=columns, form=form, by=by)
    wanted = Wanted("clients", form, columns=said(columns))
    title = _title(len(ids), form)
    return making.start(wanted, by=by, title=title, total=len(ids), ids=ids)


def at_once(
    ids: Sequence[int], *, columns: Sequence[Column], form: Format, by: User
) -> HttpResponseBase:
    """`some` without a job, for no more than AT_ONCE."""
    today = reseller_of(by).local_date(timezone.now())
    return _response(ClientTable(by, columns, today), ids, form)


def _title(number: int | None, form: Format) -> str:
    many = "" if number is None else f"{number:,} "
    return f"Exportar {many}clientes a {form.label}"


def entries(since: date, until: date, *, form: Format, by: User) -> Made:
    """The movements of all clients on these days, both included. Of a reseller with
    very many clients they are not counted while somebody waits."""
    reseller = reseller_of(by)
    is_large = made(reseller).at_intervals
    if is_large or count_up_to(AT_ONCE + 1, reseller, since, until) > AT_ONCE:
        days = f"del {short_day(since)} al {short_day(until)}"
        wanted = Wanted("entries", form, since=since, until=until)
        title = f"Exportar movimientos {days} a {form.label}"
        return making.start(wanted, by=by, title=title)
    with transaction.atomic():
        ids = [*ids_between(reseller, since, until)]
    return _response(EntryTable(by, since, until), ids, form)


def _response(table: Table, ids: Sequence[int], form: Format) -> HttpResponseBase:
    rows = (row for piece in pieces(ids) for row in table.rows(piece))
    return response(form, table.name, table.header, rows)
