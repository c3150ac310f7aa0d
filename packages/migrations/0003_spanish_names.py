"""Spanish names of fields and tables; nothing in the database changes."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_spanish_names'),
        ('packages', '0002_printable_text'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='packageservice',
            options={'ordering': ('service_id',), 'verbose_name': 'servicio de un paquete', 'verbose_name_plural': 'servicios de un paquete'},
        ),
        migrations.AlterField(
            model_name='package',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
        migrations.AlterField(
            model_name='package',
            name='reseller',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='packages', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AlterField(
            model_name='package',
            name='services',
            field=models.ManyToManyField(editable=False, related_name='+', through='packages.PackageService', to='packages.service', verbose_name='servicios'),
        ),
        migrations.AlterField(
            model_name='packageservice',
            name='package',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inclusions', to='packages.package', verbose_name='paquete'),
        ),
        migrations.AlterField(
            model_name='packageservice',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='packages.service', verbose_name='servicio'),
        ),
    ]
