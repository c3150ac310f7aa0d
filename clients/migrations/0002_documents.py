"""What a document says besides: issuer, end of the certificate, and who reported it
when. What cannot be is refused from now on: records of before stay, as all history."""

import datetime
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('clients', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='cfdirecord',
            name='api_key',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.apikey'),
        ),
        migrations.AddField(
            model_name='cfdirecord',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='cfdirecord',
            name='certificate_ends_at',
            field=models.DateTimeField(null=True, verbose_name='fin del certificado'),
        ),
        migrations.AddField(
            model_name='cfdirecord',
            name='issuer_rfc',
            field=models.CharField(blank=True, default='', max_length=13, verbose_name='RFC del emisor'),
        ),
        migrations.AddField(
            model_name='cfdirecord',
            name='reported_at',
            field=models.DateTimeField(null=True, verbose_name='informado'),
        ),
        migrations.AlterField(
            model_name='cfdirecord',
            name='kind',
            field=models.CharField(choices=[('I', 'ingreso'), ('E', 'egreso'), ('T', 'traslado'), ('N', 'nómina'), ('P', 'pago'), ('R', 'retenciones')], max_length=1, verbose_name='tipo'),
        ),
        migrations.AddIndex(
            model_name='cfdirecord',
            index=models.Index(fields=['uuid'], name='cfdi_by_uuid'),
        ),
        AddConstraintNotValid(
            model_name='cfdirecord',
            constraint=models.CheckConstraint(condition=models.Q(('issued_on__gte', datetime.date(2005, 1, 1)), models.Q(models.Q(('kind', 'R'), _negated=True), ('issued_on__gte', datetime.date(2014, 1, 1)), _connector='OR')), name='cfdi_day_can_be'),
        ),
        AddConstraintNotValid(
            model_name='cfdirecord',
            constraint=models.CheckConstraint(condition=models.Q(('total__gt', Decimal('-10000000000000')), ('total__lt', Decimal('10000000000000'))), name='cfdi_total_can_be'),
        ),
    ]
