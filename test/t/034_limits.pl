# Each limit of dsql.limits, in the extended protocol: what is at it passes, what
# is above it fails, at which step and in which words, and 0 and -1 switch it
# off.  The values are lower ones than the service's; that those bite at their
# exact points is shown by the tests named in %elsewhere and in sql/limits.sql,
# sql/rows.sql, sql/sizes.sql and sql/transaction.sql.
#
#  1. the limits, one after the other
#  2. no limit is without a test
#  3. all limits switched off at once
#  4. a limit in the configuration file holds from the start
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

# Limits of connections are shown there, as no statement exceeds them.
my %elsewhere = map { $_ => '030_connection.pl' }
  qw(connections connection_rate connection_burst connection_lifetime);

my $node = DsqlEmu::emulated(q{
dsql_emu.max_connection_lifetime = 0
dsql_emu.auto_analyze = off
work_mem = '1MB'
});
$node->safe_psql('postgres', $_)
  foreach (
	'CREATE TABLE t (id bigint PRIMARY KEY, a text, b text, c integer, d integer)',
	'CREATE TABLE x (a text, v varchar)',
	'ALTER TABLE x ALTER a SET STORAGE EXTERNAL',
	'CREATE TABLE k (id text PRIMARY KEY)',
	'CREATE STATISTICS st ON c, d FROM t',
	'CREATE VIEW v AS SELECT 1 AS one',
	'CREATE SEQUENCE s CACHE 1',
	'CREATE SCHEMA here');

my $wire = Wire->new(
	host => $node->host,
	port => $node->port,
	database => 'postgres');
$wire->query('SET disable_sync_create_index = off');

# Parse, describe, bind and execute a statement.  Returns the last error, after
# the step at which it came, or an empty string.
sub execute
{
	my ($sql) = @_;
	my @answers = $wire->send(Wire::Parse('', $sql), Wire::Bind('', ''),
		Wire::Execute(''), Wire::Sync());
	my $types = join '', map { $_->{type} } @answers;
	my ($error) = grep { $_ } map { $_->{error} } @answers;
	return '' if !$error;
	my $step =
		$types =~ /C/ ? 'Sync'
	  : $types =~ /2/ ? 'Execute'
	  : $types =~ /1/ ? 'Bind'
	  :                 'Parse';
	return join ' ', "$step:", grep { defined } @$error{qw(C M D)};
}

# The answer to the last of several statements, none of which but that may fail.
sub run
{
	my @statements = @_;
	my $last = pop @statements;
	is(execute($_), '', $_) foreach @statements;
	my $answer = execute($last);
	my $status = ($wire->send(Wire::Sync()))[-1]{status};
	$wire->query('ROLLBACK') if $status ne 'I';
	return $answer;
}

sub sort_of
{
	my ($kilobytes) = @_;
	return "SELECT count(*) FROM (SELECT repeat(md5(g::text), 32) AS v, g
		FROM generate_series(1, $kilobytes) g ORDER BY v) s";
}

sub insert { return "INSERT INTO $_[0] VALUES ($_[1])"; }
sub rows { return "INSERT INTO x SELECT 'x' FROM generate_series(1, $_[0])"; }
my $advance = 'SELECT dsql.advance_clock(%s)';

