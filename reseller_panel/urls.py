"""The URLs of the whole site; each app lists its own."""

from django.contrib import admin
from django.urls import include, path

from accounts.views import my_business
from api.urls import console_urls
from clients.views.find import find
from clients.views.keyboard import keyboard
from clients.views.sheets import sheet
from followup.views.home import home
from reseller_panel.health import healthz, readyz
from reseller_panel.icons import favicon, icons

handler500 = "reseller_panel.middleware.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include("portal.urls")),
    path("clientes/", include("clients.urls")),
    path("hojas/<str:secret>.csv", sheet, name="sheet"),
    path("paquetes/", include("packages.urls")),
    path("seguimiento/", include("followup.urls")),
    path("trabajos/", include("jobs.urls")),
    path("llaves/", include("accounts.urls")),
    path("buscar/", find, name="find"),
    path("negocio/", my_business, name="business"),
    path("llaves/", include(console_urls)),
    path("api/v1/", include("api.urls")),
    path("ayuda/", include("manual.urls")),
    path("cuenta/teclado/", keyboard, name="keyboard"),
    path("cuenta/", include("portal.login_urls")),
    path("admin/", admin.site.urls),
    path("iconos.svg", icons, name="icons"),
    path("favicon.ico", favicon, name="favicon"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
