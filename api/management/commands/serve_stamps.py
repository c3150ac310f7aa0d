"""Run the stamping process (api/stamping/server.py); docs/scaling.md says when."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from granian import Granian
from granian.constants import Interfaces

from reseller_panel.health import refuse_to_serve

APPLICATION = "api.stamping.server:application"


class Command(BaseCommand):
    help = "Serves POST /api/v1/clients/{client}/stamps in a process of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        refuse_to_serve()
        connections.close_all()  # the workers must not inherit it
        # One worker: one queue makes larger batches than two, and two workers would
        # wait for each other's row locks.
        Granian(
            APPLICATION,
            address=host,
            port=port,
            interface=Interfaces.RSGI,
            workers=1,
            websockets=False,
        ).serve()
