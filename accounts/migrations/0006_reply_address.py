"""Where answers to a reseller's e-mails go."""

from django.db import migrations

import accounts.text


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_printable_addresses")]

    operations = [
        migrations.AddField(
            model_name="reseller",
            name="contact_email",
            field=accounts.text.EmailLineField(
                blank=True,
                help_text="Recibe lo que sus clientes responden. Sin él, responde su "
                "personal.",
                max_length=254,
                verbose_name="correo de contacto",
            ),
        ),
    ]
