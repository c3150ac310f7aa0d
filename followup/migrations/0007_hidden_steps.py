"""Which resellers hid the first steps of Inicio; Spanish names."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_spanish_names'),
        ('followup', '0006_open_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='messagetemplate',
            name='reseller',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AlterField(
            model_name='resellerday',
            name='reseller',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.CreateModel(
            name='HiddenSteps',
            fields=[
                ('reseller', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='accounts.reseller', verbose_name='revendedor')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='cuándo')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quién')),
            ],
            options={
                'verbose_name': 'primeros pasos ocultos',
                'verbose_name_plural': 'primeros pasos ocultos',
            },
        ),
    ]
