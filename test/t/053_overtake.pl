# A change of the schema waits for no open transaction that is idle: that one
# fails with OC001.
#
#  1. after statements of the simple protocol: ALTER TABLE, at COMMIT
#  2. after statements of the extended protocol, whose portal is still there:
#     DROP TABLE, at the next statement
#  3. a change that is rolled back
#  4. what a definition locks beside its own table: a parent, an index
#  5. several transactions at a time, and those who only wait
#  6. who is not overtaken: a portal with more rows, one with a name, a session
#     in mode off, a transaction with a definition of its own
#  7. deferred constraints: OC001 before any trigger fires
#  8. CREATE INDEX without ASYNC beside an idle transaction that has inserted
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $overtaken =
  '40001 schema has been updated by another transaction (OC001)';

my $node = DsqlEmu::emulated(q{
dsql_emu.auto_analyze = off
dsql_emu.max_connection_lifetime = 0
});

sub connection
{
	return Wire->new(
		host => $node->host,
		port => $node->port,
		database => 'postgres');
}

# What the answers say, in short.
sub summary
{
	return join ' | ', map {
			defined $_->{tag} ? $_->{tag}
		  : $_->{error} ? join(' ', @{ $_->{error} }{qw(C M)})
		  : ()
	} @_;
}

sub simple
{
	my ($wire, $sql) = @_;
	return summary($wire->query($sql));
}

sub extended
{
	my ($wire, $sql) = @_;
	return summary(
		$wire->send(
			Wire::Parse('', $sql), Wire::Bind('', ''),
			Wire::Execute(''), Wire::Sync()));
}

# A definition that waits would wait for ever.
alarm $PostgreSQL::Test::Utils::timeout_default;

my $definer = connection();
my $reader = connection();

sub define_tables
{
	$node->safe_psql('postgres', $_)
	  for
	  'DROP TABLE IF EXISTS child',
	  'DROP TABLE IF EXISTS t',
	  'CREATE TABLE t (id int PRIMARY KEY, v int)',
	  'INSERT INTO t VALUES (1, 1), (2, 2)';
}

# 1. Simple protocol.
define_tables();
simple($reader, $_) for 'BEGIN', 'SELECT * FROM t', 'UPDATE t SET v = 3';
is(simple($definer, 'ALTER TABLE t ADD COLUMN w int'),
	'ALTER TABLE', 'ALTER TABLE beside a reader and writer');
is(simple($reader, 'COMMIT'), $overtaken, 'whose COMMIT fails');
is($node->safe_psql('postgres', 'SELECT sum(v), sum(w) FROM t'),
	'3|', 'and leaves nothing behind');
is(simple($reader, 'UPDATE t SET v = 3'), 'UPDATE 2', 'its retry passes');

# 2. Extended protocol.
define_tables();
extended($reader, $_) for 'BEGIN', 'INSERT INTO t VALUES (3, 3)', 'TABLE t';
is(extended($definer, 'DROP TABLE t'),
	'DROP TABLE', 'DROP TABLE beside a finished portal');
is(extended($reader, 'TABLE t'), $overtaken, 'the next statement fails');
is(extended($reader, 'COMMIT'), 'ROLLBACK', 'and the block is aborted');
is( extended($reader, 'TABLE t'),
	'42P01 relation "t" does not exist',
	'the table is gone');

# 3. The change is taken back.
define_tables();
simple($reader, $_) for 'BEGIN', 'SELECT * FROM t';
simple($definer, $_) for 'BEGIN', 'ALTER TABLE t ADD COLUMN w int',
  'ROLLBACK';
is(simple($reader, 'COMMIT'), $overtaken, 'a change that is rolled back');
is(simple($reader, 'SELECT v FROM t'), 'SELECT 2', 'all is as before');

# 4. Beside the table itself.
define_tables();
simple($reader, $_) for 'BEGIN', 'UPDATE t SET v = 3';
is( simple(
		$definer,
		'CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t)'),
	'CREATE TABLE',
	'a foreign key to a table that was written');
is(simple($reader, 'COMMIT'), $overtaken, 'whose writer fails');

$node->safe_psql('postgres', 'CREATE INDEX ASYNC t_v ON t (v)');
$node->safe_psql('postgres', 'CALL dsql.run_jobs()');
simple($reader, $_) for 'BEGIN', 'UPDATE t SET v = 4 WHERE id = 1';
is(simple($definer, 'DROP INDEX t_v'), 'DROP INDEX', 'an index in use');
is(simple($reader, 'ROLLBACK'), 'ROLLBACK', 'ROLLBACK never fails');

# 5. Two transactions.
define_tables();
my $second = connection();
simple($_, 'BEGIN; SELECT * FROM t') for $reader, $second;
is(simple($definer, 'ALTER TABLE t RENAME COLUMN v TO w'),
	'ALTER TABLE', 'two readers');
is(simple($_, 'SELECT * FROM t'), $overtaken, 'both fail')
  for $reader, $second;
simple($_, 'ROLLBACK') for $reader, $second;

# 6. Who is waited for.
$node->safe_psql('postgres',
	"SET dsql_emu.mode = off; ALTER DATABASE postgres SET lock_timeout = '200ms'"
);
my $impatient = connection();
my $gives_up = '55P03 canceling statement due to lock timeout';

define_tables();
simple($reader, 'BEGIN');
$reader->send(
	Wire::Parse('', 'SELECT * FROM t'), Wire::Bind('', ''),
	Wire::message('E', "\0" . pack('N', 1)),
	Wire::message('H', ''), Wire::Sync());
is(simple($impatient, 'ALTER TABLE t ADD COLUMN x int'),
	$gives_up, 'a portal with more rows');
