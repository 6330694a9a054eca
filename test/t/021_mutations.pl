# No statement, however odd, ends a session, or leaves it unusable, or makes it
# grow.
#
# The statements of sql/ are taken apart and put together wrongly, and sent in
# both protocols by a superuser, by admin, and by a role in report mode.  After
# each the session has to answer; no error may be an internal one (XX000).
#
# $DSQL_EMU_MUTATIONS is the number of statements, and $DSQL_EMU_SEED what the
# random choices begin with: the same seed makes the same statements.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use List::Util qw(sum);
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $count = $ENV{DSQL_EMU_MUTATIONS} // 3000;
my $seed = $ENV{DSQL_EMU_SEED} // 1;
note "$count statements, seed $seed";
srand($seed);

# What would end the test rather than the statement.  In report mode and for a
# superuser nothing stops these.
my $forbidden = qr/dsql_emu|\bdsql\s*\.|pg_terminate|pg_cancel|pg_sleep
	|wait_for_job|\bDATABASE\b/xi;

# What PostgreSQL itself calls internal: ALTER SEQUENCE s LOGGED
my $postgresql = qr/^option "(un)?logged" not recognized$/;

# Statements as lists of words.  Data of COPY and psql's commands stay out.
my @statements;
foreach my $file (sort glob "$FindBin::RealBin/../../sql/*.sql")
{
	my $text = slurp_file($file);
	$text =~ s/^\\\.$//mg;
	$text =~ s/\\\w.*$//mg;
	$text =~ s/--.*$//mg;
	foreach my $statement (split /;[ \t]*\n/, $text)
	{
		my @words = $statement =~ /(
			E?'(?:[^']|'')*' | \$\w*\$.*?\$\w*\$ | "[^"]*"
			| \d+(?:\.\d+)? | \w+ | ::|:=|=>|<>|<=|>=|\|\| | \S)/xsg;
		push @statements, \@words if @words && @words < 200;
	}
}
my @words = map { @$_ } @statements;
note scalar(@statements), " statements of ", scalar(@words), " words";

sub any { return $_[ rand @_ ]; }

# A place in a list of words
sub place { my ($list) = @_; return int rand @$list; }

