"""`manage.py load_demo`: load people, packages and year of api.md, "The demo", once.

Everything is loaded in one transaction, so that no half of it remains. Packages and
stories are in demo/; only the people, the API key and the terminal output are here.
"""

import csv
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

import demo
from accounts.models import ApiKey, Reseller, Scope, User
from clients.lifecycle import Details
from clients.models import Client
from demo import packages, stories
from demo.known import ALICIA, API_KEY, BETO, CLARA, PASSWORD, SUPPORT
from demo.progress import bar
from demo.year import Story, Year
from packages import catalogue
from packages.catalogue import PackageDetails

PEOPLE = {
    ALICIA: "revendedora, Distribuidora Alicia",
    BETO: "otro revendedor, Comercial Beto",
    CLARA: "cliente de Alicia, ESCUELA KEMPER URGATE",
    SUPPORT: "soporte, entra en /admin/",
}


def taxpayers() -> dict[str, Details]:
    """SAT's public test taxpayers and the invented ones, by RFC."""
    path = Path(demo.__file__).with_name("taxpayers.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["rfc"]: Details(**row) for row in csv.DictReader(file)}


class Command(BaseCommand):
    help = "Carga la demostración una sola vez y dice cómo entrar."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "La demostración tiene contraseñas que todos conocen: sólo se carga "
                "con DEBUG=1, nunca en producción."
            )
        if User.objects.filter(email=ALICIA).exists():
            self.stdout.write("La demostración ya estaba cargada.")
        else:
            # The log line of each package would break the progress bar.
            logging.disable(logging.INFO)
            try:
                self.load()
            finally:
                logging.disable(logging.NOTSET)
        self.tell()

    @transaction.atomic
    def load(self) -> None:
        now = timezone.now()
        support = User.objects.create_superuser(
            SUPPORT, PASSWORD, name="Sofía de Soporte"
        )
        alicia = self._staff(
            Reseller(
                name="Distribuidora Alicia",
                slug="distribuidora-alicia",
                contact_email="ventas@alicia.mx",
                contact_phone="+525512345678",
                contact_whatsapp="+525512345678",
            ),
            email=ALICIA,
            name="Alicia Montaño",
        )
        beto = self._staff(
            Reseller(
                name="Comercial Beto",
                slug="comercial-beto",
                time_zone="America/Tijuana",
            ),
            email=BETO,
            name="Norberto Ruiz",
        )
        catalog = [*packages.ALICIA, packages.WITHDRAWN]
        self._play(alicia, catalog, stories.ALICIA, support, now)
        self._play(beto, packages.BETO, stories.BETO, support, now)
        assert alicia.reseller is not None
        ApiKey.issue(
            alicia.reseller,
            name="Facturación de la demostración",
            scopes=list(Scope.values),
            secret=API_KEY,
        )
        clara = Client.objects.get(reseller=alicia.reseller, rfc=stories.KEMPER).user
        assert clara is not None
        clara.set_password(PASSWORD)
        clara.save(update_fields=["password"])
        # Without statistics about the new rows the planner chooses bad plans.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _staff(self, reseller: Reseller, *, email: str, name: str) -> User:
        reseller.created_at = timezone.now() - relativedelta(years=2)
        reseller.save()
        return User.objects.create_user(email, PASSWORD, name=name, reseller=reseller)

    def _play(
        self,
        user: User,
        catalog: list[tuple[PackageDetails, packages.Included]],
        own_stories: list[Story],
        support: User,
        now: datetime,
    ) -> None:
        """Put the packages on sale two years ago, then play the stories until `now`."""
        assert user.reseller is not None
        begun = now - relativedelta(years=2)
        stock = packages.stock(user.reseller, catalog, by=user, now=begun)
        year = Year(
            user.reseller,
            by=user,
            support=support,
            packages=stock,
            taxpayers=taxpayers(),
            stories=own_stories,
            now=now,
        )
        for done in year.live():
            self._progress(year, done)
        self._progress(year, 1, ending="\n")
        if withdrawn := stock.get(packages.WITHDRAWN[0].name):
            catalogue.withdraw(withdrawn, by=user, now=now - relativedelta(months=8))

    def _progress(self, year: Year, done: float, ending: str = "\r") -> None:
        """A progress bar on a terminal; otherwise one line at the end."""
        if ending == "\r" and not self.stdout.isatty():
            return
        self.stdout.write(
            f"{year.reseller.name:<21} {bar(done)} "
            f"{len(year.lives)} clientes, {year.stamps:,} timbrados",
            ending=ending,
        )

    def tell(self) -> None:
        self.stdout.write("\nPara entrar, en la dirección que se indica abajo:\n")
        for email, who in PEOPLE.items():
            self.stdout.write(f"  {email:<16} {who}")
        self.stdout.write(f"Contraseña de todos: {PASSWORD}")
        self.stdout.write(f"Llave de la API:     {API_KEY}\n\n")
