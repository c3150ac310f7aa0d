"""What a client calls its reseller by."""

from django.db import migrations, models

import accounts.text


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_spanish_names")]

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
        migrations.AddConstraint(
            model_name="reseller",
            constraint=models.CheckConstraint(
                condition=models.Q(("contact_phone__regex", r"^(\+[0-9]{8,15})?$"))
                & models.Q(("contact_whatsapp__regex", r"^(\+[0-9]{8,15})?$")),
                name="reseller_phones_can_be_dialled",
            ),
        ),
    ]
