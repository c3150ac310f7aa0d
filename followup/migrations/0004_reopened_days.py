"""A movement dated in a day that is stored reopens that day and the later ones.

The clock of a server may step back over midnight after the day was closed. The trigger
is here and not in clients, which does not know of the totals.
"""

from django.db import migrations, models

# The loops and the inner SELECTs make the planner use the indexes: it knows nothing of
# the new rows, and a cached plan might read whole tables.
REOPEN = """
CREATE FUNCTION followup_reopen_days() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late record;
BEGIN
    FOR late IN
        SELECT reseller_id, min(created_at) AS moment
          FROM (SELECT (SELECT client.reseller_id FROM clients_client AS client
                         WHERE client.id = entry.client_id) AS reseller_id,
                       entry.created_at
                  FROM fresh AS entry) AS entry
         GROUP BY reseller_id ORDER BY reseller_id
    LOOP
        DELETE FROM followup_resellerday
         WHERE reseller_id = late.reseller_id
           AND day >= (late.moment AT TIME ZONE (
                 SELECT time_zone FROM accounts_reseller
                  WHERE id = late.reseller_id))::date;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER followup_reopen_days AFTER INSERT ON clients_folioledger
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION followup_reopen_days();
"""
KEEP_CLOSED = """
DROP TRIGGER followup_reopen_days ON clients_folioledger;
DROP FUNCTION followup_reopen_days();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("clients", "0001_initial"),
        ("followup", "0003_sold_may_be_taken_back"),
    ]

    operations = [
        # The rows that exist are counted.
        migrations.AddField(
            model_name="resellerday",
            name="is_counted",
            field=models.BooleanField(default=True, verbose_name="contado"),
        ),
        migrations.AlterField(
            model_name="resellerday",
            name="is_counted",
            field=models.BooleanField(default=False, verbose_name="contado"),
        ),
        migrations.RunSQL(REOPEN, KEEP_CLOSED),
    ]
