"""Spanish names of fields and tables; nothing in the database changes."""

import clients.search
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_spanish_names'),
        ('clients', '0017_outlooks'),
        ('packages', '0003_spanish_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='cfdirecord',
            options={'verbose_name': 'CFDI', 'verbose_name_plural': 'CFDI'},
        ),
        migrations.AlterModelOptions(
            name='folioaccount',
            options={'verbose_name': 'cuenta de folios', 'verbose_name_plural': 'cuentas de folios'},
        ),
        migrations.AlterModelOptions(
            name='onetimekey',
            options={'verbose_name': 'llave de una sola vez', 'verbose_name_plural': 'llaves de una sola vez'},
        ),
        migrations.AlterModelOptions(
            name='plan',
            options={'verbose_name': 'plan', 'verbose_name_plural': 'planes'},
        ),
        migrations.AlterModelOptions(
            name='planservice',
            options={'ordering': ('service_id',), 'verbose_name': 'servicio de un plan', 'verbose_name_plural': 'servicios de un plan'},
        ),
        migrations.AlterField(
            model_name='additionalrfc',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='additional_rfcs', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='additionalrfc',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
        migrations.AlterField(
            model_name='apirefusal',
            name='api_key',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='accounts.apikey', verbose_name='llave'),
        ),
        migrations.AlterField(
            model_name='apirefusal',
            name='client',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='cfdirecord',
            name='api_key',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.apikey', verbose_name='llave'),
        ),
        migrations.AlterField(
            model_name='cfdirecord',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quién'),
        ),
        migrations.AlterField(
            model_name='cfdirecord',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='cfdi', serialize=False, to='clients.folioledger', verbose_name='movimiento'),
        ),
        migrations.AlterField(
            model_name='client',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
        migrations.AlterField(
            model_name='client',
            name='reseller',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='clients', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AlterField(
            model_name='client',
            name='search_text',
            field=models.GeneratedField(db_persist=True, expression=clients.search.Folded(clients.search.Joined('legal_name', 'rfc', 'contact_email', 'contact_name', 'contact_phone')), output_field=models.TextField(), verbose_name='texto de búsqueda'),
        ),
        migrations.AlterField(
            model_name='client',
            name='sort_name',
            field=models.GeneratedField(db_persist=True, expression=clients.search.Folded(django.db.models.functions.text.Replace(django.db.models.functions.text.Replace(models.F('legal_name'), models.Value('ñ'), models.Value('n~')), models.Value('Ñ'), models.Value('N~'))), output_field=models.TextField(db_collation='C'), verbose_name='nombre para ordenar'),
        ),
        migrations.AlterField(
            model_name='client',
            name='user',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='clients', to=settings.AUTH_USER_MODEL, verbose_name='persona'),
        ),
        migrations.AlterField(
            model_name='clientevent',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='folioaccount',
            name='client',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='account', serialize=False, to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='folioaccount',
            name='last_seq',
            field=models.BigIntegerField(default=0, verbose_name='último número'),
        ),
        migrations.AlterField(
            model_name='folioday',
            name='client',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='folioledger',
            name='client',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='folioledger',
            name='reverses',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='clients.folioledger', verbose_name='revierte a'),
        ),
        migrations.AlterField(
            model_name='followup',
            name='basis',
            field=models.CharField(max_length=200, verbose_name='hechos en que se basa'),
        ),
        migrations.AlterField(
            model_name='followup',
            name='client',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='followup', serialize=False, to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quién lo dio'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quién lo terminó'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='persona'),
        ),
        migrations.AlterField(
            model_name='onetimekey',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='onetimekey',
            name='content',
            field=models.CharField(max_length=64, verbose_name='contenido'),
        ),
        migrations.AlterField(
            model_name='onetimekey',
            name='is_of_reseller',
            field=models.BooleanField(verbose_name='vale para todo el revendedor'),
        ),
        migrations.AlterField(
            model_name='onetimekey',
            name='reseller',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.reseller', verbose_name='revendedor'),
        ),
        migrations.AlterField(
            model_name='plan',
            name='client',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='plan', serialize=False, to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='plan',
            name='package',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='packages.package', verbose_name='paquete'),
        ),
        migrations.AlterField(
            model_name='planservice',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inclusions', to='clients.plan', verbose_name='plan'),
        ),
        migrations.AlterField(
            model_name='planservice',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='packages.service', verbose_name='servicio'),
        ),
        migrations.AlterField(
            model_name='seal',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='task',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='task',
            name='created_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quién lo anotó'),
        ),
        migrations.AlterField(
            model_name='task',
            name='done_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quién lo hizo'),
        ),
        migrations.AlterField(
            model_name='task',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
    ]
