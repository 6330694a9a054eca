# DsqlEmu: servers with the extension, and what tests of its background processes
# need.
#
#	my $node = DsqlEmu::emulated("log_statement = none\n");
#	my $node = DsqlEmu::start(max_worker_processes => 4);
#	my $session = DsqlEmu::session($node, 'postgres');
#	DsqlEmu::value($session, 'SELECT 1');
#	DsqlEmu::wait_until($session, 'SELECT ... the condition');
#
# Sessions are kept open: they cost much less than a psql for each query.

package DsqlEmu;

use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use Wire;

# src/base/pause_point.h
use constant PAUSE_LOCK => 20250527;

# A server with the library and these lines of postgresql.conf, whose database
# postgres is emulated.
sub emulated
{
	my ($settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new('main');

	$node->init;
	$node->append_conf('postgresql.conf',
		"shared_preload_libraries = 'dsql_emu'\n" . ($settings // ''));
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
	return $node;
}

# Start a server with these settings.  It crashes and restarts as one in real
# use does, and writes what it does into its log.
sub start
{
	my (%settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new('main');

	%settings = (
		shared_preload_libraries => "'dsql_emu'",
		restart_after_crash => 'on',
		log_min_messages => 'debug1',
		autovacuum => 'off',
		'dsql_emu.auto_analyze' => 'off',
		%settings);
	$node->init;
	$node->append_conf('postgresql.conf', "$_ = $settings{$_}\n")
	  foreach sort keys %settings;
	$node->start;
	return $node;
}

# Make the function try(), which executes a statement in a subtransaction, and
# undoes it and returns the error when it fails.
sub create_try
{
	my ($node) = @_;
	$node->safe_psql('postgres', q{
SET dsql_emu.mode = off;
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'done';
EXCEPTION WHEN query_canceled OR OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END $$});
	return;
}

# Make clusters in schemas of these names; a hash of their identifiers.
sub create_clusters
{
	my ($node, @schemas) = @_;
	return map {
		$_ => $node->safe_psql('postgres', "SELECT identifier FROM dsql.create_cluster('$_', false)")
	} @schemas;
}

# Kill all of the server's processes, which are these, at once, and start it
# again.  Whoever has the dead for its children may be slow to notice: they have
# no command line any more.
sub kill_and_start
{
	my ($node, @pids) = @_;
	my $pid_file = $node->data_dir . '/postmaster.pid';
	my ($postmaster) = slurp_file($pid_file) =~ /^(\d+)/;

	kill 'KILL', $postmaster, @pids;
	$node->kill9;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	foreach my $pid ($postmaster, @pids)
	{
		while (-e "/proc/$pid" && slurp_file("/proc/$pid/cmdline") ne '')
		{
			BAIL_OUT("process $pid lives on") if time > $deadline;
			usleep(10_000);
		}
	}
	unlink $pid_file, $node->host . '/.s.PGSQL.' . $node->port . '.lock';
	$node->start;
	return;
}

# A connection to an emulated database or another one.
sub session
{
	my ($node, $database) = @_;
	return Wire->new(
		host => $node->host,
		port => $node->port,
		database => $database);
}

# What a query string answers, as psql -At shows it.
sub value
{
	my ($session, $sql) = @_;
	my @answers = $session->query($sql);
	my @rows;

	foreach my $answer (@answers)
	{
		die "$answer->{error}{M}: $sql" if $answer->{error};
		push @rows, join('|', map { $_ // '' } @{ $answer->{row} })
		  if $answer->{row};
	}
	return join("\n", @rows);
}

# Wait until a query answers true.
sub wait_until
{
	my ($session, $sql) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	until (value($session, $sql) eq 't')
	{
		BAIL_OUT("waited too long for: $sql") if time > $deadline;
		usleep(2_000);
	}
	return;
}

# A session that makes the workers of a database stop at a point, see
# src/base/pause_point.h, until it says release() or ends.  Workers that are there would
# not learn of it.
sub pause
{
	my ($node, $database, $point) = @_;
	my $holder = session($node, $database);
	value($holder, 'SET dsql_emu.mode = off');
	wait_until($holder, "SELECT count(*) = 0 FROM dsql.job
		WHERE status IN ('submitted', 'processing') AND start_after <= now()");
	wait_until($holder, "SELECT count(*) = 0 FROM pg_stat_activity
		WHERE backend_type = 'dsql_emu job worker'
		AND datname = current_database()");
	value($holder, 'SELECT pg_advisory_lock(' . PAUSE_LOCK . ')');
	value($holder,
		"ALTER DATABASE $database SET dsql_emu.debug_pause_point = '$point'");
	return $holder;
}

# Wait until as many workers of this database have stopped, and return their
# process IDs.
sub wait_for_pause
{
	my ($holder, $count) = @_;
	my $waiting = 'FROM pg_locks WHERE NOT granted AND
		locktype = \'advisory\' AND objid = ' . PAUSE_LOCK . ' AND
		database = (SELECT oid FROM pg_database
					WHERE datname = current_database())';
	wait_until($holder, 'SELECT count(*) = ' . ($count // 1) . " $waiting");
	return split /\n/, value($holder, "SELECT pid $waiting ORDER BY pid");
}

sub release
{
	my ($holder) = @_;
	value($holder,
		'SELECT pg_advisory_unlock(' . PAUSE_LOCK . ')');
	return;
}

1;
