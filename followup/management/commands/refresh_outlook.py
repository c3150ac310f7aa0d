"""`manage.py refresh_outlook [--every SECONDS]`: compute again the outlook of every
client of whom something happened or whose day is over, and count the folios of today,
so that resellers with very many clients need not wait (clients/forecast/keeping.py).

It may be stopped and started again at any time: what is done stays done."""

from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import Reseller
from clients.forecast import keeping
from followup import totals


class Command(BaseCommand):
    help = "Vuelve a calcular lo que depende del ritmo de cada cliente."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=float, metavar="SEGUNDOS", help="Una y otra vez, sin fin."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # The pieces are small, but a reseller's first days take longer than a page.
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        while True:
            for reseller in Reseller.objects.order_by("pk"):
                self._refresh(reseller, quiet=bool(options["every"]))
            if not options["every"]:
                return
            sleep(options["every"])

    def _refresh(self, reseller: Reseller, *, quiet: bool) -> None:
        now = timezone.now()
        done = keeping.refresh_all(reseller, reseller.local_date(now), now)
        if keeping.made(reseller).at_intervals:
            totals.count_open_days(reseller, now)
        if done or not quiet:
            self.stdout.write(f"{reseller.slug}: {done:,} clientes.")
