"""The newest certificate of each RFC of a client, and the suggestion about it."""

import django.db.models.deletion
from django.db import migrations, models

# From the documents that were kept with it.
KNOWN = """
INSERT INTO clients_seal (client_id, rfc, ends_at)
SELECT entry.client_id, cfdi.issuer_rfc, max(cfdi.certificate_ends_at)
  FROM clients_cfdirecord AS cfdi
  JOIN clients_folioledger AS entry ON entry.id = cfdi.entry_id
 WHERE cfdi.certificate_ends_at IS NOT NULL AND cfdi.issuer_rfc <> ''
 GROUP BY entry.client_id, cfdi.issuer_rfc
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0014_not_stamps_index'),
    ]

    operations = [
        migrations.AlterField(
            model_name='followup',
            name='kind',
            field=models.CharField(choices=[('folios', 'ofrecer folios'), ('renewal', 'ofrecer renovación'), ('bigger', 'ofrecer un paquete mayor'), ('seal', 'avisar del sello'), ('call', 'llamar'), ('review', 'activar o archivar')], max_length=10, verbose_name='sugerencia'),
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rfc', models.CharField(max_length=13, verbose_name='RFC')),
                ('ends_at', models.DateTimeField(verbose_name='fin del certificado')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='clients.client')),
            ],
            options={
                'verbose_name': 'sello',
                'constraints': [models.UniqueConstraint(fields=('client', 'rfc'), name='seal_once_per_rfc')],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
