from importlib import import_module

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"
    verbose_name = "Clientes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # By its name: it needs the models, which are not there before now. A worker
        # knows the jobs that it may meet before it opens any page.
        for name in ("bulk.execution", "documents", "exporting.making"):
            import_module(f"clients.{name}")
