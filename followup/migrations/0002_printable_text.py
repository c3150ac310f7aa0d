"""Text that cannot be printed is refused by the database too. What is there is mended
first."""

import accounts.text
from django.conf import settings
from django.db import migrations, models

from reseller_panel.characters import REFUSED_IN_PARAGRAPHS, mending_sql


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_printable_text'),
        ('followup', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='messagetemplate',
            name='subject',
            field=accounts.text.LineField(max_length=150, verbose_name='asunto'),
        ),
        migrations.AlterField(
            model_name='messagetemplate',
            name='text',
            field=accounts.text.ParagraphsField(max_length=1000, verbose_name='mensaje'),
        ),
        migrations.RunSQL(
            [
                mending_sql('followup_messagetemplate', 'subject'),
                mending_sql('followup_messagetemplate', 'text', REFUSED_IN_PARAGRAPHS),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='messagetemplate',
            constraint=models.CheckConstraint(condition=models.Q(accounts.text.PrintableLine('subject'), accounts.text.PrintableParagraphs('text')), name='message_text_is_printable'),
        ),
    ]
