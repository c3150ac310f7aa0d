"""`manage.py load_many --clients N [--reseller SLUG]`: clients by the million, to see
how the product behaves with them. What they are like is demo/crowd.py."""

from datetime import timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import Reseller, User
from demo import crowd
from demo.known import PASSWORD
from demo.progress import bar

SLUG, EMAIL = "multitud", "multitud@demo.mx"


class Command(BaseCommand):
    help = "Carga muchos clientes con sus movimientos, para ver cómo se comporta todo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clients", type=int, required=True, metavar="N")
        parser.add_argument(
            "--reseller",
            metavar="SLUG",
            default=SLUG,
            help=f"De quién son; si no existe {SLUG}, se crea.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Sólo con DEBUG=1, nunca en producción.")
        count, reseller = options["clients"], self._reseller(options["reseller"])
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        began = monotonic()
        for done in crowd.pieces(reseller, count):
            per_second = done / (monotonic() - began)
            ending = "\r" if done < count else "\n"
            if ending == "\n" or self.stdout.isatty():
                line = f"{bar(done / count)} {done:,} clientes, {per_second:,.0f}/s"
                self.stdout.write(line, ending=ending)

    def _reseller(self, slug: str) -> Reseller:
        found = Reseller.objects.filter(slug=slug).first()
        if found is None and slug != SLUG:
            raise CommandError(f"No hay revendedor {slug}.")
        if found is None:
            found = Reseller.objects.create(
                name="Distribuidora de Multitudes",
                slug=slug,
                created_at=timezone.now() - timedelta(days=400),
            )
            User.objects.create_user(
                EMAIL, PASSWORD, name="Marta Montes", reseller=found
            )
            self.stdout.write(f"Para entrar: {EMAIL}, contraseña {PASSWORD}")
        return found
