"""Support: resellers, people, keys, and the record of who changed what.

What support may do is said per model; what is done to a person, by people.py, and to a
key, by keys.py.
"""

from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts import keys, people, reauthentication
from accounts.models import AccessEvent, ApiKey, Reseller, User
from accounts.second_factor import factors_of
from accounts.support import (
    EditableAdmin,
    EditForm,
    SupportAdmin,
    actor_of,
    asking_action,
    yes_or_no,
)
from reseller_panel.refusals import Refused


@admin.register(Reseller)
class ResellerAdmin(EditableAdmin):
    list_display = ("name", "slug", "time_zone", "created_at")
    search_fields = ("name", "slug", "staff__email")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012

    def get_readonly_fields(
        self, request: HttpRequest, obj: Reseller | None = None
    ) -> tuple[str, ...]:
        """The zone cannot change: the totals by day are stored for its days."""
        return ("time_zone",) if obj else ()


# ── People ────────────────────────────────────────────────────────────────────────


class UserForm(EditForm):
    """What is typed; whether it may be is people.py's to say."""

    actor: User

    class Meta:
        model = User
        fields = people.FIELDS

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        changes = {name: data[name] for name in self.changed_data if name in data}
        if self.errors:
            return data
        if self.instance.pk:
            was = User.objects.get(pk=self.instance.pk)
            refusal = people.why_not_change(was, changes, by=self.actor)
        else:
            refusal = people.why_not_add(data, by=self.actor)
        if refusal:
            raise forms.ValidationError(str(refusal))
        return data


def _ended(person: User, by: User, data: dict[str, Any]) -> str:
    people.end_sessions(person, by=by)
    return f"Se cerraron las sesiones de {person}."


def _without_factor(person: User, by: User, data: dict[str, Any]) -> str:
    people.remove_second_factor(person, by=by)
    return f"Se quitó el segundo factor de {person}."


@admin.register(User)
class UserAdmin(EditableAdmin):
    """A new person has no password and chooses one with «¿Olvidó su contraseña?»."""

    form = UserForm
    list_display = (
        "email",
        "name",
        "role",
        "reseller",
        "may_enter",
        "has_second_factor",
        "last_login",
    )
    list_select_related = ("reseller",)
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "name", "reseller__name")
    autocomplete_fields = ("reseller",)
    readonly_fields = ("role", "has_second_factor", "last_login")
    actions = (
        asking_action(
            "end_sessions",
            "Cerrar sus sesiones",
            _ended,
            warning="Lo que tengan sin guardar se pierde; pueden volver a entrar.",
            asks_password=True,
        ),
        asking_action(
            "remove_second_factor",
            "Quitar el segundo factor",
            _without_factor,
            warning="Hágalo sólo si comprobó de quién se trata: después basta su "
            "contraseña para entrar.",
            asks_password=True,
            permission="superuser",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = factors_of(OuterRef("pk"))
        return super().get_queryset(request).annotate(factor=Exists(factors))

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.display(description="papel")
    def role(self, user: User) -> str:
        return user.role.label

    @admin.display(description="puede entrar", ordering="is_active")
    def may_enter(self, user: User) -> str:
        return yes_or_no(user.is_active)

    @admin.display(description="segundo factor")
    def has_second_factor(self, user: User) -> str:
        return yes_or_no(getattr(user, "factor", False))

    # What this person may not change is not offered (people.py refuses it): names are
    # shown as text, and of what is ticked only its meaning.
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_readonly_fields(request, obj)
        if obj is None:
            return ()
        if actor_of(request).is_superuser:
            return shown
        if obj.is_of_support:
            return ("email", "name", "reseller", "may_enter", *shown)
        return ("email", "reseller", *shown)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        if actor_of(request).is_superuser:
            return None
        closed = ["is_staff", "is_superuser"]
        return [*closed, "is_active"] if obj and obj.is_of_support else closed

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        return type(form.__name__, (form,), {"actor": actor_of(request)})

    def changeform_view(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Who may enter is changed by whoever proves that it is them."""
        if request.method == "POST" and reauthentication.is_needed(request):
            raise ReauthenticationRequired
        return super().changeform_view(request, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        facts = form.cleaned_data
        by = actor_of(request)
        try:
            if change:
                changes = {name: facts[name] for name in form.changed_data}
                saved = people.change(obj, changes, by=by)
                self._warn_of_keys(request, saved)
            else:
                saved = people.add(facts, by=by)
        except Refused as refusal:  # since the form was judged
            raise PermissionDenied(str(refusal)) from refusal
        obj.pk, obj._state.adding = saved.pk, False

    def _warn_of_keys(self, request: HttpRequest, person: User) -> None:
        """Keys are their reseller's and go on; whoever dismisses decides about them."""
        left = [key for key in people.keys_left_by(person) if key.maker_has_left]
        if left:
            names = ", ".join(str(key) for key in left)
            self.message_user(
                request,
                f"Siguen vigentes llaves de API que hizo {person}: {names}. Si ya no "
                "deben usarse, revóquelas.",
                messages.WARNING,
            )


# ── Keys ──────────────────────────────────────────────────────────────────────────


def _revoked(key: ApiKey, by: User, data: dict[str, Any]) -> str:
    if not keys.revoke(key, by=by):
        raise keys.KeyRevoked(key)
    return f"La llave {key} ya no sirve."


@admin.register(ApiKey)
class ApiKeyAdmin(SupportAdmin):
    list_display = (
        "name",
        "prefix",
        "reseller",
        "created_at",
        "made_by",
        "last_used_at",
        "state",
    )
    list_select_related = ("reseller", "made_by")
    search_fields = ("name", "prefix", "reseller__name", "made_by__email")
    exclude = ("digest", "scopes")
    readonly_fields = (
        "permissions",
        "prefix",
        "created_at",
        "made_by",
        "last_used_at",
        "state",
    )
    actions = (
        asking_action(
            "revoke",
            "Revocar las llaves elegidas",
            _revoked,
            describe=lambda key: f"{key}, de {key.reseller}",
            warning="Desde la próxima llamada los programas que las usan dejan de "
            "timbrar y de consultar. No se puede deshacer.",
            asks_password=True,
        ),
    )

    @admin.display(description="permisos")
    def permissions(self, key: ApiKey) -> str:
        return ", ".join(key.scope_labels)

    @admin.display(description="estado")
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "revocada"
        return "vigente; quien la creó ya no entra" if key.maker_has_left else "vigente"


# ── The record ────────────────────────────────────────────────────────────────────


@admin.register(AccessEvent)
class AccessEventAdmin(SupportAdmin):
    list_display = ("created_at", "kind", "person", "api_key", "by")
    list_select_related = ("person", "api_key", "by")
    list_filter = ("kind",)
    search_fields = ("person__email", "api_key__name", "by__email")


@admin.register(LogEntry)
class LogEntryAdmin(SupportAdmin):
    """What support did here, page by page."""

    list_display = ("action_time", "user", "content_type", "object_repr", "what")
    list_select_related = ("user", "content_type")
    search_fields = ("user__email", "object_repr")

    @admin.display(description="qué hizo")
    def what(self, entry: LogEntry) -> str:
        return str(entry)
