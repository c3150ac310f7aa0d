"""People and what they may enter: the verbs of support; each leaves a record.

Law: domain.md, "The people"; quality.md, "Access". Who may enter, as whom and by which
address is a superuser's to decide: plain support looks, names, switches people of
resellers and clients off and on, and adds the first person of a reseller. Whoever is
touched is told at the address they had; that their sessions end, the database itself
sees to (User.Meta.triggers).
"""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from accounts import mail
from accounts.models import AccessKind, ApiKey, User, UserManager, events
from reseller_panel.refusals import Refused

# What decides who enters and as whom. The rest of a person is only its name.
ACCESS = ("email", "reseller", "is_active", "is_staff", "is_superuser")
FIELDS = ("name", *ACCESS)


class PersonRefused(Refused):
    """What may not be done to a person, or not by this one."""


class SuperuserOnly(PersonRefused):
    code = "superuser_only"

    def __init__(self, what: str) -> None:
        super().__init__(f"Sólo un superusuario puede {what}.")


class OwnAccess(PersonRefused):
    """With it nobody shuts themself out, and the last superuser stays."""

    code = "own_access"

    def __init__(self) -> None:
        super().__init__("Nadie cambia su propio acceso: pídaselo a otro superusuario.")


# ── What is allowed ───────────────────────────────────────────────────────────────


def why_not_add(facts: Mapping[str, Any], *, by: User) -> PersonRefused | None:
    if not by.is_staff:
        return SuperuserOnly("agregar personas")
    if by.is_superuser:
        return None
    if facts.get("is_staff") or facts.get("is_superuser"):
        return SuperuserOnly("agregar a alguien de soporte")
    reseller = facts.get("reseller")
    if reseller is None or User.objects.filter(reseller=reseller).exists():
        return SuperuserOnly("agregar personas a un revendedor que ya las tiene")
    return None


def why_not_change(
    person: User, changes: Mapping[str, Any], *, by: User
) -> PersonRefused | None:
    """`person` as the database has it; `changes` by name of the field."""
    touched = {name for name in ACCESS if name in changes}
    if refusal := _why_not_touch(person, by):
        return refusal
    if not by.is_superuser and touched - {"is_active"}:
        return SuperuserOnly("cambiar con qué correo entra alguien, y a qué")
    if touched and person.pk == by.pk:
        return OwnAccess()
    return None


def _why_not_touch(person: User, by: User) -> PersonRefused | None:
    if by.is_staff and (by.is_superuser or not person.is_of_support):
        return None
    return SuperuserOnly("cambiar el acceso de soporte")


# ── The verbs ─────────────────────────────────────────────────────────────────────


@transaction.atomic
def add(facts: Mapping[str, Any], *, by: User) -> User:
    """Add a person without a password: it is chosen with «¿Olvidó su contraseña?».

    Raises SuperuserOnly.
    """
    if refusal := why_not_add(facts, by=by):
        raise refusal
    person = User.objects.create_user(**{name: facts[name] for name in facts})
    _record(AccessKind.PERSON_ADDED, person, by, before={}, after=_facts(person, facts))
    return person


@transaction.atomic
def change(person: User, changes: Mapping[str, Any], *, by: User) -> User:
    """Change what is named in `changes` (FIELDS). With another e-mail the password
    goes: the new address proves itself by choosing one, and what the old one opened
    ends.

    Raises SuperuserOnly, OwnAccess.
    """
    fresh = _locked(person)
    was = {name: getattr(fresh, name) for name in FIELDS}
    changes = {name: new for name, new in _clean(changes).items() if new != was[name]}
    if refusal := why_not_change(fresh, changes, by=by):
        raise refusal
    if not changes:
        return fresh
    before = _facts(fresh, changes)
    for name, new in changes.items():
        setattr(fresh, name, new)
    if "email" in changes:
        fresh.set_unusable_password()
        EmailAddress.objects.filter(user=fresh).delete()
    fresh.save(update_fields=[*changes, "password"])
    after = _facts(fresh, changes)
    _record(AccessKind.PERSON_CHANGED, fresh, by, before=before, after=after)
    if changes.keys() & set(ACCESS):
        addresses = {was["email"], fresh.email}
        mail.tell(addresses, fresh, by=by, changes=mail.in_words(before, after))
    fresh.refresh_from_db()
    return fresh


@transaction.atomic
def end_sessions(person: User, *, by: User) -> None:
    """Close every open session of a person. Raises SuperuserOnly."""
    fresh = _locked(person)
    if refusal := _why_not_touch(fresh, by):
        raise refusal
    User.objects.filter(pk=fresh.pk).update(session_epoch=F("session_epoch") + 1)
    _record(AccessKind.SESSIONS_ENDED, fresh, by)
    mail.tell([fresh.email], fresh, by=by, changes=["Se cerraron sus sesiones."])


@transaction.atomic
def remove_second_factor(person: User, *, by: User) -> None:
    """For whoever lost the telephone. Sessions end, so that whoever is in proves
    themself again. Raises SuperuserOnly, OwnAccess."""
    fresh = _locked(person)
    if not by.is_superuser:
        raise SuperuserOnly("quitar el segundo factor de alguien")
    if fresh.pk == by.pk:
        raise OwnAccess
    kinds = Authenticator.objects.filter(user=fresh).values_list("type", flat=True)
    before = {"second_factor": sorted(set(kinds))}
    Authenticator.objects.filter(user=fresh).delete()
    User.objects.filter(pk=fresh.pk).update(session_epoch=F("session_epoch") + 1)
    _record(AccessKind.FACTOR_REMOVED, fresh, by, before=before)
    said = ["Se quitó su segundo factor y se cerraron sus sesiones."]
    mail.tell([fresh.email], fresh, by=by, changes=said)


def keys_left_by(person: User) -> list[ApiKey]:
    """The keys in force of a person's making: they go on when the person does not."""
    return list(ApiKey.objects.usable().filter(made_by=person))


# ── Parts of them ─────────────────────────────────────────────────────────────────


def _locked(person: User) -> User:
    """Lock the person's row, but let rows that name it be written meanwhile."""
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _clean(changes: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {name: changes[name] for name in FIELDS if name in changes}
    if "email" in cleaned:
        cleaned["email"] = UserManager.normalize_email(cleaned["email"])
    return cleaned


def _facts(person: User, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return these fields as words, so that the record can always be read."""
    facts = {name: getattr(person, name) for name in FIELDS if name in names}
    if "reseller" in facts:
        facts["reseller"] = str(facts["reseller"] or "")
    return facts


def _record(
    kind: AccessKind,
    person: User,
    by: User,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    events.record(
        kind, by=by, person=person, before=dict(before or {}), after=dict(after or {})
    )
