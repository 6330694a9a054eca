# Clusters with databases of their own, when the server crashes while these are
# made or dropped: each is finished or gone after the restart, and nothing is
# left over.
#
#  1. a crash at each step of making the template and the database
#  2. a crash while the database is dropped
#  3. an error: the cluster has FAILED, and can be deleted
#  4. two control planes that need the template at once: the second one waits for
#     the first
#  5. a database that cannot be dropped does not keep others
#  6. a worker that is terminated is followed by another one
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated(q{
dsql_emu.create_delay = 0
dsql_emu.delete_delay = 0
restart_after_crash = on
});

sub sql
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# What the service does not have.
sub plain_sql
{
	my ($sql) = @_;
	return $node->safe_psql('template1', $sql);
}

sub wait_for
{
	my ($query, $expected) = @_;
	$node->poll_query_until('postgres', $query, $expected)
	  or die "timed out: $query";
	return;
}

sub create
{
	return sql("SELECT identifier FROM dsql.create_cluster("
		  . "deletion_protection_enabled => false, kind => 'database')");
}

# Each database has files, and all files are of a database.
sub no_orphans
{
	my ($name) = @_;
	my $databases = sql('SELECT string_agg(oid::text, \' \' ORDER BY oid::text) FROM pg_database');
	opendir my $dir, $node->data_dir . '/base' or die $!;
	my $files = join ' ', sort grep { /^\d+$/ } readdir $dir;
	closedir $dir;
	is($files, $databases, $name);
	return;
}

# Run into a pause point, and crash there.
sub crash_at
{
	my ($point, $action) = @_;
	my $lock = $node->background_psql('postgres');

	$lock->query_safe('SET dsql_emu.mode = off');
	$lock->query_safe('SELECT pg_advisory_lock(20250527)');
	my $pid = $lock->query_safe('SELECT pg_backend_pid()');
	sql("ALTER SYSTEM SET dsql_emu.debug_pause_point = '$point'");
	sql('SELECT pg_reload_conf()');
	my $id = $action->();
	wait_for("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", '1');
	sql('ALTER SYSTEM RESET dsql_emu.debug_pause_point');
	kill 'KILL', $pid;
	eval { $lock->quit };
	wait_for("SELECT count(*) FROM pg_stat_activity WHERE pid = $pid", '0');
	return $id;
}

# 1
foreach my $point (qw(template_planned template_copied cluster_planned cluster_copied))
{
	plain_sql('DROP DATABASE IF EXISTS dsql_emu_template')
	  if $point =~ /template/;
	my $id = crash_at($point, \&create);
	wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$id'", 'ACTIVE');
	my $name = substr $id, 0, 8;
	is( $node->safe_psql($name, 'SELECT dsql.current_cluster()'),
		$id, "$point: the cluster is finished");
	no_orphans("$point: nothing is left over");
}

# 2
my $id = create();
wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$id'", 'ACTIVE');
crash_at('cluster_dropped', sub { sql("SELECT dsql.delete_cluster('$id')") });
wait_for("SELECT count(*) FROM dsql.cluster WHERE identifier = '$id'", '0');
is(sql("SELECT count(*) FROM pg_database WHERE datname = left('$id', 8)"),
	'0', 'cluster_dropped: the database is gone');
no_orphans('cluster_dropped: nothing is left over');

# 3
plain_sql('DROP DATABASE dsql_emu_template');
plain_sql('CREATE DATABASE dsql_emu_template');
$id = create();
wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$id'", 'FAILED');
ok( $node->log_contains(
		qr/ERROR:  database "dsql_emu_template" is not the template of clusters/),
	'the log tells why');
sql("SELECT dsql.delete_cluster('$id')");
wait_for("SELECT count(*) FROM dsql.cluster WHERE identifier = '$id'", '0');
plain_sql('DROP DATABASE dsql_emu_template');
$id = create();
wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$id'", 'ACTIVE');
no_orphans('it can be made when the reason is gone');

# 4
plain_sql('DROP DATABASE dsql_emu_template');
plain_sql('CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION dsql_emu');
my $lock = $node->background_psql('postgres');
$lock->query_safe('SET dsql_emu.mode = off');
$lock->query_safe('SELECT pg_advisory_lock(20250527)');
sql("ALTER SYSTEM SET dsql_emu.debug_pause_point = 'template_planned'");
sql('SELECT pg_reload_conf()');
my $offset = -s $node->logfile;
my $first = create();
wait_for("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", '1');
my $second = $node->safe_psql('other', "SELECT identifier FROM dsql.create_cluster(kind => 'database')");
wait_for(q{SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND NOT granted
	AND classid = 'pg_database'::regclass AND objid = 0}, '1');
sql('ALTER SYSTEM RESET dsql_emu.debug_pause_point');
sql('SELECT pg_reload_conf()');
$lock->quit;
foreach (['postgres', $first], ['other', $second])
{
	my ($database, $cluster) = @$_;
	ok( $node->poll_query_until($database,
			"SELECT status = 'ACTIVE' FROM dsql.clusters WHERE identifier = '$cluster'"),
		"the cluster of $database is there");
}
unlike(slurp_file($node->logfile, $offset), qr/ERROR|TRAP/, 'neither met the other');
no_orphans('two control planes: nothing is left over');

# 5
my $other = create();
wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$other'", 'ACTIVE');
my $stuck = substr $id, 0, 8;
plain_sql("ALTER DATABASE \"$stuck\" IS_TEMPLATE true");
sql("SELECT dsql.delete_cluster('$id'), dsql.delete_cluster('$other')");
wait_for("SELECT count(*) FROM dsql.cluster WHERE identifier = '$other'", '0');
ok($node->log_contains(qr/ERROR:  (?:\w+: )?cannot drop a template database/), 'one is tried');
plain_sql("ALTER DATABASE \"$stuck\" IS_TEMPLATE false");
$other = create();
wait_for("SELECT count(*) FROM dsql.cluster WHERE identifier = '$id'", '0');
wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$other'", 'ACTIVE');
no_orphans('and again');

# 6
$lock = $node->background_psql('postgres');
$lock->query_safe('SET dsql_emu.mode = off');
$lock->query_safe('SELECT pg_advisory_lock(20250527)');
sql("ALTER SYSTEM SET dsql_emu.debug_pause_point = 'cluster_planned'");
sql('SELECT pg_reload_conf()');
$id = create();
wait_for("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", '1');
sql('ALTER SYSTEM RESET dsql_emu.debug_pause_point');
sql('SELECT pg_reload_conf()');
is(sql(q{SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE backend_type = 'dsql_emu cluster worker'}),
	't', 'a worker is terminated');
$lock->quit;
wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$id'", 'ACTIVE');
no_orphans('another one has made the database');

done_testing();
