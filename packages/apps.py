from django.apps import AppConfig


class PackagesConfig(AppConfig):
    name = "packages"
    verbose_name = "Paquetes"
    default_auto_field = "django.db.models.BigAutoField"
