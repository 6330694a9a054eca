# What a user's function does outside its session meets what it would meet there:
#
#  1. a job: index expression, predicate, CHECK constraint, statistics; each
#     attack beside the same with what the function may do
#  2. autovacuum, and an administrator's ANALYZE and CREATE INDEX
#  3. parallel workers of a session, and of the build of an index
#
# The functions have polymorphic bodies, which nothing looks at before they are
# executed.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated('
dsql_emu.create_delay = 0
dsql_emu.auto_analyze = off
autovacuum = off
autovacuum_naptime = 1
autovacuum_analyze_threshold = 1
autovacuum_analyze_scale_factor = 0
min_parallel_table_scan_size = 0
max_worker_processes = 16
');
my $forced = $node->pg_version >= 16 ? 'debug_parallel_query' : 'force_parallel_mode';
$node->safe_psql('postgres', 'CREATE ROLE app LOGIN');

my $super = $node->safe_psql('postgres', 'SELECT current_user');
my %cluster = DsqlEmu::create_clusters($node, qw(shop bank));
$node->safe_psql('postgres', "GRANT ALL ON SCHEMA shop, bank TO app");

# The answer of the last statement, or SQLSTATE and message of the first error.
sub ask
{
	my ($user, $cluster, @statements) = @_;
	local $ENV{PGOPTIONS} = $cluster ? "-c amzn-cluster-id=$cluster{$cluster}" : '';
	my $answer = '';
	foreach my $statement (@statements)
	{
		my ($status, $output, $errors) = $node->psql('postgres', $statement,
			extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);
		return $errors =~ /ERROR:  (\w{5}: .*)$/m ? $1 : $errors if $status != 0;
		$answer = $output;
	}
	return $answer;
}

# Status and details of the job that a statement has queued, in the cluster
# "shop" unless another is given
sub job
{
	my ($user, $statement, @cluster) = @_;
	my $id = ask($user, @cluster ? $cluster[0] : 'shop', $statement);
	return $id if $id !~ /^[a-z0-9]{26}$/;
	ask($user, 'shop', "CALL sys.wait_for_job('$id')");
	return ask($user, 'shop', "SELECT concat_ws(': ', status, details) FROM sys.jobs WHERE job_id = '$id'");
}

# Bodies, and how a job ends that calls them
my $other = 'schema "bank" does not exist';
my %bodies = (
	own => [ 'SELECT i FROM shop.own', '' ],
	peek => [ 'SELECT i FROM bank.treasure', $other ],
	spoil => [ q{UPDATE bank.treasure SET what = 'lead'; SELECT i}, $other ],
	bridge => [ 'SELECT i FROM (SELECT shop.through()) x', 'relation "bank.treasure" does not exist' ],
	write => [ q{UPDATE shop.own SET what = 'x'; SELECT i},
		'cannot execute UPDATE in a background process' ],
	define => [ 'CREATE TABLE shop.made (id int PRIMARY KEY); SELECT i',
		'cannot execute CREATE TABLE in a background process' ],
	notify => [ q{NOTIFY x; SELECT i}, undef ],
	lock => [ 'SELECT i FROM (SELECT pg_advisory_lock(1)) x', undef ],
	large => [ 'SELECT i FROM (SELECT lo_create(0)) x', undef ],
	sample => [ 'SELECT i FROM shop.own TABLESAMPLE SYSTEM (100)', undef ],
	set => [ q{SELECT i FROM (SELECT set_config('work_mem', '1GB', false)) x}, undef ]);

