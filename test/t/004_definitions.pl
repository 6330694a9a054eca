# What CREATE and ALTER refuse and accept, as drivers send it.
#
#  1. refusals come at Parse, and have a message and a SQLSTATE alone
#  2. a refusal aborts a transaction block
#  3. a prepared statement is the service's each time it is executed
#  4. the fuzz test
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::emulated();
$node->safe_psql('template1', 'CREATE DATABASE plain');

my $wire = Wire->new(
	host => $node->host,
	port => $node->port,
	database => 'postgres');

sub first_error
{
	my ($error) = map { $_->{error} // () } @_;
	return $error // {};
}

sub tags
{
	return join ', ', map { $_->{tag} // () } @_;
}

# 1
$wire->query('CREATE TABLE t (id int PRIMARY KEY, j jsonb)');
foreach (
	[ 'CREATE TEMP TABLE x (id int)',
		'0A000', 'TEMPORARY or TEMP table not supported for CREATE TABLE' ],
	[ 'CREATE TABLE x (v text[])', '0A000', 'datatype text[] not supported' ],
	[ 'CREATE TABLE x (v serial)', '42704', 'type "serial" does not exist' ],
	[ 'CREATE TABLE x (v jsonb PRIMARY KEY)',
		'0A000', 'datatype jsonb is not supported in a key' ],
	[ 'CREATE TABLE x (v bigint GENERATED ALWAYS AS IDENTITY (CACHE 2))',
		'22023', 'CACHE (2) must be greater than or equal to 65536 or equal to 1' ],
	[ 'ALTER TABLE t DROP COLUMN id',
		'0A000', 'cannot drop primary key column id' ],
	[ 'ALTER TABLE t VALIDATE CONSTRAINT c',
		'0A000', 'unsupported ALTER TABLE VALIDATE CONSTRAINT statement' ],
	[ 'CREATE INDEX ON t (id)',
		'0A000', 'unsupported mode. please use CREATE INDEX ASYNC.' ],
	[ 'CREATE INDEX ASYNC ON t USING btree (id)',
		'0A000', 'USING not supported for CREATE INDEX' ],
	[ 'CREATE INDEX ASYNC ON t (j)',
		'0A000', 'datatype jsonb is not supported in a key' ],
	[ 'CREATE DOMAIN d AS money', '0A000', 'datatype money not supported' ],
	[ 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$$$',
		'0A000', 'CREATE FUNCTION with language plpgsql not supported' ],
	[ 'CREATE TEMP VIEW v AS SELECT 1',
		'0A000', 'TEMPORARY or TEMP view not supported for CREATE VIEW' ])
{
	my ($sql, $code, $message) = @$_;

	foreach my $name ('', 's')
	{
		my @answers = $wire->send(Wire::Parse($name, $sql), Wire::Sync());
		my %error = %{ first_error(@answers) };
		is(join('', map { $_->{type} } @answers), 'EZ', "$sql: at Parse");
		is("$error{C} $error{M}", "$code $message", '... the error');
		is(join('', grep { /[DHPWpqtcdsn]/ } sort keys %error),
			'', '... which has no other fields');
	}
}

# What came after 16 is its syntax error, which has a position where it is the
# server's own.
my $later = first_error(
	$wire->query('ALTER TABLE t ALTER COLUMN j SET EXPRESSION AS (1)'));
is("$later->{C} $later->{M}",
	'42601 syntax error at or near "EXPRESSION"', 'an action of 17');

# 2
$wire->query('BEGIN');
is(first_error($wire->send(Wire::Parse('', 'CREATE TABLE x (v money)'), Wire::Sync()))->{C},
	'0A000', 'refused in a block');
is(first_error($wire->query('CREATE TABLE x (v money)'))->{C},
	'25P02', '... which is aborted');
is(tags($wire->query('COMMIT')), 'ROLLBACK', '... and rolled back');

# 3
my @execute = (Wire::Bind('', 'c'), Wire::Execute(''), Wire::Sync());
$wire->send(Wire::Parse('c', 'CREATE TABLE n (n numeric)'), Wire::Sync());
foreach my $schema ('public', 'other', 'public')
{
	$wire->query("CREATE SCHEMA IF NOT EXISTS $schema");
	$wire->query("SET search_path = $schema");
	is(tags($wire->send(@execute)), 'CREATE TABLE', "CREATE TABLE in $schema");
	my ($type) = map { $_->{row} ? $_->{row}[0] : () } $wire->query(
		"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'n'::regclass AND attname = 'n'"
	);
	is($type, 'numeric(18,6)', '... has the precision of the service');
	$wire->query('DROP TABLE n');
}
$wire->query('SET disable_sync_create_index = off');
$wire->send(Wire::Parse('i', 'CREATE INDEX i ON t USING btree_index (id)'),
	Wire::Sync());
foreach (1, 2)
{
	is( tags(
			$wire->send(Wire::Bind('', 'i'), Wire::Execute(''), Wire::Sync())),
		'CREATE INDEX',
		"CREATE INDEX, time $_");
	$wire->query('DROP INDEX i');
}
$wire->query('DROP TABLE t');

# 4
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
my ($stdout, $stderr) = run_command(
	[ $^X, "$FindBin::RealBin/../fuzz_definitions", 'postgres', 'plain' ]);
like($stdout, qr/^seed \d+: .* 0 wrong$/m, 'fuzz test');
note "$stdout$stderr";
$node->stop;

done_testing();
