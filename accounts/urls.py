"""/llaves/: the API keys of a reseller, one line per action."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.key_list, name="keys"),
    path("nueva/", views.make, name="make_key"),
    path("<uuid:public_id>/editar/", views.change, name="change_key"),
    path("<uuid:public_id>/revocar/", views.revoke, name="revoke_key"),
]
