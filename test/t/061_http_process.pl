# The processes that answer HTTP requests to the control plane:
#
#  1. nothing listens unless it is asked to; the log says where it does
#  2. the server is there again after kill -9, a crash, and being terminated
#  3. DROP DATABASE and CREATE DATABASE from a template, while calls keep coming
#  4. a database that is not there, one without the extension
#  5. a worker that is terminated while it works; one that has to wait too long
#  6. slow and silent clients are cut off, and get to know why
#  7. a thousand idle connections do not stop others; a server that is full sleeps
#  8. no free worker process
#  9. a port that is taken
# 10. shutting down does not wait for clients
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use HTTP;
use List::Util qw(min);
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated(q{
restart_after_crash = on
});

my $port = PostgreSQL::Test::Cluster::get_free_port();

# PostgreSQL itself, whatever the extension would say.
sub sql
{
	my ($query, $database) = @_;
	return $node->safe_psql($database // 'postgres',
		"SET dsql_emu.mode = off; $query");
}

sub status
{
	my ($method, $target, %arg) = @_;
	return HTTP::request($port, $method, $target, %arg)->{status};
}

# Ask until there is this answer.
sub wait_for_status
{
	my ($status, $name) = @_;
	my $got = '';
	foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		$got = eval { status('GET', '/cluster') } // '';
		last if $got eq $status;
		select undef, undef, undef, 0.1;
	}
	is($got, $status, $name);
	return;
}

sub pids
{
	my ($which) = @_;
	return sql("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity
		WHERE backend_type = 'dsql_emu API $which'");
}

sub wait_for_no_worker
{
	$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM
		pg_stat_activity WHERE backend_type = 'dsql_emu API worker')") or die;
	return;
}

sub configure
{
	my (%settings) = @_;
	$node->append_conf('postgresql.conf', "dsql_emu.$_ = $settings{$_}")
	  foreach sort keys %settings;
	$node->reload;
	return;
}

# 1
is(pids('server'), '', 'nothing listens by default');
$node->append_conf('postgresql.conf', "dsql_emu.api_port = $port");
my $offset = -s $node->logfile;
$node->restart;
wait_for_status(200, 'requests are answered');
like(slurp_file($node->logfile, $offset),
	qr/listens for HTTP on address "(127\.0\.0\.1|::1)", port $port/,
	'the log says where');
unlike(slurp_file($node->logfile, $offset),
	qr/listens for HTTP on address "(?!127\.0\.0\.1|::1)/, 'nowhere else');

# 2
my $server = pids('server');
ok(kill('KILL', $server), 'kill -9');
wait_for_status(200, 'answers after a crash');
isnt(pids('server'), $server, 'another process');
$server = pids('server');
is(sql("SELECT pg_terminate_backend($server)"), 't', 'terminate');
wait_for_status(200, 'answers after being terminated');
isnt(pids('server'), $server, 'another process, again');
ok(kill('KILL', pids('worker')), 'kill -9 the worker');
wait_for_status(200, 'answers after a crash of the worker');

# 3
$node->safe_psql('template1', 'CREATE DATABASE other');
sql('CREATE EXTENSION dsql_emu', 'other');
configure(api_database => 'other');
wait_for_no_worker();
my $cluster = '';
foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
{
	$cluster = HTTP::request($port, 'POST', '/cluster', body => '{}')->{json}{identifier};
	last if sql("SELECT count(*) FROM dsql.clusters WHERE identifier = '$cluster'", 'other');
	select undef, undef, undef, 0.1;
}
is(sql("SELECT count(*) FROM dsql.clusters WHERE identifier = '$cluster'", 'other'),
	1, 'the other database has the cluster');

# Clients that call without a pause.
my @callers;
END { kill 'TERM', @callers; }
foreach (1 .. 2)
{
	my $pid = fork;
	if (!$pid)
	{
		my $stop = 0;
		local $SIG{TERM} = sub { $stop = 1 };
		while (!$stop)
		{
			my $connection = HTTP->new($port) or next;
			do
			{
				$connection->send(HTTP::bytes('GET', '/cluster'));
			} while (!$stop && $connection->receive);
		}
		require POSIX;
		POSIX::_exit(0);
	}
	push @callers, $pid;
}
$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM
	pg_stat_activity WHERE backend_type = 'dsql_emu API worker'
	AND datname = 'other')");
