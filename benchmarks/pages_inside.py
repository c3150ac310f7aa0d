"""The part of pages.py that runs inside the product: one crowd and its pages."""

import sys
from datetime import timedelta
from statistics import median
from time import perf_counter

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Reseller, User  # noqa: E402
from demo import crowd  # noqa: E402

LOOKS = 7
PAGES = {
    "Inicio": "/",
    "Seguimiento": "/seguimiento/",
    "su cuenta en el menú": "/seguimiento/cuenta/",
    "Clientes": "/clientes/",
    "se agotan en 7 días": "/clientes/?se_agotan=7",
    "por lo que les dura": "/clientes/?orden=se_agotan",
    "un cliente": "{client}",
    # The past: a day on which half of the crowd existed already.
    "Clientes hace un día": "/clientes/?al={yesterday}",
    "Clientes hace 150 días": "/clientes/?al={day}",
    "un cliente hace 150 días": "{client}?al={day}",
}
PAST_DAYS = 150


def look(browser: Browser, path: str) -> tuple[float, int]:
    """Request a page; return the milliseconds and the number of queries it took."""
    with CaptureQueriesContext(connection) as queries:
        began = perf_counter()
        answer = browser.get(path)
        took = 1000 * (perf_counter() - began)
    assert answer.status_code == 200, (path, answer)
    return took, len(queries)


def main(size: int) -> None:
    reseller = Reseller.objects.create(
        name="multitud",
        slug="multitud",
        created_at=timezone.now() - timedelta(days=400),
    )
    user = User.objects.create_user("dueno@ejemplo.mx", None, reseller=reseller)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    crowd.make(reseller, size)
    browser = Browser(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    counted = {}
    print(f"{size:,} clients: first look, median of the next, queries")
    today, ago = reseller.local_date(timezone.now()), timedelta(days=PAST_DAYS)
    oldest = reseller.clients.order_by("created_at")[0]
    given = {
        "client": oldest.get_absolute_url(),
        "yesterday": today - timedelta(days=1),
        "day": today - ago,
    }
    for name, pattern in PAGES.items():
        path = pattern.format(**given)
        first, _ = look(browser, path)
        looks = [look(browser, path) for _ in range(LOOKS)]
        counted[name] = looks[-1][1]
        typical = median(took for took, _ in looks)
        print(f"  {name:25} {first:8,.0f} ms {typical:8,.0f} ms {counted[name]:4}")
    # The lists may be empty for a small crowd; these two pages always have rows.
    print(f"queries: {counted['Inicio']}, {counted['Seguimiento']}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
