# Connections of a cluster, by the emulator's clock where time is concerned:
#
#  1. number: the limit passes, one more is refused, a closed one makes room;
#     in report mode it is a finding
#  2. rate: a burst, then so many a second
#  3. lifetime: a session ends as by an administrator; not the one that moves
#     the clock, not one whose mode is off, not one of another database; one
#     that is committing ends when it is done
#  4. lower limits, limits that are switched off, and time that really passes
#  5. a session that has dropped the extension lives on, without its settings
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use Wire;

my $node = DsqlEmu::emulated(q{
dsql_emu.create_delay = 0
});
$node->safe_psql('template1', 'CREATE DATABASE plain');

sub connect_to
{
	my ($database, %arg) = @_;
	return Wire->new(
		host => $node->host,
		port => $node->port,
		database => $database,
		%arg);
}

# A connection, or why there is none.
sub try_to_connect
{
	my $wire = eval { connect_to(@_) };
	return $wire // $@;
}

# Settings for sessions to come.  The server has read them when a session
# that is there already has.
sub configure
{
	my ($watcher, %settings) = @_;
	while (my ($name, $value) = each %settings)
	{
		$node->append_conf('postgresql.conf', "dsql_emu.$name = $value\n");
	}
	$node->reload;
	while (my ($name, $value) = each %settings)
	{
		my $shown;
		do
		{
			($shown) =
			  map { $_->{row}[0] } grep { $_->{row} }
			  $watcher->query("SELECT setting FROM pg_settings WHERE name = 'dsql_emu.$name'");
		} until $shown eq $value;
	}
	return;
}

sub value
{
	my ($wire, $sql) = @_;
	my ($row) = grep { $_->{row} } $wire->query($sql);
	return $row->{row}[0];
}

# How a session ended, when it has.
sub end_of
{
	my ($wire) = @_;
	eval { $wire->receive };
	return $@;
}

my $terminated =
  "57P01 terminating connection due to administrator command\n";

# It only watches, from where nothing is limited.
my $plain = connect_to('plain');

# 1
my $first = connect_to('postgres');
my $cluster =
  value($first, 'SELECT identifier FROM dsql.create_cluster()');
configure($plain, max_connections => 2);
my $second = try_to_connect('postgres');
ok(ref $second, 'the limit of connections passes');
my $too_many =
  "53300 Unable to accept connection, too many open connections.\n";
is(try_to_connect('postgres'), $too_many, 'one more is refused');
is(try_to_connect('postgres'), $too_many, 'and has left nothing behind');
ok(ref try_to_connect('plain'), 'another database has no such limit');
{
	local $ENV{PGOPTIONS} = "-c amzn-cluster-id=$cluster";
	is($node->safe_psql('postgres', 'SELECT 1'),
		1, 'another cluster has a limit of its own');
}
undef $second;
ok( $node->poll_query_until(
		'plain',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = 'postgres'"
	),
	'a session ends');
