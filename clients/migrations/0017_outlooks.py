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
                ('reseller', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.reseller', verbose_name='revendedor')),
                ('at', models.DateTimeField(verbose_name='cuándo')),
            ],
            options={'verbose_name': 'cálculo de pronósticos', 'verbose_name_plural': 'cálculos de pronósticos'},
        ),
        migrations.CreateModel(
            name='KeptOutlook',
            fields=[
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='outlook', serialize=False, to='clients.client', verbose_name='cliente')),
                ('day', models.DateField(help_text='Para qué día se calculó.', verbose_name='día')),
                ('seq', models.BigIntegerField(help_text='Lo último que había ocurrido.', verbose_name='núm.')),
                ('largest', models.BigIntegerField(verbose_name='folios del paquete mayor a la venta')),
                ('runs_out_on', models.DateField(default=datetime.date(9999, 12, 31), verbose_name='se agotan')),
                ('stops_on', models.DateField(default=datetime.date(9999, 12, 31), verbose_name='deja de facturar')),
                ('idle_since', models.DateField(verbose_name='sin timbrar desde')),
                ('kind', models.CharField(blank=True, choices=[('folios', 'ofrecer folios'), ('renewal', 'ofrecer renovación'), ('bigger', 'ofrecer un paquete mayor'), ('seal', 'avisar del sello'), ('call', 'llamar'), ('review', 'activar o archivar')], max_length=10, verbose_name='sugerencia')),
                ('urgency', models.IntegerField(default=0, verbose_name='urgencia')),
                ('worth', models.DecimalField(decimal_places=4, default=0, max_digits=20, verbose_name='valor')),
                ('basis', models.CharField(blank=True, max_length=200, verbose_name='por qué')),
                ('reseller', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor')),
            ],
            options={
                'verbose_name': 'pronóstico',
                'indexes': [models.Index(fields=['reseller', 'runs_out_on', 'client'], name='outlook_runs_out'), models.Index(fields=['reseller', 'stops_on', 'client'], name='outlook_stops'), models.Index(fields=['reseller', 'idle_since', 'client'], name='outlook_idle'), models.Index(condition=models.Q(('kind', ''), _negated=True), fields=['reseller', 'urgency', '-worth', 'client'], name='outlook_urgency'), models.Index(condition=models.Q(('kind', ''), _negated=True), fields=['reseller', 'kind', 'urgency', '-worth', 'client'], name='outlook_kind_urgency')],
            },
        ),
    ]
