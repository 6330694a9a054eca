# Conflicts and faults on demand, as clients meet them:
#
#  1. an injected error has every field of a real one, in both protocols
#  2. a connection ends before the commit, or after it
#  3. a delay can be cancelled
#  4. one session is meant, or one role
#  5. connections are refused, with every reason
#  6. the server's log tells of conflicts, the client hears nothing of that
#  7. what doc/testing.md shows: node-postgres, SQL, the shell
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use DsqlEmu;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::start('dsql_emu.max_conflicts' => 5);
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
$node->safe_psql('postgres', $_)
  foreach 'CREATE TABLE t (id int PRIMARY KEY, n int)',
  'INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)',
  'CREATE ROLE app LOGIN',
  'GRANT ALL ON t TO app';

# Orders faults and looks at what became of them; is hit by none.
my $observer = Wire->in_mode($node, 'off');

sub session { return Wire->in_mode($node, 'enforce'); }

sub inject
{
	my ($arguments) = @_;
	return ($observer->rows("SELECT dsql.inject($arguments)"))[0][0];
}

sub fired
{
	my ($id) = @_;
	return ($observer->rows("SELECT fired FROM dsql.injections WHERE id = $id"))[0][0];
}

sub n_of
{
	my ($id) = @_;
	return ($observer->rows("SELECT n FROM t WHERE id = $id"))[0][0];
}

# The extended protocol's messages of a statement
sub extended
{
	my ($session, $sql) = @_;
	return $session->send(Wire::Parse('', $sql), Wire::Bind('', ''),
		Wire::Execute(''), Wire::Sync());
}

