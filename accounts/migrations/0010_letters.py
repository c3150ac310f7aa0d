"""Whether one letter alone does something, for each person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_contact_phones")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="uses_letters",
            field=models.BooleanField(
                db_default=True,
                default=True,
                editable=False,
                verbose_name="teclas de una letra",
            ),
        ),
    ]
