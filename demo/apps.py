from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import import_string

from reseller_panel.health import SERVING


class DemoConfig(AppConfig):
    name = "demo"
    verbose_name = "Demostración"

    def ready(self) -> None:
        # By its name: it needs the models, which are not there before now.
        check = import_string("demo.known.check_nobody_knows_the_way_in")
        checks.register(check, SERVING, checks.Tags.database)
