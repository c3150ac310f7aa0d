"""Editar plan (domain.md): services, contact and fiscal data; never folios; the name
becomes "personalizado" only if something really changed."""

from typing import Any

import pytest

from accounts.models import User
from clients import lifecycle, refusals
from clients.details import InvalidDetails
from clients.lifecycle import Details, Outcome
from clients.models import Client, EventKind
from tests import factories
from tests.cast import MakeClient


def services(client: Client) -> dict[int, int | None]:
    return dict(client.plan.inclusions.values_list("service_id", "quantity"))


def edit(
    client: Client,
    *,
    services_to: dict[int, int | None] | None = None,
    by: User | None = None,
    **changes: str,
) -> Outcome:
    return lifecycle.edit_plan(
        client,
        changes=changes,
        services=services_to,
        by=by,
    )


def test_saving_without_a_change_changes_nothing(clara: Client) -> None:
    before = (factories.fresh(clara).account.last_seq, clara.user.session_epoch)
    outcome = edit(clara)
    assert not outcome.changed
    assert outcome.message == "No hubo cambios que guardar."
    after = factories.fresh(clara)
    assert after.plan.name == "PYME"
    assert not after.plan.is_customized
    assert (after.account.last_seq, after.user.session_epoch) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_name", "ESCUELA KEMPER"),
        ("rfc", "IVD920810GU2"),
        ("tax_regime", "603"),
        ("postal_code", "42502"),
        ("contact_name", "Clara K."),
        ("contact_email", "otra@kemper.mx"),
        ("contact_phone", ""),
    ],
)
def test_any_changed_field_makes_the_plan_personalizado(
    clara: Client, alicia: User, field: str, value: str
) -> None:
    was = getattr(clara, field)
    outcome = edit(clara, by=alicia, **{field: value})
    after = factories.fresh(clara)
    assert outcome.changed
    assert getattr(after, field) == value
    assert (after.plan.name, after.plan.is_customized) == ("personalizado", True)
    event = clara.events.get(kind=EventKind.PLAN_EDITED)
    assert event.by == alicia
    # With the contact e-mail goes who enters the account.
    also = ("login_email",) if field == "contact_email" else ()
    assert event.before == dict.fromkeys((field, *also), was) | {"plan": "PYME"}
    assert event.after == dict.fromkeys((field, *also), value) | {
        "plan": "personalizado"
    }


def test_changed_services_make_the_plan_personalizado(clara: Client) -> None:
    catalogue = factories.services()
    wanted = {catalogue["multiempresa"].pk: 5, catalogue["correo-smtp"].pk: None}
    outcome = edit(clara, services_to=wanted)
    after = factories.fresh(clara)
    assert services(after) == wanted
    assert after.plan.name == "personalizado"
    assert outcome.client.plan.name == "personalizado"
    event = clara.events.get(kind=EventKind.PLAN_EDITED)
    assert event.before == {
        "plan": "PYME",
        "services": ["Correo personalizado", "Multiempresa: 2 RFC adicionales"],
    }
    assert event.after["services"] == [
        "Correo SMTP",
        "Multiempresa: 5 RFC adicionales",
    ]


def test_the_same_services_in_another_order_are_no_change(clara: Client) -> None:
    reversed_order = dict(reversed(services(clara).items()))
    assert not edit(clara, services_to=reversed_order).changed


def test_only_a_changed_quantity_is_a_change(clara: Client) -> None:
    more = {pk: 3 if quantity else None for pk, quantity in services(clara).items()}
    assert edit(clara, services_to=more).changed


def test_all_services_can_be_taken_away(clara: Client) -> None:
    edit(clara, services_to={})
    assert services(factories.fresh(clara)) == {}


def test_folios_and_term_are_never_touched(clara: Client) -> None:
    before = (clara.balance, clara.expires_on, clara.plan.folios)
    edit(clara, services_to={}, legal_name="Otra")
    after = factories.fresh(clara)
    assert (after.balance, after.expires_on, after.plan.folios) == before
    assert clara.entries.count() == 1