$second = try_to_connect('postgres');
ok(ref $second, 'and makes room');
$node->safe_psql('plain', 'ALTER DATABASE postgres SET dsql_emu.mode = report');
my $reported = try_to_connect('postgres');
ok(ref $reported, 'report mode lets it pass');
is_deeply(
	[ map { $_->{row} // () } $reported->query('SELECT sqlstate, message FROM dsql.findings') ],
	[ [ split / /, $too_many =~ s/\n//r, 2 ] ],
	'and notes it');
$node->safe_psql('plain', 'ALTER DATABASE postgres RESET dsql_emu.mode');
undef $reported;
configure($plain, max_connections => 0);
my $third = try_to_connect('postgres');
ok(ref $third, 'no limit');
undef $third;

# 2.  The bucket fills up in real time as well, so there are two bounds.
my $advance = 'SELECT dsql.advance_clock(%s) IS NOT NULL';
my $rate =
  "53400 Unable to accept connection, rate exceeded.\n";

sub connect_until_refused
{
	my ($allowed, $what) = @_;
	my $accepted = 0;
	my $start = time;
	my $result;

	while (ref($result = try_to_connect('postgres')))
	{
		$accepted++;
	}
	is($result, $rate, "$what: the rate is limited");
	cmp_ok($accepted, '>=', $allowed, "$what: not too early");
	cmp_ok($accepted, '<=', $allowed + 1 + 2 * (time - $start),
		"$what: not too late");
	return;
}

value($first, sprintf($advance, "'1 hour'"));
configure($plain, max_connection_burst => 5, max_connection_rate => 2);
connect_until_refused(5, 'burst');
value($first, sprintf($advance, "'2 s'"));
connect_until_refused(4, 'two seconds later');
value($first, sprintf($advance, "'1 hour'"));
connect_until_refused(5, 'an hour later');
ok(ref try_to_connect('plain'), 'another database has no such rate');
foreach my $off (0, -1)
{
	configure($plain, max_connection_rate => $off);
	ok(ref try_to_connect('postgres'), "no limit of rate ($_)") foreach 1 .. 7;
	configure($plain, max_connection_rate => 1, max_connection_burst => 3);
	connect_until_refused(0, 'no more');
	configure($plain, max_connection_burst => $off);
	ok(ref try_to_connect('postgres'), "no limit of burst ($_)")
	  foreach 1 .. 7;
}
configure($plain, max_connection_rate => 100, max_connection_burst => 1000);
value($first, sprintf($advance, "'1 minute'"));
ok(ref try_to_connect('postgres'), 'and so does time that passes');

# 3.  The second session is as old as the clock has it: three hours.
is(end_of($second), $terminated, 'an idle session has ended');
value($first, 'SELECT dsql.reset_clock()');
is(value($first, 'SELECT 1'), 1, 'the session that moved the clock goes on');
my $idle = connect_to('postgres');
my $in_block = connect_to('postgres');
my $off = connect_to('postgres');
$in_block->query('BEGIN');
$off->query('SET dsql_emu.mode = off');
value($first, sprintf($advance, "'59 minutes'"));
is(value($idle, 'SELECT 1'), 1, 'a session lives on for 59 minutes');
value($first, sprintf($advance, "'61 s'"));
is(end_of($idle), $terminated, 'and ends after 60');
is(end_of($in_block), $terminated, 'in a transaction as well');
is(value($off, 'SELECT 1'), 1, 'not one whose mode is off');
is(value($plain, 'SELECT 1'), 1, 'nor one of another database');
$off->query('SET dsql_emu.mode = enforce');
value($first, sprintf($advance, "'1 s'"));
is(end_of($off), $terminated, 'but when it is on again');

# In the middle of a commit, when it begins and when it is decided
my $locker = connect_to('postgres');
$locker->query('SET dsql_emu.mode = off');
$locker->query('CREATE TABLE t (id integer) USING btree_table');
$locker->query('INSERT INTO t VALUES (0)');
foreach my $point ('commit-published', 'commit-decided')
{
	my $activity =
	  "FROM pg_stat_activity WHERE application_name = '$point'";
	my $committing = connect_to('postgres');
	$idle = connect_to('postgres');
	$locker->query('SELECT pg_advisory_lock(20250527)');
	$committing->query("SET application_name = '$point'");
	$committing->query('SET dsql_emu.max_transaction_age = 0');
	$committing->query("SET dsql_emu.debug_pause_point = '$point'");
	$committing->query('BEGIN');
	$committing->query('UPDATE t SET id = id + 1');
	$committing->{socket}->print(Wire::Query('COMMIT'));
	ok( $node->poll_query_until(
			'plain', "SELECT wait_event = 'advisory' $activity"),
		"a session is committing ($point)");
	value($first, sprintf($advance, "'1 hour'"));
	is(end_of($idle), $terminated, 'its time is over, as that of another');
	is(value($plain, "SELECT count(*) $activity"), 1, 'it is still there');
	$locker->query('SELECT pg_advisory_unlock(20250527)');
	is_deeply([ map { $_->{tag} // () } $committing->receive ],
		['COMMIT'], 'and commits');
	is(end_of($committing), $terminated, 'and then ends');
}
is(value($locker, 'SELECT id FROM t'), 2, 'what they wrote is there');

# 4
$node->safe_psql('postgres',
	'ALTER ROLE CURRENT_USER SET dsql_emu.max_connection_lifetime = 10');
my $short = connect_to('postgres');
value($first, sprintf($advance, "'9 s'"));
is(value($short, 'SELECT 1'), 1, 'a lower limit is not there yet');
value($first, sprintf($advance, "'1 s'"));
is(end_of($short), $terminated, 'but now');
$node->safe_psql('postgres',
	'ALTER ROLE CURRENT_USER SET dsql_emu.max_connection_lifetime = 0');
my $endless = connect_to('postgres');
value($first, sprintf($advance, "'1 month'"));
is(value($endless, 'SELECT 1'), 1, 'no limit of lifetime');
$endless->query("SET dsql_emu.max_connection_lifetime = '1 d'");
value($first, sprintf($advance, "'1 s'"));
is(end_of($endless), $terminated, 'a limit set by the session itself');

# Time that passes by itself.  The launcher was asleep for an hour from now.
my $last = connect_to('postgres');
$last->query("SET dsql_emu.max_connection_lifetime = '61 s'");
value($first, sprintf($advance, "'60 s'"));
is(end_of($last), $terminated, 'in real time');

# 5
$node->safe_psql('template1', 'CREATE DATABASE dropped');
$node->safe_psql('dropped', 'CREATE EXTENSION dsql_emu');
my $free = connect_to('dropped');
$free->query("SET dsql_emu.max_connection_lifetime = '1 min'");
$free->query('DROP EXTENSION dsql_emu');
my $mover = connect_to('postgres');
value($mover, sprintf($advance, "'3 hours'"));
is(value($free, 'SHOW temp_file_limit'), '-1', 'nothing of the extension is left');

$node->stop;
done_testing();
