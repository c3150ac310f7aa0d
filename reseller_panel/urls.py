"""The URLs of the whole site; each app lists its own."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.totp.views import activate_totp
from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path

from api.urls import console_urls
from followup.views.home import home
from reseller_panel.health import healthz, readyz
from reseller_panel.icons import icons

# Support logs in like everybody: with rate limits and a second factor.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "reseller_panel.middleware.server_error"

urlpatterns = [
    path("", home, name="home"),
    # The QR code of this one page is a data: image; no other page may have one.
    path(
        "cuenta/2fa/totp/activate/",
        csp_update({"img-src": ["'self'", "data:"]})(activate_totp),
    ),
    path("", include("portal.urls")),
    path("clientes/", include("clients.urls")),
    path("paquetes/", include("packages.urls")),
    path("seguimiento/", include("followup.urls")),
    path("llaves/", include("accounts.urls")),
    path("llaves/", include(console_urls)),
    path("api/v1/", include("api.urls")),
    path("ayuda/", include("manual.urls")),
    path("cuenta/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("iconos.svg", icons, name="icons"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
