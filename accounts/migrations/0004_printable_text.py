"""Text that cannot be printed is refused by the database too. What is there is mended
first."""

import accounts.text
from django.db import migrations, models

from reseller_panel.characters import mending_sql


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_proven_address'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apikey',
            name='name',
            field=accounts.text.LineField(max_length=80, verbose_name='nombre'),
        ),
        migrations.AlterField(
            model_name='reseller',
            name='name',
            field=accounts.text.LineField(max_length=120, verbose_name='nombre'),
        ),
        migrations.AlterField(
            model_name='user',
            name='email',
            field=accounts.text.EmailLineField(max_length=254, unique=True, verbose_name='correo'),
        ),
        migrations.AlterField(
            model_name='user',
            name='name',
            field=accounts.text.LineField(blank=True, max_length=120, verbose_name='nombre'),
        ),
        migrations.RunSQL(
            [
                mending_sql('accounts_apikey', 'name'),
                mending_sql('accounts_reseller', 'name'),
                mending_sql('accounts_user', 'name'),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('name'), name='key_name_is_printable'),
        ),
        migrations.AddConstraint(
            model_name='reseller',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('name'), name='reseller_name_is_printable'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('name'), name='user_name_is_printable'),
        ),
    ]