sub error_of
{
	my (@answers) = @_;
	return (map { $_->{error} // () } @answers)[0];
}

my %protocols = (
	simple => sub { my ($session, $sql) = @_; return $session->query($sql); },
	extended => \&extended);

# 1
foreach my $protocol (sort keys %protocols)
{
	my $run = $protocols{$protocol};
	my ($real, $winner) = (session(), session());

	# A real conflict, and the same statements with an injected one
	$_->rows('BEGIN', 'UPDATE t SET n = n + 1 WHERE id = 1') foreach $real, $winner;
	$winner->rows('COMMIT');
	my $conflict = error_of($run->($real, 'COMMIT'));
	my $id = inject("'OC000', relation => 't'");
	$run->($real, $_) foreach 'BEGIN', 'UPDATE t SET n = n + 1 WHERE id = 1';
	is_deeply(error_of($run->($real, 'COMMIT')), $conflict,
		"OC000 is a real one's twin, $protocol protocol");
	is("$conflict->{C} $conflict->{M}",
		'40001 change conflicts with another transaction (OC000)', 'its words');
	is(fired($id), 1, 'it was fired');
	is($real->outcome('SELECT 1'), 'SELECT 1', 'the session goes on');

	# The same for the schema
	$run->($real, $_) foreach 'BEGIN', 'SELECT n FROM t WHERE id = 1';
	$winner->rows("CREATE TABLE $protocol (id int PRIMARY KEY)");
	$conflict = error_of($run->($real, 'COMMIT'));
	inject("'OC001'");
	$run->($real, $_) foreach 'BEGIN', 'SELECT n FROM t WHERE id = 1';
	is_deeply(error_of($run->($real, 'COMMIT')), $conflict,
		"OC001 is a real one's twin, $protocol protocol");
	is("$conflict->{C} $conflict->{M}",
		'40001 schema has been updated by another transaction (OC001)',
		'its words');

	# At a statement, with all of its protocol's messages
	inject("'unavailable', statement => 'INSERT%'");
	my @answers = $run->($real, "INSERT INTO t VALUES (9, 9)");
	my $error = error_of(@answers);
	is("$error->{S} $error->{C} $error->{M}", 'ERROR XX000 server unavailable',
		"unavailable, $protocol protocol");
	is($answers[-1]{status}, 'I', 'the connection stays');
	is($real->outcome('INSERT INTO t VALUES (9, 9)'), 'INSERT 0 1', 'a retry');
	$real->rows('DELETE FROM t WHERE id = 9');
}

# 2
foreach my $protocol (sort keys %protocols)
{
	foreach my $case ([ 'disconnect', 0 ], [ 'disconnect_after', 1 ])
	{
		my ($fault, $committed) = @$case;
		my $session = session();
		my $before = n_of(2);
		my $id = inject("'$fault'");

		$session->rows('BEGIN', 'UPDATE t SET n = n + 1 WHERE id = 2');
		my $lived = eval { $protocols{$protocol}->($session, 'COMMIT'); 1; };
		ok(!$lived, "$fault ends the connection, $protocol protocol");
		like($@, qr/closed the connection/, 'without a word');
		is($session->{buffer}, '', 'not even a part of one');
		is(n_of(2) - $before, $committed,
			$committed ? 'it is committed' : 'nothing is committed');
		is(fired($id), 1, 'it was fired');
		$observer->poll("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $session->{pid})");
	}
}

# A statement of its own, and one that is named
{
	my $session = session();
	inject("'disconnect', statement => 'SELECT n%'");
	$session->rows('BEGIN', 'UPDATE t SET n = 100 WHERE id = 2');
	ok(!eval { $session->query('SELECT n FROM t'); 1; }, 'at a statement');
	isnt(n_of(2), 100, 'its transaction is rolled back');
	$session = session();
	inject("'disconnect_after'");
	ok(!eval { $session->query('UPDATE t SET n = 100 WHERE id = 2'); 1; },
		'after a statement of its own');
	is(n_of(2), 100, 'it is committed');
}

# 3
{
	my $session = session();
	my $id = inject("'delay', delay => '1 h', statement => 'SELECT n%'");
	$session->post(Wire::Query('SELECT n FROM t WHERE id = 3'));
	$observer->poll("SELECT fired = 1 FROM dsql.injections WHERE id = $id");
	$observer->poll("SELECT pg_cancel_backend($session->{pid})");
	is(Wire::outcome_of($session->receive),
		'57014 canceling statement due to user request', 'a cancelled delay');
	is($session->outcome('SELECT n FROM t WHERE id = 3'), 'SELECT 1',
		'the session goes on');

	# At COMMIT, nothing is committed until it is over.
	$id = inject("'delay', delay => '1 h'");
	$session->rows('BEGIN', 'UPDATE t SET n = 5 WHERE id = 3');
	$session->post(Wire::Query('COMMIT'));
	$observer->poll("SELECT fired = 1 FROM dsql.injections WHERE id = $id");
	is(n_of(3), 0, 'not committed yet');
	$observer->poll("SELECT pg_cancel_backend($session->{pid})");
	is(Wire::outcome_of($session->receive),
		'57014 canceling statement due to user request', 'a cancelled COMMIT');
	is(n_of(3), 0, 'not committed at all');
}

# 4
{
	my ($one, $other) = (session(), session());
	my $app = Wire->new(
		host => $node->host, port => $node->port, database => 'postgres',
		user => 'app');
	my $conflict = '40001 change conflicts with another transaction (OC000)';

	inject("'OC000', session => $other->{pid}");
	is($one->outcome('UPDATE t SET n = 1 WHERE id = 3'), 'UPDATE 1', 'another session');
	is($other->outcome('UPDATE t SET n = 1 WHERE id = 3'), $conflict, 'the session');
	inject("'OC000', role_name => 'app'");
	is($one->outcome('UPDATE t SET n = 1 WHERE id = 3'), 'UPDATE 1', 'another role');
	is($app->outcome('UPDATE t SET n = 1 WHERE id = 3'), $conflict, 'the role');

	# Each session has its own sequence of chances.
	my $id = inject("'OC000', probability => 0.5, seed => 7");
	my @chances = map {
		my $session = $_;
		[ map { $session->outcome('UPDATE t SET n = 1 WHERE id = 3') } 1 .. 20 ]
	} $one, $other;
	is_deeply($chances[0], $chances[1], 'the same chances in both sessions');
	cmp_ok(fired($id), '>', 0, 'some were fired');
	cmp_ok(fired($id), '<', 40, 'not all');
	$observer->rows("SELECT dsql.clear_injections($id)");
	is($one->outcome('UPDATE t SET n = 1 WHERE id = 3'), 'UPDATE 1', 'taken back');
}

# 5
my $denied = 'unable to accept connection, access denied';
my $time = qr/\d{8}T\d{6}Z/;
my $user = getpwuid $<;

# Why a session is not let in: all fields of the error, or undef if it is
sub refusal
{
	my (%arg) = @_;
	my $session = Wire->new(host => $node->host, port => $node->port,
		database => 'postgres', %arg, refused => 1);
	return $session->{refusal};
}

foreach my $case (
	[ "'53300'", '53300', 'Unable to accept connection, too many open connections.' ],
	[ "'53400'", '53400', 'Unable to accept connection, rate exceeded.' ],
	[ "'waking_up'", '08006',
		'unable to accept connection, waking up cluster, please retry later' ],
	[ "'access_denied'", '08006', $denied ],
	[ "'access_denied', reason => 'expired'", '08006', $denied,
		qr/^Signature expired: $time is now earlier than $time$/ ],
	[ "'access_denied', reason => 'early'", '08006', $denied,
		qr/^Signature not yet current: $time is still later than $time \($time \+ 5 min\.\)$/ ],
	[ "'access_denied', reason => 'signature'", '08006', $denied,
		qr/^The request signature we calculated does not match the signature you provided\.$/ ],
	[ "'access_denied', reason => 'action'", '08006', $denied,
		qr/^Wrong user to action mapping\. user: $user, action: DbConnectAdmin$/ ],
	[ "'access_denied', reason => 'policy'", '08006', $denied,
		qr/^User: \S+ is not authorized to perform: dsql:DbConnect on resource: \S+ because no identity-based policy allows the dsql:DbConnect action$/ ],
	[ "'access_denied', reason => 'unmapped'", '28000', $denied ])
{
	my ($fault, $sqlstate, $message, $hint) = @$case;
	my $id = inject($fault);
	my $error = refusal();

	is("$error->{S} $error->{C} $error->{M}", "FATAL $sqlstate $message", $fault);
	$hint ? like($error->{H}, $hint, 'its HINT') : is($error->{H}, undef, 'no HINT');
	like($error->{D} // '', $sqlstate =~ /^53/ ? qr/^$/ : qr/^Session Id: [a-z2-7]{26}$/,
		'its DETAIL');
	is(fired($id), 1, 'it was fired');
	is(refusal(), undef, 'the next one is let in');
}

# Aimed at a role; sessions with mode off always get in.
{
	my $id = inject("'53300', role_name => 'app', times => 0");
	is(refusal(), undef, 'another role');
	is(refusal(user => 'app')->{C}, '53300', 'the role');
	$node->safe_psql('postgres', 'ALTER ROLE app SET dsql_emu.mode = off');
	is(refusal(user => 'app'), undef, 'not in mode off');
	$node->safe_psql('postgres', 'ALTER ROLE app RESET dsql_emu.mode');
	is(refusal(user => 'app')->{C}, '53300', 'in mode enforce');
	$observer->rows("SELECT dsql.clear_injections($id)");
	is(refusal(user => 'app'), undef, 'cleared');
}

# 6
{
	my ($winner, $loser) = (session(), session());
	my $log = $node->logfile;
	my $secret = qr/transaction conflict|Last statement|Winner/;

	$_->rows('SET dsql_emu.mode = off', 'SET dsql_emu.log_conflicts = on',
		'SET client_min_messages = debug5', 'SET dsql_emu.mode = enforce')
	  foreach $winner, $loser;
	$winner->rows("SET application_name = 'the winner'");
	$_->rows('BEGIN', 'UPDATE t SET n = n + 1 WHERE id = 1') foreach $winner, $loser;
	$winner->rows('COMMIT');

	my $offset = -s $log;
	my @answers = $loser->query('COMMIT');
	is(error_of(@answers)->{M}, 'change conflicts with another transaction (OC000)',
		'a conflict');
	ok(!(grep { join("\n", %{ $_->{notice} // $_->{error} // {} }) =~ $secret } @answers),
		'the client hears nothing of it');
	my $written = substr slurp_file($log), $offset;
	like($written, qr/LOG:  transaction conflict \(OC000\)/, 'the log has it');
	like($written,
		qr/DETAIL:  Last statement: UPDATE t SET n = n \+ 1 WHERE id = 1\n\tRow: t \(id\)=\(1\)\n\tWinner: transaction \d+, process $winner->{pid}, application "the winner"/,
		'with the row and the winner');

	my $id = inject("'OC001', statement => 'SELECT%'");
	$offset = -s $log;
	@answers = $loser->query('SELECT 1');
	ok(!(grep { join("\n", %{ $_->{notice} // $_->{error} // {} }) =~ $secret } @answers),
		'the client hears nothing of an injection');
	like(substr(slurp_file($log), $offset),
		qr/LOG:  transaction conflict \(OC001\)\n.*DETAIL:  Last statement: SELECT 1\n\tInjection: $id\n/,
		'the log has it');
}

# 7
$observer->rows('DROP TABLE IF EXISTS accounts',
	'CREATE TABLE orders (id int PRIMARY KEY)');
session()->rows('CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance int)');
session()->rows("INSERT INTO accounts VALUES (1, 'a', 100), (2, 'b', 0)");
$observer->rows('GRANT ALL ON accounts TO admin', 'ALTER TABLE accounts OWNER TO admin');
my $document = slurp_file('doc/testing.md');
my %blocks;
push @{ $blocks{$1} }, $2 while $document =~ /^```(\w+)\n(.*?)^```$/msg;
local $ENV{PGHOST} = $node->host;
local $ENV{PGPORT} = $node->port;
local $ENV{PGDATABASE} = 'postgres';

# The recipe as it is, with code that tries again and code that does not
SKIP:
{
	Clients::not_run('the recipe for node-postgres') if !$ENV{CLIENTS};
	skip 'no node-postgres', 5 if !$ENV{CLIENTS};
	my $dir = PostgreSQL::Test::Utils::tempdir();
	symlink "$ENV{CLIENTS}/node_modules", "$dir/node_modules" or die $!;
	append_to_file("$dir/package.json", '{ "type": "module" }');
	append_to_file("$dir/recipe.js", $blocks{js}[0]);
	foreach my $tries (3, 1)
	{
		unlink "$dir/transfer.js";
		append_to_file("$dir/transfer.js", <<~"END");
			import pg from 'pg';
			export async function transfer(from, to, amount) {
			  const client = new pg.Client({ user: 'admin' });
			  await client.connect();
			  try {
			    for (let left = $tries; ; ) {
			      try {
			        await client.query('BEGIN');
			        await client.query('UPDATE accounts SET balance = balance - \$1 WHERE id = \$2', [amount, from]);
			        await client.query('UPDATE accounts SET balance = balance + \$1 WHERE id = \$2', [amount, to]);
			        await client.query('COMMIT');
			        return;
			      } catch (error) {
			        await client.query('ROLLBACK');
			        if (error.code !== '40001' || --left === 0) throw error;
			      }
			    }
			  } finally {
			    await client.end();
			  }
			}
			END
		my $output = `node $dir/recipe.js 2>&1`;
		$tries > 1
		  ? is($?, 0, 'the recipe passes where the code tries again') || diag $output
		  : isnt($?, 0, 'and fails where it does not');
		like($output, qr/change conflicts with another transaction \(OC000\)/,
			'because of the conflict') if $tries == 1;
		is(($observer->rows('SELECT balance FROM accounts WHERE id = 2'))[0][0], 10,
			'the amount was moved once');
		$observer->rows('SELECT dsql.clear_injections()');
	}
}

# Each of the others runs as it is.
foreach my $sql (@{ $blocks{sql} })
{
	my ($code, $stdout, $stderr) = $node->psql('postgres', $sql,
		extra_params => $sql =~ /clock/ ? [] : [ '--username' => 'admin' ],
		on_error_stop => 1);
	is($code, 0, 'SQL of the document') or diag "$sql$stderr";
	is($stdout =~ /submitted/ ? 1 : 0, $sql =~ /manual_jobs/ ? 1 : 0, 'a job that waits');
	$observer->rows('SELECT dsql.clear_injections()');
}
foreach my $test ('psql -c "TRUNCATE orders"', 'psql -c "SELECT 1"')
{
	my $script = $blocks{sh}[0] =~ s/^npm test$/$test/mr;
	my $expected = $test =~ /TRUNCATE/ ? 1 : 0;

	my $status = system "sh -ec '" . ($script =~ s/'/'\\''/gr) . "' >/dev/null 2>&1";
	is($status >> 8, $expected, 'a build with' . ($expected ? '' : 'out') . ' findings');
	$observer->rows('SELECT dsql.reset_findings()');
}
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET dsql_emu.mode');

# The last conflicts push out those before.
{
	my $session = session();
	my $last = inject("'OC000', times => 7");

	$session->outcome("UPDATE t SET n = $_ WHERE id = 1") foreach 1 .. 7;
	is_deeply(
		[ map { $_->[0] } $observer->rows("SELECT statement FROM dsql.conflicts WHERE injection = $last") ],
		[ map { "UPDATE t SET n = $_ WHERE id = 1" } 3 .. 7 ],
		'the last five conflicts, the oldest first');
}

# What is armed outlives the transaction that did it, but not the server.
$observer->rows('BEGIN', "SELECT dsql.inject('OC000')", 'ROLLBACK');
is(($observer->rows('SELECT count(*) FROM dsql.injections WHERE armed'))[0][0], 1,
	'after a rollback');
$node->restart;
is($node->safe_psql('postgres', 'SELECT count(*) FROM dsql.injections'), 0,
	'none after a restart');

$node->stop;
done_testing();
