"""A message for the suggestion about a seal."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_reply_address'),
        ('followup', '0004_reopened_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='messagetemplate',
            name='message_is_for_a_suggestion',
        ),
        migrations.AlterField(
            model_name='messagetemplate',
            name='kind',
            field=models.CharField(choices=[('folios', 'ofrecer folios'), ('renewal', 'ofrecer renovación'), ('bigger', 'ofrecer un paquete mayor'), ('seal', 'avisar del sello'), ('call', 'llamar'), ('review', 'activar o archivar')], max_length=10, verbose_name='sugerencia'),
        ),
        migrations.AddConstraint(
            model_name='messagetemplate',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['folios', 'renewal', 'bigger', 'seal', 'call', 'review'])), name='message_is_for_a_suggestion'),
        ),
        # Going back, what there was no suggestion for cannot stay.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "DELETE FROM followup_messagetemplate WHERE kind = 'seal'",
        ),
    ]
