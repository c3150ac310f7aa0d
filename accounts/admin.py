"""The admin of resellers, people and keys. Each class says what support may do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin  # noqa: F401  (registers Group)
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import ApiKey, Reseller, User
from reseller_panel.limits import search_words

admin.site.site_header = admin.site.site_title = "Soporte"
admin.site.index_title = "Qué desea consultar"
admin.site.unregister(Group)  # permissions follow from fields: no groups


class SupportAdmin(admin.ModelAdmin):
    """All support staff may view; subclasses allow anything else explicitly."""

    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Every word is a condition on every field, so only a few count (limits.py)."""
        words = " ".join(search_words(search_term))
        return super().get_search_results(request, queryset, words)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EditableAdmin(SupportAdmin):
    """A model that support may also add and change. Nothing is ever deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)


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


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("email", "name", "reseller", "is_active", "is_staff", "is_superuser")

    def clean(self) -> dict[str, Any]:
        """Whoever enters a client's account acts as its user: staff may not be one."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        is_staff = data.get("reseller") or data.get("is_staff")
        if is_staff and self.instance.pk and self.instance.clients.exists():
            raise forms.ValidationError(
                "Esta persona es el usuario de un cliente; para trabajar aquí "
                "necesita otro correo."
            )
        return data


@admin.register(User)
class UserAdmin(EditableAdmin):
    """A new person has no password and chooses one with «¿Olvidó su contraseña?»."""

    form = UserForm
    list_display = ("email", "name", "role", "reseller", "is_active", "last_login")
    list_select_related = ("reseller",)
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "name", "reseller__name")
    autocomplete_fields = ("reseller",)
    readonly_fields = ("last_login",)

    @admin.display(description="papel")
    def role(self, user: User) -> str:
        return user.role.label

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a superuser may make somebody support or a superuser."""
        fields = super().get_readonly_fields(request, obj)
        if not request.user.is_superuser:
            return (*fields, "is_staff", "is_superuser")
        return fields

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(ApiKey)
class ApiKeyAdmin(SupportAdmin):
    list_display = ("name", "prefix", "reseller", "created_at", "last_used_at", "state")
    list_select_related = ("reseller",)
    search_fields = ("name", "prefix", "reseller__name")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.display(description="estado")
    def state(self, key: ApiKey) -> str:
        return "revocada" if key.revoked_at else "en uso"

    @admin.action(description="Revocar las llaves elegidas", permissions=["view"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        done = keys.filter(revoked_at=None).update(revoked_at=timezone.now())
        self.message_user(request, f"Llaves revocadas: {done}.")
