"""Everything that lists of clients are filtered and sorted by, in one narrow row."""

import datetime
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Reversed, so that the column may be required again.
WHOSE = """
UPDATE clients_plan AS plan SET reseller_id = client.reseller_id
  FROM clients_client AS client WHERE client.id = plan.client_id;
SET CONSTRAINTS ALL IMMEDIATE
"""
FILL = """
INSERT INTO clients_standing (client_id, reseller_id, is_archived, is_suspended,
       last_day, created_at, sort_name, rfc, is_exhausted, package_id, plan_name, seq,
       largest, runs_out_on, stops_on, idle_since, kind, urgency, worth, basis)
SELECT client.id, client.reseller_id, archived_at IS NOT NULL,
       suspended_at IS NOT NULL, coalesce(expires_on, '9999-12-31'),
       client.created_at, sort_name, rfc, balance = 0, plan.package_id,
       coalesce(plan.name, ''), 0, 0, '9999-12-31', '9999-12-31',
       timezone(reseller.time_zone, client.created_at)::date, '', 0, 0, ''
  FROM clients_folioaccount AS account
  JOIN clients_client AS client ON client.id = account.client_id
  JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
  LEFT JOIN clients_plan AS plan ON plan.client_id = client.id
 ORDER BY client.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_contact_phones'),
        ('clients', '0018_spanish_names'),
        ('packages', '0003_spanish_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('client', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='standing', serialize=False, to='clients.client', verbose_name='cliente')),
                ('is_archived', models.BooleanField(verbose_name='archivado')),
                ('is_suspended', models.BooleanField(verbose_name='suspendido')),
                ('is_exhausted', models.BooleanField(verbose_name='sin folios')),
                ('last_day', models.DateField(help_text='Sin término, la última.', verbose_name='vigencia')),
                ('created_at', models.DateTimeField(verbose_name='creado')),
                ('plan_name', models.TextField(db_collation='C', default='', verbose_name='nombre del plan')),
                ('sort_name', models.TextField(db_collation='C', verbose_name='nombre para ordenar')),
                ('rfc', models.TextField(db_collation='C', verbose_name='RFC')),
                ('day', models.DateField(help_text='Para qué día se calculó.', null=True, verbose_name='día')),
                ('seq', models.BigIntegerField(default=0, verbose_name='núm.')),
                ('largest', models.BigIntegerField(default=0, verbose_name='folios del paquete mayor a la venta')),
                ('runs_out_on', models.DateField(default=datetime.date(9999, 12, 31), verbose_name='se agotan')),
                ('stops_on', models.DateField(default=datetime.date(9999, 12, 31), verbose_name='deja de facturar')),
                ('idle_since', models.DateField(verbose_name='sin timbrar desde')),
                ('kind', models.CharField(blank=True, choices=[('folios', 'ofrecer folios'), ('renewal', 'ofrecer renovación'), ('bigger', 'ofrecer un paquete mayor'), ('seal', 'avisar del sello'), ('call', 'llamar'), ('review', 'activar o archivar')], max_length=10, verbose_name='sugerencia')),
                ('urgency', models.IntegerField(default=0, verbose_name='urgencia')),
                ('worth', models.DecimalField(decimal_places=4, default=0, max_digits=20, verbose_name='valor')),
                ('basis', models.CharField(blank=True, max_length=200, verbose_name='por qué')),
            ],
            options={
                'verbose_name': 'situación',
                'verbose_name_plural': 'situaciones',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='client',
            name='tally_client',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='folioaccount',
            name='tally_opened',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='folioaccount',
            name='tally_exhausted',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='folioaccount',
            name='tally_closed',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_expiry',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_suspended',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_archived',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_rfc',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_last_day',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_creation',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_name',
        ),
        migrations.RemoveIndex(
            model_name='plan',
            name='plan_by_name',
        ),
        migrations.AlterField(
            model_name='plan',
            name='reseller',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, WHOSE),
        migrations.RemoveField(
            model_name='plan',
            name='reseller',
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['reseller', '-created_at', '-id'], name='client_by_creation'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='client',
            trigger=pgtrigger.compiler.Trigger(name='standing_client', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.archived_at IS DISTINCT FROM NEW.archived_at OR OLD.suspended_at IS DISTINCT FROM NEW.suspended_at OR OLD.expires_on IS DISTINCT FROM NEW.expires_on OR OLD.created_at IS DISTINCT FROM NEW.created_at OR OLD.legal_name IS DISTINCT FROM NEW.legal_name OR OLD.rfc IS DISTINCT FROM NEW.rfc)', func="\nUPDATE clients_standing SET is_archived = NEW.archived_at IS NOT NULL, is_suspended = NEW.suspended_at IS NOT NULL, last_day = coalesce(NEW.expires_on, '9999-12-31'), created_at = NEW.created_at, sort_name = NEW.sort_name, rfc = NEW.rfc WHERE client_id = NEW.id;\nRETURN NULL;", hash='d1793744b3741aa154e583e156fae1671d547008', operation='UPDATE', pgid='pgtrigger_standing_client_b8cb9', table='clients_client', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='folioaccount',
            trigger=pgtrigger.compiler.Trigger(name='standing_opened', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO clients_standing (client_id, reseller_id, is_archived, is_suspended, last_day, created_at, sort_name, rfc, is_exhausted, package_id, plan_name, seq, largest,\n       runs_out_on, stops_on, idle_since, kind, urgency, worth, basis)\nSELECT client.id, client.reseller_id, client.archived_at IS NOT NULL, client.suspended_at IS NOT NULL, coalesce(client.expires_on, '9999-12-31'), client.created_at, client.sort_name, client.rfc, account.balance = 0, plan.package_id, coalesce(plan.name, ''), 0, 0, '9999-12-31', '9999-12-31',\n       timezone(reseller.time_zone, client.created_at)::date, '', 0, 0, ''\n\n  FROM opened AS account\n  JOIN clients_client AS client ON client.id = account.client_id\n  LEFT JOIN clients_plan AS plan ON plan.client_id = client.id\n  JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id;\nRETURN NULL;", hash='e5f1d23f579129e765817d45799e1d6d9ac0f40a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_standing_opened_33876', referencing='REFERENCING NEW TABLE AS opened ', table='clients_folioaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='folioaccount',
            trigger=pgtrigger.compiler.Trigger(name='standing_exhausted', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.balance = 0) <> (NEW.balance = 0))', func='\nUPDATE clients_standing SET is_exhausted = NEW.balance = 0 WHERE client_id = NEW.client_id;\nRETURN NULL;', hash='fb53c04c375366e0b0eeba625d662d872a2e23af', operation='UPDATE', pgid='pgtrigger_standing_exhausted_0df81', table='clients_folioaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='folioaccount',
            trigger=pgtrigger.compiler.Trigger(name='standing_closed', sql=pgtrigger.compiler.UpsertTriggerSql(func='DELETE FROM clients_standing WHERE client_id = OLD.client_id;\nRETURN NULL;', hash='5bec0b09cf37968878e895f9235d3453350fbb95', operation='DELETE', pgid='pgtrigger_standing_closed_0eb01', table='clients_folioaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='plan',
            trigger=pgtrigger.compiler.Trigger(name='standing_planned', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nUPDATE clients_standing AS kept\n   SET package_id = plan.package_id, plan_name = coalesce(plan.name, '')\n  FROM planned AS plan WHERE kept.client_id = plan.client_id;\nRETURN NULL;", hash='4a11003543f0f061b66a75ca88d39888f0b868a9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_standing_planned_c69f4', referencing='REFERENCING NEW TABLE AS planned ', table='clients_plan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='plan',
            trigger=pgtrigger.compiler.Trigger(name='standing_plan', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.package_id IS DISTINCT FROM NEW.package_id OR OLD.name IS DISTINCT FROM NEW.name)', func="\nUPDATE clients_standing SET package_id = NEW.package_id, plan_name = coalesce(NEW.name, '') WHERE client_id = NEW.client_id;\nRETURN NULL;", hash='f40c4c8cb620cce5c9793a155a282408990b8ffb', operation='UPDATE', pgid='pgtrigger_standing_plan_7f113', table='clients_plan', when='AFTER')),
        ),
        migrations.AddField(
            model_name='standing',
            name='account',
            field=models.ForeignObject(editable=False, from_fields=['client'], on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.folioaccount', verbose_name='cuenta de folios', to_fields=['client']),
        ),
        migrations.AddField(
            model_name='standing',
            name='package',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='packages.package', verbose_name='paquete'),
        ),
        migrations.AddField(
            model_name='standing',
            name='reseller',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.DeleteModel(
            name='KeptOutlook',
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'created_at', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'package', 'runs_out_on', 'stops_on', 'idle_since'), name='standing_created'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'last_day', 'client'], include=('is_suspended', 'is_exhausted', 'created_at', 'package', 'runs_out_on', 'stops_on', 'idle_since'), name='standing_last_day'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'sort_name', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'created_at', 'package', 'runs_out_on', 'stops_on', 'idle_since'), name='standing_name'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'plan_name', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'created_at', 'package', 'runs_out_on', 'stops_on', 'idle_since'), name='standing_plan'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'package', 'created_at', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'runs_out_on', 'stops_on', 'idle_since'), name='standing_package'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'runs_out_on', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'created_at', 'package', 'stops_on', 'idle_since'), name='standing_runs_out'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'stops_on', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'created_at', 'package', 'runs_out_on', 'idle_since'), name='standing_stops'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'is_archived', 'idle_since', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'created_at', 'package', 'runs_out_on', 'stops_on'), name='standing_idle'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('is_suspended', True)), fields=['reseller', 'is_archived', 'created_at', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'package', 'runs_out_on', 'stops_on', 'idle_since'), name='standing_suspended'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('is_exhausted', True)), fields=['reseller', 'is_archived', 'created_at', 'client'], include=('is_suspended', 'is_exhausted', 'last_day', 'package', 'runs_out_on', 'stops_on', 'idle_since'), name='standing_exhausted'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(fields=['reseller', 'rfc'], name='standing_rfc'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('kind', ''), _negated=True), fields=['reseller', 'urgency', '-worth', 'client'], name='standing_urgency'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('kind', ''), _negated=True), fields=['reseller', 'kind', 'urgency', '-worth', 'client'], name='standing_kind'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standing',
            trigger=pgtrigger.compiler.Trigger(name='tally_opened', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients)\nSELECT reseller_id, is_archived, is_suspended, is_exhausted,\n       nullif(last_day, '9999-12-31'), count(*)\n  FROM opened GROUP BY 1, 2, 3, 4, 5;\nRETURN NULL;", hash='312ce770e795dbb20c47d6fac65cf45558e9b14e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_tally_opened_9a825', referencing='REFERENCING NEW TABLE AS opened ', table='clients_standing', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standing',
            trigger=pgtrigger.compiler.Trigger(name='tally_changed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.is_archived <> NEW.is_archived OR OLD.is_suspended <> NEW.is_suspended OR OLD.is_exhausted <> NEW.is_exhausted OR OLD.last_day <> NEW.last_day)', func="\nINSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients) VALUES (OLD.reseller_id, OLD.is_archived, OLD.is_suspended, OLD.is_exhausted, nullif(OLD.last_day, '9999-12-31'), -1), (NEW.reseller_id, NEW.is_archived, NEW.is_suspended, NEW.is_exhausted, nullif(NEW.last_day, '9999-12-31'), 1);\nRETURN NULL;", hash='c1e583e8536debf380961b1bbcec600d3c5a491b', operation='UPDATE', pgid='pgtrigger_tally_changed_58156', table='clients_standing', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standing',
            trigger=pgtrigger.compiler.Trigger(name='tally_closed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients) VALUES (OLD.reseller_id, OLD.is_archived, OLD.is_suspended, OLD.is_exhausted, nullif(OLD.last_day, '9999-12-31'), -1);\nRETURN NULL;", hash='bbe184658929604872d75f43749ba9a5c2eb88c0', operation='DELETE', pgid='pgtrigger_tally_closed_50d00', table='clients_standing', when='AFTER')),
        ),
    ]
