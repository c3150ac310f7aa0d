"""/seguimiento/: what to do today, one line for each thing done to it, and what was
done in a month."""

from django.urls import path

from followup import message_views, tray_views, views

app_name = "followup"

urlpatterns = [
    path("", tray_views.tray, name="tray"),
    path("cuenta/", tray_views.count, name="count"),
    path("mensajes/", message_views.messages, name="messages"),
    path("<uuid:public_id>/mensaje/", tray_views.contacted, name="contacted"),
    path("<uuid:public_id>/posponer/", tray_views.postpone, name="postpone"),
    path("<uuid:public_id>/descartar/", tray_views.dismiss, name="dismiss"),
    path("<uuid:public_id>/reanudar/", tray_views.resume, name="resume"),
    path("mes/", views.month, name="month"),
    path("mes.csv", views.month_csv, name="month_csv"),
]