# Mutations change a list of words.
my @mutations = (
	sub { my $list = shift; splice @$list, place($list), 1 },
	sub { my $list = shift; splice @$list, place($list) },
	sub { my $list = shift; splice @$list, place($list), 0, any(@words) },
	sub { my $list = shift; $list->[ place($list) ] = any(@words) },
	sub {
		my $list = shift;
		my $i = place($list);
		splice @$list, $i, 0, ($list->[$i]) x (1 + rand 3);
	},
	sub {
		my $list = shift;
		my ($i, $j) = (place($list), place($list));
		@$list[ $i, $j ] = @$list[ $j, $i ];
	},
	sub { push @{ $_[0] }, ';', @{ any(@statements) } },
	sub {
		my ($list, $other) = ($_[0], any(@statements));
		splice @$list, place($list), @$list, @$other[ place($other) .. $#$other ];
	},
	sub {
		unshift @{ $_[0] },
		  any('EXPLAIN', 'EXPLAIN ANALYZE', 'PREPARE x AS', 'CREATE VIEW x AS',
			'DECLARE x CURSOR FOR', 'CREATE SCHEMA x', 'BEGIN;',
			'CREATE TABLE x AS', 'SELECT * FROM (');
	},
	sub {
		my $depth = any(2, 50, 5000);
		unshift @{ $_[0] }, 'SELECT', '(' x $depth;
		push @{ $_[0] }, ')' x $depth;
	});

sub mutate
{
	my @result = @{ any(@statements) };
	for (1 .. rand 2.5)
	{
		any(@mutations)->(\@result) if @result;
	}
	return join ' ', @result;
}

my $node = DsqlEmu::emulated(q{
statement_timeout = 2s
max_prepared_transactions = 2
});
$node->safe_psql('postgres', q{
	SET dsql_emu.mode = off;
	CREATE ROLE reporter LOGIN CREATEROLE IN ROLE pg_read_all_stats;
	ALTER ROLE reporter SET dsql_emu.mode = report;
	GRANT pg_read_all_stats TO admin;
	GRANT ALL ON SCHEMA public TO reporter;
	CREATE TABLE t (id bigint PRIMARY KEY, k integer, v text);
	INSERT INTO t SELECT i, i, 'x' FROM generate_series(1, 10) AS i;
	GRANT ALL ON t TO PUBLIC;
});

my @sessions = map {
	Wire->new(
		host => $node->host,
		port => $node->port,
		database => 'postgres',
		$_ ? (user => $_) : ())
} undef, 'admin', 'reporter';

# COPY FROM STDIN gets nothing; elsewhere the message is ignored.
my $copy_fail = Wire::message('f', "no data\0");

sub send_somehow
{
	my ($session, $sql) = @_;
	return $session->send(Wire::Query($sql), $copy_fail) if rand() < 0.5;
	return $session->send(
		Wire::Parse('', $sql), Wire::Describe('S', ''),
		Wire::Bind('', ''), Wire::Execute(''),
		$copy_fail, Wire::Sync());
}

sub value
{
	my ($session, $sql) = @_;
	my ($row) = grep { $_->{row} } $session->query($sql);
	return $row ? $row->{row}[0] : undef;
}

# How much each kind of memory context holds, but for caches, which grow with
# what there is to know.
# A context knows its parent by name, and since 18 by its place.
my $parent = $node->pg_version < 18 ? 'parent' :
  '(SELECT p.name FROM c p WHERE p.path = c.path[:cardinality(c.path) - 1])';

sub memory
{
	my ($session) = @_;
	return { map { @{ $_->{row} } } grep { $_->{row} } $session->query(qq{
		WITH c AS MATERIALIZED (SELECT * FROM pg_backend_memory_contexts)
		SELECT name, sum(used_bytes) FROM c
		WHERE name !~ 'Cache|cache|^Timezones\$|^WAL record construction\$'
			AND COALESCE($parent, '') !~ 'Cache'
		GROUP BY name}) };
}

my %seen;
my %internal;
my @unusable;
my @middle;
for my $i (1 .. $count)
{
	my $session = $sessions[ $i % @sessions ];
	my $sql = mutate();

	@middle = map { memory($_) } @sessions if $i == int($count / 2);
	next if $sql =~ $forbidden || $sql =~ /\0/;

	my @answers = send_somehow($session, $sql);
	foreach my $error (grep { $_ } map { $_->{error} } @answers)
	{
		$seen{ $error->{C} }++;
		$internal{ $error->{M} } //= $sql
		  if $error->{C} eq 'XX000' && $error->{M} !~ $postgresql;
	}
	$seen{success}++ if grep { defined $_->{tag} } @answers;

	$session->query('ROLLBACK');
	$session->query('RESET ALL');
	$session->query('RESET SESSION AUTHORIZATION');
	$session->query('DEALLOCATE ALL');
	push @unusable, $sql if (value($session, 'SELECT 1') // '') ne '1';
}
note join ', ', map { "$_: $seen{$_}" } sort keys %seen;

is(join("\n", @unusable), '', 'a session answers after each statement');
is(join("\n", map { "$_: $internal{$_}" } sort keys %internal),
	'', 'no internal error');
cmp_ok(scalar(keys %seen), '>', 10, 'many kinds of answers');
cmp_ok($seen{'0A000'}, '>', $count / 40, 'many refusals');
foreach my $i (0 .. $#sessions)
{
	my $end = memory($sessions[$i]);
	my %growth =
	  map { $_ => $end->{$_} - ($middle[$i]{$_} // 0) } keys %$end;
	my $growth = sum(values %growth);
	cmp_ok($growth, '<', 300_000, 'a session does not grow');
	note join ', ', map { "$_: $growth{$_}" }
	  sort { $growth{$b} <=> $growth{$a} } grep { $growth{$_} > 0 } keys %growth;
}
unlike(slurp_file($node->logfile), qr/PANIC|TRAP:|terminated by signal/,
	'no process ended');

done_testing();