# The lower value, what passes, what fails and how, what cleans up.  More than
# one statement is a list.
my %cases = (
	transaction_rows => [
		3, rows(3), rows(4),
		'Execute: 54000 transaction row limit exceeded',
		'DELETE FROM x' ],
	transaction_size => [
		q{'1MB'},
		insert('x', q{repeat('x', 1048430)}),
		insert('x', q{repeat('x', 1048431)}),
		'Sync: 54000 transaction size limit 1mb exceeded Current transaction size 2mb > 1mb',
		'DELETE FROM x' ],
	transaction_age => [
		100,
		[ 'BEGIN', sprintf($advance, "'90 s'"), 'SELECT 1', 'COMMIT' ],
		[ 'BEGIN', sprintf($advance, "'101 s'"), 'SELECT 1' ],
		qr/^Bind: 54000 transaction age limit of 100s exceeded Current transaction age 10[1-9]s exceeds 100s$/,
		'ROLLBACK' ],
	query_temp_space => [
		q{'4MB'}, sort_of(3000), sort_of(6000),
		'Execute: 54000 query requires more than allowed temp space of 4096 KB to execute',
		'SELECT 1' ],
	row_size => [
		100,
		insert('t', q{1, repeat('x', 60), repeat('y', 32)}),
		insert('t', q{2, repeat('x', 60), repeat('y', 33)}),
		'Execute: 54000 maximum row size exceeded',
		'DELETE FROM t' ],
	column_size => [
		1000,
		insert('x', q{repeat('x', 1000)}),
		insert('x', q{repeat('x', 1001)}),
		'Execute: 54000 datatype limit greater than 1000 bytes not supported for text',
		'DELETE FROM x' ],
	varchar_size => [
		1000,
		insert('x', q{'', repeat('x', 1000)}),
		insert('x', q{'', repeat('x', 1001)}),
		'Execute: 54000 datatype limit greater than 1000 bytes not supported for varchar',
		'DELETE FROM x' ],
	key_size => [
		10,
		insert('k', q{repeat('x', 10)}),
		insert('k', q{repeat('x', 11)}),
		'Execute: 54000 key size too large',
		'DELETE FROM k' ],
	char_length => [
		10,
		'CREATE TABLE c (a char(10))',
		'CREATE TABLE c2 (a char(11))',
		'Parse: 54000 Datatype limit greater than 10 bytes not supported for char',
		'DROP TABLE c', 'DROP TABLE c2' ],
	varchar_length => [
		10,
		'CREATE TABLE c (a varchar(10))',
		'CREATE TABLE c2 (a varchar(11))',
		'Parse: 54000 Datatype limit greater than 10 bytes not supported for varchar',
		'DROP TABLE c', 'DROP TABLE c2' ],
	declared_key_size => [
		100,
		'CREATE TABLE c (a varchar(60), b char(40), PRIMARY KEY (a, b))',
		'CREATE TABLE c2 (a varchar(60), b char(41), PRIMARY KEY (a, b))',
		'Execute: 54000 key size greater than 100 bytes not supported',
		'DROP TABLE c', 'DROP TABLE c2' ],
	key_columns => [
		2,
		'CREATE INDEX i ON t (a, b)',
		'CREATE INDEX i2 ON t (a, b, c)',
		'Parse: 54011 more than 2 column keys in an index are not supported',
		'DROP INDEX i', 'DROP INDEX i2' ],
	table_columns => [
		6,
		'CREATE TABLE c (a int, b int, c int, d int, e int, f int)',
		'CREATE TABLE c2 (a int, b int, c int, d int, e int, f int, g int)',
		'Execute: 54011 tables can have at most 5 columns',
		'DROP TABLE c', 'DROP TABLE c2' ],
	table_indexes => [
		2,
		'CREATE INDEX i ON t (a)',
		'CREATE INDEX i2 ON t (b)',
		'Execute: 54000 more than 2 indexes per table are not allowed',
		'DROP INDEX i', 'DROP INDEX i2' ],
	table_statistics => [
		2,
		'CREATE STATISTICS st2 ON a, b FROM t',
		'CREATE STATISTICS st3 ON b, c FROM t',
		'Execute: 54000 more than 2 extended statistics per table are not allowed',
		'DROP STATISTICS st2', 'DROP STATISTICS st3' ],
	statistics_target => [
		10,
		'ALTER STATISTICS st SET STATISTICS 10',
		'ALTER STATISTICS st SET STATISTICS 11',
		'Parse: 22023 statistics target 11 exceeds maximum allowed value of 10',
		'ALTER STATISTICS st SET STATISTICS -1' ],
	view_size => [
		64,
		q{CREATE VIEW v3 AS SELECT 'xx' AS v},
		q{CREATE VIEW v4 AS SELECT 'xxx' AS v},
		'Parse: 54000 view definition too large',
		'DROP VIEW v3', 'DROP VIEW v4' ],
	schemas => [
		2,
		'CREATE SCHEMA here2',
		'CREATE SCHEMA here3',
		'Execute: 54000 more than 2 schemas not allowed',
		'DROP SCHEMA here2', 'DROP SCHEMA here3' ],
	tables => [
		4,
		'CREATE TABLE here.c (a int)',
		'CREATE TABLE c2 (a int)',
		'Execute: 54000 creating more than 4 tables not allowed',
		'DROP TABLE here.c', 'DROP TABLE c2' ],
	views => [
		2,
		'CREATE VIEW here.v2 AS SELECT 1 AS one',
		'CREATE VIEW v3 AS SELECT 1 AS one',
		'Execute: 54000 creating more than 2 views not allowed',
		'DROP VIEW here.v2', 'DROP VIEW v3' ],
	sequences => [
		2,
		'CREATE SEQUENCE here.s2 CACHE 1',
		'CREATE SEQUENCE s3 CACHE 1',
		'Execute: 54000 creating more than 2 sequences is not allowed',
		'DROP SEQUENCE here.s2', 'DROP SEQUENCE s3' ],
);

