-- A piece of a crowd (demo/crowd.py): the clients with the numbers %(first)s to %(last)s.
-- Client number n was created `age` days ago and has made `many` stamps that spent `spent`
-- folios in all, one every `every` days; the last one was `idle` days ago, and it was not
-- suspended before that. RFCs are unique by their date and homoclave; consonants keep them
-- from spelling a word that SAT avoids.
CREATE TEMPORARY TABLE crowd AS
WITH words AS (
SELECT %(given)s::text[] AS given, %(family)s::text[] AS family,
       %(trade)s::text[] AS trade, %(place)s::text[] AS place),
numbers AS (
SELECT n, a, b, c, d, 5 + mod(e, 300) AS age, 1 + mod(n, 5) AS every,
       CASE WHEN mod(n, 11) = 0 THEN 65 + mod(n, 50) ELSE mod(n, 9) END AS idle,
       CASE WHEN mod(n, %(stride)s) = 0 THEN 40 ELSE 2 END AS most
  FROM generate_series(%(first)s, %(last)s) AS n
 CROSS JOIN LATERAL (SELECT mod(abs(hashint4extended(n, 1)), 1000003)::int AS a,
                            mod(abs(hashint4extended(n, 2)), 1000003)::int AS b,
                            mod(abs(hashint4extended(n, 3)), 1000003)::int AS c,
                            mod(abs(hashint4extended(n, 4)), 1000003)::int AS d,
                            mod(abs(hashint4extended(n, 5)), 1000003)::int AS e) AS _),
lives AS (
SELECT numbers.*, package.id AS package_id, folios,
       LEAST(most, GREATEST(0, (age - idle) / every)) AS many,
       CASE WHEN mod(b, 19) = 0 THEN folios ELSE folios * mod(b, 950) / 1000 END AS spent
  FROM numbers JOIN packages_package AS package
    ON package.id = (%(packages)s::bigint[])[1 + mod(n, 3)])
SELECT n, nextval(pg_get_serial_sequence('clients_client', 'id')) AS id, package_id,
       folios, age, every, idle, LEAST(many, spent) AS many,
       CASE WHEN many > 0 THEN spent ELSE 0 END AS spent,
       now() - make_interval(days => age) AS created_at,
       CASE WHEN mod(n, 5) < 2
            THEN concat_ws(' ', given[1 + mod(a, cardinality(given))],
                 CASE WHEN mod(b, 3) = 0 THEN given[1 + mod(c, cardinality(given))] END,
                 family[1 + mod(c, cardinality(family))],
                 family[1 + mod(d, cardinality(family))])
            ELSE concat_ws(' ', trade[1 + mod(a, cardinality(trade))],
                 place[1 + mod(b, cardinality(place))],
                 CASE mod(c, 4) WHEN 0 THEN family[1 + mod(d, cardinality(family))]
                      || ' & ' || family[1 + mod(a, cardinality(family))]
                 WHEN 1 THEN family[1 + mod(d, cardinality(family))] || ' HERMANOS'
                 WHEN 2 THEN 'SUCURSAL ' || 1 + mod(d, 9000) END,
                 CASE WHEN mod(n, 97) = 0 THEN 'Y SOLUCIONES INTEGRALES DE INGENIERÍA, '
                      'MANTENIMIENTO INDUSTRIAL, LOGÍSTICA Y SERVICIOS ADMINISTRATIVOS '
                      'PARA LA PEQUEÑA Y MEDIANA EMPRESA' END) END AS name,
       chr(65 + mod(c, 26)) || substr('BCDFGHJKLM', 1 + mod(d, 10), 1)
       || substr('NPRSTVWXYZ', 1 + mod(b, 10), 1)
       || CASE WHEN mod(n, 5) < 2 THEN chr(65 + mod(a, 26)) ELSE '' END
       || to_char(date '1950-01-01' + mod(n, 20000), 'YYMMDD')
       || translate(to_char(n / 20000, 'FM000'), '0123', 'MNPQ') AS rfc
  FROM lives CROSS JOIN words;

INSERT INTO clients_client (id, public_id, reseller_id, legal_name, rfc, tax_regime,
       postal_code, contact_name, contact_email, contact_phone, user_id, created_at,
       expires_on, suspended_at, archived_at)
