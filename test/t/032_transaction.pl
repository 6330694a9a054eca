# Rules of a transaction in the extended protocol, where what comes up to Sync
# is one transaction:
#
#  1. one DDL statement; the second fails when it is executed; ASYNC is DDL
#  2. DDL and a change of data apart; rows
#  3. the same in a block
#  4. age: a statement that was parsed before, COMMIT, and the DETAIL
#  5. a statement that comes second before Sync is in no block
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::emulated(q{
dsql_emu.max_connection_lifetime = 0
});
$node->safe_psql('postgres', 'CREATE TABLE t (id integer PRIMARY KEY)');

my $wire = Wire->new(
	host => $node->host,
	port => $node->port,
	database => 'postgres');

# Statements that are parsed, bound and executed, and one Sync.  Returns what
# each answered, as a tag or an error, and the status that they leave.
sub pipeline
{
	my @statements = @_;
	my @answers = $wire->send(
		(   map {
				(   Wire::Parse('', $_), Wire::Bind('', ''),
					Wire::Describe('P', ''), Wire::Execute(''))
			} @statements),
		Wire::Sync());
	return summary(@answers);
}

sub summary
{
	return map {
			defined $_->{tag} ? $_->{tag}
		  : $_->{error} ? join(' ', @{ $_->{error} }{qw(C M)})
		  : $_->{status} // ()
	} @_;
}

