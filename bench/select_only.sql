-- Read one row by its key.
-- protocols: simple prepared
\set aid random(1, 100000 * :scale)
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
