"""The admin of services, which support edits, and of packages, which it only views."""

from django.contrib import admin

from accounts.support import EditableAdmin, IsSetFilter, SupportAdmin
from packages.models import Package, Service


@admin.register(Service)
class ServiceAdmin(EditableAdmin):
    list_display = ("name", "code", "quantity_label")
    search_fields = ("name", "code")


@admin.register(Package)
class PackageAdmin(SupportAdmin):
    list_display = ("name", "reseller", "folios", "term", "price", "withdrawn_at")
    list_select_related = ("reseller",)
    list_filter = (("withdrawn_at", IsSetFilter),)
    search_fields = ("name", "reseller__name")
    readonly_fields = ("reseller", "created_at", "withdrawn_at")

    @admin.display(description="vigencia")
    def term(self, package: Package) -> str:
        return package.term_label
