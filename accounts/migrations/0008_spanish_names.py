"""Spanish names of fields and tables; nothing in the database changes."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_reply_address'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apikey',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='creada'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='digest',
            field=models.BinaryField(max_length=32, unique=True, verbose_name='huella'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='last_used_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='último uso'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='prefix',
            field=models.CharField(editable=False, max_length=12, verbose_name='principio'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='reseller',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='revoked_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revocada'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('stamps', 'Timbrar'), ('clients:read', 'Consultar clientes'), ('clients:write', 'Administrar clientes')], max_length=20), size=None, verbose_name='permisos'),
        ),
        migrations.AlterField(
            model_name='reseller',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
        migrations.AlterField(
            model_name='user',
            name='session_epoch',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='generación de sus sesiones'),
        ),
    ]
