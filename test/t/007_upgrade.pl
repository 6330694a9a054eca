# What doc/upgrading.md says of moving a database to another server:
#
#  1. pg_upgrade and pg_dump need mode off
#  2. pg_upgrade keeps tables, clusters, access keys, mappings and jobs
#  3. so does a dump, but for jobs; roles come from pg_dumpall --roles-only
#
# The new server is of the same major version: what pg_upgrade does with the
# extension is the same as with a newer one.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub new_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init;
	$node->append_conf(
		'postgresql.conf', q{
shared_preload_libraries = 'dsql_emu'
dsql_emu.auto_analyze = off
dsql_emu.create_delay = 0
});
	return $node;
}

my $old = new_node('old');
$old->start;
$old->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
$old->safe_psql('postgres', $_)
  foreach (
	'CREATE TABLE t (id int PRIMARY KEY, v text)',
	"INSERT INTO t SELECT i, 'value ' || i FROM generate_series(1, 100) i",
	'CREATE INDEX ASYNC t_v ON t (v)',
	'CALL dsql.run_jobs()',
	'CREATE ROLE app LOGIN',
	"AWS IAM GRANT app TO 'arn:aws:iam::000000000000:user/app'",
	"SELECT dsql.create_cluster('rome')",
	'SELECT dsql.create_access_key()');
my $rome = $old->safe_psql('postgres',
	"SELECT identifier FROM dsql.clusters WHERE schema = 'rome'");
$old->safe_psql('postgres', "SELECT dsql.use_cluster('$rome');
	CREATE TABLE guest (id int PRIMARY KEY)");

# A cluster with a database of its own, and a change stream
my $oslo = $old->safe_psql('postgres',
	"SELECT identifier FROM dsql.create_cluster(kind => 'database')");
$old->poll_query_until('postgres',
	"SELECT status = 'ACTIVE' FROM dsql.clusters WHERE identifier = '$oslo'");
my $stream = $old->safe_psql('postgres', "SET dsql_emu.mode = off;
	SELECT stream_identifier FROM dsql.create_stream('$oslo', '{\"kinesis\": {
	\"streamArn\": \"arn:aws:kinesis:us-east-1:000000000000:stream/s\",
	\"roleArn\": \"arn:aws:iam::000000000000:role/r\"}}')");
$old->safe_psql(substr($oslo, 0, 8), $_)
  foreach ('CREATE ROLE writer', 'CREATE TABLE house (id int PRIMARY KEY)',
	'INSERT INTO house VALUES (1)');

# What is to be the same before and after.
my @kept = (
	'SELECT count(*), max(v) FROM t',
	"SELECT relam = (SELECT oid FROM pg_am WHERE amname = 'btree_table')
		FROM pg_class WHERE relname IN ('t', 'guest')",
	'SELECT schema, identifier, tables FROM dsql.clusters ORDER BY 1',
	'SELECT * FROM dsql.access_keys',
	'SELECT iam_oid, arn, pg_role_name FROM sys.iam_pg_role_mappings',
	"SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass");
my $jobs = 'SELECT job_id, job_type, status FROM sys.jobs';
my $jobs_before = $old->safe_psql('postgres', $jobs);
my @before = map { $old->safe_psql('postgres', $_) } @kept;

sub keeps
{
	my ($node, $database, $name) = @_;

	foreach my $i (0 .. $#kept)
	{
		is($node->safe_psql($database, $kept[$i]), $before[$i],
			"$name: $kept[$i]");
	}
	my ($status, $answer, $error) = $node->psql($database,
		'BEGIN; CREATE TABLE u (a int); INSERT INTO t VALUES (0)');
	like($error, qr/ddl and dml are not supported in the same transaction/,
		"$name: emulated");
}

# 1
my $dump = "$PostgreSQL::Test::Utils::tmp_check/postgres.dump";
my @dump = ('pg_dump', '-Fc', '-f', $dump, $old->connstr('postgres'));
my ($out, $refusal) = run_command(\@dump);
like($refusal, qr/server version: 16\.|configuration parameter .* not supported/,
	'pg_dump without mode off');
{
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
	command_ok(\@dump, 'pg_dump');
}

my $new = new_node('new');
$old->stop;
my @upgrade = (
	'pg_upgrade', '--no-sync',
	'-d', $old->data_dir, '-D', $new->data_dir,
	'-b', $old->config_data('--bindir'), '-B', $new->config_data('--bindir'),
	'-s', $new->host, '-p', $old->port, '-P', $new->port);
chdir $PostgreSQL::Test::Utils::tmp_check;
$old->start;
$old->safe_psql('template1', 'DROP DATABASE dsql_emu_template');
$old->stop;
($out, $refusal) = run_command(\@upgrade);
like("$out$refusal", qr/configuration parameter .* not supported/,
	'pg_upgrade without mode off');

# 2
{
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
	command_ok(\@upgrade, 'pg_upgrade');
}
$new->start;
keeps($new, 'postgres', 'pg_upgrade');
is($new->safe_psql('postgres', $jobs), $jobs_before, 'pg_upgrade: jobs');
my $name = substr $oslo, 0, 8;
$new->safe_psql($name, 'INSERT INTO house VALUES (2)');
is( $new->safe_psql($name, "SET dsql_emu.mode = off; SELECT record::jsonb #>> '{after,id}',
	record::jsonb #>> '{source,cluster}' FROM dsql.stream_records('$oslo', '$stream') ORDER BY position"),
	"1|$oslo\n2|$oslo", 'pg_upgrade: a change stream of a database');
is($new->safe_psql('postgres', "SET dsql_emu.mode = off; SELECT status FROM dsql.get_stream('$oslo', '$stream')"),
	'ACTIVE', 'pg_upgrade: and what the control plane knows of it');
$new->stop;

# 3
my $restored = new_node('restored');
$restored->start;
$restored->safe_psql('postgres', 'CREATE ROLE app LOGIN');
{
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
	$restored->safe_psql('postgres', 'CREATE DATABASE restored');
	command_ok([ 'pg_restore', '-d', $restored->connstr('restored'), $dump ],
		'pg_restore');
}
keeps($restored, 'restored', 'dump');
is($restored->safe_psql('restored', $jobs), '', 'a dump has no jobs');
$restored->stop;
done_testing();