sub tables
{
	return $node->safe_psql('postgres',
		"SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
		WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
}

my $two_ddl = '0A000 multiple ddl statements not supported in a transaction';
my $mixed = '0A000 ddl and dml are not supported in the same transaction';

# 1
is_deeply(
	[ pipeline('CREATE TABLE a (a integer)', 'CREATE TABLE b (b integer)') ],
	[ 'CREATE TABLE', $two_ddl, 'I' ],
	'two DDL statements');
is(tables(), 't', 'nothing is left');
is_deeply(
	[ pipeline('CREATE TABLE a (a integer)'), pipeline('DROP TABLE a') ],
	[ 'CREATE TABLE', 'I', 'DROP TABLE', 'I' ],
	'each of its own');
is_deeply(
	[ pipeline('CREATE INDEX ASYNC ON t (id)', 'CREATE TABLE b (b integer)') ],
	[ 'CREATE INDEX', $two_ddl, 'I' ],
	'CREATE INDEX ASYNC first');
is_deeply(
	[ pipeline('CREATE TABLE b (b integer)', 'CREATE INDEX ASYNC ON t (id)') ],
	[ 'CREATE TABLE', $two_ddl, 'I' ],
	'CREATE INDEX ASYNC second');
pipeline('ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0) NOT VALID');
my $validate = 'ALTER TABLE ASYNC t VALIDATE CONSTRAINT positive';
is_deeply(
	[ pipeline($validate, 'CREATE TABLE b (b integer)') ],
	[ 'ALTER TABLE', $two_ddl, 'I' ],
	'ALTER TABLE ASYNC first');
is_deeply(
	[ pipeline('GRANT SELECT ON t TO PUBLIC', $validate) ],
	[ 'GRANT', $two_ddl, 'I' ],
	'ALTER TABLE ASYNC second');
foreach my $ddl ($validate, 'CREATE INDEX ASYNC ON t (id)',
	'REVOKE SELECT ON t FROM PUBLIC')
{
	my ($tag) = $ddl =~ /^(CREATE INDEX|ALTER TABLE|REVOKE)/;
	is_deeply(
		[ pipeline($ddl, 'INSERT INTO t VALUES (1)') ],
		[ $tag, $mixed, 'I' ],
		"a change of data after $ddl");
	is_deeply(
		[ pipeline('INSERT INTO t VALUES (1)', $ddl) ],
		[ 'INSERT 0 1', $mixed, 'I' ],
		"a change of data before $ddl");
}
pipeline('ALTER TABLE t DROP CONSTRAINT positive');
my @answers = $wire->send(
	Wire::Parse('ddl', 'CREATE TABLE a (a integer)'),
	Wire::Bind('', 'ddl'),
	Wire::Execute(''),
	Wire::Parse('more', 'CREATE TABLE b (b integer)'),
	Wire::Describe('S', 'more'),
	Wire::Bind('', 'more'),
	Wire::Execute(''),
	Wire::Sync());
is(join('', map { $_->{type} } @answers), '12C1tn2EZ', 'it fails at Execute');
is_deeply(
	[ map { summary($wire->send(Wire::Bind('', 'ddl'), Wire::Execute(''), Wire::Sync())) } 1 .. 2 ],
	[ 'CREATE TABLE', 'I', '42P07 relation "a" already exists', 'I' ],
	'a prepared statement can be executed again');
pipeline('DROP TABLE a');

# 2
is_deeply(
	[ pipeline('CREATE TABLE a (a integer)', 'SELECT 1', 'INSERT INTO t VALUES (1)') ],
	[ 'CREATE TABLE', 'SELECT 1', $mixed, 'I' ],
	'DDL, then a change of data');
is_deeply(
	[ pipeline('INSERT INTO t VALUES (1)', 'CREATE TABLE a (a integer)') ],
	[ 'INSERT 0 1', $mixed, 'I' ],
	'a change of data, then DDL');
is($node->safe_psql('postgres', 'SELECT count(*) FROM t'), 0, 'nothing is left');
is(tables(), 't', 'nor of the DDL');
is_deeply(
	[ pipeline('INSERT INTO t VALUES (1)'), pipeline('CREATE TABLE a (a integer)') ],
	[ 'INSERT 0 1', 'I', 'CREATE TABLE', 'I' ],
	'each of its own');
pipeline('DROP TABLE a');

# What comes up to Sync is counted together.
pipeline('SET dsql_emu.max_transaction_rows = 3');
is_deeply(
	[ pipeline('INSERT INTO t VALUES (31), (32)', 'INSERT INTO t VALUES (33)') ],
	[ 'INSERT 0 2', 'INSERT 0 1', 'I' ],
	'as many rows as allowed');
is_deeply(
	[ pipeline('DELETE FROM t WHERE id > 31', 'INSERT INTO t VALUES (41), (42)') ],
	[ 'DELETE 2', '54000 transaction row limit exceeded', 'I' ],
	'one row more');
pipeline('DELETE FROM t WHERE id > 30');
pipeline('RESET dsql_emu.max_transaction_rows');

# 3
is_deeply(
	[ map { pipeline($_) } 'BEGIN', 'CREATE TABLE a (a integer)', 'SELECT 1', 'DELETE FROM t', 'SELECT 1', 'COMMIT' ],
	[   'BEGIN', 'T',
		'CREATE TABLE', 'T',
		'SELECT 1', 'T',
		$mixed, 'E',
		'25P02 current transaction is aborted, commands ignored until end of transaction block', 'E',
		'ROLLBACK', 'I'
	],
	'in a block');
is_deeply(
	[ pipeline('BEGIN', 'GRANT SELECT ON t TO PUBLIC', 'COMMIT', 'REVOKE SELECT ON t FROM PUBLIC') ],
	[ 'BEGIN', 'GRANT', 'COMMIT', 'REVOKE', 'I' ],
	'a block ends a transaction before Sync does');

# 4
my $advance = "SELECT dsql.advance_clock('%s')";
my $old = '54000 transaction age limit of 300s exceeded';
my $detail = qr/^Current transaction age 40\ds exceeds 300s$/;
pipeline('BEGIN');
$wire->send(Wire::Parse('before', 'SELECT 1'), Wire::Sync());
pipeline(sprintf $advance, '400 s');
@answers = $wire->send(Wire::Bind('', 'before'), Wire::Execute(''), Wire::Sync());
is_deeply([ summary(@answers) ], [ $old, 'E' ], 'a prepared statement');
like((grep { $_->{error} } @answers)[0]{error}{D}, $detail, 'DETAIL');
is_deeply([ pipeline('ROLLBACK') ], [ 'ROLLBACK', 'I' ], 'one can give up');

pipeline('BEGIN');
pipeline('INSERT INTO t VALUES (2)');
pipeline(sprintf $advance, '400 s');
@answers = $wire->send(
	Wire::Parse('', 'COMMIT'), Wire::Bind('', ''),
	Wire::Execute(''), Wire::Sync());
is_deeply([ summary(@answers) ],
	[ $old, 'I' ], 'COMMIT fails and the transaction is over');
like((grep { $_->{error} } @answers)[0]{error}{D}, $detail, 'DETAIL');
is($node->safe_psql('postgres', 'SELECT count(*) FROM t'), 1, 'rolled back');

# By whom makes no difference.
pipeline('BEGIN');
$node->safe_psql('postgres', sprintf $advance, '400 s');
is_deeply([ pipeline('SELECT 1') ], [ $old, 'E' ], 'another session moves the clock');
pipeline('ROLLBACK');

# ANALYZE may take as long as it needs.  Time passes while it waits for a lock.
pipeline('INSERT INTO t SELECT generate_series(10, 20)');
my $analyze = Wire->new(
	host => $node->host,
	port => $node->port,
	database => 'postgres');
my $locker = Wire->new(
	host => $node->host,
	port => $node->port,
	database => 'postgres');
$locker->query('SET dsql_emu.mode = off');
$locker->query('BEGIN; LOCK TABLE t');
$analyze->{socket}->print(Wire::Query('ANALYZE t'));
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND relation = 't'::regclass"
);
pipeline(sprintf $advance, '400 s');
$locker->query('COMMIT');
is_deeply([ summary($analyze->receive) ],
	[ 'ANALYZE', 'I' ], 'ANALYZE may take long');

# 5
pipeline('CREATE INDEX ASYNC ON t (id)');
my $job = $node->safe_psql('postgres', 'SELECT max(job_id) FROM sys.jobs');
is_deeply(
	[ pipeline('SELECT 1', "CALL sys.wait_for_job('$job')") ],
	[ 'SELECT 1', 'CALL', 'I' ],
	'waiting for a job');
is_deeply(
	[ pipeline('SELECT 1', 'SELECT dsql.use_cluster(NULL)') ],
	[ 'SELECT 1', 'SELECT 1', 'I' ],
	'another cluster');
is_deeply(
	[ pipeline('INSERT INTO t VALUES (51)', 'SELECT 1', 'TRUNCATE t') ],
	[ 'INSERT 0 1', 'SELECT 1', '0A000 unsupported statement: Truncate', 'I' ],
	'an error');
is($node->safe_psql('postgres', 'SELECT count(*) FROM t WHERE id = 51'), 0, 'takes all back');

$node->stop;
done_testing();
