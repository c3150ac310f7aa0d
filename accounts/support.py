"""The admin as support meets it: who enters, which pages there are, how an action asks.

Law: domain.md, "The people"; quality.md, "Access". A page of the admin exists because
somebody here decided on it: what a library registers by itself is not taken, for it
shows secrets and changes credentials past every rule. What support may do is said per
model, and whatever is done leaves a record.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.text import capfirst

from accounts import reauthentication, second_factor
from accounts.models import User
from reseller_panel.limits import search_words
from reseller_panel.refusals import Refused
from reseller_panel.stale import ChangedMeanwhile, SeenForm, merge


class SupportSite(admin.AdminSite):
    """Support enters by the door of everybody: throttled, and with second factor."""

    site_header = site_title = "Soporte"
    index_title = "Qué desea consultar"
    # The panel's page for support is the manual, with the menu beside it.
    site_url = reverse_lazy("manual:contents")  # type: ignore[assignment]

    def register(
        self, model_or_iterable: Any, admin_class: Any = None, **options: Any
    ) -> None:
        """Only pages of ours: those of libraries are not taken."""
        if admin_class is not None and issubclass(admin_class, SupportAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _lacks_second_factor(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if super().has_permission(request) and _lacks_second_factor(request):
            messages.warning(
                request,
                "Para entrar a la administración active antes su segundo factor.",
            )
            return redirect("mfa_index")
        guarded: Callable[..., HttpResponse] = secure_admin_login(super().login)
        return guarded(request, extra_context)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everybody changes it on one page, which tells the person by e-mail."""
        return redirect("account_change_password")


def _lacks_second_factor(request: HttpRequest) -> bool:
    if not settings.SUPPORT_NEEDS_SECOND_FACTOR:
        return False
    return not second_factor.protects(actor_of(request))


def actor_of(request: HttpRequest) -> User:
    """Whoever is in the admin is a person: nobody else passes `has_permission`."""
    assert isinstance(request.user, User)
    return request.user


class IsSetFilter(admin.EmptyFieldListFilter):
    """Of a time that may not be set («archivado»): all, those without, those with."""

    def choices(self, changelist: Any) -> Any:
        said = ("Todos", "No", "Sí")
        for choice, display in zip(super().choices(changelist), said, strict=True):
            yield {**choice, "display": display}


def yes_or_no(value: object) -> str:
    """In words: Django's picture says True and False to those who do not see it."""
    return "sí" if value else "no"


class SupportAdmin(admin.ModelAdmin):
    """Everybody of support may look; what else is opened one by one."""

    show_full_result_count = False
    view_on_site = False  # the panel's pages are their reseller's alone

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name)}
        context = title | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

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


class EditForm(SeenForm, forms.ModelForm):
    """Of the row that is there now only what was changed of what was seen is changed;
    what somebody else has changed meanwhile is said and nothing is saved."""

    @cached_property
    def changed_data(self) -> list[str]:
        seen = self.seen()
        return [
            name
            for name, field in self.fields.items()
            if field.has_changed(seen[name], self[name].data)
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk:
            changed = [name for name in self.changed_data if name in data]
            rows = self._meta.model._base_manager.select_for_update()
            row, seen = rows.get(pk=self.instance.pk), self.seen()
            try:
                merge(
                    seen={name: seen[name] for name in changed},
                    wanted={name: data[name] for name in changed},
                    current={name: getattr(row, name) for name in changed},
                )
            except ChangedMeanwhile as refusal:
                self.add_conflicts(refusal)
        return data


class EditableAdmin(SupportAdmin):
    """What support may also add and change. Nothing is ever deleted."""

    form = EditForm

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        obj.save(update_fields=form.changed_data if change else None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)


# ── Actions ───────────────────────────────────────────────────────────────────────

# What an action does to one row, with what its form asked; the sentence that says it.
Do = Callable[[Any, User, dict[str, Any]], str]


def asking_action(
    name: str,
    description: str,
    do: Do,
    *,
    form_class: type[forms.Form] = forms.Form,
    describe: Callable[[Any], str] = str,
    warning: str = "",
    asks_password: bool = False,
    prepare: Callable[[Any, Any], None] = lambda form, rows: None,
    permission: str = "view",
) -> Any:
    """An admin action that first asks, showing for what, then is done row by row.

    One refusal does not stop the others; each is told. What was done is in the record
    of the admin with who did it. With `asks_password` it is asked once more who this
    is, as before any change of access. `prepare(form, rows)` tells the form of them.
    """

    @admin.action(description=description, permissions=[permission])
    def action(
        modeladmin: SupportAdmin, request: HttpRequest, rows: QuerySet[Model]
    ) -> HttpResponse | None:
        if asks_password and reauthentication.is_needed(request):
            raise ReauthenticationRequired
        form = form_class(request.POST if "confirmed" in request.POST else None)
        prepare(form, rows)
        if form.is_valid():
            _do_to_each(modeladmin, request, rows, description, do, form.cleaned_data)
            return None
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": description,
            "rows": [(row.pk, describe(row)) for row in rows],
            "form": form,
            "warning": warning,
            "action": name,
            "checkbox": ACTION_CHECKBOX_NAME,
            "opts": modeladmin.opts,
        }
        return render(request, "admin/ask.html", context)

    action.__name__ = name
    return action


def _do_to_each(
    modeladmin: SupportAdmin,
    request: HttpRequest,
    rows: QuerySet[Model],
    description: str,
    do: Do,
    asked: dict[str, Any],
) -> None:
    for row in rows:
        try:
            said = do(row, actor_of(request), asked)
        except Refused as refusal:
            modeladmin.message_user(request, str(refusal), messages.ERROR)
        else:
            modeladmin.log_change(request, row, f"{description}: {said}")
            modeladmin.message_user(request, said)
