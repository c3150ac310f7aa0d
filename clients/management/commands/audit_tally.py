"""`manage.py audit_tally`: count all clients again and name what the tally says wrong.
It is part of audit_ledger. Exit status 1 if anything is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients import tally


class Command(BaseCommand):
    help = "Vuelve a contar los clientes de cada estatus y nombra lo que esté mal."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = tally.audit()
        for one in wrong:
            self.stdout.write(str(one))
        if wrong:
            raise CommandError(f"No cuadran: {len(wrong):,}.")
        self.stdout.write("Todo cuadra.")
