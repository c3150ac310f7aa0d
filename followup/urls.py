"""/seguimiento/: what to do today, and what was done in a month."""

from django.urls import path

from followup import views

app_name = "followup"

urlpatterns = [
    path("mes/", views.month, name="month"),
    path("mes.csv", views.month_csv, name="month_csv"),
]
