"""What depends on the pace of each client, kept so that lists can be sorted by it."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_reply_address'),
        ('clients', '0016_tally'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutlookPass',
            fields=[
                ('reseller', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.reseller')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='KeptOutlook',
            fields=[
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='outlook', serialize=False, to='clients.client')),
                ('day', models.DateField(help_text='Para qué día se calculó.')),
                ('seq', models.BigIntegerField(help_text='Lo último que había ocurrido.')),
                ('largest', models.BigIntegerField(help_text='Folios del paquete mayor a la venta.')),
                ('runs_out_on', models.DateField(default=datetime.date(9999, 12, 31))),
                ('stops_on', models.DateField(default=datetime.date(9999, 12, 31))),
                ('idle_since', models.DateField()),
                ('kind', models.CharField(blank=True, choices=[('folios', 'ofrecer folios'), ('renewal', 'ofrecer renovación'), ('bigger', 'ofrecer un paquete mayor'), ('seal', 'avisar del sello'), ('call', 'llamar'), ('review', 'activar o archivar')], max_length=10)),
                ('urgency', models.IntegerField(default=0)),
                ('worth', models.DecimalField(decimal_places=4, default=0, max_digits=20)),
                ('basis', models.CharField(blank=True, max_length=200)),
                ('reseller', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller')),
            ],
            options={
                'indexes': [models.Index(fields=['reseller', 'runs_out_on', 'client'], name='outlook_runs_out'), models.Index(fields=['reseller', 'stops_on', 'client'], name='outlook_stops'), models.Index(fields=['reseller', 'idle_since', 'client'], name='outlook_idle'), models.Index(condition=models.Q(('kind', ''), _negated=True), fields=['reseller', 'urgency', '-worth', 'client'], name='outlook_urgency'), models.Index(condition=models.Q(('kind', ''), _negated=True), fields=['reseller', 'kind', 'urgency', '-worth', 'client'], name='outlook_kind_urgency')],
            },
        ),
    ]
