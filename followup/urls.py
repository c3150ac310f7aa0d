"""URLs of /seguimiento/: the tray, the answers to a suggestion, the month page, and
what was sold by package."""

from django.urls import path

from followup.views import answers, home, messages, sales, tray

app_name = "followup"

urlpatterns = [
    path("", tray.tray, name="tray"),
    path("cuenta/", tray.count, name="count"),
    path("mensajes/", messages.messages, name="messages"),
    path("varios/", tray.choose, name="choose"),
    path("varios/<uuid:public_id>/mensaje/", messages.write, name="write"),
    path("<uuid:public_id>/mensaje/", answers.contacted, name="contacted"),
    path("<uuid:public_id>/posponer/", answers.postpone, name="postpone"),
    path("<uuid:public_id>/descartar/", answers.dismiss, name="dismiss"),
    path("<uuid:public_id>/reanudar/", answers.resume, name="resume"),
    path("primeros-pasos/", home.steps, name="steps"),
    path("mes/", home.month, name="month"),
    path("mes.csv", home.month_csv, name="month_csv"),
    path("mes.xlsx", home.month_xlsx, name="month_xlsx"),
    path("mes/ventas/", sales.by_package, name="sales"),
    path("mes/ventas.csv", sales.sales_csv, name="sales_csv"),
    path("mes/ventas.xlsx", sales.sales_xlsx, name="sales_xlsx"),
]
