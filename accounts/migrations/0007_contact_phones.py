"""What a client calls its reseller by."""

from django.db import migrations

import accounts.text


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_reply_address")]

    operations = [
        migrations.AddField(
            model_name="reseller",
            name="contact_phone",
            field=accounts.text.PhoneField(
                blank=True,
                db_default="",
                default="",
                help_text="Sus clientes lo ven en Mi cuenta y lo marcan de ahí.",
                max_length=20,
                verbose_name="teléfono de contacto",
            ),
        ),
        migrations.AddField(
            model_name="reseller",
            name="contact_whatsapp",
            field=accounts.text.PhoneField(
                blank=True,
                db_default="",
                default="",
                help_text="El número con WhatsApp al que le escriben sus clientes.",
                max_length=20,
                verbose_name="WhatsApp de contacto",
            ),
        ),
    ]