# 1
sub statements { return ref $_[0] ? @{ $_[0] } : $_[0]; }

foreach my $name (sort keys %cases)
{
	my ($value, $pass, $fail, $answer, @clean_up) = @{ $cases{$name} };

	is(run("SET dsql_emu.max_$name = $value"), '', "$name is lower");
	is(run(statements($pass)), '', "$name: at the limit");
	my $got = run(statements($fail));
	if (ref $answer)
	{
		like($got, $answer, "$name: above it");
	}
	else
	{
		is($got, $answer, "$name: above it");
	}
	foreach my $off (0, -1)
	{
		is(run("SET dsql_emu.max_$name = $off"), '', "$name is $off");
		is(run(statements($fail)), '', "$name: no limit");
		# What passed is there once, what failed twice.
		run($_) foreach $off == 0 ? $clean_up[-1] : @clean_up;
	}
	is(run("RESET dsql_emu.max_$name"), '', "$name is reset");
}

# 2
my @limits = map { [ split /\|/ ] } split /\n/,
  $node->safe_psql('postgres',
	q{SELECT name, sqlstate, service_value, message FROM dsql.limits});
is_deeply(
	[ sort keys %cases, keys %elsewhere ],
	[ sort map { $_->[0] } @limits ],
	'each limit has a case');

# Its own value is in the SQL tests, or in those that take too long for them.
my $tests = "$FindBin::RealBin/..";
my $scripts = join '', map { slurp_file($_) } glob("$tests/t/03*.pl");
my $expected = join '', map { slurp_file($_) } glob("$tests/../expected/*.out");
foreach (@limits)
{
	my ($name, $sqlstate, $value, $message) = @$_;
	my %others = (table_columns => $value - 1);
	my $number = $others{$name} // $value;
	my $words = quotemeta $message;
	$words =~ s/(?<!\d)$value(?!\d)/(?:$number|\\\$limit)/;
	$words =~ s/\bN\b|\\\.\\\.\\\./\\S+/g;
	ok("$expected$scripts" =~ /$words/, "$name: the service's own value");
	ok($scripts =~ /\b$sqlstate\b/, "$name: SQLSTATE");
}

# 3
my @settings = map { "dsql_emu.max_$_" } sort keys %cases;
run("SET $_ = 0") foreach @settings;
my ($shown) = map { $_->{row}[0] } grep { $_->{row} } $wire->query(
	"SELECT count(*) FROM dsql.limits WHERE value IS NULL AND name NOT LIKE 'connection%'");
is($shown, scalar @settings, 'all limits are off');
is(run('INSERT INTO t SELECT generate_series(1, 3001)'), '', 'rows');
is(run('UPDATE t SET id = -id, a = id'), '', 'all of them changed');
is(run('DELETE FROM t'), '', 'all of them deleted');
is(run(q{INSERT INTO x SELECT repeat('x', 1048577) FROM generate_series(1, 11)}),
	'', 'bytes');

# 4
is( $node->safe_psql('postgres',
		q{SELECT setting, source FROM pg_settings WHERE name = 'dsql_emu.max_connection_lifetime'}),
	'0|configuration file', 'a limit in the configuration file');

$node->stop;
done_testing();
