# The processes that do background jobs:
#
#  1. several databases at a time, and several jobs of one; workers end when
#     there is nothing left to do
#  2. an idle server: nobody wakes up
#  3. a terminated worker, a terminated launcher
#  4. pg_dump, and CREATE, ALTER and DROP DATABASE, where a worker works
#  5. DROP EXTENSION where a worker works
#  6. databases that one cannot connect to
#  7. too few worker processes
#  8. fast shutdown while a job runs
#  9. a job whose work meets serialization failures, for a time and always
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = DsqlEmu::start(
	max_logical_replication_workers => 0,
	'dsql_emu.max_connection_lifetime' => 0);
$node->safe_psql('postgres', 'CREATE DATABASE watch');
$node->safe_psql('postgres', "CREATE EXTENSION dsql_emu");
$node->safe_psql('postgres',
	'CREATE TABLE t (id integer PRIMARY KEY, a integer)');
$node->safe_psql('postgres',
	'INSERT INTO t SELECT g, g FROM generate_series(1, 100) g');

# A session that nobody emulates, in a database without jobs.
my $watch = DsqlEmu::session($node, 'watch');

sub watch
{
	my ($sql) = @_;
	return DsqlEmu::value($watch, $sql);
}

sub workers
{
	return "FROM pg_stat_activity WHERE backend_type = 'dsql_emu job worker'";
}

sub no_workers
{
	DsqlEmu::wait_until($watch, 'SELECT count(*) = 0 ' . workers());
	return;
}

