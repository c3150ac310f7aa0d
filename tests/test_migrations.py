"""Migrations go back and forth, and what stood in the tables stays."""

import pytest
from django.core.management import call_command
from django.db import connection

from clients import lifecycle
from clients.models import CfdiRecord, Client
from sat.cfdi import read
from tests.cfdis import cfdi


@pytest.mark.parametrize("target", ["0001"])
def test_those_of_clients_go_back_and_forth(clara: Client, target: str) -> None:
    lifecycle.consume_cfdi(clara, read(cfdi().encode()))
    connection.check_constraints()  # the deferred ones: no table changes before them
    call_command("migrate", "clients", target, verbosity=0)
    call_command("migrate", "clients", verbosity=0)
    record = CfdiRecord.objects.get()
    assert (str(record.entry.client), record.issuer_rfc) == (str(clara), "")
