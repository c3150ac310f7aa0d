from django.apps import AppConfig
from django.core import checks

from reseller_panel.connections import check_tls


class PanelConfig(AppConfig):
    name = "reseller_panel"

    def ready(self) -> None:
        checks.register(check_tls, checks.Tags.security, deploy=True)