foreach my $user ('admin', 'app')
{
	is(ask($user, 'bank', 'DROP TABLE IF EXISTS treasure',
			'CREATE TABLE treasure (id int PRIMARY KEY, what text)',
			q{INSERT INTO treasure VALUES (1, 'gold')}), '', "$user: the other cluster's table");
	is(ask($user, 'shop', 'DROP TABLE IF EXISTS own',
			'CREATE TABLE own (id int PRIMARY KEY, what text)',
			q{INSERT INTO own VALUES (1, 'tin')}), '', "$user: its own");
	$node->safe_psql('postgres', q{
		SET dsql_emu.mode = off;
		CREATE OR REPLACE FUNCTION shop.through() RETURNS text LANGUAGE sql SECURITY DEFINER
		BEGIN ATOMIC SELECT what FROM bank.treasure; END});

	foreach my $name (sort keys %bodies)
	{
		my ($body, $error) = @{ $bodies{$name} };

		is(ask($user, 'shop',
				'DROP TABLE IF EXISTS t',
				'DROP FUNCTION IF EXISTS f(int)', 'DROP FUNCTION IF EXISTS e(anyelement)',
				"CREATE FUNCTION e(i anyelement) RETURNS anyelement LANGUAGE sql VOLATILE AS \$\$ $body \$\$",
				'CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT shop.e(i) $$',
				'CREATE TABLE t (id int PRIMARY KEY, a int)',
				'INSERT INTO t VALUES (1, 1), (2, 2)'), '', "$user, $name: a table and its functions");

		# What is in both lists is refused in the same words.
		if (!defined $error)
		{
			my $session = ask($user, 'shop', 'SELECT f(a) FROM t');
			like($session, qr/^(0A000|42501): /, "$name in the session");
			$error = $session =~ s/^\w+: //r;
		}
		my $expected = $error ? "failed: $error" : 'completed';
		is(job($user, 'CREATE INDEX ASYNC i1 ON t (f(a))'), $expected, "$user, $name: index expression");
		is(job($user, 'CREATE UNIQUE INDEX ASYNC i2 ON t ((f(a) * 0))'),
			$error ? $expected : 'failed: found duplicate key(s) while validating index uniqueness',
			"$user, $name: index of duplicates");
		is(job($user, 'CREATE INDEX ASYNC i3 ON t (a) WHERE f(a) > 0'), $expected, "$user, $name: predicate");
		is(ask($user, 'shop', 'ALTER TABLE t ADD CONSTRAINT c CHECK (f(a) > 0) NOT VALID'), '', 'a constraint');
		is(job($user, 'ALTER TABLE ASYNC t VALIDATE CONSTRAINT c'), $expected, "$user, $name: constraint");
	}
	is(ask($user, 'bank', 'SELECT what FROM treasure'), 'gold', 'the treasure is untouched');
	is(ask($user, 'shop', 'SELECT what FROM own'), 'tin', 'so is what belongs to the cluster');
	$node->safe_psql('postgres', q{
		SET dsql_emu.mode = off;
		DROP FUNCTION shop.through();
		DROP TABLE shop.t, shop.own, bank.treasure;
		DROP FUNCTION shop.f(int);
		DROP FUNCTION shop.e(anyelement)});
}
is(ask('admin', 'shop', q{SELECT to_regclass('made') IS NULL}), 't', 'nothing was made');

# 2.  What the functions have found would be in the statistics.
is(ask('admin', 'bank', 'CREATE TABLE treasure (id int PRIMARY KEY, what int)',
		'INSERT INTO treasure VALUES (1, 4711)'), '', 'a treasure');
is(ask('admin', 'shop', 'CREATE TABLE own (id int PRIMARY KEY, what int)',
		'INSERT INTO own VALUES (1, 12)',
		'CREATE FUNCTION e(i anyelement) RETURNS anyelement LANGUAGE sql VOLATILE AS $$ SELECT what FROM bank.treasure $$',
		'CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT shop.e(i) $$',
		'CREATE FUNCTION mine(i anyelement) RETURNS anyelement LANGUAGE sql VOLATILE AS $$ SELECT what FROM shop.own $$',
		'CREATE FUNCTION good(i int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT shop.mine(i) $$',
		'CREATE TABLE t (id int PRIMARY KEY, a int)',
		'INSERT INTO t VALUES (1, 1), (2, 2)',
		'CREATE STATISTICS s ON (f(a)), (a + 1) FROM t',
		'CREATE TABLE u (id int PRIMARY KEY, a int)',
		'INSERT INTO u VALUES (1, 1), (2, 2)',
		'CREATE STATISTICS us ON (good(a)), (a + 1) FROM u'), '', 'statistics on expressions');

sub seen
{
	return $node->safe_psql('postgres', q{
		SELECT coalesce(string_agg(DISTINCT most_common_vals::text, ' ' ORDER BY most_common_vals::text), 'nothing')
		FROM pg_stats_ext_exprs WHERE most_common_vals IS NOT NULL});
}
like(ask($super, undef, 'ANALYZE shop.t'),
	qr/^3F000: \Q$other\E/, "an administrator's ANALYZE");
