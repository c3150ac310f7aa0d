"""Text that cannot be printed is refused by the database too. What is there is mended
first; the history is never changed, so its constraints are for new rows alone."""

import accounts.text
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from reseller_panel.characters import mending_sql


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_printable_text'),
        ('clients', '0004_memberships'),
        ('packages', '0002_printable_text'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='client',
            name='contact_email',
            field=accounts.text.EmailLineField(max_length=254, verbose_name='correo'),
        ),
        migrations.AlterField(
            model_name='client',
            name='contact_name',
            field=accounts.text.LineField(blank=True, max_length=120, verbose_name='contacto'),
        ),
        migrations.AlterField(
            model_name='client',
            name='legal_name',
            field=accounts.text.LineField(max_length=254, verbose_name='razón social'),
        ),
        migrations.AlterField(
            model_name='clientevent',
            name='message',
            field=accounts.text.ParagraphsField(blank=True, max_length=500, verbose_name='mensaje al cliente'),
        ),
        migrations.AlterField(
            model_name='clientevent',
            name='reason',
            field=accounts.text.ParagraphsField(blank=True, max_length=500, verbose_name='motivo'),
        ),
        migrations.AlterField(
            model_name='folioledger',
            name='reason',
            field=accounts.text.ParagraphsField(blank=True, max_length=500, verbose_name='motivo'),
        ),
        migrations.AlterField(
            model_name='followup',
            name='reason',
            field=accounts.text.LineField(blank=True, max_length=500, verbose_name='motivo'),
        ),
        migrations.AlterField(
            model_name='plan',
            name='name',
            field=accounts.text.LineField(max_length=80, verbose_name='nombre'),
        ),
        migrations.AlterField(
            model_name='task',
            name='text',
            field=accounts.text.LineField(max_length=500, verbose_name='qué hay que hacer'),
        ),
        migrations.RunSQL(
            [
                mending_sql('clients_client', 'legal_name'),
                mending_sql('clients_client', 'contact_name'),
                mending_sql('clients_followup', 'reason'),
                mending_sql('clients_plan', 'name'),
                mending_sql('clients_task', 'text'),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('legal_name', 'contact_name'), name='client_names_are_printable'),
        ),
        AddConstraintNotValid(
            model_name='clientevent',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableParagraphs('reason', 'message'), name='event_text_is_printable'),
        ),
        AddConstraintNotValid(
            model_name='folioledger',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), accounts.text.PrintableParagraphs('reason'), _connector='OR'), name='entry_reason_is_printable'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('reason'), name='followup_reason_is_printable'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('name'), name='plan_name_is_printable'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('text'), name='task_text_is_printable'),
        ),
    ]
