"""An index of all movements but stamps by day, in place of that of the additions alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0013_welcome_again")]

    operations = [
        migrations.AddIndex(
            model_name="folioledger",
            index=models.Index(
                condition=models.Q(("kind", "stamp"), _negated=True),
                fields=["client", "created_at"],
                name="entry_not_stamps",
            ),
        ),
        migrations.RemoveIndex(model_name="folioledger", name="entry_additions"),
    ]
