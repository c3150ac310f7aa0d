"""Connections are lost between two stamps: the next one reconnects by itself."""

import pytest
from django.db import connection

from clients.models import Client
from tests.programs import Program

pytestmark = pytest.mark.django_db(transaction=True)


def end_other_connections() -> int:
    """End them as a restart or a failover would; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        (ended,) = cursor.fetchone()
    return int(ended)


def test_a_stamp_after_its_connection_was_ended_is_not_refused(
    program: Program, clara: Client
) -> None:
    name = str(clara.public_id)
    for number in range(5):
        answer = program.stamp(name, f"F-{number}")
        assert answer.status_code == 201, answer.content
        assert end_other_connections() >= 1


def test_a_stamp_whose_connection_was_ended_is_done_once(
    program: Program, clara: Client
) -> None:
    name = str(clara.public_id)
    first = program.stamp(name, "F-1")
    end_other_connections()
    again = program.stamp(name, "F-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
