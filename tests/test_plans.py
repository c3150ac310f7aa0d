"""With twenty thousand clients every page of the table reads about a page of rows, for
every filter and pair of filters and in every order: no table is read or sorted as a
whole. What is proven is what the database did, not what it meant to do."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from clients.forecast import keeping
from clients.listing import ClientList
from clients.models import Standing
from clients.sorts import SORTS
from demo import crowd
from reseller_panel.database import SERVING_PARAMETERS

CLIENTS, PAGE = 20_000, 100
MOST_READ = 50 * PAGE
# These read more, and at a million clients take up to a tenth of a second: two facts of
# two tables (the balance is not copied), or two that nearly exclude each other, so that
# those who match are at the far end of the order.
READ_MORE = {
    "folios": {"none", "activo", "suspendido", "expirado", "package", "vence"}
    | {"creado", "common word", "one letter", "estatus", "deja de facturar"},
    "paquete": {"expirado", "package", "vence"},
    "vigencia": {"package", "creado"},
    "estatus": {"one letter"},
    "razon_social": {"one letter"},
    "se_agotan": {"sin timbrar"},
    "one letter": {"expirado", "folios"},
}
EVERY_SORT = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]


def filters(user: User, today: date) -> dict[str, dict[str, str]]:
    def day(days: int) -> str:
        return f"{today + timedelta(days=days)}"

    assert user.reseller is not None
    package = user.reseller.packages.order_by("pk").last()
    assert package is not None
    return {
        "activo": {"estatus": "activo"},
        "suspendido": {"estatus": "suspendido"},
        "expirado": {"estatus": "expirado"},
        "agotados": {"estatus": "folios-agotados"},
        "archivados": {"archivados": "1"},
        "package": {"paquete": f"{package.public_id}"},
        "vence": {"vence_desde": day(0), "vence_hasta": day(30)},
        "creado": {"creado_desde": day(-30), "creado_hasta": day(0)},
        "folios": {"folios_max": "5"},
        "se agotan": {"se_agotan": "7"},
        "deja de facturar": {"deja_de_facturar": "7"},
        "sin timbrar": {"sin_timbrar": "60"},
        "common word": {"q": "comercializadora"},
        "two words": {"q": "ibáñez zúñiga"},
        "rare word": {"q": "contacto777"},
        "RFC": {"q": "EDT"},
        "one letter": {"q": "p"},
        "two letters": {"q": "gu"},
    }


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _read(node: dict[str, Any]) -> float:
    """The rows of a table that were read, those included that were left out."""
    if "Relation Name" not in node:
        return 0
    passed = node.get("Rows Removed by Filter", 0)
    passed += node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + passed) * node["Actual Loops"])


def _sorted(node: dict[str, Any]) -> float:
    if node["Node Type"] != "Sort":
        return 0
    return float(max(part["Actual Rows"] for part in node["Plans"]))


def _wrong(table: ClientList) -> list[str]:
    """What the queries of a page did that they should not."""
    with CaptureQueriesContext(connection) as queries:
        table.walk.ids(0, PAGE + 1)
    wrong, read = [], 0.0
    for query in [one["sql"] for one in queries]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING off, FORMAT json) {query}")
            (plan,) = cursor.fetchone()
        nodes = [
            *_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
        ]
        read += sum(map(_read, nodes))
        if any(_sorted(node) > MOST_READ for node in nodes):
            wrong.append("sorts very many")
        if any(
            node["Node Type"] == "Seq Scan" and _read(node) >= CLIENTS for node in nodes
        ):
            wrong.append("reads a whole table")
    assert read < 1.5 * CLIENTS
    return [*wrong, f"reads {read:,.0f}"] if read > MOST_READ or wrong else []


@pytest.mark.django_db(transaction=True)
def test_every_page_reads_about_a_page_of_rows(alicia: User) -> None:
    reseller = alicia.reseller
    assert reseller is not None
    crowd.make(reseller, CLIENTS)
    now = timezone.now()
    today = reseller.local_date(now)
    keeping.refresh_all(reseller, today, now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE clients_standing, clients_client")
        cursor.execute("VACUUM ANALYZE clients_folioaccount")
        for name in ("jit", "max_parallel_workers_per_gather", "random_page_cost"):
            cursor.execute(f"SET {name} = {SERVING_PARAMETERS[name]}")

    class Request:
        user = alicia

    def table(**asked: str) -> ClientList:
        data = QueryDict(mutable=True)
        data.update(asked)
        clients = Standing.objects.visible_to(alicia)
        return ClientList(data, queryset=clients, request=Request, today=today)

    known = {"none": {}} | filters(alicia, today)
    cases = {
        (name, sort): table(**asked, orden=sort)
        for name, asked in known.items()
        for sort in EVERY_SORT
    }
    for (one, asked), (other, too) in combinations(known.items(), 2):
        if not asked.keys() & too.keys():
            cases[one, other] = table(**asked, **too)
    wrong = {case: found for case, made in cases.items() if (found := _wrong(made))}
    assert len(cases) > 400
    more = [
        (one, other)
        for one, other in wrong
        if {one, other.removeprefix("-")}
        not in [{key, name} for key, names in READ_MORE.items() for name in names]
    ]
    assert more == [], "\n".join(f"{case}: {wrong[case]}" for case in more)
    assert len(wrong) < 30, f"{len(wrong)} of {len(cases)} read more"
