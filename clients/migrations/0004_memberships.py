"""Who may open a client's account becomes a row of its own.

The person of a client keeps what it had, if it still has the contact e-mail. One whose
address was changed since is not the person whom the reseller chose: nobody opens that
account until the reseller gives it anew in *Editar plan*.
"""

import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


_OF_THE_CLIENTS = """
INSERT INTO clients_membership (public_id, client_id, user_id, email, created_at,
       confirmed_at)
SELECT gen_random_uuid(), client.id, person.id, person.email, client.created_at,
       client.created_at
  FROM clients_client AS client JOIN accounts_user AS person ON person.id = client.user_id
 WHERE person.email = lower(client.contact_email);
"""

# A reseller typed the name of its client's person, and every other reseller of the
# person could read it.
_NO_NAMES = """
UPDATE accounts_user SET name = ''
 WHERE reseller_id IS NULL AND NOT is_staff
   AND id IN (SELECT user_id FROM clients_client);
"""
_NAMES_AGAIN = """
UPDATE accounts_user AS person SET name = client.contact_name
  FROM (SELECT DISTINCT ON (user_id) user_id, contact_name
          FROM clients_client ORDER BY user_id, created_at, id) AS client
 WHERE client.user_id = person.id AND person.name = ''
   AND person.reseller_id IS NULL AND NOT person.is_staff;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0003_additional_rfcs'),
        ('accounts', '0003_proven_address'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='clientevent',
            name='kind',
            field=models.CharField(choices=[('created', 'alta'), ('plan_edited', 'plan editado'), ('renewed', 'renovado'), ('suspended', 'suspendido'), ('activated', 'activado'), ('archived', 'archivado'), ('restored', 'restaurado'), ('entered', 'entró como cliente'), ('left', 'salió de la cuenta'), ('note', 'nota'), ('postponed', 'sugerencia pospuesta'), ('dismissed', 'sugerencia descartada'), ('contacted', 'contactado'), ('resumed', 'sugerencia reanudada'), ('task_added', 'pendiente agregado'), ('task_done', 'pendiente hecho'), ('task_reopen', 'pendiente reabierto'), ('rfc_added', 'RFC adicional agregado'), ('rfc_ended', 'RFC adicional terminado'), ('accepted', 'acceso aceptado'), ('declined', 'acceso rechazado')], max_length=12, verbose_name='qué'),
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254, verbose_name='entra con')),
                ('created_at', models.DateTimeField(verbose_name='dado')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='aceptado')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='terminado')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='clients.client')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'acceso',
                'verbose_name_plural': 'accesos de clientes',
                'ordering': ('client', '-created_at', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('client', 'user'), name='membership_live_once_per_client_and_person'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email')), models.Q(('email', ''), _negated=True)), name='membership_email_is_lower_case'), models.CheckConstraint(condition=models.Q(('ended_by', None), ('ended_at__isnull', False), _connector='OR'), name='only_an_ended_membership_was_ended_by_somebody')],
            },
        ),
        migrations.RunSQL(_OF_THE_CLIENTS, migrations.RunSQL.noop),
        migrations.RunSQL(_NO_NAMES, _NAMES_AGAIN),
    ]