is( summary(
		$reader->send(Wire::message('E', "\0" . pack('N', 0)), Wire::Sync())),
	'SELECT 1',
	'which come');
is(simple($reader, 'COMMIT'), 'COMMIT', 'and the transaction commits');
unlike(slurp_file($node->logfile), qr/leaked/, 'and leaves nothing behind');

simple($reader, 'BEGIN');
$reader->send(
	Wire::Parse('', 'UPDATE t SET v = 5 WHERE id = 1'),
	Wire::Bind('named', ''), Wire::Execute('named'), Wire::Sync());
is(simple($impatient, 'DROP TABLE t'),
	$gives_up, 'a finished portal that has a name');
is(simple($reader, 'COMMIT'), $overtaken,
	'beside what the transaction itself has locked');
unlike(slurp_file($node->logfile),
	qr/you don't own a lock/, 'no complaints about locks');

simple($second, $_) for 'SET dsql_emu.mode = off', 'BEGIN', 'TABLE t';
is(simple($impatient, 'ALTER TABLE t ADD COLUMN x int'),
	$gives_up, 'a session in mode off');
simple($second, 'COMMIT');

simple($reader, $_) for 'BEGIN', 'ALTER TABLE t ADD COLUMN y int';
is(simple($impatient, 'ALTER TABLE t ADD COLUMN x int'),
	$gives_up, 'another definition');
is(simple($reader, 'COMMIT'), 'COMMIT', 'which commits');

# 7.  Nearest things: the constraint alone, and another table's definition.
sub define_deferred
{
	$node->safe_psql('postgres', $_)
	  for 'DROP TABLE IF EXISTS child', 'DROP TABLE IF EXISTS t',
	  'CREATE TABLE t (id int PRIMARY KEY)', 'INSERT INTO t VALUES (1)',
	  'CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t DEFERRABLE INITIALLY DEFERRED)',
	  'CREATE TABLE IF NOT EXISTS unconcerned (id int PRIMARY KEY)';
}
foreach my $definition ('DROP TABLE child', 'ALTER TABLE child ADD COLUMN w int', 'DROP TABLE t CASCADE')
{
	foreach my $value (1, 2)
	{
		foreach my $send (\&simple, \&extended)
		{
			define_deferred();
			$send->($reader, $_) for 'BEGIN', "INSERT INTO child VALUES (1, $value)";
			is(simple($definer, $definition), $definition =~ /^(\w+ \w+)/ ? $1 : '',
				"$definition beside a deferred constraint");
			is($send->($reader, 'COMMIT'), $overtaken, 'which is not checked any more');
			is($send->($reader, 'SELECT 1'), 'SELECT 1', 'and the block has ended');
		}
	}
}
define_deferred();
simple($reader, $_) for 'BEGIN', 'INSERT INTO child VALUES (1, 1)';
is(simple($reader, 'COMMIT'), 'COMMIT', 'a deferred constraint that holds');
simple($reader, $_) for 'BEGIN', 'INSERT INTO child VALUES (2, 2)';
is(simple($reader, 'COMMIT'),
	'23503 insert or update on table "child" violates foreign key constraint "child_t_fkey"',
	'and one that does not');

# A session cannot save itself by what it sets afterwards.
my $super = connection();
foreach my $setting (q{dsql_emu.mode = 'report'}, q{dsql_emu.mode = 'off'}, q{dsql_emu.schema_conflicts = 'off'})
{
	define_deferred();
	simple($super, $_) for 'BEGIN', 'INSERT INTO child VALUES (1, 1)';
	is(simple($definer, 'DROP TABLE child'), 'DROP TABLE', 'DROP TABLE');
	is(simple($super, "SET LOCAL $setting"), 'SET', $setting);
	is(simple($super, 'COMMIT'), $overtaken, 'is too late');
}

# 8
simple($definer, 'SET disable_sync_create_index = off');
foreach my $unique ('', 'UNIQUE ')
{
	foreach my $end ('COMMIT', 'SELECT * FROM u', 'ROLLBACK')
	{
		$node->safe_psql('postgres', $_)
		  for 'DROP TABLE IF EXISTS u', 'CREATE TABLE u (id int PRIMARY KEY, v int)';
		simple($reader, $_) for 'BEGIN', 'INSERT INTO u VALUES (1, 1), (2, 1), (3, 1)',
		  'UPDATE u SET v = 2 WHERE id = 2';
		my @answers = $definer->query("CREATE ${unique}INDEX uv ON u (v)");
		is(summary(@answers), 'CREATE INDEX', "CREATE ${unique}INDEX beside rows that will never be");
		is(scalar(grep { $_->{notice} } @answers), 0, 'without a warning');
		is(simple($reader, $end), $end eq 'ROLLBACK' ? $end : $overtaken, "$end of the other one");
		simple($reader, 'ROLLBACK');
		is(simple($reader, 'INSERT INTO u VALUES (1, 1), (2, 2)'), 'INSERT 0 2', 'rows in the index');
		is(simple($reader, 'INSERT INTO u VALUES (3, 1)'), $unique ?
			'23505 duplicate key value violates unique constraint "uv"' : 'INSERT 0 1',
			'which does what it is for');
		is($node->safe_psql('postgres', 'SET enable_seqscan = off; SELECT count(*) FROM u WHERE v = 1'),
			$unique ? 1 : 2, 'as does a scan of it');
	}
}
is(simple($definer, 'CREATE INDEX uw ON u (v)'), '0A000 unsupported mode. please use CREATE INDEX ASYNC.',
	'a table that is not empty');

$node->stop;
done_testing();