sql('CREATE DATABASE copy TEMPLATE other');
pass('CREATE DATABASE while there are calls');
is(sql("SELECT count(*) FROM dsql.clusters WHERE identifier = '$cluster'", 'copy'),
	1, 'it is a copy');
sql('ALTER DATABASE other RENAME TO renamed');
sql('ALTER DATABASE renamed RENAME TO other');
sql('DROP DATABASE other');
pass('DROP DATABASE while there are calls');
kill 'TERM', @callers;
waitpid $_, 0 foreach @callers;

# 4
my $answer = HTTP::request($port, 'GET', '/cluster');
is($answer->{status}, 503, 'no database');
is($answer->{headers}{'x-amzn-errortype'}, 'ServiceUnavailable', 'name of the error');
ok($answer->{json}{message}, 'message');
is(status('GET', '/nothing'), 404, 'what needs no database is answered');
$offset = -s $node->logfile;
$answer = HTTP::request($port, 'GET', '/nothing') foreach 1 .. 10;
unlike(slurp_file($node->logfile, $offset), qr/database "other" does not exist/,
	'nobody looks for the database meanwhile');

configure(api_database => 'postgres');
wait_for_status(200, 'another database');
sql('DROP EXTENSION dsql_emu CASCADE');
$offset = -s $node->logfile;
is(status('GET', '/cluster'), 503, 'no extension');
like(slurp_file($node->logfile, $offset),
	qr/extension "dsql_emu" is not there in database "postgres"/, 'the log says so');
sql('CREATE EXTENSION dsql_emu');
is(status('GET', '/cluster'), 200, 'the extension is there again');

# 5
my $blocker = $node->background_psql('postgres');
$blocker->query_safe('SET dsql_emu.mode = off');
$blocker->query_safe('BEGIN; LOCK TABLE dsql.cluster');
my $connection = HTTP->new($port);
$connection->send(HTTP::bytes('GET', '/cluster'));
$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM
	pg_stat_activity WHERE backend_type = 'dsql_emu API worker'
	AND wait_event_type = 'Lock')");
