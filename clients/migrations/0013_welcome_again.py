"""An event for a welcome that was sent again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0012_suspensions_index'),
    ]

    operations = [
        migrations.AlterField(
            model_name='clientevent',
            name='kind',
            field=models.CharField(choices=[('created', 'alta'), ('plan_edited', 'plan editado'), ('renewed', 'renovado'), ('unrenewed', 'renovación deshecha'), ('suspended', 'suspendido'), ('activated', 'activado'), ('archived', 'archivado'), ('restored', 'restaurado'), ('entered', 'entró como cliente'), ('left', 'salió de la cuenta'), ('note', 'nota'), ('postponed', 'sugerencia pospuesta'), ('dismissed', 'sugerencia descartada'), ('contacted', 'contactado'), ('resumed', 'sugerencia reanudada'), ('task_added', 'pendiente agregado'), ('task_done', 'pendiente hecho'), ('task_reopen', 'pendiente reabierto'), ('rfc_added', 'RFC adicional agregado'), ('rfc_ended', 'RFC adicional terminado'), ('accepted', 'acceso aceptado'), ('declined', 'acceso rechazado'), ('welcomed', 'bienvenida otra vez')], max_length=12, verbose_name='qué'),
        ),
    ]
