"""/llaves/: the keys of a reseller's programs, a line for each thing done to one."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.key_list, name="keys"),
    path("nueva/", views.make, name="make_key"),
    path("<uuid:public_id>/editar/", views.change, name="change_key"),
    path("<uuid:public_id>/revocar/", views.revoke, name="revoke_key"),
]
