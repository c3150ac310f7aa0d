"""The additional RFCs of a client with Multiempresa, and that each RFC is of one client."""


import datetime
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import sat.rfc
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('clients', '0002_documents'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AdditionalRfc',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('rfc', models.CharField(max_length=13, validators=[sat.rfc.validate], verbose_name='RFC')),
                ('starts_on', models.DateField(verbose_name='desde')),
                ('ends_on', models.DateField(null=True, verbose_name='hasta')),
            ],
            options={
                'verbose_name': 'RFC adicional',
                'verbose_name_plural': 'RFC adicionales',
                'ordering': ('starts_on', 'rfc'),
            },
        ),
        migrations.AddField(
            model_name='client',
            name='rfc_since',
            field=models.DateField(db_default=datetime.date(2005, 1, 1), default=datetime.date(2005, 1, 1), editable=False, verbose_name='RFC desde'),
        ),
        migrations.AddField(
            model_name='folioledger',
            name='additional_rfc',
            field=models.CharField(blank=True, db_default='', default='', max_length=13, verbose_name='RFC adicional'),
        ),
        migrations.AlterField(
            model_name='clientevent',
            name='kind',
            field=models.CharField(choices=[('created', 'alta'), ('plan_edited', 'plan editado'), ('renewed', 'renovado'), ('suspended', 'suspendido'), ('activated', 'activado'), ('archived', 'archivado'), ('restored', 'restaurado'), ('entered', 'entró como cliente'), ('left', 'salió de la cuenta'), ('note', 'nota'), ('postponed', 'sugerencia pospuesta'), ('dismissed', 'sugerencia descartada'), ('contacted', 'contactado'), ('resumed', 'sugerencia reanudada'), ('task_added', 'pendiente agregado'), ('task_done', 'pendiente hecho'), ('task_reopen', 'pendiente reabierto'), ('rfc_added', 'RFC adicional agregado'), ('rfc_ended', 'RFC adicional terminado')], max_length=12, verbose_name='qué'),
        ),
        migrations.AddIndex(
            model_name='folioledger',
            index=models.Index(condition=models.Q(('additional_rfc', ''), _negated=True), fields=['client', 'additional_rfc'], name='entry_additional_rfc'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='client',
            trigger=pgtrigger.compiler.Trigger(name='main_rfc_once', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE whose bigint;', func="\nwhose := NEW.reseller_id;\nPERFORM pg_advisory_xact_lock(\n    1380336449, hashtext(concat(whose, ':', NEW.rfc)) & 1023);\nIF EXISTS (\n    SELECT FROM clients_additionalrfc AS other\n      JOIN clients_client AS holder ON holder.id = other.client_id\n     WHERE other.rfc = NEW.rfc AND holder.reseller_id = whose\n       AND (other.ends_on IS NULL OR other.ends_on >= NEW.rfc_since))\nTHEN\n    RAISE EXCEPTION 'this reseller has that RFC already'\n          USING ERRCODE = 'unique_violation', CONSTRAINT = 'rfc_once_per_reseller';\nEND IF;\nRETURN NEW;", hash='ca3e2af5497bd60e96a17cb6090037bd87023eef', operation='INSERT OR UPDATE OF "rfc", "rfc_since"', pgid='pgtrigger_main_rfc_once_b6093', table='clients_client', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='additionalrfc',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='additional_rfcs', to='clients.client'),
        ),
        migrations.AddIndex(
            model_name='additionalrfc',
            index=models.Index(fields=['rfc'], name='additional_rfc'),
        ),
        migrations.AddConstraint(
            model_name='additionalrfc',
            constraint=models.CheckConstraint(condition=models.Q(('rfc__regex', '^[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}$')), name='additional_rfc_is_well_formed'),
        ),
        migrations.AddConstraint(
            model_name='additionalrfc',
            constraint=models.CheckConstraint(condition=models.Q(('rfc__in', ['XAXX010101000', 'XEXX010101000']), _negated=True), name='additional_rfc_is_not_generic'),
        ),
        migrations.AddConstraint(
            model_name='additionalrfc',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='additional_rfc_ends_after_it_starts'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='additionalrfc',
            trigger=pgtrigger.compiler.Trigger(name='additional_rfc_once', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE whose bigint;', func="\nSELECT reseller_id INTO whose FROM clients_client WHERE id = NEW.client_id;\n\nPERFORM pg_advisory_xact_lock(\n    1380336449, hashtext(concat(whose, ':', NEW.rfc)) & 1023);\nIF EXISTS (\n    SELECT FROM clients_client AS holder\n     WHERE holder.rfc = NEW.rfc AND holder.reseller_id = whose\n       AND (NEW.ends_on IS NULL OR NEW.ends_on >= holder.rfc_since))\nOR EXISTS (\n    SELECT FROM clients_additionalrfc AS other\n      JOIN clients_client AS holder ON holder.id = other.client_id\n     WHERE other.rfc = NEW.rfc AND holder.reseller_id = whose AND other.id <> NEW.id\n       AND (NEW.ends_on IS NULL OR NEW.ends_on >= other.starts_on)\n       AND (other.ends_on IS NULL OR other.ends_on >= NEW.starts_on))\nTHEN\n    RAISE EXCEPTION 'this reseller has that RFC already'\n          USING ERRCODE = 'unique_violation', CONSTRAINT = 'rfc_once_per_reseller';\nEND IF;\nRETURN NEW;", hash='bde033d26ffc9cb99c5aa891906d1bf2631d1658', operation='INSERT OR UPDATE', pgid='pgtrigger_additional_rfc_once_9c2a0', table='clients_additionalrfc', when='BEFORE')),
        ),
    ]
