"""The search knows the contact's name and telephone, and folds letters such as ø; the
sorting folds them too. A generated column cannot change: it is made anew."""

import clients.search
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0005_printable_text'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='client', name='client_by_words'),
        migrations.RemoveIndex(model_name='client', name='client_by_name'),
        migrations.RemoveField(model_name='client', name='search_text'),
        migrations.RemoveField(model_name='client', name='sort_name'),
        migrations.AddField(
            model_name='client',
            name='search_text',
            field=models.GeneratedField(db_persist=True, expression=clients.search.Folded(clients.search.Joined('legal_name', 'rfc', 'contact_email', 'contact_name', 'contact_phone')), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='client',
            name='sort_name',
            field=models.GeneratedField(db_persist=True, expression=clients.search.sorting_key('legal_name'), output_field=models.TextField(db_collation='C')),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['reseller', 'sort_name', 'id'], name='client_by_name'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('search_text', name='gin_trgm_ops'), name='client_by_words'),
        ),
    ]
