"""Text that cannot be printed is refused by the database too. What is there is mended
first."""

import accounts.text
from django.db import migrations, models

from reseller_panel.characters import mending_sql


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_printable_text'),
        ('packages', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='package',
            name='name',
            field=accounts.text.LineField(max_length=80, verbose_name='nombre'),
        ),
        migrations.AlterField(
            model_name='service',
            name='description',
            field=accounts.text.LineField(blank=True, max_length=200, verbose_name='descripción'),
        ),
        migrations.AlterField(
            model_name='service',
            name='name',
            field=accounts.text.LineField(max_length=80, verbose_name='nombre'),
        ),
        migrations.AlterField(
            model_name='service',
            name='quantity_label',
            field=accounts.text.LineField(blank=True, max_length=40, verbose_name='qué se cuenta'),
        ),
        migrations.RunSQL(
            [
                mending_sql('packages_package', 'name'),
                mending_sql('packages_service', 'name'),
                mending_sql('packages_service', 'description'),
                mending_sql('packages_service', 'quantity_label'),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='package',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('name'), name='package_name_is_printable'),
        ),
        migrations.AddConstraint(
            model_name='service',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('name', 'description', 'quantity_label'), name='service_text_is_printable'),
        ),
    ]
