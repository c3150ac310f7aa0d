"""URLs of the client's own account, and of entering and leaving it on a visit."""

from django.urls import path

from portal import views

app_name = "portal"

urlpatterns = [
    path("mi-cuenta/", views.account, name="home"),
    path("mi-cuenta/movimientos/", views.statement, name="statement"),
    path("mi-cuenta/movimientos.csv", views.statement_csv, name="statement_csv"),
    path("mi-cuenta/accesos/", views.visits, name="visits"),
    path("clientes/<uuid:public_id>/entrar/", views.enter, name="enter"),
    path("salir-de-cliente/", views.leave, name="leave"),
]
