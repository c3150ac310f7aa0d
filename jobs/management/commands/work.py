"""manage.py work: do what waits (docs/deployment.md)."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from jobs import files
from reseller_panel import jobs


class Command(BaseCommand):
    help = (
        "Hace los trabajos que esperan: cambios de muchos clientes, importaciones y "
        "exportaciones. Puede haber varios procesos; se detiene con Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="termina cuando nada espera"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files.remove_expired()
        asyncio.run(jobs.work(until_done=options["once"]))
