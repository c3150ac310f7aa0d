"""URLs of the client's own account, and of entering and leaving it on a visit."""

from django.urls import path

from portal import views

app_name = "portal"

urlpatterns = [
    path("mi-cuenta/", views.account, name="home"),
    path("mi-cuenta/movimientos/", views.statement, name="statement"),
    path("mi-cuenta/movimientos.csv", views.statement_csv, name="statement_csv"),
    path("mi-cuenta/accesos/", views.visits, name="visits"),
    path("mis-cuentas/", views.accounts, name="accounts"),
    path("mis-cuentas/<uuid:public_id>/aceptar/", views.accept, name="accept"),
    path("mis-cuentas/<uuid:public_id>/rechazar/", views.decline, name="decline"),
    path("clientes/<uuid:public_id>/entrar/", views.enter, name="enter"),
    path("salir-de-cliente/", views.leave, name="leave"),
]