# The launcher, once it has nothing more to do after its start.
sub launcher
{
	DsqlEmu::wait_until($watch, "SELECT count(*) = 1 FROM pg_stat_activity
		WHERE backend_type = 'dsql_emu job launcher'");
	return watch("SELECT pid FROM pg_stat_activity
		WHERE backend_type = 'dsql_emu job launcher'");
}

sub clone
{
	my ($database) = @_;
	watch("CREATE DATABASE $database TEMPLATE postgres");
	return;
}

# Submit the build of an index.
sub submit
{
	my ($session, $index) = @_;
	return DsqlEmu::value($session, "CREATE INDEX ASYNC $index ON t (a)");
}

# Wait for the job's end; what became of it, and of the index?
sub outcome
{
	my ($session, $id, $index) = @_;
	return DsqlEmu::value($session, "CALL sys.wait_for_job('$id')")
	  . ' '
	  . DsqlEmu::value($session,
		"SELECT status FROM sys.jobs WHERE job_id = '$id'")
	  . ' '
	  . DsqlEmu::value($session,
		"SELECT indisvalid FROM pg_index WHERE indexrelid = '$index'::regclass"
	  );
}

# How often has the job ended, by the server's log?  It is written after the
# commit.
sub ends
{
	my ($id) = @_;
	$node->wait_for_log(qr/job $id has ended/);
	return scalar(() = slurp_file($node->logfile) =~ /job $id has ended/g);
}

my $done = 't completed t';

# 1
clone($_) foreach qw(a b);
{
	my %session = map { $_ => DsqlEmu::session($node, $_) } qw(a b);
	my %holder =
	  map { $_ => DsqlEmu::pause($node, $_, 'index_build_before_scan') }
	  qw(a b);
	my %id = map { $_ => submit($session{$_}, 'one') } qw(a b);
	my $second = submit($session{a}, 'two');

	DsqlEmu::wait_for_pause($_) foreach values %holder;
	is( watch('SELECT string_agg(datname, \' \' ORDER BY datname) ' . workers()),
		'a b',
		'one worker in each database');
	is( DsqlEmu::value(
			$session{a},
			"SELECT status FROM sys.jobs WHERE job_id = '$second'"),
		'submitted',
		'the second job of a database waits');
	DsqlEmu::release($_) foreach values %holder;
	is(outcome($session{$_}, $id{$_}, 'one'), $done, "job in $_")
	  foreach qw(a b);
	is(outcome($session{a}, $second, 'two'), $done, 'the second job');
	no_workers();

	$node->append_conf('postgresql.conf', 'dsql_emu.job_workers = 2');
	$node->reload;
	my $waiter = DsqlEmu::session($node, 'a');
	DsqlEmu::wait_until($waiter,
		"SELECT setting = '2' FROM pg_settings WHERE name = 'dsql_emu.job_workers'"
	);
	my $holder = DsqlEmu::pause($node, 'a', 'index_build_begin');
	my @both = map { submit($session{a}, $_) } qw(three four);
	isnt((DsqlEmu::wait_for_pause($holder, 2))[0],
		undef, 'two jobs of a database at a time');
	DsqlEmu::release($holder);
	is(outcome($session{a}, $both[0], 'three'), $done, 'one of two');
	is(outcome($session{a}, $both[1], 'four'), $done, 'the other of two');
	is(ends($both[0]) . ends($both[1]), '11', 'each ends once');
}
no_workers();
watch("DROP DATABASE $_") foreach qw(a b);

# 2. Nothing is known to be due, not even the end of a connection.  In Linux one
# can see in which system call a process is, and the timeout of epoll_wait()
# (232 on x86-64, epoll_pwait() is 22 on arm64) is the fourth argument.

# Does the launcher sleep until it is woken, or come to that?
sub launcher_sleeps
{
	my $file = '/proc/' . launcher() . '/syscall';
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	while (time < $deadline)
	{
		return 1
		  if slurp_file($file) =~
		  /^(?:232|22) \S+ \S+ \S+ 0x(?:f{8}|f{16}) /;
		usleep(2_000);
	}
	return 0;
}

sub switches
{
	my $status = slurp_file('/proc/' . launcher() . '/status');
	$status =~ /^voluntary_ctxt_switches:\s*(\d+)/m;
	return $1;
}

my $can_look =
  eval { slurp_file('/proc/' . launcher() . '/syscall') =~ /^(?:running|\d)/ };
SKIP:
{
	skip 'cannot see system calls', 2 unless $can_look;
	ok(launcher_sleeps(), 'an idle launcher sleeps without an end');
	my $session = DsqlEmu::session($node, 'postgres');
	my $before = switches();
	DsqlEmu::value($session, "UPDATE t SET a = a + 1 WHERE id = 1")
	  for 1 .. 500;
	is(switches(), $before, 'and is not woken without a reason');
}

# 3
{
	my $session = DsqlEmu::session($node, 'postgres');
	my $holder =
	  DsqlEmu::pause($node, 'postgres', 'index_build_before_validation');
	my $id = submit($session, 'terminated');
	my ($pid) = DsqlEmu::wait_for_pause($holder);

	watch("SELECT pg_terminate_backend($pid)");
	DsqlEmu::wait_until($watch,
		"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)");
	isnt((DsqlEmu::wait_for_pause($holder))[0],
		$pid, 'another worker goes on with the job');
	DsqlEmu::release($holder);
	is(outcome($session, $id, 'terminated'), $done, 'the job is done');
	is(ends($id), 1, 'once');

	# In a worker that looks for jobs, and in one that has claimed its first.
	foreach my $point (qw(job_claim index_build_begin job_end))
	{
		$holder = DsqlEmu::pause($node, 'postgres', $point);
		$id = submit($session, $point);
		($pid) = DsqlEmu::wait_for_pause($holder);
		watch("SELECT pg_terminate_backend($pid)");
		DsqlEmu::wait_until($watch,
			"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)"
		);
		DsqlEmu::release($holder);
		is(outcome($session, $id, $point), $done, "terminated at $point");
		is(ends($id), 1, 'once');
	}

	$holder = DsqlEmu::pause($node, 'postgres', 'index_build_before_scan');
	$id = submit($session, 'orphaned');
	DsqlEmu::wait_for_pause($holder);
	my $launcher_pid = launcher();
	watch("SELECT pg_terminate_backend($launcher_pid)");
	DsqlEmu::wait_until($watch,
		"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $launcher_pid)"
	);
	isnt(launcher(), $launcher_pid, 'there is another launcher');
	DsqlEmu::release($holder);
	is(outcome($session, $id, 'orphaned'),
		$done, 'the job that was under way');
	$id = submit($session, 'adopted');
	is(outcome($session, $id, 'adopted'), $done, 'and a new one');
}
no_workers();

# 4
{
	clone('a');
	my $session = DsqlEmu::session($node, 'a');
	my $holder = DsqlEmu::pause($node, 'a', 'index_build_before_ready');
	my $id = submit($session, 'busy');
	my ($pid) = DsqlEmu::wait_for_pause($holder);
	{
		local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
		my $dump = $node->basedir . '/a.sql';
		$node->command_ok(
			[ 'pg_dump', '-h', $node->host, '-p', $node->port, '-f', $dump, 'a' ],
			'pg_dump where a worker works');
		like(slurp_file($dump), qr/^CREATE TABLE public\.t /m, 'with the table');
	}
	is( watch("SELECT count(*) FROM pg_stat_activity WHERE pid = $pid"),
		1, 'which the worker does not notice');

	# Nobody but the worker is connected there.
	undef $_ foreach $session, $holder;
	$holder = DsqlEmu::session($node, 'postgres');
	watch('CREATE DATABASE b TEMPLATE a');
	foreach my $database (qw(a b))
	{
		$session = DsqlEmu::session($node, $database);
		is(outcome($session, $id, 'busy'), $done, "job in $database");
		undef $session;
	}

	foreach my $statement (
		'ALTER DATABASE a RENAME TO c',
		'ALTER DATABASE c SET TABLESPACE other',
		'DROP DATABASE c')
	{
		my ($database) = $statement =~ /DATABASE (\w+)/;
		my $where = { a => 'c', c => 'c' }->{$database};

		watch("SET allow_in_place_tablespaces = on");
		watch("CREATE TABLESPACE other LOCATION ''")
		  if $statement =~ /TABLESPACE/;
		$session = DsqlEmu::session($node, $database);
		DsqlEmu::value($session, 'DROP INDEX busy');
		$holder = DsqlEmu::pause($node, $database, 'index_build_before_ready');
		$id = submit($session, 'busy');
		DsqlEmu::wait_for_pause($holder);
		undef $_ foreach $session, $holder;
		is(watch($statement), '', $statement);
		last if $statement =~ /DROP/;
		$session = DsqlEmu::session($node, $where);
		is(outcome($session, $id, 'busy'), $done, 'the job is done after it');
		undef $session;
	}
	is( watch("SELECT count(*) FROM pg_database WHERE datname = 'c'"),
		0, 'dropped');
}
no_workers();

# 5
{
	my $session = DsqlEmu::session($node, 'b');
	DsqlEmu::value($session, 'DROP INDEX busy');
	my $holder = DsqlEmu::pause($node, 'b', 'index_build_before_ready');
	submit($session, 'busy');
	DsqlEmu::wait_for_pause($holder);
	DsqlEmu::value($session, 'DROP EXTENSION dsql_emu');
	is( DsqlEmu::value(
			$session,
			"SELECT amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam
			WHERE c.oid = 't'::regclass"),
		'heap',
		'DROP EXTENSION where a worker works');
	DsqlEmu::release($holder);
	no_workers();

	DsqlEmu::value($session, 'CREATE EXTENSION dsql_emu');
	my $id = submit($session, 'again');
	is(outcome($session, $id, 'again'), $done, 'and a job after CREATE EXTENSION');
}

# 6
clone('damaged');
{
	my $session = DsqlEmu::session($node, 'b');
	DsqlEmu::value($session, 'SET dsql_emu.job_delay = 1');
	DsqlEmu::value($session, 'BEGIN');
	my $id = submit($session, 'closed');
	watch('ALTER DATABASE b ALLOW_CONNECTIONS false');
	DsqlEmu::value($session, 'COMMIT');
	my $other = DsqlEmu::session($node, 'postgres');
	is(outcome($other, submit($other, 'open'), 'open'),
		$done, 'a database that takes no connections is left alone');
	is( DsqlEmu::value(
			$session, "SELECT status FROM sys.jobs WHERE job_id = '$id'"),
		'submitted',
		'its job waits');
	watch('ALTER DATABASE b ALLOW_CONNECTIONS true');
	is(outcome($session, $id, 'closed'), $done, 'until it does');
	undef $session;

	# A database whose files are damaged.
	my $file = $node->data_dir . '/base/'
	  . watch("SELECT oid FROM pg_database WHERE datname = 'damaged'")
	  . '/PG_VERSION';
	$session = DsqlEmu::session($node, 'damaged');
	rename $file, "$file.away" or die $!;
	$id = submit($session, 'lost');
	$node->wait_for_log(qr/FATAL:.*is not a valid data directory/);
	no_workers();
	is(outcome($other, submit($other, 'sound'), 'sound'),
		$done, 'a database that cannot be opened keeps nobody else waiting');
  SKIP:
	{
		skip 'cannot see system calls', 1 unless $can_look;
		ok(launcher_sleeps(), 'and is not tried again');
	}
	rename "$file.away", $file or die $!;
	my $next = submit($session, 'found');
	is(outcome($session, $id, 'lost'), $done, 'its jobs are done when it can');
	is(outcome($session, $next, 'found'), $done, 'both');
}

# 7. Two processes: the launcher and one worker.
undef $watch;
$node->append_conf('postgresql.conf',
	"max_worker_processes = 2\nlog_line_prefix = '%n '");
$node->restart;
$watch = DsqlEmu::session($node, 'watch');
no_workers();
{
	my $lack = join('.*\n\S+ ',
		'(\S+) LOG:  background jobs of dsql_emu have to wait',
		'HINT:  Consider increasing .* "max_worker_processes"\.\n');
	my $holder = DsqlEmu::pause($node, 'postgres', 'index_build_before_scan');
	my %session =
	  map { $_ => DsqlEmu::session($node, $_) } qw(postgres b damaged);
	my %id = (postgres => submit($session{postgres}, 'few'));
	DsqlEmu::wait_for_pause($holder);
	my $since = watch('SELECT extract(epoch FROM clock_timestamp())');
	$id{$_} = submit($session{$_}, 'few') foreach qw(b damaged);
	$node->wait_for_log($lack);
	slurp_file($node->logfile) =~ /$lack/;
	cmp_ok($1 - $since, '>=', 1, 'a lack of processes that lasts is reported');
	is( DsqlEmu::value(
			$session{b}, "SELECT status FROM sys.jobs WHERE job_id = '$id{b}'"),
		'submitted',
		'jobs wait');
	DsqlEmu::release($holder);
	is(outcome($session{$_}, $id{$_}, 'few'), $done, "job in $_")
	  foreach sort keys %id;
	is(scalar(() = slurp_file($node->logfile) =~ /$lack/g),
		1, 'it was reported once');
}

# 8
{
	my $session = DsqlEmu::session($node, 'postgres');
	my $holder = DsqlEmu::pause($node, 'postgres', 'index_build_before_valid');
	my $id = submit($session, 'fast');
	DsqlEmu::wait_for_pause($holder);
	DsqlEmu::value($session, 'SET dsql_emu.manual_jobs = on');
	my $manual = submit($session, 'manual');
	$node->restart;
	$session = DsqlEmu::session($node, 'postgres');
	is(outcome($session, $id, 'fast'), $done, 'a job after a fast shutdown');
	is(ends($id), 1, 'once');
	is( DsqlEmu::value(
			$session, "SELECT status FROM sys.jobs WHERE job_id = '$manual'"),
		'submitted',
		'a manual one waits');
	DsqlEmu::value($session, 'CALL dsql.run_jobs()');
	is(outcome($session, $manual, 'manual'), $done, 'until it is called');
}

# 9.  The index's function fails as long as it is told, and counts.
$node->append_conf('postgresql.conf', 'dsql_emu.job_tries = 3');
$node->reload;
{
	my $session = DsqlEmu::session($node, 'postgres');
	DsqlEmu::value($session, 'SET dsql_emu.manual_jobs = off');
	$node->safe_psql('postgres', $_) foreach (
		'SET dsql_emu.mode = off; CREATE SEQUENCE tries',
		'CREATE TABLE one (id integer PRIMARY KEY)',
		'INSERT INTO one VALUES (1)');
	foreach my $case ([ sometimes => 3, 't completed t' ],
		[ always => 100, 'f failed f' ])
	{
		my ($name, $successful, $outcome) = @$case;
		$node->safe_psql('postgres',
			"SET dsql_emu.mode = off; SELECT setval('tries', 1, false);
			CREATE FUNCTION $name(integer) RETURNS integer
			IMMUTABLE LANGUAGE plpgsql AS \$\$ BEGIN
			IF nextval('public.tries') < $successful THEN
			RAISE 'not now' USING ERRCODE = 'serialization_failure';
			END IF; RETURN \$1; END \$\$");
		my $id = DsqlEmu::value($session,
			"CREATE INDEX ASYNC $name ON one ($name(id))");
		is(outcome($session, $id, $name), $outcome, "fails $name");
		is( $node->safe_psql('postgres',
				'SET dsql_emu.mode = off; SELECT last_value FROM tries'),
			3,
			'three tries');
		is( DsqlEmu::value(
				$session, "SELECT details FROM sys.jobs WHERE job_id = '$id'"),
			$name eq 'always' ? 'not now' : '',
			'what the job says');
	}
}

$node->stop;
done_testing();
