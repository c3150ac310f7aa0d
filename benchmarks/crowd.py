"""Creates any number of clients of a reseller, each with months of movements, so that
pages can be measured with many rows. SQL writes them into an empty database within
seconds, in the state the verbs would have left (`audit_ledger` agrees).

Every client is a function of its number, so that every crowd is the same.
"""

from django.db import connection

from accounts.models import Reseller, User
from packages import catalogue
from packages.catalogue import PackageDetails
from packages.models import TermUnit

PACKAGES = [
    PackageDetails(name="Chico", folios=60),
    PackageDetails(name="Mediano", folios=240, term_count=1, term_unit=TermUnit.YEAR),
    PackageDetails(name="Grande", folios=1200, term_count=1, term_unit=TermUnit.YEAR),
]

# Client number `n` was created `age` days ago and has made `many` stamps of `each`
# folios, one every `every` days; the last one was `idle` days ago, and a suspension is
# not older.
_FACTS = """
CREATE TEMPORARY TABLE crowd ON COMMIT DROP AS
SELECT n, nextval(pg_get_serial_sequence('clients_client', 'id')) AS id,
       package.id AS package_id, package.folios,
       now() - make_interval(days => age) AS created_at, age, every,
       LEAST(mod(n, 40), GREATEST(0, (age - idle) / every)) AS many,
       GREATEST(1, CASE mod(n, 7) WHEN 0 THEN package.folios / 20
                   ELSE package.folios * (mod(n, 6)) / 240 END) AS each,
       idle
  FROM (SELECT n, 5 + mod(n * 7, 300) AS age, 1 + mod(n, 5) AS every,
               CASE WHEN mod(n, 11) = 0 THEN 65 + mod(n, 50) ELSE mod(n, 9) END AS idle
          FROM generate_series(1, %(count)s) AS n) AS numbers
  JOIN (SELECT *, row_number() OVER (ORDER BY folios) AS place
          FROM packages_package WHERE reseller_id = %(reseller)s) AS package
    ON package.place = 1 + mod(n, 3);

INSERT INTO clients_client (id, public_id, reseller_id, legal_name, rfc, tax_regime,
       postal_code, contact_name, contact_email, contact_phone, user_id, created_at,
       expires_on, suspended_at, archived_at)
SELECT id, gen_random_uuid(), %(reseller)s, 'Empresa ' || n,
       'E' || chr(65 + mod(n, 26)) || chr(65 + mod(n / 26, 26))
       || to_char(date '2000-01-01' + n / 676, 'YYMMDD') || 'AB1',
       '601', '06000', 'Contacto ' || n, 'persona@ejemplo.mx', '', %(user)s,
       created_at,
       CASE WHEN mod(n, 3) > 0 THEN created_at::date + 20 + mod(n * 13, 400) END,
       CASE WHEN mod(n, 29) = 0
            THEN now() - make_interval(days => LEAST(mod(n, 60), age, idle)) END,
       CASE WHEN mod(n, 41) = 0 THEN now() END
  FROM crowd;

INSERT INTO clients_plan (client_id, package_id, is_customized, assigned_at, name,
       folios, term_count, term_unit, leftover_rule, leftover_limit)
SELECT crowd.id, package.id, false, created_at, name, package.folios, term_count,
       term_unit, leftover_rule, leftover_limit
  FROM crowd JOIN (SELECT id, name, folios, term_count, term_unit, leftover_rule,
                          leftover_limit FROM packages_package) AS package
    ON package.id = crowd.package_id;

INSERT INTO clients_folioledger (client_id, seq, kind, quantity, balance_after,
       reference, reason, created_at)
SELECT id, 2, 'assignment', folios, folios, 'alta', '', created_at FROM crowd
UNION ALL
SELECT id, 2 + place, 'stamp', -each, folios - each * place, 'F-' || place, '',
       now() - make_interval(days => idle + every * (many - place)::int)
  FROM crowd CROSS JOIN LATERAL
       generate_series(1, LEAST(many, folios / each)) AS place;

INSERT INTO clients_clientevent (client_id, seq, kind, reason, message, before, after,
       created_at)
SELECT id, 1, 'created', '', '', '{}'::jsonb,
       jsonb_build_object('plan', name, 'expires_on', expires_on,
                          'services', '[]'::jsonb), client.created_at
  FROM crowd JOIN clients_client AS client USING (id)
  JOIN clients_plan AS plan ON plan.client_id = client.id
UNION ALL
SELECT client_id, 2 + stamps + row_number() OVER (PARTITION BY client_id ORDER BY kind
       DESC), kind, reason, '', '{}'::jsonb, '{}'::jsonb, at
  FROM (SELECT id AS client_id, LEAST(many, folios / each) AS stamps, kind, reason, at
          FROM crowd JOIN clients_client AS client USING (id) CROSS JOIN LATERAL
               (VALUES ('suspended', 'No ha pagado', suspended_at),
                       ('archived', '', archived_at)) AS event (kind, reason, at)
         WHERE at IS NOT NULL) AS away;

INSERT INTO clients_folioaccount (client_id, balance, last_seq, spent, dry)
SELECT DISTINCT ON (client_id) client_id, balance_after,
       (SELECT max(event.seq) FROM clients_clientevent AS event
         WHERE event.client_id = entry.client_id), 0, 0
  FROM clients_folioledger AS entry ORDER BY client_id, seq DESC;
UPDATE clients_folioaccount AS account SET last_seq = GREATEST(last_seq,
       (SELECT max(seq) FROM clients_folioledger AS entry
         WHERE entry.client_id = account.client_id));
"""


