"""The plan of a client: copy a package into it, compute a renewal, compare two states.

A renewal is computed only here: the preview shows it, and the verb applies it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from clients.details import Details
from clients.models import Client, Plan, PlanService, login_of
from packages.models import Package, Terms
from reseller_panel.stale import merge

CUSTOMIZED = "personalizado"

Services = Mapping[int, int | None]  # quantity by service id; None where not counted


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """What a renewal would do; both the preview and the verb read it."""

    terms: Terms
    name: str
    services: dict[int, int | None]
    is_customized: bool
    lost: int
    granted: int
    balance_after: int
    expires_on: date | None
    anchor_day: int | None


def plan_renewal(client: Client, package: Package | None, *, today: date) -> Renewal:
    """What renewing with `package` (None: the same one) would do today. Pure.

    Leftovers follow the rule of the plan they were bought with. The new term begins
    where the current one ends, or today if that is past, so renewing early loses no
    day: it keeps the day of the month too, and a renewal after the end anchors anew. A
    customized plan renewed with None keeps its own services and name.
    """
    plan = client.plan
    terms = package or plan.package
    keeps_own = package is None and plan.is_customized
    lost = plan.leftovers_lost(client.balance)
    start, anchor_day = today, None
    if client.expires_on and client.expires_on >= today:
        start, anchor_day = client.expires_on, plan.anchor_day
    return Renewal(
        terms=terms,
        name=plan.name if keeps_own else terms.name,
        services=services_of(plan if keeps_own else terms),
        is_customized=keeps_own,
        lost=lost,
        granted=terms.folios,
        balance_after=client.balance - lost + terms.folios,
        expires_on=terms.expiry_from(start, anchor_day),
        anchor_day=terms.anchor_after(start, anchor_day),
    )


class Seen(NamedTuple):
    """What the user of a form saw when it was opened."""

    details: Mapping[str, str]
    services: Services
    # With which address one entered the account; "" if nobody did.
    login_email: str = ""

    def merged(
        self,
        details: Mapping[str, str],
        services: Services,
        own: Details,
        own_services: Services,
    ) -> tuple[dict[str, str], dict[int, int | None]]:
        """The client's `own` with what was changed of what was seen, field by field
        and service by service. Raises ChangedMeanwhile."""
        merged = merge(
            seen={**self.details, **self.services},
            wanted={**details, **services},
            current={**vars(own), **own_services},
        )
        return (
            {name: merged[name] for name in details},
            {name: merged[name] for name in merged if isinstance(name, int)},
        )


def services_of(owner: Any) -> dict[int, int | None]:
    """The services of a package or a plan: quantity by service id."""
    return dict(owner.inclusions.values_list("service_id", "quantity"))


def set_services(plan: Plan, services: Services) -> None:
    plan.inclusions.all().delete()
    PlanService.objects.bulk_create(
        PlanService(plan=plan, service_id=service_id, quantity=quantity)
        for service_id, quantity in services.items()
    )


def assign_plan(
    client: Client,
    package: Package,
    services: Services,
    now: datetime,
    *,
    anchor_day: int | None,
    name: str = "",
    is_customized: bool = False,
) -> None:
    plan = Plan(
        client=client,
        package=package,
        is_customized=is_customized,
        assigned_at=now,
        anchor_day=anchor_day,
        **package.terms() | ({"name": name} if name else {}),
    )
    plan.save()
    client.plan = plan
    set_services(plan, services)


def former_plan(client: Client) -> dict[str, Any]:
    """All that a renewal is about to replace, as its event keeps it: what an undo puts
    back, and what becomes of an old stamp that is reversed."""
    plan = client.plan
    return plan.terms() | {
        "package": plan.package_id,
        "is_customized": plan.is_customized,
        "assigned_at": plan.assigned_at.isoformat(),
        "anchor_day": plan.anchor_day,
        "services": [*services_of(plan).items()],
        "expires_on": client.expires_on.isoformat() if client.expires_on else None,
        "balance": client.balance,
    }


def put_back(client: Client, former: dict[str, Any]) -> None:
    """The plan and the term that `former_plan` kept."""
    until = former["expires_on"]
    client.expires_on = date.fromisoformat(until) if until else None
    client.save(update_fields=["expires_on"])
    own = {field.name for field in Terms._meta.fields}
    plan = Plan(
        client=client,
        package_id=former["package"],
        is_customized=former["is_customized"],
        assigned_at=datetime.fromisoformat(former["assigned_at"]),
        anchor_day=former["anchor_day"],
        **{name: former[name] for name in own},
    )
    plan.save()
    client.plan = plan
    set_services(plan, dict(former["services"]))


def snapshot(client: Client) -> dict[str, Any]:
    """The client's data as an event stores it, without folios: the ledger has those."""
    return asdict(Details.of(client)) | {
        "login_email": login_of(client),
        "plan": client.plan.name,
        "expires_on": client.expires_on.isoformat() if client.expires_on else None,
        "services": [
            str(included)
            for included in client.plan.inclusions.select_related("service")
        ],
    }


def differences(
    before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    changed = [name for name in after if before[name] != after[name]]
    return {n: before[n] for n in changed}, {n: after[n] for n in changed}