def test_editing_twice_keeps_the_name(clara: Client) -> None:
    edit(clara, legal_name="Otra")
    edit(clara, legal_name="Una más")
    assert factories.fresh(clara).plan.name == "personalizado"
    newest = clara.events.order_by("seq").last()
    assert newest is not None
    assert newest.after == {"legal_name": "Una más"}


@pytest.mark.parametrize("state", ["suspended", "expired", "exhausted"])
def test_allowed_in_every_status(make_client: MakeClient, state: str) -> None:
    assert edit(make_client(**{state: True}), legal_name="Otra").changed


def test_refused_for_an_archived_client(make_client: MakeClient) -> None:
    client = make_client(archived=True)
    with pytest.raises(refusals.ClientArchived) as caught:
        edit(client, legal_name="Otra")
    assert caught.value.code == "client_archived"
    assert str(caught.value) == f"{client} está archivado. Restáurelo primero."
    assert factories.fresh(client).legal_name == client.legal_name


def test_the_rfc_of_another_client_is_refused_and_nothing_is_saved(
    clara: Client, make_client: MakeClient
) -> None:
    other = make_client()
    with pytest.raises(refusals.RfcTaken) as caught:
        edit(clara, rfc=other.rfc, legal_name="Otra", contact_email="o@o.mx")
    assert caught.value.client == other
    after = factories.fresh(clara)
    assert Details.of(after) == Details.of(clara)
    assert after.user == clara.user
    assert after.plan.name == "PYME"


def test_an_rfc_of_another_resellers_client_is_free(clara: Client, beto: User) -> None:
    theirs = factories.make_client(
        package=factories.PackageFactory(reseller=beto.reseller)
    )
    assert edit(clara, rfc=theirs.rfc).changed


# --- The client's user ----------------------------------------------------------


def test_a_new_e_mail_moves_the_account_to_its_person(clara: Client) -> None:
    former = clara.user
    edit(clara, contact_email="nueva@kemper.mx", contact_name="Nuria")
    after = factories.fresh(clara)
    assert (after.user.email, after.user.name) == ("nueva@kemper.mx", "")
    former.refresh_from_db()
    assert former.session_epoch == 1, "the sessions of the former person end"


def test_only_another_case_of_the_e_mail_is_no_change(clara: Client) -> None:
    assert not edit(clara, contact_email="CLARA@kemper.mx").changed
    after = factories.fresh(clara)
    assert after.user == clara.user
    assert after.user.session_epoch == 0
    assert after.contact_email == "clara@kemper.mx"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rfc", "NO"),
        ("legal_name", " "),
        ("tax_regime", "605"),
        ("postal_code", "6000"),
        ("contact_email", "clara"),
        ("contact_phone", "123"),
    ],
)
def test_what_is_wrong_is_refused_by_field_and_nothing_is_written(
    clara: Client, name: str, text: str
) -> None:
    before = factories.fresh(clara).account.last_seq
    with pytest.raises(InvalidDetails) as refused:
        edit(clara, **{name: text})
    assert list(refused.value.errors) == [name]
    assert factories.fresh(clara).account.last_seq == before


def test_what_is_not_given_stays_as_it_is_under_the_lock(clara: Client) -> None:
    """Two users who change different fields do not undo each other's change."""
    edit(clara, contact_phone="5512345678")
    edit(clara, contact_name="Ana")
    after = factories.fresh(clara)
    assert (after.contact_phone, after.contact_name) == ("+525512345678", "Ana")


def test_a_change_of_other_data_ends_no_session(clara: Client) -> None:
    edit(clara, legal_name="Otra")
    assert factories.fresh(clara).user.session_epoch == 0


def test_the_e_mail_of_staff_is_like_any_other(clara: Client, soporte: User) -> None:
    outcome = edit(clara, contact_email=soporte.email)
    after: Any = factories.fresh(clara)
    assert after.contact_email == soporte.email
    soporte.refresh_from_db()
    assert soporte.session_epoch == 0
    other = edit(clara, contact_email="nadie@kemper.mx")
    assert outcome.message == other.message.replace("nadie@kemper.mx", soporte.email)