SELECT id, gen_random_uuid(), %(reseller)s, name, rfc,
       CASE WHEN length(rfc) = 13 THEN '612' ELSE '601' END,
       to_char(1000 + mod(n * 37, 98000), 'FM00000'), 'Contacto ' || n,
       'contacto' || n || CASE mod(n, 3) WHEN 0 THEN '@ejemplo.mx'
                               WHEN 1 THEN '@correo.ejemplo.mx' ELSE '@ejemplo.com' END,
       CASE WHEN mod(n, 4) = 0 THEN '' ELSE '55' || to_char(mod(n * 7919::bigint,
            100000000), 'FM00000000') END,
       %(user)s, created_at,
       CASE WHEN mod(n, 3) > 0 THEN created_at::date + 20 + mod(n * 13, 400) END,
       CASE WHEN mod(n, 29) = 0
            THEN now() - make_interval(days => LEAST(mod(n, 60), age, idle)) END,
       CASE WHEN mod(n, 41) = 0 THEN now() END
  FROM crowd ORDER BY id;

INSERT INTO clients_plan (client_id, package_id, is_customized, assigned_at, name,
       folios, term_count, term_unit, leftover_rule, leftover_limit)
SELECT crowd.id, package_id, false, crowd.created_at, package.name, package.folios,
       term_count, term_unit, leftover_rule, leftover_limit
  FROM crowd JOIN packages_package AS package ON package.id = package_id;

CREATE TEMPORARY TABLE moved AS
SELECT id AS client_id, 2 AS seq, 'assignment' AS kind, folios::bigint AS quantity,
       folios::bigint AS balance, 'alta' AS reference, created_at
  FROM crowd
UNION ALL
SELECT id, 2 + place, 'stamp', spent * (place - 1) / many - spent * place / many,
       folios - spent * place / many, 'F-' || place,
       now() - make_interval(days => (idle + every * (many - place))::int)
  FROM crowd CROSS JOIN LATERAL generate_series(1, many) AS place;

INSERT INTO clients_folioledger (client_id, seq, kind, quantity, balance_after,
       reference, reason, created_at)
SELECT client_id, seq, kind, quantity, balance, reference, '', created_at FROM moved;

INSERT INTO clients_clientevent (client_id, seq, kind, reason, message, before, after,
       created_at)
SELECT id, 1, 'created', '', '', '{}'::jsonb,
       jsonb_build_object('plan', name, 'expires_on', expires_on,
                          'services', '[]'::jsonb), client.created_at
  FROM (SELECT id FROM crowd) AS crowd JOIN clients_client AS client USING (id)
  JOIN clients_plan AS plan ON plan.client_id = client.id
UNION ALL
SELECT client_id, 2 + many + row_number() OVER (PARTITION BY client_id ORDER BY kind
       DESC), kind, reason, '', '{}'::jsonb, '{}'::jsonb, at
  FROM (SELECT id AS client_id, many, kind, reason, at
          FROM (SELECT id, many FROM crowd) AS crowd
          JOIN clients_client AS client USING (id) CROSS JOIN LATERAL
               (VALUES ('suspended', 'No ha pagado', suspended_at),
                       ('archived', '', archived_at)) AS event (kind, reason, at)
         WHERE at IS NOT NULL) AS away;

-- The same sums as audit_ledger's.
CREATE TEMPORARY TABLE totals AS
SELECT client_id, day, balance, sum(spent) OVER by_day AS spent,
       sum(CASE WHEN before = 0 THEN greatest(0, day - previous - 1) ELSE 0 END)
       OVER by_day AS dry, max(stamped_on) OVER by_day AS stamped_on
  FROM (SELECT *, lag(balance) OVER by_day AS before, lag(day) OVER by_day AS previous
          FROM (SELECT client_id, (created_at AT TIME ZONE %(zone)s)::date AS day,
                       min(balance) AS balance,
                       coalesce(-sum(quantity) FILTER (WHERE kind = 'stamp'), 0) AS spent,
                       max((created_at AT TIME ZONE %(zone)s)::date)
                       FILTER (WHERE kind = 'stamp') AS stamped_on
                  FROM moved GROUP BY 1, 2) AS ended
        WINDOW by_day AS (PARTITION BY client_id ORDER BY day)) AS dried
WINDOW by_day AS (PARTITION BY client_id ORDER BY day);

INSERT INTO clients_folioday (client_id, day, spent, balance, dry)
SELECT client_id, day, spent, balance, dry FROM totals ORDER BY day;

INSERT INTO clients_folioaccount (client_id, reseller_id, balance, last_seq, spent, dry, moved_on,
       stamped_on)
SELECT crowd.id, %(reseller)s, folios - crowd.spent,
       2 + many + (suspended_at IS NOT NULL)::int + (archived_at IS NOT NULL)::int,
       newest.spent, newest.dry, newest.day, newest.stamped_on
  FROM crowd JOIN clients_client AS client USING (id)
  JOIN (SELECT DISTINCT ON (client_id) * FROM totals ORDER BY client_id, day DESC)
       AS newest ON newest.client_id = id;

DROP TABLE crowd, moved, totals;
