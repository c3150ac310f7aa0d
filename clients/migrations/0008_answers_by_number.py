from django.db import migrations, models

# The newest answer in a client's history is the one that is kept.
BACKFILL = """
UPDATE clients_followup AS answer
   SET seq = (SELECT coalesce(max(event.seq), 0)
                FROM clients_clientevent AS event
               WHERE event.client_id = answer.client_id
                 AND event.kind IN ('postponed', 'dismissed', 'contacted'))
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0007_one_time_keys")]

    operations = [
        migrations.AddField(
            model_name="followup",
            name="seq",
            field=models.BigIntegerField(default=0, verbose_name="núm."),
            preserve_default=False,
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
