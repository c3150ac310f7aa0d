"""/paquetes/: the catalogue of a reseller, one line per action."""

from django.urls import path

from packages import views

app_name = "packages"

urlpatterns = [
    path("", views.package_list, name="list"),
    path("nuevo/", views.add, name="add"),
    path("<uuid:public_id>/editar/", views.edit, name="edit"),
    path("<uuid:public_id>/retirar/", views.withdraw, name="withdraw"),
    path("<uuid:public_id>/volver-a-vender/", views.put_back, name="put_back"),
]
