"""The verbs of a person's own list: how they look at it, and the views they save.

Nobody else is touched, so it leaves no record. A verb locks the person first, so that
two tabs neither pass the limit nor make two defaults.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from accounts.models import ListSettings, SavedView, User
from accounts.models.lists import COLUMNS_MAX, NAME_MAX, QUERY_MAX
from accounts.text import clean_line
from reseller_panel.refusals import Refused

VIEWS_MAX = 30


class ViewRefused(Refused):
    """What is not possible with a view."""

    field = "name"


class ViewNameTaken(ViewRefused):
    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Ya tiene una vista que se llama {name}. Elija otro nombre o reemplácela."
        )


class BadViewName(ViewRefused):
    code = "validation"

    def __init__(self) -> None:
        super().__init__(f"Escriba un nombre de hasta {NAME_MAX} letras.")


class TooManyViews(ViewRefused):
    code = "too_many_views"

    def __init__(self) -> None:
        super().__init__(
            f"Ya tiene {VIEWS_MAX} vistas, que es el máximo. Elimine o reemplace una."
        )


class ViewTooLong(ViewRefused):
    code = "validation"

    def __init__(self) -> None:
        super().__init__("Son demasiados filtros para una vista. Quite alguno.")


class ViewGone(ViewRefused):
    code = "gone"

    def __init__(self) -> None:
        super().__init__("Esa vista ya no existe: la eliminó en otra ventana.")


# ── How the list looks ────────────────────────────────────────────────────────────


def settings_of(person: User) -> ListSettings:
    """Theirs, or the usual ones."""
    found = ListSettings.objects.filter(person=person).first()
    return found or ListSettings(person=person)


def arrange(person: User, *, page_size: int, is_compact: bool | None = None) -> None:
    """Keep how many rows the person sees, and how high; without `is_compact` only how
    many."""
    looks = {"page_size": page_size, "is_compact": is_compact}
    given = {name: value for name, value in looks.items() if value is not None}
    ListSettings.objects.update_or_create(person=person, defaults=given)


def set_columns(person: User, names: Sequence[str] | None) -> None:
    """Keep which columns the person sees, in this order; None: the usual ones."""
    columns = None if names is None else list(names)[:COLUMNS_MAX]
    looks = {"columns": columns}
    ListSettings.objects.update_or_create(person=person, defaults=looks)


# ── Views ─────────────────────────────────────────────────────────────────────────


@transaction.atomic
def save_view(
    person: User, *, name: str, query: str, is_default: bool = False
) -> SavedView:
    """Save a list under a new name.

    Raises UnprintableText, BadViewName, ViewNameTaken, ViewTooLong, TooManyViews.
    """
    _lock(person)
    view = SavedView(person=person, name=_clean_name(person, name))
    view.query = _clean(query)
    if SavedView.objects.visible_to(person).count() >= VIEWS_MAX:
        raise TooManyViews
    return _kept(view, is_default)


@transaction.atomic
def replace_view(
    view: SavedView, *, query: str, is_default: bool | None = None
) -> SavedView:
    """Save another list under the name of this one. Raises ViewGone, ViewTooLong."""
    fresh = _fresh(view)
    fresh.query = _clean(query)
    return _kept(fresh, fresh.is_default if is_default is None else is_default)


@transaction.atomic
def change_view(view: SavedView, *, name: str, is_default: bool) -> SavedView:
    """Rename it, and say whether the list opens with it.

    Raises UnprintableText, BadViewName, ViewNameTaken, ViewGone.
    """
    fresh = _fresh(view)
    fresh.name = _clean_name(fresh.person, name, but=fresh)
    return _kept(fresh, is_default)


def remove_view(view: SavedView) -> None:
    """It may have been removed before."""
    SavedView.objects.filter(pk=view.pk).delete()


# ── Parts of them ─────────────────────────────────────────────────────────────────


def _lock(person: User) -> None:
    """Whoever names the person meanwhile (a stamp, an event) need not wait."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _fresh(view: SavedView) -> SavedView:
    _lock(view.person)
    fresh = SavedView.objects.filter(pk=view.pk).first()
    if fresh is None:
        raise ViewGone
    return fresh


def _clean_name(person: User, name: str, *, but: SavedView | None = None) -> str:
    name = clean_line(name.strip(), field="name")
    if not 1 <= len(name) <= NAME_MAX:
        raise BadViewName
    same = Exact(Lower("name"), Lower(Value(name)))  # as the constraint compares
    others = SavedView.objects.visible_to(person).filter(same)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise ViewNameTaken(name)
    return name


def _clean(query: str) -> str:
    if len(query) > QUERY_MAX:
        raise ViewTooLong
    return query


def _kept(view: SavedView, is_default: bool) -> SavedView:
    """Save it; of two defaults the newer one stays."""
    if is_default:
        others = SavedView.objects.visible_to(view.person).exclude(pk=view.pk)
        others.filter(is_default=True).update(is_default=False)
    view.is_default = is_default
    view.save()
    return view
