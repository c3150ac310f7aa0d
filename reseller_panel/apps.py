from django.apps import AppConfig
from django.core import checks

from reseller_panel.connections import check_tls


class PanelConfig(AppConfig):
    name = "reseller_panel"
    verbose_name = "Panel"

    def ready(self) -> None:
        checks.register(check_tls, checks.Tags.security, deploy=True)
