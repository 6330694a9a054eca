# When a transaction takes its snapshot, of rows and of the schema:
#
#  1. at BEGIN in the extended protocol, alone and in a pipeline; statements
#     without BEGIN, and those of one Sync, at the first of them
#  2. schema_conflicts = on: what background jobs change fails nobody
#  3. strict: the end of each phase of a job does, and a session that has not
#     heard of a change that was committed before fails once
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::emulated();
$node->safe_psql('postgres', 'CREATE TABLE t (id int PRIMARY KEY, v int)');
$node->safe_psql('postgres', 'INSERT INTO t VALUES (1, 0)');

my $conflict = '40001 change conflicts with another transaction (OC000)';
my $stale = '40001 schema has been updated by another transaction (OC001)';

my $one = Wire->to_node($node);
my $two = Wire->to_node($node);

sub statement
{
	my ($sql) = @_;
	return (Wire::Parse('', $sql), Wire::Bind('', ''), Wire::Execute(''));
}

sub extended
{
	my ($wire, @statements) = @_;
	return $wire->send((map { statement($_) } @statements), Wire::Sync());
}

sub value
{
	return (map { $_->{row} ? $_->{row}[0] : () } @_)[-1];
}

# Another session changes the row.  Returns the value that it has then.
sub change
{
	return ($two->rows('UPDATE t SET v = v + 10 WHERE id = 1 RETURNING v'))[0][0];
}

my $read = 'SELECT v FROM t WHERE id = 1';
my $write = 'UPDATE t SET v = v + 1 WHERE id = 1 RETURNING v';

# 1
my $before = ($two->rows($read))[0][0];
extended($one, 'BEGIN');
change();
is(value(extended($one, $read)), $before, 'BEGIN by itself');
is(value(extended($one, $write)), $before + 1, 'the row is written');
is(Wire::outcome_of(extended($one, 'COMMIT')), $conflict, 'and conflicts');

my $now = ($two->rows($read))[0][0];
$one->send(statement('SELECT 1'), statement('BEGIN'), Wire::Sync());
change();
is(value(extended($one, $read)), $now, 'BEGIN behind another statement');
extended($one, 'ROLLBACK');

$now = change();
is(value(extended($one, 'BEGIN', $read, 'COMMIT')), $now, 'a pipeline');
is(value(extended($one, $read)), $now, 'without BEGIN');
$one->send(Wire::Parse('s', $read), Wire::Sync());
$now = change();
is(value($one->send(Wire::Bind('', 's'), Wire::Execute(''), Wire::Sync())),
	$now, 'a statement that was parsed before');

# 2 and 3: jobs run when they are told to.
sub job_beside
{
	my ($mode, $name) = @_;

	$one->rows("SET dsql_emu.schema_conflicts = $mode");
	# An index build would wait for the transaction.
	$two->rows("ALTER TABLE t ADD CONSTRAINT $name CHECK (v >= 0) NOT VALID",
		'SET dsql_emu.manual_jobs = on',
		"ALTER TABLE ASYNC t VALIDATE CONSTRAINT $name");
	$one->query($read);    # has heard of the statement
	$one->rows('BEGIN', $read);
	$two->rows('CALL dsql.run_jobs()');
	my @outcomes = map { $one->outcome($_) } $read, 'COMMIT';
	$one->query('ROLLBACK') if $outcomes[0] =~ /^40001/;
	return \@outcomes;
}
is_deeply(job_beside('on', 'i'), [ 'SELECT 1', 'COMMIT' ],
	'on: a job fails nobody');
is_deeply(job_beside('strict', 'j'), [ $stale, 'ROLLBACK' ],
	'strict: a job fails an open transaction');

sub change_before
{
	my ($mode) = @_;
	$one->rows("SET dsql_emu.schema_conflicts = $mode");
	$one->query($read);
	$two->rows("COMMENT ON TABLE t IS '$mode'");
	return [ map { $one->outcome($_) } $read, $read, 'BEGIN', $read, 'COMMIT' ];
}
is_deeply(change_before('on'),
	[ 'SELECT 1', 'SELECT 1', 'BEGIN', 'SELECT 1', 'COMMIT' ],
	'on: an earlier change fails nobody');
is_deeply(change_before('strict'),
	[ $stale, 'SELECT 1', 'BEGIN', 'SELECT 1', 'COMMIT' ],
	'strict: it fails the next statement, once');

$one->rows('COMMENT ON TABLE t IS NULL');
is($one->outcome($read), 'SELECT 1', 'strict: one has heard of one\'s own');
is(Wire->to_node($node)->outcome($read),
	'SELECT 1', 'strict: a new session has heard of all');

done_testing();
