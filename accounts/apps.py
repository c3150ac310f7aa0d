from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Cuentas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # By its name: it needs the models, which are not there before now.
        import_module("accounts.login_log")


class SupportAdminConfig(admin_apps.AdminConfig):
    """The admin with a site of ours; chosen by its name in INSTALLED_APPS."""

    default = False
    default_site = "accounts.support.SupportSite"