sql('SELECT pg_terminate_backend(' . pids('worker') . ')');
is($connection->receive->{status}, 503, 'terminated while it works');
configure(api_request_timeout => '300ms');
$node->poll_query_until('postgres', "SELECT current_setting('dsql_emu.api_request_timeout') = '300ms'");
$connection->send(HTTP::bytes('GET', '/cluster'));
is(($connection->receive // { status => 0 })->{status}, 503, 'it had to wait too long');
$blocker->query_safe('ROLLBACK');
$blocker->quit;
wait_for_status(200, 'and goes on');

# 6
foreach my $case (
	[ 'GET /cluster HTTP/1.1', undef, 'a line that does not end' ],
	[ "GET /cluster HTTP/1.1\r\nHost: localhost", 408, 'headers that do not end' ],
	[ "POST /cluster HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{", 408, 'a body that does not come' ])
{
	configure(api_idle_timeout => '300ms', api_request_timeout => '1s');
	wait_for_status(200, 'answers');
	my $slow = HTTP->new($port);
	$slow->send($case->[0]);
	$answer = $slow->receive;
	is($answer && $answer->{status}, $case->[1], $case->[2]);
	ok($slow->at_end, 'is cut off');
}
my $silent = HTTP->new($port);
ok($silent->at_end, 'a silent client is cut off');
my $idle = HTTP->new($port);
$idle->send(HTTP::bytes('GET', '/cluster'));
is($idle->receive->{status}, 200, 'a client that asks once');
ok($idle->at_end, 'is cut off later');

# A client that sends a byte now and then is cut off all the same.
my $dribbler = HTTP->new($port);
my $sent = 0;
my $cut_off = 0;
while (!$cut_off && $sent++ < 10 * $PostgreSQL::Test::Utils::timeout_default)
{
	my $readable = '';
	vec($readable, fileno $dribbler->{socket}, 1) = 1;
	$dribbler->send($sent == 1 ? "GET /cluster HTTP/1.1\r\n" : 'x');
	$cut_off = select $readable, undef, undef, 0.1;
}
ok($cut_off, 'a client that sends byte by byte is cut off');

# 7
configure(api_idle_timeout => '1h', api_request_timeout => '1h',
	api_max_connections => 100);
wait_for_status(200, 'answers');
# As many as this process may have, up to a thousand
my $many = min(1000, POSIX::sysconf(&POSIX::_SC_OPEN_MAX) - 500);
my @idle = map { HTTP->new($port) } 1 .. $many;
is(scalar(grep { defined } @idle), $many, 'a thousand connections');
is(status('GET', '/cluster'), 200, 'one more is served');
my $working = HTTP->new($port);
$working->send(HTTP::bytes('GET', '/cluster'));
is($working->receive->{status}, 200, 'a client that has sent a request');
$working->send("POST /cluster HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n");
my @more = map { HTTP->new($port) } 1 .. 200;
is(status('GET', '/cluster'), 200, 'and another one');
$working->send("Content-Type: application/json\r\n\r\n{}");
is($working->receive->{status}, 200, 'keeps its place while it sends another');
ok($idle[0]->at_end, 'who has sent none for the longest time does not');
@idle = @more = ();

# Clients that never finish a request keep nobody out, and learn why they have
# to go; the server has nothing to do for them.
SKIP:
{
	my $process = '/proc/' . pids('server');
	skip 'no /proc', 6 unless -r "$process/schedstat";
	my @busy = map { HTTP->new($port) } 1 .. 100;
	$_->send("POST /cluster HTTP/1.1\r\nHost: localhost\r\n") foreach @busy;
	my ($before, $after) = ('', 'unknown');
	foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		last if $before eq $after;
		$before = $after;
		select undef, undef, undef, 0.1;
		# One that waits for a processor has something to do, too.
		my ($state) = slurp_file("$process/stat") =~ /\) (\w)/;
		($after) = slurp_file("$process/schedstat") =~ /^(\d+)/;
		$after = "waits, $_" if $state ne 'S';
	}
	is($before, $after, 'a server without room sleeps');
	my @good = map { HTTP->new($port) } 1 .. 3;
	$_->send(HTTP::bytes('GET', '/cluster')) foreach reverse @good;
	is(join(' ', map { $_->receive->{status} } @good),
		'200 200 200', 'whole requests are answered at once');
	my @flood = map { HTTP->new($port) } 1 .. 300;
	$_->send("POST /cluster HTTP/1.1\r\nHost: localhost\r\n") foreach @flood;
	$_->send(HTTP::bytes('GET', '/cluster')) foreach @good;
	is(join(' ', map { $_->receive->{status} } @good),
		'200 200 200', 'their clients keep their places');
	is($busy[0]->receive->{status}, 408, 'the oldest unfinished request is cut off');
	ok($busy[0]->at_end, 'and its connection closed');
	$flood[-1]->send("Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
	is($flood[-1]->receive->{status}, 200, 'the newest can still be finished');
}

# 8
wait_for_no_worker();
$node->append_conf('postgresql.conf', 'max_worker_processes = 3');
$node->restart;
$offset = -s $node->logfile;
wait_for_status(503, 'no free worker process');
like(slurp_file($node->logfile, $offset), qr/there is no free worker process/,
	'the log says so');
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');

# 9
$node->stop;
my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
	Listen => 1, ReuseAddr => 1) or die "could not listen: $!";
$offset = -s $node->logfile;
$node->start;
$node->wait_for_log(qr/could not bind address "127\.0\.0\.1", port $port/, $offset);
pass('the log says that the port is taken');
close $taken;
$node->restart;
wait_for_status(200, 'answers when the port is free');

# 10
my @connected = map { HTTP->new($port) } 1 .. 10;
$connected[0]->send(HTTP::bytes('GET', '/cluster'));
$connected[0]->receive;
$connected[1]->send("POST /cluster HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n");
my $holder = $node->background_psql('postgres');
$holder->query_safe('SET dsql_emu.mode = off');
$holder->query_safe('BEGIN; LOCK TABLE dsql.cluster');
$connected[2]->send(HTTP::bytes('GET', '/cluster'));
$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM
	pg_stat_activity WHERE backend_type = 'dsql_emu API worker'
	AND wait_event_type = 'Lock')");
$node->stop('fast');
pass('fast shutdown with clients in every state');
$node->start;
wait_for_status(200, 'and it is there again');
$node->stop;
done_testing();
