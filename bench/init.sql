-- The tables of pgbench.  :scale is the number of branches.
CREATE TABLE pgbench_branches (
	bid int PRIMARY KEY,
	bbalance int,
	filler char(88)
);
CREATE TABLE pgbench_tellers (
	tid int PRIMARY KEY,
	bid int,
	tbalance int,
	filler char(84)
);
CREATE TABLE pgbench_accounts (
	aid int PRIMARY KEY,
	bid int,
	abalance int,
	filler char(84)
);
CREATE TABLE pgbench_history (
	tid int,
	bid int,
	aid int,
	delta int,
	mtime timestamp,
	filler char(22)
);
INSERT INTO pgbench_branches
	SELECT b, 0, '' FROM generate_series(1, :scale) b;
INSERT INTO pgbench_tellers
	SELECT t, (t - 1) / 10 + 1, 0, '' FROM generate_series(1, 10 * :scale) t;
INSERT INTO pgbench_accounts
	SELECT a, (a - 1) / 100000 + 1, 0, ''
	FROM generate_series(1, 100000 * :scale) a;
VACUUM (ANALYZE, FREEZE) pgbench_branches, pgbench_tellers, pgbench_accounts;