is(job($super, 'CREATE INDEX ASYNC ON shop.t (shop.f(a))', undef), "failed: $other",
	"an administrator's CREATE INDEX");
is(ask($super, undef, 'ANALYZE shop.u'), '',
	'ANALYZE of a table whose functions keep to their cluster');
is(seen(), '{12}', 'and that is what they found');

my $log = -s $node->logfile;
$node->append_conf('postgresql.conf', 'autovacuum = on');
$node->reload;
is(ask('admin', 'shop', 'UPDATE own SET what = 13', 'INSERT INTO u VALUES (3, 3), (4, 4), (5, 5)', 'INSERT INTO t VALUES (3, 3), (4, 4), (5, 5)'), '', 'changes');
$node->poll_query_until('postgres',
	q{SELECT count(*) = 1 FROM pg_stats_ext_exprs WHERE most_common_vals::text = '{13}'})
  or die 'no autovacuum';
$node->wait_for_log(qr/automatic analyze of table "postgres\.shop\.t"/, $log);
like(slurp_file($node->logfile, $log),
	qr/ERROR:  \Q$other\E(?:(?!ERROR:).)*automatic analyze of table "postgres\.shop\.t"/s, 'autovacuum');
is(seen(), '{13}', 'it has found nothing of the other cluster');
$node->append_conf('postgresql.conf', 'autovacuum = off');
$node->reload;

# 3
is(ask('admin', 'shop',
		'CREATE FUNCTION look(i anyelement) RETURNS anyelement LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
			AS $$ SELECT what FROM bank.treasure $$',
		'CREATE FUNCTION lock(i anyelement) RETURNS anyelement LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
			AS $$ SELECT i FROM (SELECT pg_advisory_xact_lock_shared(1)) x $$',
		'CREATE FUNCTION fine(i anyelement) RETURNS anyelement LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
			AS $$ SELECT what FROM shop.own $$',
		'CREATE FUNCTION version_of(i anyelement) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
			AS $$ SELECT version() $$'), '', 'functions for parallel workers');
my $locked = ask('app', 'shop', 'SELECT shop.lock(1)');
like($locked, qr/^0A000: /, 'a function that the service does not have');
$node->append_conf('postgresql.conf', "$forced = on");
$node->reload;
$node->poll_query_until('postgres', "SELECT setting = 'on' FROM pg_settings WHERE name = '$forced'");
foreach my $user ('admin', 'app')
{
	like(ask($user, 'shop', 'SET dsql_emu.explain = postgresql; EXPLAIN (COSTS OFF) SELECT shop.look(1)'), qr/^Gather\n/, "$user: in a parallel worker");
	is(ask($user, 'shop', 'SELECT shop.fine(1)'), '13', "$user: its own cluster");
	is(ask($user, 'shop', 'SELECT shop.look(1)'), "3F000: $other", "$user: another one");
	is(ask($user, 'shop', 'SELECT shop.lock(1)'), $locked, "$user: the list of functions");
	is(ask($user, undef, 'SELECT shop.look(1)'), '3F000: schema "shop" does not exist',
		"$user: from the default cluster");
}
is(ask($super, undef, 'SELECT shop.look(1)'), '4711',
	'an administrator who is in no cluster');
is(ask($super, 'shop', 'SELECT shop.look(1)'), "3F000: $other",
	'and one who is in a cluster');
$node->append_conf('postgresql.conf', "$forced = off");
$node->reload;
ask('admin', 'shop',
	'CREATE FUNCTION pf(i int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT shop.look(i) $$',
	'CREATE FUNCTION pg(i int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT shop.fine(i) $$',
	'CREATE TABLE big (id int PRIMARY KEY, a int)',
	'INSERT INTO big SELECT g, g FROM generate_series(1, 2000) g');
is(job('admin', 'CREATE INDEX ASYNC p1 ON big (pf(a))'), "failed: $other", 'the parallel build of an index');
is(job('admin', 'CREATE INDEX ASYNC p2 ON big (pg(a))'), 'completed', 'which may read what is its own');

$node->stop;
done_testing();
