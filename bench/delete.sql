-- Most of the rows are still there, see bench/parts/concurrency.sh.
\set id random(1, 500000)
DELETE FROM gone WHERE id = :id;
