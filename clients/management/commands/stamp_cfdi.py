"""`manage.py stamp_cfdi`: spend one folio for each stamped CFDI file, only once.

The UUID of the stamp is the reference, so running it again over the same files is
harmless. Each file has its own transaction, so a refused one does not affect the next.
sat/cfdi.py reads the files; lifecycle.consume_cfdi has the rules. None is here.
"""

import os
from argparse import ArgumentParser
from collections import Counter
from enum import StrEnum
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from accounts.models import Reseller
from clients import lifecycle
from clients.models import Client
from reseller_panel.refusals import Refused
from sat import cfdi
from sat.cfdi import Cfdi


class NoOneClient(Exception):
    """The issuer is not a client, or is a client of several resellers."""


class Fate(StrEnum):
    SPENT = "Nuevos"
    REPEATED = "Ya contados"
    REFUSED = "Rechazados"


class Command(BaseCommand):
    help = "Gasta un folio por cada CFDI timbrado; los que ya se contaron no gastan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="ARCHIVO")
        parser.add_argument(
            "--reseller",
            metavar="CLAVE",
            help="Busca al emisor sólo entre los clientes de este revendedor.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        clients = Client.objects.all()
        if slug := options["reseller"]:
            if not Reseller.objects.filter(slug=slug).exists():
                raise CommandError(f"No hay un revendedor con la clave {slug}.")
            clients = clients.filter(reseller__slug=slug)
        fates: Counter[Fate] = Counter()
        for name in options["files"]:
            fate, words = self._stamp(name, list_of=clients)
            fates[fate] += 1
            self.stdout.write(f"{_printable(name)}: {words}")
        summary = f"Archivos: {fates.total():,}. " + " ".join(
            f"{fate}: {fates[fate]:,}." for fate in Fate
        )
        if fates[Fate.REFUSED]:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _stamp(self, name: str, *, list_of: Any) -> tuple[Fate, str]:
        """Process one file. Returns its fate and the sentence to print."""
        try:
            document = _read(name)
            client = _issuer(list_of, document)
            posted = lifecycle.consume_cfdi(client, document)
        except OSError as error:
            return Fate.REFUSED, f"rechazado. No se puede leer: {error.strerror}."
        except OperationalError:
            # Another transaction has locked the account, or the server went away.
            connection.close_if_unusable_or_obsolete()
            return Fate.REFUSED, "rechazado. La base de datos no respondió a tiempo."
        except (cfdi.CfdiError, NoOneClient, Refused) as refusal:
            return Fate.REFUSED, f"rechazado. {refusal}"
        if posted.is_repeat:
            return (
                Fate.REPEATED,
                f"ya contado en el movimiento {posted.entry.seq} de {client}; "
                "no gastó ningún folio.",
            )
        return (
            Fate.SPENT,
            f"1 folio de {client}; le quedan {posted.entry.balance_after:,}.",
        )


def _read(name: str) -> Cfdi:
    """Read it bit by bit; of a file that is too large the size is known before."""
    with open(name, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        return cfdi.read(file, size=size or None)


def _issuer(clients: Any, document: Cfdi) -> Client:
    rfc = document.issuer_rfc
    found = clients.select_related("reseller").issuing(
        rfc, on=document.issued_at.date()
    )
    if not found:
        raise NoOneClient(f"El emisor {rfc} no es cliente.")
    if len(found) > 1:
        slugs = ", ".join(sorted(client.reseller.slug for client in found))
        raise NoOneClient(
            f"El emisor {rfc} es cliente de varios revendedores; "
            f"diga de cuál con --reseller: {slugs}."
        )
    return found[0]


def _printable(name: str) -> str:
    """The name without characters that would control the terminal."""
    return "".join(char if char.isprintable() else "?" for char in name)
