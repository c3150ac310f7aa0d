"""/trabajos/: what runs, ran or failed, and its files."""

from django.urls import path

from jobs import views

app_name = "jobs"

urlpatterns = [
    path("", views.job_list, name="list"),
    path("<uuid:public_id>/", views.detail, name="detail"),
    path("<uuid:public_id>/renglones.csv", views.lines_csv, name="lines_csv"),
    path("<uuid:public_id>/cancelar/", views.cancel, name="cancel"),
    path("<uuid:public_id>/reintentar/", views.retry, name="retry"),
    path("archivos/<uuid:public_id>/", views.download, name="download"),
]
