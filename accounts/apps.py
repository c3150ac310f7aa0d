from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Cuentas"
    default_auto_field = "django.db.models.BigAutoField"


class SupportAdminConfig(admin_apps.AdminConfig):
    """The admin with a site of ours; chosen by its name in INSTALLED_APPS."""

    default = False
    default_site = "accounts.support.SupportSite"
