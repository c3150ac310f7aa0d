from django.db import migrations, models
from django.db.models import Q

# The day that the term was last anchored to: that of the client's creation, or of the
# last renewal after the end. A term that ends on another day was only clipped if that
# may be (a month has at least 28 days); otherwise it goes on from where it ends.
BACKFILL = """
WITH anchored AS (
    SELECT DISTINCT ON (event.client_id)
           event.client_id, extract(day FROM event.created_at
                                    AT TIME ZONE reseller.time_zone)::int AS day
      FROM clients_clientevent AS event
      JOIN clients_client AS client ON client.id = event.client_id
      JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
     WHERE event.kind = 'created'
        OR event.kind = 'renewed' AND event.before ? 'expires_on'
           AND coalesce((event.before ->> 'expires_on')::date
                        < (event.created_at AT TIME ZONE reseller.time_zone)::date,
                        true)
     ORDER BY event.client_id, event.seq DESC
)
UPDATE clients_plan AS plan
   SET anchor_day = CASE
       WHEN plan.term_unit <> 'day' AND anchored.day > ends.day AND ends.day >= 28
       THEN anchored.day ELSE ends.day END
  FROM anchored, LATERAL (
       SELECT extract(day FROM client.expires_on)::int AS day
         FROM clients_client AS client
        WHERE client.id = anchored.client_id) AS ends
 WHERE plan.client_id = anchored.client_id AND ends.day IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0009_taken_back")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="anchor_day",
            field=models.PositiveSmallIntegerField(
                null=True, verbose_name="día del mes"
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=Q(anchor_day=None) | Q(anchor_day__range=(1, 31)),
                name="plan_is_anchored_to_a_day_of_the_month",
            ),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
