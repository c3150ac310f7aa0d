"""/clientes/: the table, the page of a client by tabs, and one line for each action."""

from django.urls import path

from clients.views import (
    adding,
    arranging,
    bulk,
    detail,
    documents,
    exporting,
    importing,
    saved,
    sheets,
    table,
    tasks,
    undo,
    verbs,
)

app_name = "clients"

urlpatterns = [
    path("", table.client_list, name="list"),
    path("nuevo/", adding.create, name="create"),
    path("columnas/", arranging.columns, name="columns"),
    path("por-pagina/", arranging.page_size, name="page_size"),
    path("exportar/", exporting.export, name="export"),
    path("movimientos/", exporting.entries, name="entries"),
    path("vistas/guardar/", saved.save_view, name="save_view"),
    path("vistas/<uuid:public_id>/", saved.change_view, name="change_view"),
    path("vistas/<uuid:public_id>/eliminar/", saved.remove_view, name="remove_view"),
    path("vistas/<uuid:public_id>/hoja/", sheets.sheet_link, name="sheet_link"),
    path("importar/", importing.upload, name="import"),
    path("importar/plantilla.csv", importing.template_csv, name="import_csv"),
    path("importar/plantilla.xlsx", importing.template_xlsx, name="import_xlsx"),
    path("importar/<uuid:public_id>/", importing.show, name="import_check"),
    path(
        "importar/<uuid:public_id>/columnas/",
        importing.columns,
        name="import_columns",
    ),
    path(
        "importar/<uuid:public_id>/paquetes/",
        importing.packages,
        name="import_packages",
    ),
    path(
        "importar/<uuid:public_id>/renglon/",
        importing.line,
        name="import_line",
    ),
    path(
        "importar/<uuid:public_id>/renglones.csv",
        importing.lines_csv,
        name="import_lines",
    ),
    path(
        "importar/<uuid:public_id>/confirmar/",
        importing.confirm,
        name="import_confirm",
    ),
    path(
        "importar/<uuid:public_id>/descartar/",
        importing.discard,
        name="import_discard",
    ),
    path("cfdi/", documents.upload, name="count_cfdi"),
    path("varios/", bulk.choose, name="choose"),
    path("varios/<uuid:public_id>/", bulk.bulk_run, name="bulk_run"),
    path("varios/<uuid:public_id>/deshacer/", bulk.undo, name="undo_run"),
    path("varios/<uuid:public_id>/reintentar/", bulk.again, name="again"),
    path("varios/<uuid:public_id>/resultado.csv", bulk.result_csv, name="result_csv"),
    path("<uuid:public_id>/", detail.detail, name="detail"),
    path("<uuid:public_id>/movimientos/", detail.statement, name="statement"),
    path("<uuid:public_id>/notas/", detail.notes, name="notes"),
    path(
        "<uuid:public_id>/movimientos.csv", detail.statement_csv, name="statement_csv"
    ),
    path("<uuid:public_id>/editar-plan/", verbs.edit_plan, name="edit_plan"),
    path("<uuid:public_id>/agregar-folios/", verbs.add_folios, name="add_folios"),
    path(
        "<uuid:public_id>/agregar-folios/deshacer/",
        undo.undo_addition,
        name="undo_addition",
    ),
    path("<uuid:public_id>/renovar/", verbs.renew, name="renew"),
    path("<uuid:public_id>/renovar/deshacer/", undo.undo_renewal, name="undo_renewal"),
    path("<uuid:public_id>/suspender/", verbs.suspend, name="suspend"),
    path("<uuid:public_id>/activar/", verbs.activate, name="activate"),
    path("<uuid:public_id>/archivar/", verbs.archive, name="archive"),
    path("<uuid:public_id>/restaurar/", verbs.restore, name="restore"),
    path("<uuid:public_id>/bienvenida/", verbs.welcome_again, name="welcome_again"),
    path("<uuid:public_id>/rfc-adicionales/", tasks.add_rfc, name="add_rfc"),
    path("rfc-adicionales/<uuid:public_id>/fin/", tasks.end_rfc, name="end_rfc"),
    path("<uuid:public_id>/notas/agregar/", tasks.add_note, name="add_note"),
    path("<uuid:public_id>/pendientes/", tasks.add_task, name="add_task"),
    path("pendientes/<uuid:public_id>/hecho/", tasks.finish_task, name="finish_task"),
    path(
        "pendientes/<uuid:public_id>/reabrir/",
        tasks.reopen_task,
        name="reopen_task",
    ),
]
