"""How many clients there are of each kind, kept by triggers, and indexes for every
order of the table of a reseller with a million clients."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import datetime
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Deferred checks would keep the tables from being altered in the same transaction.
AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"
WHOSE = """
UPDATE clients_folioaccount AS account SET reseller_id = client.reseller_id
  FROM clients_client AS client WHERE client.id = account.client_id;
UPDATE clients_plan AS plan SET reseller_id = client.reseller_id
  FROM clients_client AS client WHERE client.id = plan.client_id;
"""
COUNT = """
INSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted,
                           expires_on, clients)
SELECT client.reseller_id, archived_at IS NOT NULL, suspended_at IS NOT NULL,
       balance = 0, expires_on, count(*)
  FROM clients_client AS client
  JOIN clients_folioaccount AS account ON account.client_id = client.id
 GROUP BY 1, 2, 3, 4, 5
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_reply_address'),
        ('clients', '0015_seals'),
        ('packages', '0002_printable_text'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(AT_ONCE, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reseller', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor')),
                ('is_archived', models.BooleanField(verbose_name='archivados')),
                ('is_suspended', models.BooleanField(verbose_name='suspendidos')),
                ('is_exhausted', models.BooleanField(verbose_name='sin folios')),
                ('expires_on', models.DateField(null=True, verbose_name='vigencia')),
                ('clients', models.BigIntegerField(verbose_name='clientes')),
            ],
            options={'verbose_name': 'cuenta de clientes', 'verbose_name_plural': 'cuentas de clientes'},
        ),
        migrations.AddField(
            model_name='folioaccount',
            name='reseller',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AddField(
            model_name='plan',
            name='reseller',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.RunSQL(WHOSE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='folioaccount',
            name='reseller',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AlterField(
            model_name='plan',
            name='reseller',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('suspended_at__isnull', False)), fields=['reseller', '-created_at', '-id'], name='client_suspended'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['reseller', '-created_at', '-id'], name='client_archived'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(models.F('reseller'), django.contrib.postgres.indexes.OpClass('rfc', name='text_pattern_ops'), name='client_by_rfc'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(models.F('reseller'), django.db.models.functions.comparison.Coalesce('expires_on', models.Value(datetime.date(9999, 12, 31)), output_field=models.DateField()), models.F('id'), include=('archived_at', 'suspended_at', 'expires_on'), name='client_by_last_day'),
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_creation',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_name',
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['reseller', '-created_at', '-id'], include=('archived_at', 'suspended_at', 'expires_on'), name='client_by_creation'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['reseller', 'sort_name', 'id'], include=('archived_at', 'suspended_at', 'expires_on'), name='client_by_name'),
        ),
        migrations.AddIndex(
            model_name='folioaccount',
            index=models.Index(fields=['reseller', 'balance', 'client'], name='account_by_balance'),
        ),
        migrations.AddIndex(
            model_name='plan',
            index=models.Index(fields=['reseller', 'name', 'client'], name='plan_by_name'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='client',
            trigger=pgtrigger.compiler.Trigger(name='tally_client', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.archived_at IS DISTINCT FROM NEW.archived_at OR OLD.suspended_at IS DISTINCT FROM NEW.suspended_at OR OLD.expires_on IS DISTINCT FROM NEW.expires_on)', func='\nINSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients)\nSELECT OLD.reseller_id, OLD.archived_at IS NOT NULL, OLD.suspended_at IS NOT NULL, account.balance = 0, OLD.expires_on, -1\n  FROM clients_folioaccount AS account WHERE account.client_id = NEW.id\n UNION ALL\nSELECT NEW.reseller_id, NEW.archived_at IS NOT NULL, NEW.suspended_at IS NOT NULL, account.balance = 0, NEW.expires_on, 1\n  FROM clients_folioaccount AS account WHERE account.client_id = NEW.id;\nRETURN NULL;', hash='53af14eb4b78f10c60e07938b07ab6cb27cfc90a', operation='UPDATE', pgid='pgtrigger_tally_client_18a5a', table='clients_client', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='folioaccount',
            trigger=pgtrigger.compiler.Trigger(name='tally_opened', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nINSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients)\nSELECT client.reseller_id, client.archived_at IS NOT NULL, client.suspended_at IS NOT NULL, counted.exhausted, client.expires_on, counted.clients\n  FROM clients_client AS client\n CROSS JOIN (VALUES (NEW.balance = 0, 1)) AS counted (exhausted, clients)\n WHERE client.id = NEW.client_id;\nRETURN NULL;', hash='ca5612ea95cdf28062a832ef62923a5bd53b6cc9', operation='INSERT', pgid='pgtrigger_tally_opened_a01eb', table='clients_folioaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='folioaccount',
            trigger=pgtrigger.compiler.Trigger(name='tally_exhausted', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.balance = 0) <> (NEW.balance = 0))', func='\nINSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients)\nSELECT client.reseller_id, client.archived_at IS NOT NULL, client.suspended_at IS NOT NULL, counted.exhausted, client.expires_on, counted.clients\n  FROM clients_client AS client\n CROSS JOIN (VALUES (OLD.balance = 0, -1), (NEW.balance = 0, 1)) AS counted (exhausted, clients)\n WHERE client.id = NEW.client_id;\nRETURN NULL;', hash='097b921ae77a57318ae2bbe4a099da95a70f4db9', operation='UPDATE', pgid='pgtrigger_tally_exhausted_fa715', table='clients_folioaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='folioaccount',
            trigger=pgtrigger.compiler.Trigger(name='tally_closed', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nINSERT INTO clients_tally (reseller_id, is_archived, is_suspended, is_exhausted, expires_on, clients)\nSELECT client.reseller_id, client.archived_at IS NOT NULL, client.suspended_at IS NOT NULL, counted.exhausted, client.expires_on, counted.clients\n  FROM clients_client AS client\n CROSS JOIN (VALUES (OLD.balance = 0, -1)) AS counted (exhausted, clients)\n WHERE client.id = OLD.client_id;\nRETURN NULL;', hash='9d89dafd061dacb0ef68ef90a0a04bbec3810791', operation='DELETE', pgid='pgtrigger_tally_closed_d8bd2', table='clients_folioaccount', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='tally',
            index=models.Index(fields=['reseller'], name='tally_by_reseller'),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
