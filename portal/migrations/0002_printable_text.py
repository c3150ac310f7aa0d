"""Text that cannot be printed is refused by the database too. What is there is mended
first."""

import accounts.text
from django.conf import settings
from django.db import migrations, models

from reseller_panel.characters import mending_sql


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0005_printable_text'),
        ('portal', '0001_grant'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='grant',
            name='reason',
            field=accounts.text.LineField(max_length=500, verbose_name='motivo'),
        ),
        migrations.RunSQL(
            [
                mending_sql('portal_grant', 'reason'),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=accounts.text.PrintableLine('reason'), name='grant_reason_is_printable'),
        ),
    ]
