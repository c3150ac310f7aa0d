"""The rows of many new clients, each kind in one statement.

It decides nothing: lifecycle/importing.py does, the only caller. Accounts, entries and
events are the ledger's.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from accounts.models import Reseller, User
from clients.details import NAMES, Details
from packages.models import Package, Terms
from reseller_panel import sql

_DETAILS = ", ".join(NAMES)
_TERMS = [field.name for field in Terms._meta.fields]

_CLIENTS = f"""
INSERT INTO clients_client (public_id, reseller_id, {_DETAILS}, rfc_since, user_id,
       created_at, history_from, expires_on, suspended_at)
SELECT gen_random_uuid(), reseller_id, {_DETAILS}, rfc_since, user_id,
       created_at, history_from, expires_on, suspended_at
  FROM json_populate_recordset(NULL::clients_client, %s)
    ON CONFLICT (reseller_id, rfc) DO NOTHING
RETURNING rfc, id"""  # noqa: S608
_PLANS = f"""
INSERT INTO clients_plan (client_id, package_id, is_customized, assigned_at, anchor_day,
       {", ".join(_TERMS)})
SELECT new.client_id, package.id, false, new.assigned_at, new.anchor_day,
       {", ".join(f"package.{name}" for name in _TERMS)}
  FROM json_populate_recordset(NULL::clients_plan, %s) AS new
  JOIN packages_package AS package ON package.id = new.package_id"""  # noqa: S608
_SERVICES = """
INSERT INTO clients_planservice (plan_id, service_id, quantity)
SELECT new.client_id, included.service_id, included.quantity
  FROM json_populate_recordset(NULL::clients_plan, %s) AS new
  JOIN packages_packageservice AS included ON included.package_id = new.package_id"""
_MEMBERSHIPS = """
INSERT INTO clients_membership (public_id, client_id, user_id, email, created_at,
       created_by_id)
SELECT gen_random_uuid(), client_id, user_id, email, created_at, created_by_id
  FROM json_populate_recordset(NULL::clients_membership, %s)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Newcomer:
    """A client to be created. `folios` may be 0: it is then exhausted. `created_at` is
    when another system created it, None for now."""

    details: Details
    package: Package
    reference: str
    folios: int
    expires_on: date | None
    created_at: datetime | None = None
    is_suspended: bool = False


_KNOWN_PEOPLE = "SELECT email, id FROM accounts_user WHERE email = ANY(%s)"
# As User.objects.create_user(email) makes one, who has no password yet.
_PEOPLE = """
INSERT INTO accounts_user (email, password, name, proven_email, is_superuser, is_staff,
       is_active, session_epoch, date_joined)
SELECT email, password, '', '', false, false, true, 0, now()
  FROM json_populate_recordset(NULL::accounts_user, %s)
    ON CONFLICT (email) DO NOTHING"""


def insert_people(emails: Collection[str]) -> dict[str, int]:
    """The ids of the persons of these addresses; those who are new are made, as by
    memberships.person_of."""
    asked = sorted(emails)
    people = dict(sql.fetch(_KNOWN_PEOPLE, asked))
    strangers = [
        # Nothing is the hash of it, as of what make_password(None) makes.
        {"email": email, "password": UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20)}
        for email in asked
        if email not in people
    ]
    if not strangers:
        return people
    sql.fetch(_PEOPLE, sql.as_json(strangers))
    return dict(sql.fetch(_KNOWN_PEOPLE, asked))


def insert_clients(
    reseller: Reseller,
    newcomers: Sequence[Newcomer],
    people: Mapping[str, int],
    moment: datetime,
    today: date,
) -> dict[str, int]:
    """The ids of the new clients by RFC; none for an RFC that the reseller has."""
    rows = [
        {
            **vars(one.details),
            "reseller_id": reseller.pk,
            "rfc_since": today,
            "user_id": people.get(one.details.contact_email.lower()),
            "created_at": one.created_at or moment,
            "history_from": moment if one.created_at else None,
            "expires_on": one.expires_on,
            "suspended_at": moment if one.is_suspended else None,
        }
        for one in newcomers
    ]
    return dict(sql.fetch(_CLIENTS, sql.as_json(rows)))


def insert_plans(new: Mapping[int, Newcomer], moment: datetime, today: date) -> None:
    """Each client's own copy of its package, with its services."""
    rows = sql.as_json(
        [
            {
                "client_id": client_id,
                "package_id": one.package.pk,
                "assigned_at": moment,
                "anchor_day": _anchor_day(one, today),
            }
            for client_id, one in new.items()
        ]
    )
    sql.fetch(_PLANS, rows)
    sql.fetch(_SERVICES, rows)


def insert_memberships(
    new: Mapping[int, Newcomer],
    people: Mapping[str, int],
    by: User | None,
    moment: datetime,
) -> None:
    rows: list[dict[str, Any]] = []
    for client_id, one in new.items():
        if email := one.details.contact_email.lower():
            rows.append(
                {
                    "client_id": client_id,
                    "user_id": people[email],
                    "email": email,
                    "created_at": moment,
                    "created_by_id": by.pk if by else None,
                }
            )
    sql.fetch(_MEMBERSHIPS, sql.as_json(rows))


def _anchor_day(one: Newcomer, today: date) -> int | None:
    """What the next term goes on from: the day on which this one ends, if it is not
    the package's own."""
    if one.expires_on is None or one.package.term_count is None:
        return None
    if one.expires_on == one.package.expiry_from(today):
        return one.package.anchor_after(today)
    return one.expires_on.day
