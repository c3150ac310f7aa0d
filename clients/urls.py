"""/clientes/: the table, the detail and one line for each action."""

from django.urls import path

from clients import programs, task_views, verb_views, views

app_name = "clients"

urlpatterns = [
    path("", views.client_list, name="list"),
    path("nuevo/", verb_views.create, name="create"),
    path("<uuid:public_id>/", views.detail, name="detail"),
    path("<uuid:public_id>/movimientos/", views.statement, name="statement"),
    path("<uuid:public_id>/movimientos.csv", views.statement_csv, name="statement_csv"),
    path("<uuid:public_id>/editar-plan/", verb_views.edit_plan, name="edit_plan"),
    path("<uuid:public_id>/agregar-folios/", verb_views.add_folios, name="add_folios"),
    path("<uuid:public_id>/renovar/", verb_views.renew, name="renew"),
    path("<uuid:public_id>/suspender/", verb_views.suspend, name="suspend"),
    path("<uuid:public_id>/activar/", verb_views.activate, name="activate"),
    path("<uuid:public_id>/archivar/", verb_views.archive, name="archive"),
    path("<uuid:public_id>/restaurar/", verb_views.restore, name="restore"),
    path("<uuid:public_id>/notas/", task_views.add_note, name="add_note"),
    path("<uuid:public_id>/pendientes/", task_views.add_task, name="add_task"),
    path(
        "pendientes/<uuid:public_id>/hecho/", task_views.finish_task, name="finish_task"
    ),
    path(
        "pendientes/<uuid:public_id>/reabrir/",
        task_views.reopen_task,
        name="reopen_task",
    ),
]

# /llaves/…: beside the keys, which are of accounts, what they did.
programs_urls = (
    [
        path("llamadas/", programs.activity, name="activity"),
        path("probar/", programs.try_call, name="try"),
    ],
    "programs",
)