# Adds the entries up to rows of FolioDay; audit_ledger checks the same sums.
_DAYS = """
WITH moved AS (
    SELECT entry.client_id, entry.seq, entry.kind, entry.quantity, entry.balance_after,
           max((entry.created_at AT TIME ZONE reseller.time_zone)::date)
           OVER (PARTITION BY entry.client_id ORDER BY entry.seq) AS day
    FROM clients_folioledger AS entry
    JOIN clients_client AS client ON client.id = entry.client_id
    JOIN accounts_reseller AS reseller ON reseller.id = client.reseller_id
),
ended AS (
    SELECT client_id, day,
           sum(CASE WHEN kind IN ('stamp', 'reversal') THEN -quantity ELSE 0 END)
               AS spent,
           (array_agg(balance_after ORDER BY seq DESC))[1] AS balance
    FROM moved GROUP BY client_id, day
),
dried AS (
    SELECT *, CASE WHEN lag(balance) OVER by_day = 0
                   THEN greatest(0, day - lag(day) OVER by_day - 1) ELSE 0 END AS dry
    FROM ended WINDOW by_day AS (PARTITION BY client_id ORDER BY day)
)
INSERT INTO clients_folioday (client_id, day, spent, balance, dry)
SELECT client_id, day, sum(spent) OVER by_day, balance, sum(dry) OVER by_day
FROM dried WINDOW by_day AS (PARTITION BY client_id ORDER BY day);

UPDATE clients_folioaccount AS account
   SET spent = newest.spent, dry = newest.dry, moved_on = newest.day,
       stamped_on = (SELECT max((entry.created_at
                                  AT TIME ZONE reseller.time_zone)::date)
                     FROM clients_folioledger AS entry
                     JOIN clients_client AS client ON client.id = entry.client_id
                     JOIN accounts_reseller AS reseller
                       ON reseller.id = client.reseller_id
                     WHERE entry.client_id = account.client_id AND kind = 'stamp')
  FROM (SELECT DISTINCT ON (client_id) * FROM clients_folioday
        ORDER BY client_id, day DESC) AS newest
 WHERE newest.client_id = account.client_id;
"""


def make(reseller: Reseller, count: int) -> None:
    """Create the packages and `count` clients of a reseller that has none."""
    for details in PACKAGES:
        catalogue.create(reseller, details=details, services={}, by=None)
    user = User.objects.create_user("persona@ejemplo.mx", None)
    with connection.cursor() as cursor:
        cursor.execute(
            _FACTS, {"reseller": reseller.pk, "user": user.pk, "count": count}
        )
        cursor.execute(_DAYS)
        cursor.execute("ANALYZE")
