"""The limit: pgbench running the best correct single statement for one folio (S4).

It uses its own tables on the same server, with the columns, indexes, constraints and
fillfactor of the product's. It checks no key and no status and uses no HTTP: it is what
PostgreSQL itself can do with one transaction per folio.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

TABLES = """
CREATE TABLE s4_account (LIKE clients_folioaccount INCLUDING ALL);
CREATE TABLE s4_ledger (LIKE clients_folioledger INCLUDING ALL);
DO $$
DECLARE twin record;
BEGIN
  FOR twin IN SELECT CASE conrelid WHEN 'clients_folioledger'::regclass
                     THEN 's4_ledger' ELSE 's4_account' END AS name,
                     pg_get_constraintdef(oid) AS rule
                FROM pg_constraint
               WHERE contype = 'f' AND conrelid IN
                     ('clients_folioledger'::regclass, 'clients_folioaccount'::regclass)
  LOOP EXECUTE format('ALTER TABLE %s ADD %s', twin.name, twin.rule); END LOOP;
  FOR twin IN SELECT unnest(reloptions) AS rule FROM pg_class
               WHERE oid = 'clients_folioaccount'::regclass
  LOOP EXECUTE format('ALTER TABLE s4_account SET (%s)', twin.rule); END LOOP;
END $$;
INSERT INTO s4_account SELECT * FROM clients_folioaccount;
ANALYZE s4_account;
"""

STATEMENT = """
WITH upd AS (
  UPDATE s4_account SET balance = balance - 1, last_seq = last_seq + 1
   WHERE client_id = :c AND balance >= 1
     AND NOT EXISTS (SELECT 1 FROM s4_ledger WHERE client_id = :c
                     AND reference = md5(:r::text)::uuid::text)
  RETURNING client_id, balance, last_seq)
INSERT INTO s4_ledger (client_id, seq, kind, quantity, balance_after, reference,
                       reason, created_at)
SELECT client_id, last_seq, 'stamp', -1, balance, md5(:r::text)::uuid::text, '', now()
  FROM upd RETURNING id, seq, balance_after;
"""

_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class S4:
    """Creates the tables and the scripts; each measurement is one run of pgbench."""

    def __init__(self, address: str, folder: Path) -> None:
        self._program = shutil.which("pgbench")
        if self._program is None:
            raise SystemExit(
                "pgbench is missing, and with it the limit to compare with. "
                "On Debian: apt-get install postgresql-client postgresql-15"
            )
        self._address = address
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(TABLES)
            ids = connection.execute("SELECT client_id FROM s4_account ORDER BY 1")
            self._ids = [pk for (pk,) in ids]
        self._scripts = {
            "many": folder / "s4.sql",
            "hot": folder / "s4-hot.sql",
        }
        last = {"many": self._ids[-1], "hot": self._ids[0]}
        for name, path in self._scripts.items():
            path.write_text(
                f"\\set c random({self._ids[0]}, {last[name]})\n"
                "\\set r random(1, 9000000000000000000)\n" + " ".join(STATEMENT.split())
            )

    def rate(self, connections: int, seconds: int, *, hot: bool = False) -> float:
        """Folios per second."""
        server = conninfo_to_dict(self._address)
        assert self._program
        done = subprocess.run(
            [
                *(self._program, "--no-vacuum", "--protocol=prepared"),
                *("--client", str(connections)),
                *("--jobs", str(min(2, connections)), "--time", str(seconds)),
                *("--file", str(self._scripts["hot" if hot else "many"])),
                *("--host", str(server["host"]), "--username", "postgres"),
                str(server["dbname"]),
            ],
            env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 30,
        )
        found = _TPS.search(done.stdout)
        if done.returncode or found is None or "number of failed" not in done.stdout:
            raise RuntimeError(f"pgbench: {done.stdout}{done.stderr}")
        return float(found[1])
