"""Creates the cache table, so that a new database needs nothing but `migrate`."""

from django.core.management import call_command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    call_command(
        "createcachetable", database=schema_editor.connection.alias, verbosity=0
    )


class Migration(migrations.Migration):
    operations = [
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
