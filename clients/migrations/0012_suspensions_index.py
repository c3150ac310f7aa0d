"""An index of the events with which suspensions begin and end, for the forecast."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0011_printable_addresses")]

    operations = [
        migrations.AddIndex(
            model_name="clientevent",
            index=models.Index(
                condition=models.Q(("kind__in", ("suspended", "activated"))),
                fields=["client", "seq"],
                name="client_suspensions",
            ),
        ),
    ]
