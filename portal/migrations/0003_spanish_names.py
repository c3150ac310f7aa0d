"""Spanish names of fields and tables; nothing in the database changes."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0018_spanish_names'),
        ('portal', '0002_printable_text'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='grant',
            name='actor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL, verbose_name='quién entró'),
        ),
        migrations.AlterField(
            model_name='grant',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='clients.client', verbose_name='cliente'),
        ),
        migrations.AlterField(
            model_name='grant',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identificador público'),
        ),
    ]
