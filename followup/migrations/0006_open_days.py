"""What was stamped and sold today, of resellers with very many clients."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_reply_address'),
        ('followup', '0005_seal_kind'),
    ]

    operations = [
        migrations.CreateModel(
            name='OpenDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='día')),
                ('stamped', models.BigIntegerField(verbose_name='timbrados')),
                ('sold', models.BigIntegerField(verbose_name='vendidos')),
                ('at', models.DateTimeField(verbose_name='cuándo')),
                ('reseller', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='open_days', to='accounts.reseller', verbose_name='revendedor')),
            ],
            options={
                'verbose_name': 'día abierto', 'verbose_name_plural': 'días abiertos',
                'constraints': [models.UniqueConstraint(fields=('reseller', 'day'), name='open_day_is_counted_once')],
            },
        ),
    ]
